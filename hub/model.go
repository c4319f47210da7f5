package hub

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// Model is what the Hub says about a model, from a search or from its own page.
type Model struct {
	ID            string           `json:"id"`
	Commit        string           `json:"sha,omitempty"`
	Task          string           `json:"task,omitempty"` // pipeline tag
	Library       string           `json:"library,omitempty"`
	Tags          []string         `json:"tags,omitempty"`
	Languages     []string         `json:"languages,omitempty"`
	License       string           `json:"license,omitempty"`
	Datasets      []string         `json:"datasets,omitempty"`
	BaseModels    []string         `json:"base_models,omitempty"`
	Downloads     int64            `json:"downloads"` // last 30 days
	Likes         int64            `json:"likes"`
	Gated         string           `json:"gated,omitempty"` // "", "auto" or "manual": how access is granted
	Private       bool             `json:"private,omitempty"`
	Disabled      bool             `json:"disabled,omitempty"`
	Modified      time.Time        `json:"modified,omitzero"`
	Created       time.Time        `json:"created,omitzero"`
	ModelType     string           `json:"model_type,omitempty"`    // of config.json
	Architectures []string         `json:"architectures,omitempty"` // of config.json
	Parameters    int64            `json:"parameters,omitempty"`    // 0 = not known (no safetensors)
	WeightBytes   int64            `json:"weight_bytes,omitempty"`  // from the parameters and their types; 0 = not known
	Types         map[string]int64 `json:"types,omitempty"`         // parameters by type, as safetensors spells them
	Files         []string         `json:"files,omitempty"`
	Formats       []string         `json:"formats,omitempty"` // weight formats there, best first: safetensors, pytorch
	Abstains      Abstains         `json:"abstains"`
	AbstainsWhy   string           `json:"abstains_why,omitempty"`
}

// apiModel is the Hub's JSON. Fields of changing type are read leniently: a listing of a thousand
// models must not fail for one odd card.
type apiModel struct {
	ID       string   `json:"id"`
	ModelID  string   `json:"modelId"`
	SHA      string   `json:"sha"`
	Task     string   `json:"pipeline_tag"`
	Library  string   `json:"library_name"`
	Tags     textList `json:"tags"`
	Down     apiCount `json:"downloads"`
	Likes    apiCount `json:"likes"`
	Gated    apiGated `json:"gated"`
	Private  bool     `json:"private"`
	Disabled bool     `json:"disabled"`
	Modified apiTime  `json:"lastModified"`
	Created  apiTime  `json:"createdAt"`
	Siblings []struct {
		Name string `json:"rfilename"`
	} `json:"siblings"`
	Config      apiConfig      `json:"config"`
	Card        apiCard        `json:"cardData"`
	Safetensors apiSafetensors `json:"safetensors"`
}

type apiConfig struct {
	ModelType     string   `json:"model_type"`
	Architectures textList `json:"architectures"`
}

type apiCard struct {
	License   textList `json:"license"`
	Language  textList `json:"language"`
	Datasets  textList `json:"datasets"`
	BaseModel textList `json:"base_model"`
}

type apiSafetensors struct {
	Parameters map[string]apiCount `json:"parameters"`
	Total      apiCount            `json:"total"`
}

// lenient decodes into v and takes what does not fit for absent.
func lenient[T any](b []byte, v *T) {
	var got T
	if json.Unmarshal(b, &got) == nil {
		*v = got
	}
}

func (c *apiConfig) UnmarshalJSON(b []byte) error {
	type plain apiConfig
	lenient(b, (*plain)(c))
	return nil
}

func (c *apiCard) UnmarshalJSON(b []byte) error {
	type plain apiCard
	lenient(b, (*plain)(c))
	return nil
}

func (s *apiSafetensors) UnmarshalJSON(b []byte) error {
	type plain apiSafetensors
	lenient(b, (*plain)(s))
	return nil
}

// textList is a string or a list of strings; what else is in the list is left out.
type textList []string

func (l *textList) UnmarshalJSON(b []byte) error {
	*l = nil
	var one string
	if json.Unmarshal(b, &one) == nil {
		if one != "" {
			*l = textList{one}
		}
		return nil
	}
	var many []any
	lenient(b, &many)
	for _, v := range many {
		if s, ok := v.(string); ok && s != "" {
			*l = append(*l, s)
		}
	}
	return nil
}

// apiCount is a number that is not negative; anything else counts as 0.
type apiCount int64

func (n *apiCount) UnmarshalJSON(b []byte) error {
	var f float64
	*n = 0
	if json.Unmarshal(b, &f) == nil && f > 0 && f < 1<<53 {
		*n = apiCount(f)
	}
	return nil
}

// apiGated is false or how access is granted.
type apiGated string

func (g *apiGated) UnmarshalJSON(b []byte) error {
	var s string
	*g = ""
	if json.Unmarshal(b, &s) == nil {
		*g = apiGated(s)
	} else if string(b) == "true" {
		*g = "manual"
	}
	return nil
}

func (a apiModel) model() Model {
	m := Model{
		ID: a.ID, Commit: a.SHA, Task: a.Task, Library: a.Library, Tags: a.Tags,
		Downloads: int64(a.Down), Likes: int64(a.Likes), Gated: string(a.Gated), Private: a.Private, Disabled: a.Disabled,
		Modified: a.Modified.Time, Created: a.Created.Time,
		ModelType: a.Config.ModelType, Architectures: a.Config.Architectures,
		Languages: a.Card.Language, Datasets: a.Card.Datasets, BaseModels: a.Card.BaseModel,
	}
	if m.ID == "" {
		m.ID = a.ModelID
	}
	if len(a.Card.License) > 0 {
		m.License = a.Card.License[0]
	}
	m.fromTags()
	for _, s := range a.Siblings {
		m.Files = append(m.Files, s.Name)
	}
	m.Formats = formats(m.Files)
	m.weigh(a.Safetensors)
	m.Abstains, m.AbstainsWhy = JudgeAbstains(m.ID, m.Datasets)
	return m
}

// fromTags fills in what the card does not say: the Hub repeats card fields as tags.
func (m *Model) fromTags() {
	tagged := len(m.Languages) == 0
	for _, tag := range m.Tags {
		kind, value, ok := strings.Cut(tag, ":")
		switch {
		case kind == "license" && ok && m.License == "":
			m.License = value
		case kind == "dataset" && ok && !slices.Contains(m.Datasets, value):
			m.Datasets = append(m.Datasets, value)
		case kind == "base_model" && ok && !strings.Contains(value, ":") && !slices.Contains(m.BaseModels, value):
			m.BaseModels = append(m.BaseModels, value)
		case !ok && tagged && isLanguage(tag):
			m.Languages = append(m.Languages, tag)
		}
	}
}

// isLanguage tells a language tag (en, multilingual) from others that are as short (tf).
func isLanguage(tag string) bool {
	if tag == "multilingual" {
		return true
	}
	base, err := language.ParseBase(tag)
	return err == nil && len(tag) == 2 && base.String() == tag
}

// bitsOf is the width of a parameter by its safetensors type.
var bitsOf = map[string]int64{
	"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8,
	"I64": 64, "I32": 32, "I16": 16, "I8": 8, "U8": 8, "BOOL": 8,
}

func (m *Model) weigh(s apiSafetensors) {
	m.Parameters = int64(s.Total)
	var bits int64 // of at most a dozen kinds, each under 2^53 times 64: no overflow
	for kind, n := range s.Parameters {
		if bitsOf[kind] == 0 {
			return
		}
		bits += int64(n) * bitsOf[kind]
	}
	for kind, n := range s.Parameters {
		if m.Types == nil {
			m.Types, m.Parameters = map[string]int64{}, 0
		}
		m.Types[kind] = int64(n)
		m.Parameters += int64(n)
	}
	m.WeightBytes = bits / 8
}
