package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
)

// repeatView is what it takes to do it again.
type repeatView struct {
	Command     string
	Facts       []pair
	Sources     []sourceLine
	Contestants []repeatLine
	LeftOut     int
}

type sourceLine struct{ Name, Holds, Digest string }

type repeatLine struct {
	named
	ID, Revision, Precision, License string
}

func (v *view) repeat() repeatView {
	b := v.in.Bakeoff
	s := &b.Spec
	out := repeatView{Command: visible(command(v.in))}
	add := func(name, value string) {
		if value != "" {
			out.Facts = append(out.Facts, pair{name, visible(value)})
		}
	}
	add("Run", b.Run)
	add("tryall", s.Version)
	add("Kernel", s.Kernel)
	add("Machine", s.Machine)
	if s.Threads > 0 {
		add("Threads", strconv.Itoa(s.Threads))
	}
	add("Decoder", s.Decoder)
	var params []string
	for _, k := range sortedKeys(s.Params) {
		params = append(params, k+"="+s.Params[k])
	}
	add("Parameters", strings.Join(params, ", "))
	add("Metric", s.Metric)
	add("Modes", strings.Join(s.Modes, ", "))
	add("Retriever", s.Retriever)
	if s.Passages > 0 {
		add("Passages read per question", strconv.Itoa(s.Passages))
	}
	add("Seed", strconv.FormatUint(s.Seed, 10))
	if s.Full {
		add("Race", "none: every contestant answered every question")
	} else {
		add("Race", fmt.Sprintf("first look after %s, alpha %s over the whole race", plural(s.Start, "question"), strconv.FormatFloat(s.Alpha, 'g', -1, 64)))
	}
	if s.Limit > 0 {
		add("Limit", plural(s.Limit, "question"))
	}
	add("Budget", s.Budget)
	add("Configuration", s.ConfigFile)
	for _, d := range s.Data {
		out.Sources = append(out.Sources, source(d))
	}
	if s.Corpus != nil {
		out.Sources = append(out.Sources, source(*s.Corpus))
	}
	for _, name := range v.names.Full()[:min(len(v.names.Full()), mostLines)] {
		e := v.entrant(name)
		out.Contestants = append(out.Contestants, repeatLine{v.named(name, false), visible(e.ID), visible(e.Revision), visible(e.Precision), visible(e.License)})
	}
	out.LeftOut = len(v.names.Full()) - len(out.Contestants)
	return out
}

func source(s eval.Source) sourceLine {
	var holds []string
	for _, x := range []struct {
		n    int
		what string
	}{{s.Questions, "question"}, {s.Documents, "document"}, {s.Passages, "passage"}} {
		if x.n > 0 {
			holds = append(holds, plural(x.n, x.what))
		}
	}
	return sourceLine{visible(s.Name), strings.Join(holds, ", "), visible(s.Digest)}
}

func (v *view) entrant(contestant string) *eval.Entrant {
	for _, r := range v.in.Bakeoff.Rounds() {
		for i := range r.Models {
			if r.Models[i].Contestant == contestant {
				return &r.Models[i]
			}
		}
	}
	return &eval.Entrant{}
}
