package store

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

func TestRunIDsSortAsRunsWereMade(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// 24 h / 65536 is 1.318359375 s: 12:00 is step 8000 hex, 01:00 is 3600/1.318359375 = 2730.67, aaa hex.
	for _, c := range []struct{ now, last, want string }{
		{"2026-11-28T00:00:00Z", "", "20261128-0000"},
		{"2026-11-28T12:00:00Z", "", "20261128-8000"},
		{"2026-11-28T03:00:00+02:00", "", "20261128-0aaa"},
		{"2026-11-28T23:59:59.999999999Z", "", "20261128-ffff"},
		{"2026-11-28T12:00:00Z", "20261128-8000", "20261128-8001"},
		{"2026-11-28T12:00:00Z", "20261128-9fff", "20261128-a000"}, // the clock was put back
		{"2026-11-28T12:00:00Z", "20261128-ffff", "20261129-0000"},
		{"2026-11-29T12:00:00Z", "20261128-ffff", "20261129-8000"},
	} {
		if got := nextID(at(c.now), c.last); got != c.want {
			t.Errorf("at %s after %q: %s, want %s", c.now, c.last, got, c.want)
		}
	}
}

func create(t *testing.T, s *Store, name string) string {
	t.Helper()
	id, err := s.CreateRun(t.Context(), eval.Spec{Version: name, Seed: 1<<64 - 1, Params: map[string]string{"a": "b"}, Data: []eval.Source{{Name: "x", Digest: "sha256:1"}}}, name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func runOf(t *testing.T, s *Store, name string) RunInfo {
	t.Helper()
	r, err := s.Run(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRuns(t *testing.T) {
	s := open(t)
	if _, err := s.Run(t.Context(), "last"); qa.CodeOf(err) != qa.NotFound || !strings.Contains(err.Error(), "no runs yet") {
		t.Errorf("%v", err)
	}
	a, b, c := create(t, s, "one"), create(t, s, "two"), create(t, s, "one")
	if !slices.IsSorted([]string{a, b, c}) || a == b || b == c {
		t.Errorf("ids %s %s %s", a, b, c)
	}
	for name, want := range map[string]string{"last": c, a: a, "one": c, "two": b, a[9:]: a, b[9:]: b} {
		if got := runOf(t, s, name); got.ID != want || got.Status != Interrupted || got.Spec.Seed != 1<<64-1 || got.Spec.Data[0].Digest != "sha256:1" || time.Since(got.Created).Abs() > time.Minute || !got.Finished.IsZero() {
			t.Errorf("%q: %+v, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{"": "no run", a[:8]: "the beginning of 3 runs", "none": "no run", "2": "3 runs"} {
		if _, err := s.Run(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
	bake := &eval.Bakeoff{Run: a, Created: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Spec: eval.Spec{Seed: 7}, TookSeconds: 0.1,
		Round: eval.Round{Winner: "m", Verdict: "m wins", Tied: []string{"m"}, Models: []eval.Entrant{{Standing: eval.Standing{Contestant: "m", F1: 71.3871}, ID: "m", Metrics: map[string]float64{"f1": 1.0 / 3}}}}}
	if err := s.FinishRun(t.Context(), a, bake); err != nil {
		t.Fatal(err)
	}
	if got := runOf(t, s, a); got.Status != Finished || got.Winner != "m" || got.Verdict != "m wins" || got.Finished.IsZero() || !reflect.DeepEqual(got.Bakeoff, bake) {
		t.Errorf("%+v", got)
	}
	rs, spans := block(0)
	for _, err := range []error{s.FinishRun(t.Context(), a, bake), s.FailRun(t.Context(), a, "x"), s.SaveBlock(t.Context(), a, "oracle", "m", rs, spans), s.Note(t.Context(), a, "k", 1), s.ReopenRun(t.Context(), a)} {
		if qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), "is over") {
			t.Errorf("after the end: %v", err)
		}
	}
	if err := s.FailRun(t.Context(), b, "no memory"); err != nil {
		t.Fatal(err)
	}
	if got := runOf(t, s, b); got.Status != Failed || got.Reason != "no memory" || got.Bakeoff != nil {
		t.Errorf("%+v", got)
	}
	if err := s.ReopenRun(t.Context(), b); err != nil || runOf(t, s, b).Status != Interrupted {
		t.Errorf("%v", err)
	}
	if err := s.ReopenRun(t.Context(), b); err != nil {
		t.Errorf("a run that has not failed: %v", err)
	}
	list, err := s.Runs(t.Context())
	if err != nil || len(list) != 3 || list[0].ID != c || list[2].ID != a || list[2].Verdict != "m wins" || list[2].Bakeoff != nil || list[2].Status != Finished {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestResultsComeBackAsTheyWere(t *testing.T) {
	s := open(t)
	a, b := create(t, s, ""), create(t, s, "")
	rs, spans := block(64)
	other, _ := block(0)
	for _, save := range []error{
		s.SaveBlock(t.Context(), a, eval.Oracle, "m", rs, spans),
		s.SaveBlock(t.Context(), a, eval.Oracle, "n", other, nil),
		s.SaveBlock(t.Context(), a, eval.Retrieved, "m", other[:1], nil),
		s.SaveBlock(t.Context(), b, eval.Oracle, "m", other[:2], nil),
		s.SaveBlock(t.Context(), a, eval.Oracle, "m", other, nil),
		s.SaveBlock(t.Context(), a, eval.Oracle, "m", rs, spans), // again
	} {
		if save != nil {
			t.Fatal(save)
		}
	}
	got, err := s.Results(t.Context(), a, eval.Oracle, "m")
	if err != nil || !reflect.DeepEqual(got, slices.Concat(other, rs)) {
		t.Errorf("%d results, %v", len(got), err)
	}
	all, err := s.AllSpans(t.Context(), a, eval.Oracle, "m")
	if err != nil || len(all) != 64 || !reflect.DeepEqual(all[70], spans[6]) {
		t.Errorf("%d spans, %v", len(all), err)
	}
	if sp, ok, err := s.Spans(t.Context(), a, eval.Oracle, "m", 127); err != nil || !ok || !reflect.DeepEqual(sp, spans[63]) {
		t.Errorf("%+v, %v, %v", sp, ok, err)
	}
	for _, example := range []int{3, 128} { // saved without, and not at all
		if _, ok, err := s.Spans(t.Context(), a, eval.Oracle, "m", example); ok || err != nil {
			t.Errorf("%v, %v", ok, err)
		}
	}
	if none, err := s.Results(t.Context(), a, "oracle", "nobody"); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	tracks, err := s.Tracks(t.Context(), a)
	if want := []Track{{"oracle", "m", 128}, {"oracle", "n", 64}, {"retrieved", "m", 1}}; err != nil || !slices.Equal(tracks, want) {
		t.Errorf("%v, %v", tracks, err)
	}
	if n := runOf(t, s, a).Answers; n != 193 {
		t.Errorf("%d answers", n)
	}
	for _, err := range []error{
		s.SaveBlock(t.Context(), "20260101-0000", "oracle", "m", rs, nil), s.SaveBlock(t.Context(), a, "oracle", "m", rs, spans[:3]),
		s.SaveBlock(t.Context(), a, "oracle", "x", []eval.Result{{Example: 1}, {Example: -1}}, nil),
	} {
		if err == nil {
			t.Error("no error")
		}
	}
	if tracks, err := s.Tracks(t.Context(), a); err != nil || len(tracks) != 3 {
		t.Errorf("a block that failed left something: %v, %v", tracks, err)
	}
	if err := s.RemoveRun(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context(), a); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("%v", err)
	}
	for table, want := range map[string]int{"results": 2, "spans": 0, "tracks": 1, "notes": 0} {
		var n int
		if err := s.db.Read().QueryRowContext(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != want {
			t.Errorf("%s has %d rows after the removal, want %d, %v", table, n, want, err)
		}
	}
	if got, err := s.Results(t.Context(), b, eval.Oracle, "m"); err != nil || len(got) != 2 {
		t.Errorf("the other run has %d results, %v", len(got), err)
	}
}

func TestNotes(t *testing.T) {
	s := open(t)
	id := create(t, s, "")
	type state struct{ Elapsed float64 }
	rs, _ := block(0)
	if err := errors.Join(s.Note(t.Context(), id, "state/a", state{1}), s.Save(t.Context(), id, []Block{{"oracle", "m", rs, nil}, {"oracle", "n", rs, nil}}, map[string]any{"state/a": state{0.1}, "state/b": nil, "other_": 1})); err != nil {
		t.Fatal(err)
	}
	var v state
	if found, err := s.Noted(t.Context(), id, "state/a", &v); err != nil || !found || v.Elapsed != 0.1 {
		t.Errorf("%v, %v, %v", v, found, err)
	}
	if found, err := s.Noted(t.Context(), id, "none", &v); err != nil || found {
		t.Errorf("%v, %v", found, err)
	}
	if keys, err := s.Notes(t.Context(), id, "state/"); err != nil || fmt.Sprint(keys) != "[state/a state/b]" {
		t.Errorf("%v, %v", keys, err)
	}
	if err := s.Save(t.Context(), id, nil, map[string]any{"bad": func() {}}); err == nil {
		t.Error("a function was noted")
	}
	if _, err := s.Noted(t.Context(), id, "other_", &v); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("%v", err)
	}
	if tracks, err := s.Tracks(t.Context(), id); err != nil || len(tracks) != 2 {
		t.Errorf("%v, %v", tracks, err)
	}
}

// Two processes make runs at once: all ids differ.
func TestIDsOfTwoProcessesDiffer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	stores := []*Store{openAt(t, path), openAt(t, path)}
	var mu sync.Mutex
	ids := map[string]bool{}
	var wg sync.WaitGroup
	for _, s := range stores {
		wg.Go(func() {
			for range 20 {
				id, err := s.CreateRun(t.Context(), eval.Spec{}, "")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				ids[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(ids) != 40 {
		t.Errorf("%d ids of 40 runs", len(ids))
	}
}

// A run that a process holds is running, and nobody else gets it; a kill lets it go at once.
func TestHeldRuns(t *testing.T) {
	s := open(t)
	id := create(t, s, "")
	cmd, out := startChild(t, "hold", s.db.Path())
	for line := range lines(out) {
		if line == "held "+id {
			break
		}
	}
	if got := runOf(t, s, id).Status; got != Running {
		t.Errorf("status %s", got)
	}
	_, err := s.HoldRun(t.Context(), id)
	if qa.CodeOf(err) != qa.Unavailable || !strings.Contains(err.Error(), fmt.Sprintf("in another process (%d)", cmd.Process.Pid)) {
		t.Errorf("%v", err)
	}
	if err := s.RemoveRun(t.Context(), id); qa.CodeOf(err) != qa.Unavailable {
		t.Errorf("a run that is held was removed: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if got := runOf(t, s, id).Status; got != Interrupted {
		t.Errorf("status %s after the kill", got)
	}
	release, err := s.HoldRun(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.HoldRun(t.Context(), id); qa.CodeOf(err) != qa.Unavailable {
		t.Errorf("held twice in one process: %v", err)
	}
	release()
	again, err := s.HoldRun(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	again()
	for _, bad := range []string{"20200101-0000", "../x", ""} {
		if _, err := s.HoldRun(t.Context(), bad); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := s.RemoveRun(t.Context(), id); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(s.db.Path()), "locks", "*")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func lines(out *bufio.Scanner) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for out.Scan() {
			if !yield(out.Text()) {
				return
			}
		}
	}
}

func startChild(t *testing.T, work, db string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+work, "STORE_TEST_DB="+db)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, bufio.NewScanner(out)
}
