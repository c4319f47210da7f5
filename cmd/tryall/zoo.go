package main

import (
	"github.com/tryall/tryall/workbench"
	"github.com/tryall/tryall/zoo"
)

// builtins are the models of the zoo as the workbench takes them.
func builtins() []workbench.Model {
	var out []workbench.Model
	for _, m := range zoo.Models() {
		out = append(out, workbench.Model{Name: m.Name, ID: m.Name, Revision: m.Revision, Precision: workbench.DefaultPrecision, Builtin: true, FS: m.FS})
	}
	return out
}

func builtinNames() []string {
	var out []string
	for _, m := range zoo.Models() {
		out = append(out, m.Name)
	}
	return out
}
