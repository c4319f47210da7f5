package runs

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

// TestLargeRun: ten thousand questions by twelve contestants stay a page of bounded size, whatever part of them it shows.
func TestLargeRun(t *testing.T) {
	const questions, contestants = 10_000, 12
	f := webtest.Bench(t)
	env := &ui.Env{Bench: f.Workbench, Races: f.NewRaces(workbench.Host{})}
	t.Cleanup(func() { env.Close() })
	mux := http.NewServeMux()
	mount(env, mux)
	p, err := env.Project(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	b := &eval.Bakeoff{Created: time.Now(), Spec: eval.Spec{Modes: []string{eval.Oracle}}, Round: eval.Round{Mode: eval.Oracle, Metric: "f1", Decoder: "gap", Questions: questions}}
	type asked struct {
		ID    string   `json:"id"`
		Text  string   `json:"text"`
		Golds []string `json:"golds"`
		Set   string   `json:"set"`
	}
	var texts struct {
		Questions []asked `json:"questions"`
	}
	for i := range questions {
		texts.Questions = append(texts.Questions, asked{fmt.Sprintf("q%d", i), fmt.Sprintf("What is said of the thing with the number %d in the long list of things?", i), []string{fmt.Sprintf("answer %d", i)}, "things.csv"})
	}
	run, err := p.Store.CreateRun(t.Context(), b.Spec, "")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []store.Block
	for k := range contestants {
		name := fmt.Sprintf("owner/a-model-with-a-name-%d@0123456789:fp32", k)
		b.Spec.Models = append(b.Spec.Models, name)
		b.Models = append(b.Models, eval.Entrant{Standing: eval.Standing{Contestant: name, Rank: k + 1, N: questions, Score: 50, ScoreCI: [2]float64{49, 51}}, ID: "owner/a-model", Metrics: map[string]float64{"f1": 50}})
		block := store.Block{Mode: eval.Oracle, Contestant: name}
		for i := range questions {
			res := eval.Result{Example: i, ID: fmt.Sprintf("q%d", i), Golds: texts.Questions[i].Golds, HasAns: true, Text: fmt.Sprintf("answer %d", i), Exact: 100, F1: 100}
			if (i+k)%3 == 0 {
				res.Text, res.Exact, res.F1 = fmt.Sprintf("some other words than those of %d", i), 0, 20
			}
			block.Results = append(block.Results, res)
		}
		blocks = append(blocks, block)
	}
	if err := p.Store.Save(t.Context(), run, blocks, map[string]any{"texts/" + eval.Oracle: texts}); err != nil {
		t.Fatal(err)
	}
	if err := p.Store.FinishRun(t.Context(), run, b); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/matrix", "/matrix?page=57", "/matrix?show=failures&page=2", "/matrix?q=thing+with+the+number+77", "/leaderboard", "/report", "/report"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/bakeoff/"+run+path, nil)
		r.Header.Set("Accept-Encoding", "gzip") // as browsers do
		began, w := time.Now(), httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.Len() > 150_000 {
			t.Errorf("%s: %d, %d bytes", path, w.Code, w.Body.Len())
		}
		t.Logf("%-40s %6d bytes, %v", path, w.Body.Len(), time.Since(began).Round(time.Millisecond))
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/bakeoff/"+run+"/matrix?page=57", nil))
	for _, want := range []string{"5,601 to 5,700 of 10,000 questions", "5,601</span> What is said of the thing with the number 5600"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("page 57 does not have %q", want)
		}
	}
}
