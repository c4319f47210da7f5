package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
)

// squadFile is what SQuAD 1.1 and 2.0 have in common, as far as it is text.
type squadFile struct {
	Data []struct {
		Title      string `json:"title"`
		Paragraphs []struct {
			Context string `json:"context"`
		} `json:"paragraphs"`
	} `json:"data"`
}

// isSQuAD looks for the names of SQuAD's keys where its first question is.
func isSQuAD(data []byte, _ string) bool {
	start := textStart(data)
	head := data[:min(len(data), 1<<20)]
	return len(start) > 0 && start[0] == '{' && bytes.Contains(head, []byte(`"data"`)) && bytes.Contains(head, []byte(`"paragraphs"`)) &&
		bytes.Contains(head, []byte(`"context"`)) && bytes.Contains(head, []byte(`"qas"`))
}

// readSQuAD makes a document of each article: its title is a heading mark, its contexts are kept byte for byte, apart by empty
// lines, so that answers are found where they were marked.
func readSQuAD(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	src, warnings, err := decode(in)
	if err != nil {
		return nil, nil, err
	}
	var f squadFile
	dec := json.NewDecoder(strings.NewReader(src))
	if err := dec.Decode(&f); err != nil {
		return nil, nil, jsonTrouble(dec, err)
	}
	rec := newRecords(in)
	rec.warnings = warnings
	repeated := 0
	for i, article := range f.Data {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		title := strings.ReplaceAll(oneLine(article.Title), "_", " ")
		var text strings.Builder
		seen := map[string]bool{}
		for _, p := range article.Paragraphs {
			if seen[p.Context] {
				repeated++
				continue
			}
			seen[p.Context] = true
			if text.Len() > 0 {
				text.WriteString(paragraphBreak)
			}
			text.WriteString(p.Context)
		}
		var marks []qa.Mark
		if title != "" {
			marks = []qa.Mark{{Kind: qa.MarkHeading, Label: title}}
		}
		if err := rec.add("", strconv.Itoa(i+1), title, text.String(), marks); err != nil {
			return nil, nil, err
		}
	}
	if repeated > 0 {
		rec.warnings = append(rec.warnings, fmt.Sprintf("%d of its contexts repeat an earlier one of the same article and are kept once", repeated))
	}
	return rec.finish("article")
}
