package ui

import (
	"strings"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// What states are made of: literals, as a model would have answered.

// StateText is a text to ask.
func StateText() string {
	return "This lease begins on 1 April 2024 between Mill Road Properties Ltd and the tenant named below. The tenant pays a deposit of two months' rent before the keys are handed over.\n\n" +
		"The term is three years, and the lease ends on 31 March 2027 unless it is renewed. Either side may give notice of three months in writing; the notice must be received on the first working day of a month. " +
		"The landlord insures the building, and the tenant insures what is in it. Pets are allowed with consent, which is not refused without reason.\n\n" +
		"Rent is due on the third working day of each month. It rises once a year by the official index of consumer prices, at most by four percent."
}

// StateModels are models to pick.
func StateModels() []Choosable {
	var out []Choosable
	limit := 8.12
	for _, id := range []string{"tryall/minilm-l6-squad2", "tryall/minilm-l3-squad2", "tryall/minilm-l6-squad1", "tryall/minilm-l6-covid", "deepset/roberta-base-squad2"} {
		out = append(out, Choosable{Entry: workbench.Entry{ID: id, Runnable: true, Abstains: hub.AbstainsYes, Builtin: strings.HasPrefix(id, "tryall/"), Parameters: 22_000_000, Threshold: &limit}, Name: id, Label: id})
	}
	return out
}

// StateCard is the card of a prediction with that answer, or with it as the closest candidate, which is far from one.
func StateCard(answer string, none bool) *Card {
	if none {
		return stateCard(answer, true, -2.31, 0.22, 1.25)
	}
	return stateCard(answer, false, 6.4, 0.91, 1.25)
}

// StateUnsure is the card of a candidate that falls short of the threshold.
func StateUnsure(answer string) *Card { return stateCard(answer, true, 7.29, 0.31, 8.12) }

func stateCard(answer string, none bool, gap, p, limit float64) *Card {
	text := StateText()
	at := strings.Index(text, answer)
	span := qa.Answer{Text: answer, Range: qa.Range{Start: at, End: at + len(answer)}, Score: 11.8, Gap: gap}
	span.P = &p
	other := span
	other.Text, other.Gap, other.Range = "1 April 2024", -3.1, qa.Range{Start: strings.Index(text, "1 April"), End: strings.Index(text, "1 April") + 12}
	small := 0.04
	other.P = &small
	prediction := qa.Prediction{Candidates: []qa.Answer{span, other}, Null: 3.2, NullKind: qa.NullLogit, Windows: 1, Tokens: 168, Took: 11 * time.Millisecond, Abstained: none}
	if !none {
		prediction.Answers, prediction.Text = []qa.Answer{span}, answer
	}
	r := workbench.ResultOf(text, "gap", prediction)
	threshold := workbench.Float(limit)
	r.Threshold = &threshold
	c := &Card{Model: "tryall/minilm-l6-squad2", Label: "minilm-l6-squad2", Contestant: "tryall/minilm-l6-squad2@0123456:fp32"}
	r.Contestant = c.Contestant
	c.fill(&r, text, false)
	if c.LimitBy = "the model's own, from its " + workbench.SettingsFile; none {
		c.Anyway = "/?no_answer=false"
	}
	return c
}
