package hub

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Card is what a model card (README.md) says in its front matter, as far as it concerns the choice of
// a question answering model. Authors write it by hand: fields of another form than is usual are
// left out, and a front matter that is no YAML is an error.
type Card struct {
	License     string       `json:"license,omitempty"`
	LicenseName string       `json:"license_name,omitempty"` // when License is "other"
	LicenseLink string       `json:"license_link,omitempty"`
	Languages   []string     `json:"languages,omitempty"`
	Datasets    []string     `json:"datasets,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
	BaseModels  []string     `json:"base_models,omitempty"`
	Metrics     []string     `json:"metrics,omitempty"`
	Task        string       `json:"task,omitempty"`    // pipeline_tag
	Library     string       `json:"library,omitempty"` // library_name
	Results     []CardResult `json:"results,omitempty"` // model-index
}

// CardResult is a figure that the author claims.
type CardResult struct {
	Task    string  `json:"task,omitempty"`
	Dataset string  `json:"dataset,omitempty"`
	Config  string  `json:"config,omitempty"`
	Split   string  `json:"split,omitempty"`
	Metric  string  `json:"metric"`
	Value   float64 `json:"value"` // as written: percent or share
}

const (
	maxCard        = 8 << 20 // the README as a whole
	maxFrontMatter = 1 << 20
	maxCardNodes   = 50_000
)

// Card reads the model card; fs.ErrNotExist when there is none.
func (s Snapshot) Card() (Card, error) {
	data, err := readSmall(s.path("README.md"), maxCard)
	if errors.Is(err, fs.ErrNotExist) {
		return Card{}, err
	}
	if err != nil {
		return Card{}, wrapDisk(err, "read the card of %s", s.ID)
	}
	card, err := ParseCard(data)
	return card, wrapf(err, "card of %s", s.ID)
}

// ParseCard reads the front matter of a README.md: YAML between two lines of ---. Without one the card
// is empty.
func ParseCard(readme []byte) (Card, error) {
	front, ok := frontMatter(readme)
	if !ok {
		return Card{}, nil
	}
	if len(front) > maxFrontMatter {
		return Card{}, errorf(Corrupt, "its front matter is longer than %d bytes", maxFrontMatter)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(front, &doc); err != nil {
		return Card{}, errorf(Corrupt, "its front matter is no YAML: %s", clean(err.Error()))
	}
	if len(doc.Content) == 0 {
		return Card{}, nil
	}
	r := cardReader{budget: maxCardNodes}
	top := r.fields(doc.Content[0])
	card := Card{
		License: r.text(top["license"]), LicenseName: r.text(top["license_name"]), LicenseLink: r.text(top["license_link"]),
		Languages: r.texts(top["language"]), Datasets: r.texts(top["datasets"]), Tags: r.texts(top["tags"]),
		BaseModels: r.texts(top["base_model"]), Metrics: r.texts(top["metrics"]),
		Task: r.text(top["pipeline_tag"]), Library: r.text(top["library_name"]),
		Results: r.results(top["model-index"]),
	}
	if r.budget < 0 {
		return Card{}, errorf(Corrupt, "its front matter has more than %d entries", maxCardNodes)
	}
	return card, nil
}

// frontMatter is what stands between --- on the first line and the next line of ---.
func frontMatter(readme []byte) ([]byte, bool) {
	text := bytes.TrimPrefix(readme, []byte("\xef\xbb\xbf"))
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok || string(bytes.TrimRight(first, " \t\r")) != "---" {
		return nil, false
	}
	for at := 0; at < len(rest); {
		line, _, more := bytes.Cut(rest[at:], []byte("\n"))
		if string(bytes.TrimRight(line, " \t\r")) == "---" {
			return rest[:at], true
		}
		if !more {
			break
		}
		at += len(line) + 1
	}
	return nil, false
}

// cardReader walks YAML. Aliases are followed one step; the budget bounds what a crafted card, whose
// aliases repeat large lists, can make us do.
type cardReader struct{ budget int }

func (r *cardReader) node(n *yaml.Node) *yaml.Node {
	if r.budget--; n == nil || r.budget < 0 {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (r *cardReader) fields(n *yaml.Node) map[string]*yaml.Node {
	fields := map[string]*yaml.Node{}
	if n = r.node(n); n == nil || n.Kind != yaml.MappingNode {
		return fields
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if r.budget--; r.budget < 0 {
			return fields
		}
		if k := n.Content[i]; k.Kind == yaml.ScalarNode {
			fields[k.Value] = n.Content[i+1]
		}
	}
	return fields
}

func (r *cardReader) items(n *yaml.Node) []*yaml.Node {
	n = r.node(n)
	if n == nil {
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// text is a scalar; the first one of a list.
func (r *cardReader) text(n *yaml.Node) string {
	if list := r.texts(n); len(list) > 0 {
		return list[0]
	}
	return ""
}

// texts is a scalar or a list of scalars. Norwegian is written no, which stays a word here.
func (r *cardReader) texts(n *yaml.Node) []string {
	var out []string
	for _, item := range r.items(n) {
		if item = r.node(item); item == nil || item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			continue
		}
		if s := clean(item.Value); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (r *cardReader) results(index *yaml.Node) []CardResult {
	var out []CardResult
	for _, model := range r.items(index) {
		for _, result := range r.items(r.fields(model)["results"]) {
			f := r.fields(result)
			task, data := r.fields(f["task"]), r.fields(f["dataset"])
			for _, metric := range r.items(f["metrics"]) {
				m := r.fields(metric)
				value, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(r.text(m["value"])), "%"), 64)
				if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
					continue
				}
				name := r.text(m["name"])
				if name == "" {
					name = r.text(m["type"])
				}
				out = append(out, CardResult{
					Task: r.text(task["type"]), Dataset: r.text(data["type"]), Config: r.text(data["config"]), Split: r.text(data["split"]),
					Metric: name, Value: value,
				})
			}
		}
	}
	return out
}
