package main

import (
	"slices"
	"testing"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/project"
	"github.com/tryall/tryall/reader"
	"github.com/tryall/tryall/workbench"
)

// TestTablesAgree: what tryall.yaml accepts is what there is. The packages do not know each other.
func TestTablesAgree(t *testing.T) {
	var decoders []string
	for _, d := range reader.Decoders {
		decoders = append(decoders, d.Name)
	}
	for _, c := range []struct {
		what      string
		got, want []string
	}{
		{"project.Decoders", project.Decoders, decoders},
		{"workbench.Decoders", workbench.Decoders, decoders},
		{"project.Precisions", project.Precisions, hub.Precisions},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s are %v, want %v", c.what, c.got, c.want)
		}
	}
}
