package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/tryall/tryall/hub"
)

type rmCmd struct {
	ID       string `arg:"" help:"A model of the cache: owner/name, or owner/name@revision."`
	Revision string `placeholder:"R" help:"Remove this branch, tag or commit alone."`
	Yes      bool   `short:"y" help:"Do not ask."`
	JSON     bool   `help:"Print JSON."`

	ref hub.Ref
}

// Validate reads the name.
func (c *rmCmd) Validate() error {
	ref, err := hub.ParseRef(c.ID)
	switch {
	case err != nil:
		return usageError{err}
	case ref.Dir != "":
		return usagef("%s is a directory; tryall removes models from the Hugging Face cache only", ref.Name())
	case c.Revision != "" && ref.Revision != "":
		return usagef("%s names a revision, and --revision another; give one", c.ID)
	case c.Revision != "":
		ref.Revision = c.Revision
	}
	c.ref = ref
	return nil
}

// Run says what goes, asks, and removes it.
func (c *rmCmd) Run(ctx context.Context, a *app) error {
	w := a.workbench(engineFlags{})
	plan, err := w.PlanRemove(c.ref)
	if err != nil {
		return err
	}
	if !c.JSON || !c.Yes {
		for _, line := range removalLines(plan) {
			fmt.Fprintln(a.stderr, visible(line))
		}
	}
	if !c.Yes {
		sure, err := a.confirm("Remove it?")
		if err != nil {
			return err
		}
		if !sure {
			a.warn("nothing was removed")
			return errShown
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	removed, err := w.Remove(plan)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(removed)
	}
	return a.lines(fmt.Sprintf("%s: removed, %s freed", visible(c.ref.Name()), size(removed.FreedBytes)))
}

// removeConverted removes what was made of files that are gone.
func removeConverted(blobs []string) (freed int64, err error) {
	for _, folder := range convertedFolders() {
		n, failed := folder.Remove(blobs)
		freed, err = freed+n, errors.Join(err, failed)
	}
	return freed, err
}

// removalLines say what goes and what stays.
func removalLines(r hub.Removal) []string {
	var names []string
	for _, c := range r.Commits {
		names = append(names, shortCommit(c))
	}
	what := plural(len(r.Commits), "revision") + " (" + strings.Join(names, ", ") + ")"
	switch {
	case len(r.Commits) == 0:
		what = "what an unfinished pull left"
	case len(r.Refs) > 0:
		what += ", known as " + strings.Join(r.Refs, ", ")
	}
	out := []string{fmt.Sprintf("%s: %s goes; %s of disk are freed", r.ID, what, size(r.Bytes))}
	if r.Whole {
		return out
	}
	return append(out, "files that other revisions use stay")
}

// confirm asks on the terminal. Where nobody can be asked, --yes must be given.
func (a *app) confirm(question string) (bool, error) {
	in, ok := a.stdin.(*os.File)
	if !ok || !a.err.tty || !term.IsTerminal(int(in.Fd())) {
		return false, usagef("nobody can be asked here; --yes removes it")
	}
	fmt.Fprint(a.stderr, question+" [y/N] ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		fmt.Fprintln(a.stderr)
		return false, nil
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}
