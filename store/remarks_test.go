package store

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// finished makes a run that is over.
func finished(t *testing.T, s *Store) string {
	t.Helper()
	id := create(t, s, "")
	if err := s.FinishRun(t.Context(), id, &eval.Bakeoff{Run: id}); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestDecision: what was decided is said when a run is over, and said anew; it goes with the run.
func TestDecision(t *testing.T) {
	s := open(t)
	id, other := finished(t, s), finished(t, s)
	if _, found, err := s.Decided(t.Context(), id); found || err != nil {
		t.Fatalf("before: %v, %v", found, err)
	}
	at := time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)
	for _, d := range []Decision{{Decision: "wait", When: at}, {Title: "Leases", Decision: "take b", Who: "Ann", Notes: "cheap\nand good", When: at}} {
		if err := s.Decide(t.Context(), id, d); err != nil {
			t.Fatal(err)
		}
		if got, found, err := s.Decided(t.Context(), id); err != nil || !found || got != d {
			t.Errorf("%+v, %v, %v", got, found, err)
		}
	}
	if err := s.Decide(t.Context(), other, Decision{Decision: "x"}); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := s.Decided(t.Context(), other); time.Since(got.When).Abs() > time.Minute {
		t.Errorf("said at %v", got.When)
	}
	if err := s.Decide(t.Context(), "20990101-0000", Decision{}); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("a run that is not there: %v", err)
	}
	for _, d := range []Decision{{Notes: strings.Repeat("x", mostSaid+1)}, {Who: "\xff"}} {
		if err := s.Decide(t.Context(), id, d); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%.20q: %v", d.Who+d.Notes, err)
		}
	}
	if err := s.RemoveRun(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Decided(t.Context(), id); found {
		t.Error("the decision outlives its run")
	}
}

// TestShares: a key opens its run and no other, until it is taken back or the run is removed.
func TestShares(t *testing.T) {
	s := open(t)
	a, b, going := finished(t, s), finished(t, s), create(t, s, "")
	if _, err := s.Share(t.Context(), going); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("a run that goes on: %v", err)
	}
	if _, err := s.SharedRun(t.Context(), ""); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("no key: %v", err)
	}
	var keys []Share
	for _, run := range []string{a, a, b} {
		sh, err := s.Share(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := base64.RawURLEncoding.DecodeString(sh.Key); err != nil || len(raw) != 16 {
			t.Errorf("%q holds %d bytes, %v", sh.Key, len(raw), err)
		}
		if strings.Contains(sh.ID, sh.Key) {
			t.Error("the name gives the key away")
		}
		keys = append(keys, sh)
	}
	opens := func(i int) string {
		run, err := s.SharedRun(t.Context(), keys[i].Key)
		if err != nil && qa.CodeOf(err) != qa.NotFound {
			t.Error(err)
		}
		return run
	}
	if opens(0) != a || opens(1) != a || opens(2) != b || keys[0].Key == keys[1].Key {
		t.Errorf("they open %s, %s, %s of %s, %s", opens(0), opens(1), opens(2), a, b)
	}
	if list, err := s.Shares(t.Context(), a); err != nil || len(list) != 2 || list[0] != keys[0] || list[1] != keys[1] {
		t.Errorf("%+v, %v, not %+v", list, err, keys)
	}
	for _, key := range []string{keys[0].Key[1:], keys[0].Key + "x", keys[0].ID, "%", a} {
		if run, err := s.SharedRun(t.Context(), key); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%q opens %s, %v", key, run, err)
		}
	}
	if err := s.Unshare(t.Context(), b, keys[0].ID); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("through another run: %v", err)
	}
	if err := s.Unshare(t.Context(), a, keys[0].ID); err != nil || opens(0) != "" || opens(1) != a {
		t.Errorf("%v; they open %q, %q", err, opens(0), opens(1))
	}
	if err := s.RemoveRun(t.Context(), a); err != nil || opens(1) != "" || opens(2) != b {
		t.Errorf("%v; they open %q, %q", err, opens(1), opens(2))
	}
}

// TestUndoJudgement: one judgement is taken back, whoever spoke since; items are found.
func TestUndoJudgement(t *testing.T) {
	s := open(t)
	put(t, s, readSetOf(t, "x.jsonl", first))
	ann := judge(t, s, "a", Judgement{Kind: Answered, Answer: "Zoë", Start: 0, Origin: by("ann")})
	bob := judge(t, s, "a", Judgement{Kind: Answered, Answer: "sat", Start: -1, Origin: by("bob")})
	if j, err := s.UndoJudgement(t.Context(), "x.jsonl", ann.ID); err != nil || j.ID != ann.ID || j.Undone.IsZero() {
		t.Errorf("%+v, %v", j, err)
	}
	if _, err := s.UndoJudgement(t.Context(), "x.jsonl", ann.ID); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("twice: %v", err)
	}
	all, err := s.Judgements(t.Context(), "x.jsonl")
	if err != nil || len(all) != 2 || all[1].ID != bob.ID || !all[1].Undone.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	if text, context, err := s.Item(t.Context(), "x.jsonl", "a"); err != nil || text != "Who sat?" || context != "Zoë sat." {
		t.Errorf("%q, %q, %v", text, context, err)
	}
	for _, c := range [][2]string{{"x.jsonl", "z"}, {"y", "a"}} {
		if _, _, err := s.Item(t.Context(), c[0], c[1]); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%v: %v", c, err)
		}
	}
}
