package web

import (
	"github.com/tryall/tryall/web/ask"
	"github.com/tryall/tryall/web/bakeoff"
	"github.com/tryall/tryall/web/compare"
	"github.com/tryall/tryall/web/corpus"
	"github.com/tryall/tryall/web/inspect"
	"github.com/tryall/tryall/web/models"
	"github.com/tryall/tryall/web/questions"
	"github.com/tryall/tryall/web/runs"
	"github.com/tryall/tryall/web/thresholds"
	"github.com/tryall/tryall/web/ui"
)

// Panels are the screens in the order of the rail. A new one is a folder with its template, handler, states and test, and a line here.
var Panels = []ui.Panel{
	ask.Panel,
	compare.Panel,
	inspect.Panel,
	bakeoff.Panel,
	runs.Panel,
	thresholds.Panel,
	models.Panel,
	corpus.Panel,
	questions.Panel,
}
