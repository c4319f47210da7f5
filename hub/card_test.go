package hub

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParseCard(t *testing.T) {
	card, err := ParseCard([]byte("\xef\xbb\xbf---\r\nlanguage: no\r\nlicense: other\r\nlicense_name: mine\r\ntags: [qa, 7, null]\r\ndatasets:\r\n- &d squad_v2\r\n- *d\r\n- {name: x}\r\nbase_model: bert\r\npipeline_tag: question-answering\r\n" +
		"model-index:\r\n- name: m\r\n  results:\r\n  - task: {type: question-answering}\r\n    dataset: {name: S, type: squad_v2, config: c, split: validation}\r\n    metrics:\r\n    - {type: exact_match, value: 79.9, name: Exact Match}\r\n    - {type: f1, value: '82.9%'}\r\n    - {type: f1, value: many}\r\n    - {type: f1, value: .nan}\r\n---\r\n# text\r\n---\r\n"))
	got := fmt.Sprintf("%+v", card)
	want := "{License:other LicenseName:mine LicenseLink: Languages:[no] Datasets:[squad_v2 squad_v2] Tags:[qa 7] BaseModels:[bert] Metrics:[] Task:question-answering Library: " +
		"Results:[{Task:question-answering Dataset:squad_v2 Config:c Split:validation Metric:Exact Match Value:79.9} {Task:question-answering Dataset:squad_v2 Config:c Split:validation Metric:f1 Value:82.9}]}"
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	for _, empty := range []string{"", "# no front matter", "---", "---\nlicense: mit\n", "----\nlicense: mit\n---\n", "---\n---\n", "---\n- a list\n---\n", "---\nlicense: {a: b}\n---\n"} {
		if card, err := ParseCard([]byte(empty)); err != nil || card.License != "" {
			t.Errorf("%q: %+v %v", empty, card, err)
		}
	}
	bomb := "---\na: &a [x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 8), ","))
	}
	many := "---\nmodel-index:\n- results: &r\n  - metrics: &m [" + strings.TrimSuffix(strings.Repeat("{value: 1},", 5000), ",") + "]\n"
	many += strings.Repeat("  - metrics: *m\n", 5000)
	for _, bad := range []string{"---\n\tx: {\n---\n", "---\nlicense: [\n---\n", "---\n" + strings.Repeat("x", maxFrontMatter) + "\n---\n", many + "---\n"} {
		if _, err := ParseCard([]byte(bad)); !errors.Is(err, Corrupt) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
	if _, err := ParseCard([]byte(bomb + "language: *j\n---\n")); err != nil {
		t.Error(err)
	}
}

func TestJudgeAbstains(t *testing.T) {
	for _, x := range []struct {
		id       string
		datasets []string
		want     Abstains
	}{
		{"deepset/roberta-base-squad2", []string{"squad_v2"}, AbstainsYes},
		{"a/x", []string{"squad", "rajpurkar/squad_v2"}, AbstainsYes},
		{"a/x", []string{"squad-v2"}, AbstainsYes},
		{"distilbert-base-cased-distilled-squad", []string{"squad"}, AbstainsNo},
		{"a/x", []string{"UCLNLP/adversarial_qa"}, AbstainsNo},
		{"a/bert-SQuAD2", nil, AbstainsYes},
		{"a/bert-squad_v2", []string{"mine"}, AbstainsYes},
		{"a/bert-squad-v2", []string{"squad"}, AbstainsYes},
		{"squad2/bert", nil, AbstainsUnknown}, // the owner's name says nothing
		{"a/bert-squad1.1", nil, AbstainsNo},
		{"a/bert-squad", nil, AbstainsUnknown},
		{"a/x", []string{"mine"}, AbstainsUnknown},
	} {
		if got, why := JudgeAbstains(x.id, x.datasets); got != x.want || why == "" {
			t.Errorf("%s %v: %s (%s)", x.id, x.datasets, got, why)
		}
	}
}
