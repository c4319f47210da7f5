package api

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) setRoutes() {
	register(r, op("question-sets", http.MethodGet, "/api/questions", "List the sets of questions."), r.sets)
	o := op("import-questions", http.MethodPost, "/api/questions", "Take in a file of questions: SQuAD JSON, CSV, TSV, JSON lines, a plain list. It is sent as the field file of a form, or as the whole body with its name as a parameter.")
	o.Parameters = []*huma.Param{queryParam("name", "The file's name, where the body is the file; its ending says what is in it."), queryParam("as", "The set's name (default: the file's).")}
	o.RequestBody = upload(false, true)
	r.direct(r.answers(o, "201", "The set.", map[string]*huma.Schema{"application/json": r.schema(reflect.TypeFor[workbench.ImportedSet](), "")}), r.importSet)
	register(r, op("questions", http.MethodGet, "/api/questions/{set}", "List the questions of a set."), r.questions)
	register(r, creating(op("add-questions", http.MethodPost, "/api/questions/{set}", "Add questions to a set, which is made where it is not there; one that it has already is not added again."), http.StatusCreated), r.addQuestions)
	register(r, creating(op("remove-questions", http.MethodDelete, "/api/questions/{set}", "Remove a set, with what people said of its questions."), http.StatusNoContent), r.removeSet)
	x := op("export-questions", http.MethodGet, "/api/questions/{set}/export", "Give a set as a file.")
	x.Parameters = []*huma.Param{pathParam("set", "The set."), queryParam("format", "The form (default squad)."),
		queryParam("safe", "For spreadsheets, which run cells as formulas: with csv, 1 puts an apostrophe before what begins like one. It does not read back as it was.")}
	x.Parameters[2].Schema.Type = huma.TypeBoolean
	content := map[string]*huma.Schema{}
	for _, e := range questions.Exports {
		x.Parameters[1].Schema.Enum = append(x.Parameters[1].Schema.Enum, e.Name)
		kind, _, _ := mime.ParseMediaType(e.Type)
		content[kind] = &huma.Schema{}
	}
	r.direct(r.answers(x, "200", "The file.", content), r.exportSet)
	register(r, op("samples", http.MethodGet, "/api/samples", "List the sample questions that the program carries."), r.samples)
	register(r, creating(op("import-sample", http.MethodPost, "/api/samples/{name}", "Take sample questions into the project, as a set of that name."), http.StatusCreated), r.importSample)
}

type setsOutput struct{ Body []store.SetInfo }

func (r *routes) sets(ctx context.Context, _ *struct{}) (*setsOutput, error) {
	out := &setsOutput{[]store.SetInfo{}}
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return out, err
	}
	all, err := p.Sets(ctx)
	out.Body = append(out.Body, all...)
	return out, err
}

// maxQuestions is how large a file of questions may be.
const maxQuestions = 256 << 20

func (r *routes) importSet(w http.ResponseWriter, req *http.Request) error {
	ctx := req.Context()
	req.Body = http.MaxBytesReader(w, req.Body, maxQuestions)
	var s *questions.Set
	err := oneFile(req, func(name string, from io.Reader) (err error) {
		s, err = questions.Read(ctx, from, name)
		return err
	})
	if err != nil {
		return err
	}
	if as := req.URL.Query().Get("as"); as != "" {
		s.Name = as
	}
	imported, err := r.keepSet(ctx, s)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	writeJSON(w, imported)
	return nil
}

func (r *routes) keepSet(ctx context.Context, s *questions.Set) (workbench.ImportedSet, error) {
	p, err := r.Project(ctx, true)
	if err != nil {
		return workbench.ImportedSet{}, err
	}
	return p.Import(ctx, s)
}

// SetPath names a set of questions.
type SetPath struct {
	Set string `path:"set" doc:"The set."`
}

type questionsInput struct {
	SetPath
	Page
	Show string `query:"show" enum:"all,answered,none,open" default:"all" doc:"Only those with an answer, known to have none, or not labelled."`
}

// Questions are a part of a set. Starts of answers are code points of the question's context, or of the document that it names.
type Questions struct {
	Name     string           `json:"name"`
	Counts   questions.Counts `json:"counts"`
	Total    int              `json:"total" doc:"Questions of the kind that is shown."`
	Offset   int              `json:"offset"`
	Items    []questions.Item `json:"items"`
	Contexts []Context        `json:"contexts" doc:"The texts of these questions."`
}

// Context is a text that questions come with.
type Context struct {
	Context int    `json:"context" doc:"The number that questions name it by."`
	Title   string `json:"title"`
	Text    string `json:"text"`
}

type questionsOutput struct{ Body Questions }

// shows are the kinds of questions that can be asked for.
var shows = map[string]func(q *questions.Item) bool{
	"all":      func(*questions.Item) bool { return true },
	"answered": func(q *questions.Item) bool { return q.Labelled && len(q.Answers) > 0 },
	"none":     func(q *questions.Item) bool { return q.Labelled && len(q.Answers) == 0 },
	"open":     func(q *questions.Item) bool { return !q.Labelled },
}

func (r *routes) questions(ctx context.Context, in *questionsInput) (*questionsOutput, error) {
	p, err := r.corpusOf(ctx, "question set "+in.Set)
	if err != nil {
		return nil, err
	}
	s, err := p.Store.Questions(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	var fit []questions.Item
	for i := range s.Items {
		if shows[in.Show](&s.Items[i]) {
			fit = append(fit, s.Items[i])
		}
	}
	part := partOf(fit, in.Page)
	counts, err := p.Count(ctx, s)
	if err != nil {
		return nil, err
	}
	out := Questions{Name: s.Name, Counts: counts, Total: part.Total, Offset: part.Offset, Contexts: []Context{}}
	if out.Items, err = p.QuestionItems(ctx, s, part.Items); err != nil {
		return nil, err
	}
	var seen []int
	for i := range out.Items {
		if n := out.Items[i].Context; n >= 0 && !slices.Contains(seen, n) {
			seen = append(seen, n)
			c := &s.Contexts[n]
			out.Contexts = append(out.Contexts, Context{n, s.Articles[c.Article].Title, c.Text})
		}
	}
	return &questionsOutput{out}, nil
}

type addQuestionsInput struct {
	SetPath
	Body struct {
		Questions []string `json:"questions" minItems:"1" doc:"Their texts."`
		Document  string   `json:"document,omitempty" doc:"The document of the corpus that they are about (default: the whole corpus)."`
	}
}

type addedQuestionsOutput struct {
	Body struct {
		Items []string `json:"items" doc:"Their ids, in the same order."`
	}
}

func (r *routes) addQuestions(ctx context.Context, in *addQuestionsInput) (*addedQuestionsOutput, error) {
	p, err := r.Project(ctx, true)
	if err != nil {
		return nil, err
	}
	out := &addedQuestionsOutput{}
	ids, err := p.AddQuestions(ctx, in.Set, in.Body.Questions, in.Body.Document)
	out.Body.Items = append([]string{}, ids...)
	return out, err
}

func (r *routes) removeSet(ctx context.Context, in *SetPath) (*struct{}, error) {
	p, err := r.corpusOf(ctx, "question set "+in.Set)
	if err != nil {
		return nil, err
	}
	return nil, p.Store.RemoveQuestions(ctx, in.Set)
}

func (r *routes) exportSet(w http.ResponseWriter, req *http.Request) error {
	q := req.URL.Query()
	safe, err := strconv.ParseBool(cmp.Or(q.Get("safe"), "false"))
	if err != nil {
		return qa.Errorf(qa.Invalid, "safe is %q; it is 1 or 0", q.Get("safe"))
	}
	x, err := questions.ExportOf(q.Get("format"), safe)
	if err != nil {
		return err
	}
	name := req.PathValue("set")
	p, err := r.corpusOf(req.Context(), "question set "+name)
	if err != nil {
		return err
	}
	s, err := p.Store.Questions(req.Context(), name)
	if err != nil {
		return err
	}
	var b bytes.Buffer // an error is told as such, and not as the end of a file
	if err := x.Write(&b, s); err != nil {
		return err
	}
	w.Header().Set("Content-Type", x.Type)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="questions%s"`, x.Extension))
	_, _ = w.Write(b.Bytes()) // whoever has gone needs no file
	return nil
}

// Sample is a set of questions that the program carries.
type Sample struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

type samplesOutput struct{ Body []Sample }

func (r *routes) samples(context.Context, *struct{}) (*samplesOutput, error) {
	out := &samplesOutput{[]Sample{}}
	for _, s := range r.Samples {
		out.Body = append(out.Body, Sample{s.Name, s.About})
	}
	return out, nil
}

type sampleInput struct {
	Name string `path:"name"`
}

type importedOutput struct{ Body workbench.ImportedSet }

func (r *routes) importSample(ctx context.Context, in *sampleInput) (*importedOutput, error) {
	i := slices.IndexFunc(r.Samples, func(s workbench.SampleSet) bool { return s.Name == in.Name })
	if i < 0 {
		return nil, qa.Errorf(qa.NotFound, "there is no sample %q", in.Name)
	}
	raw, err := r.Samples[i].Read()
	if err != nil {
		return nil, err
	}
	s, err := questions.Read(ctx, bytes.NewReader(raw), in.Name)
	if err != nil {
		return nil, err
	}
	imported, err := r.keepSet(ctx, s)
	return &importedOutput{imported}, err
}
