package main

import (
	"context"
	"fmt"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/workbench"
)

type pullCmd struct {
	ID        []string `arg:"" help:"Models of the Hub: owner/name, or owner/name@revision."`
	Revision  string   `placeholder:"R" help:"A branch, a tag or a commit (default main)."`
	Verify    bool     `help:"Hash files that are here already, and fetch damaged ones again."`
	PrintURLs bool     `name:"print-urls" help:"Download nothing; print where the files are, for a machine that may fetch them."`
	Quiet     bool     `short:"q" help:"No progress; print where each model lies, and nothing else."`
	JSON      bool     `help:"Print JSON."`

	refs []hub.Ref
}

// Validate reads the names, so that a mistake in the last shows before the first comes.
func (c *pullCmd) Validate() error {
	for _, id := range c.ID {
		ref, err := hub.ParseRef(id)
		if err != nil {
			return usageError{err}
		}
		switch {
		case ref.Dir != "":
			return usagef("%s is a directory of this machine; use it as it is, or tryall import puts it into the cache", ref.Name())
		case c.Revision != "" && ref.Revision != "":
			return usagef("%s names a revision, and --revision another; give one", id)
		case c.Revision != "":
			if err := hub.CheckRevision(c.Revision); err != nil {
				return usageError{err}
			}
			ref.Revision = c.Revision
		}
		c.refs = append(c.refs, ref)
	}
	return nil
}

// Run pulls one model after the other. One that fails does not stop the others.
func (c *pullCmd) Run(ctx context.Context, a *app) error {
	if c.PrintURLs {
		return c.printURLs(ctx, a)
	}
	w := a.workbench(engineFlags{})
	p := a.progress(c.Quiet)
	defer p.close()
	done, failed := []workbench.Pulled{}, false
	for i, ref := range c.refs {
		if ref.Precision != "" {
			a.warn("%s: a precision is no matter of files; all of %s is pulled", c.ID[i], ref.Name())
		}
		a.resume = resumable
		pulled, err := w.Pull(ctx, ref, workbench.PullOptions{Events: a.planned(p.event), Verify: c.Verify})
		p.close()
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil && len(c.refs) == 1:
			return err
		case err != nil:
			a.warn("%v", err)
			failed = true
			continue
		}
		a.resume = ""
		done = append(done, pulled)
		if !c.JSON {
			if err := a.showPulled(ref.Name(), pulled, c.Quiet); err != nil {
				return err
			}
		}
	}
	if c.JSON {
		if err := a.printJSON(done); err != nil {
			return err
		}
	}
	if failed {
		return errShown
	}
	return nil
}

// showPulled says where a model lies and whether it runs.
func (a *app) showPulled(name string, p workbench.Pulled, quiet bool) error {
	switch {
	case quiet:
		if p.Path == "" {
			return nil
		}
		return a.lines(p.Path)
	case p.Builtin:
		return a.lines(visible(p.ID)+" is built in; there is nothing to pull", useLine(name))
	}
	came := "nothing had to be downloaded"
	if p.DownloadedBytes > 0 {
		came = size(p.DownloadedBytes) + " downloaded"
	}
	return a.lines(append([]string{
		fmt.Sprintf("%s at %s: %s, %s, %s", a.out.in(styleStrong, visible(p.ID)), shortCommit(p.Revision), plural(len(p.Files), "file"), size(p.SizeBytes), came),
		passageIndent + visible(p.Path)}, runsLines(a.out, name, p)...)...)
}

// runsLines say whether a model runs here and how it is asked.
func runsLines(t terminal, name string, p workbench.Pulled) []string {
	if p.Runnable {
		return []string{fmt.Sprintf("%sruns here: %s, %s parameters", passageIndent, p.Architecture, millions(p.Parameters)), useLine(name)}
	}
	var out []string
	for _, line := range wrapText("does not run here: "+p.Reason, min(t.width, passageWidth)-len(passageIndent)) {
		out = append(out, passageIndent+line)
	}
	return out
}

func useLine(name string) string {
	return fmt.Sprintf("%stryall ask \"...\" -c FILE -m %s", passageIndent, visible(name))
}

// printURLs prints what would be pulled, for whoever fetches it by other means.
func (c *pullCmd) printURLs(ctx context.Context, a *app) error {
	client, err := a.hub()
	if err != nil {
		return err
	}
	defer client.Close()
	plans := []hub.Plan{}
	for _, ref := range c.refs {
		p, err := client.Plan(ctx, ref.ID, ref.Revision)
		if err != nil {
			return err
		}
		plans = append(plans, p)
	}
	if c.JSON {
		return a.printJSON(plans)
	}
	for _, p := range plans {
		for _, f := range p.Files {
			if err := a.lines(f.URL); err != nil {
				return err
			}
		}
		if !c.Quiet {
			fmt.Fprintf(a.stderr, "%s at %s: %s, %s. Fetched into one folder, tryall import FOLDER --as %s takes them in; --json lists sizes and hashes.\n",
				p.ID, shortCommit(p.Commit), plural(len(p.Files), "file"), size(p.Bytes()), p.ID)
		}
	}
	return nil
}
