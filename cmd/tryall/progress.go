package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/workbench"
)

// progress tells people on stderr how files come: with bars where someone looks, else with a line when a file begins and
// one when it is there. It is given the events of one pull after another.
type progress interface {
	event(hub.Event)
	close() // takes bars away
}

func (a *app) progress(quiet bool) progress {
	switch {
	case quiet:
		return silence{}
	case a.err.tty && os.Getenv("TERM") != "dumb":
		return newBars(a)
	}
	return &fileLines{a: a, begun: map[string]time.Time{}}
}

type silence struct{}

func (silence) event(hub.Event) {}
func (silence) close()          {}

// resumable is what an interrupt says while files come.
const resumable = "; the same command goes on from what came"

// bring finds models that are about to be used. Those that are not here are pulled first, and people see it.
func (a *app) bring(ctx context.Context, w *workbench.Workbench, names []string, precision string) ([]workbench.Model, error) {
	p := a.progress(a.quiet)
	defer p.close()
	a.resume = resumable
	models, err := w.Bring(ctx, names, precision, a.planned(p.event))
	if err == nil {
		a.resume = ""
	}
	return models, err
}

// planned passes events on, and warns when what is about to come would not run here.
func (a *app) planned(next func(hub.Event)) func(hub.Event) {
	w := a.workbench(engineFlags{})
	return func(e hub.Event) {
		next(e)
		if e.Kind != hub.Planned || e.Plan.Model.ModelType == "" { // its page does not tell
			return
		}
		if reason := w.Obstacle(e.Plan.Model); reason != "" {
			next(hub.Event{Kind: hub.Warning, Message: fmt.Sprintf("%s may not run here: %s", e.Plan.ID, reason)})
		}
	}
}

// fileLines are for logs.
type fileLines struct {
	a     *app
	begun map[string]time.Time
}

func (l *fileLines) say(format string, args ...any) {
	fmt.Fprintln(l.a.stderr, visible(fmt.Sprintf(format, args...)))
}

func (l *fileLines) close() {}

func (l *fileLines) event(e hub.Event) {
	switch e.Kind {
	case hub.Planned:
		l.say("%s", planLine(e))
	case hub.Started:
		l.begun[e.File] = time.Now()
		if e.Done > 0 {
			l.say("%s: %s, of which %s came earlier", e.File, size(e.Size), size(e.Done))
		} else {
			l.say("%s: %s", e.File, size(e.Size))
		}
	case hub.Done:
		if start, begun := l.begun[e.File]; begun && !e.Cached {
			l.say("%s: %s, done in %s", e.File, size(e.Size), duration(time.Since(start)))
		}
	default:
		if text := notice(e); text != "" {
			l.say("%s", text)
		}
	}
}

// planLine says what is about to come.
func planLine(e hub.Event) string {
	if e.Plan.Commit == "" {
		return fmt.Sprintf("%s: %s, %s", e.Plan.ID, plural(e.Files, "file"), size(e.AllSize))
	}
	return fmt.Sprintf("%s at %s: %s, %s", e.Plan.ID, shortCommit(e.Plan.Commit), plural(e.Files, "file"), size(e.AllSize))
}

// notice is what must be said of an event beside how far it is; empty when there is nothing.
func notice(e hub.Event) string {
	about := ""
	if e.File != "" && !strings.HasPrefix(e.Message, e.File+": ") {
		about = e.File + ": "
	}
	switch e.Kind {
	case hub.Waiting:
		return about + "another process is fetching it; waiting"
	case hub.Retry:
		if e.Wait > 0 {
			return fmt.Sprintf("%s%s; again in %s", about, e.Message, duration(e.Wait))
		}
		return fmt.Sprintf("%s%s; again", about, e.Message)
	case hub.Warning:
		return about + e.Message
	}
	return ""
}

// duration prints a time as people say it: 0.4 s, 12 s, 3:05, 1:02:00.
func duration(d time.Duration) string {
	switch s := int(d.Round(time.Second).Seconds()); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case s < 60:
		return fmt.Sprintf("%d s", s)
	}
	return clock(d)
}

// shortCommit is enough of a commit to name it.
func shortCommit(commit string) string { return commit[:min(len(commit), 7)] }

// clock prints how long something takes, in minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
