package corpus

import (
	"time"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state.
func states() []ui.State {
	stats := index.Stats{Files: 4, Failed: 1, Documents: 3, Passages: 214, Words: 41230}
	files := []file{{index.FileState{Path: "contracts/mill-road.pdf", Format: "pdf", Documents: 1, Passages: 96}, "contracts/mill-road.pdf"}, {index.FileState{Path: "contracts/scan.pdf", Format: "pdf", Error: "contracts/scan.pdf holds pictures and no text: run it through text recognition (ocrmypdf scan.pdf scan-text.pdf) and add that"}, "contracts/scan.pdf"},
		{index.FileState{Path: "/home/ann/.local/share/tryall/uploads/handbook.docx", Format: "docx", Documents: 1, Passages: 80}, "handbook.docx"}, {index.FileState{Path: "notes/old.txt", Format: "text", Documents: 1, Passages: 38, Warnings: []string{"its encoding was taken for windows-1252"}}, "notes/old.txt"}}
	added := &workbench.Added{Counts: map[string]int{workbench.FileAdded: 3, workbench.FileFailed: 1}, Took: 4.2, Files: []workbench.AddedFile{{Path: "contracts/scan.pdf", Status: workbench.FileFailed, Reason: "it holds pictures and no text"}}}
	hit := found{Where: "Lease of 12 Mill Road, contracts/mill-road.pdf, page 4", Document: "contracts/mill-road.pdf", Pieces: []ui.Piece{{Text: "The term is three years, and the "}, {Text: "lease", Kind: ui.PieceAlso}, {Text: " "}, {Text: "ends", Kind: ui.PieceAlso}, {Text: " on 31 March 2027 unless it is renewed."}}}
	list := []struct {
		name string
		view
	}{
		{"empty", view{Local: true}},
		{"busy", view{Local: true, Stats: stats, Files: files[:1], Job: &workbench.Addition{Going: true, Progress: workbench.AddProgress{Path: "contracts/mill-road-annex-with-a-long-name.pdf", Found: 48, Done: 12, Passages: 960, Elapsed: 3 * time.Second}}}},
		{"full", view{Local: true, Stats: stats, Files: files, LeftOut: 12, Job: &workbench.Addition{Added: added}}},
		{"failed", view{Stats: stats, Files: files, Err: qa.Errorf(qa.Invalid, "nothing was chosen; choose files, or name a path")}},
		{"found", view{Local: true, Stats: stats, Search: "lease ends", Found: []found{hit, hit}}},
		{"not-found", view{Local: true, Stats: stats, Search: "xylophone"}},
		{"document", view{Local: true, Stats: stats, Doc: &document{Title: "Lease of 12 Mill Road", Source: "contracts/mill-road.pdf", LeftOut: 3, Passages: []qa.Passage{{Text: ui.StateText(), Page: "1", Heading: "Term"}, {Text: ui.StateText(), Page: "2"}}}}},
	}
	var all []ui.State
	for _, s := range list {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return all
}
