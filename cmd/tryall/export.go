package main

import (
	"context"
	"fmt"

	"github.com/tryall/tryall/workbench"
)

type exportCmd struct {
	Model string `arg:"" help:"A built-in, an id that is in the cache, or a directory (./dir)."`
	Dir   string `arg:"" help:"The folder to write; new or empty."`
	Force bool   `help:"Write into a folder that is not empty; files of the same name are replaced."`
	JSON  bool   `help:"Print JSON."`
}

// Run writes a model's repository.
func (c *exportCmd) Run(ctx context.Context, a *app) error {
	w := a.workbench(engineFlags{})
	m, err := w.Find(c.Model, "")
	if err != nil {
		return err
	}
	files, err := w.Export(ctx, m, c.Dir, c.Force)
	if err != nil {
		return err
	}
	var bytes int64
	for _, f := range files {
		bytes += f.SizeBytes
	}
	if c.JSON {
		return a.printJSON(struct {
			ID        string           `json:"id"`
			Directory string           `json:"directory"`
			SizeBytes int64            `json:"size_bytes"`
			Files     []workbench.File `json:"files"`
		}{m.ID, c.Dir, bytes, files})
	}
	return a.lines(fmt.Sprintf("%s: %s, %s, in %s", visible(m.ID), plural(len(files), "file"), size(bytes), visible(c.Dir)))
}
