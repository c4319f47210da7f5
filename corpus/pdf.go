package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klippa-app/go-pdfium/requests"

	"github.com/tryall/tryall/qa"
)

// maxBrokenPages is how many pages of one file may break the engine or take too long before the file is given up.
const maxBrokenPages = 3

// isPDF follows viewers, which allow some rubbish before the header.
func isPDF(data []byte, _ string) bool {
	return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-"))
}

// readPDF makes the text of each page, in the order in which the page writes it.
func readPDF(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, in.Limits.FileTime, fmt.Errorf("its pages take longer than %v; split it", in.Limits.FileTime))
	defer cancel()
	s, err := openPDF(ctx, in.Data, in.Limits.PageTime)
	if err != nil {
		return nil, nil, err
	}
	defer func() { s.close() }()
	if s.pages > in.Limits.Pages {
		return nil, nil, fmt.Errorf("it has %d pages, more than the limit of %d; split it", s.pages, in.Limits.Pages)
	}
	r := pdfReader{in: in, b: newBuilder(in.Limits)}
	title := s.title(ctx, in.Limits.PageTime)
	for i := range s.pages {
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		if s.instance == nil { // the page before took it down
			if s, err = reopenPDF(ctx, s, in); err != nil {
				return nil, nil, err
			}
		}
		r.b.beginPage(strconv.Itoa(i + 1))
		if err := r.page(ctx, s, i); err != nil {
			return nil, nil, err
		}
	}
	return r.finish(s.pages, title)
}

func reopenPDF(ctx context.Context, old *pdfSession, in Input) (*pdfSession, error) {
	s, err := openPDF(ctx, in.Data, in.Limits.PageTime)
	if err != nil {
		return old, err
	}
	return s, nil
}

type pdfReader struct {
	in       Input
	b        *builder
	broken   int   // pages that took the engine down
	empty    []int // pages without text
	garbled  []int // pages whose font does not say what its signs mean
	warnings []string

	spaceless bool // its pages miss spaces
}

// page appends a page. What is wrong with one page is a warning, unless it becomes too much.
func (r *pdfReader) page(ctx context.Context, s *pdfSession, i int) error {
	var found []pdfLine
	err := s.within(ctx, r.in.Limits.PageTime, func() (err error) {
		found, err = pdfLines(ctx, s, i, &r.spaceless)
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.close() // whatever went wrong may have left the engine's memory in disorder
		reason := strings.TrimPrefix(err.Error(), "6: ")
		r.warnings = append(r.warnings, fmt.Sprintf("page %d could not be read and is left out: %s", i+1, reason))
		if r.broken++; r.broken > maxBrokenPages && r.broken*2 > i {
			return fmt.Errorf("%d of its first %d pages cannot be read (page %d: %s); it is damaged", r.broken, i+1, i+1, reason)
		}
		return nil
	}
	text := 0
	for _, block := range pdfBlocks(found) {
		r.b.add(paragraphBreak, block)
		text += len(block)
		if strange(block) {
			r.garbled = append(r.garbled, i+1)
		}
	}
	if text == 0 {
		r.empty = append(r.empty, i+1)
	}
	return nil
}

// strange says whether most of a text are signs without meaning.
func strange(s string) bool {
	odd, total := 0, 0
	for _, c := range s {
		total++
		if c == '\ufffd' || c >= 0xe000 && c < 0xf900 || c >= 0xf0000 {
			odd++
		}
	}
	return total >= 20 && odd*2 > total
}

func (r *pdfReader) finish(pages int, title string) ([]qa.Document, []string, error) {
	doc, err := r.b.document(r.in.Name, title)
	if err != nil {
		return nil, nil, err
	}
	if strings.TrimSpace(doc.Text) == "" {
		if r.broken > 0 {
			return nil, nil, fmt.Errorf("none of its %d pages can be read; %s", pages, r.warnings[0])
		}
		return nil, nil, errors.New("it has no text layer (scanned pages?); run text recognition (OCR) over it, as with ocrmypdf")
	}
	if len(r.empty) > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("%d of its %d pages have no text (blank or scanned): %s", len(r.empty), pages, ranges(r.empty)))
	}
	if g := slices.Compact(r.garbled); len(g) > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("fonts on %d of its %d pages do not say which characters they show, so that text there is unreadable: %s", len(g), pages, ranges(g)))
	}
	return []qa.Document{doc}, r.warnings, nil
}

// ranges writes sorted numbers as "1, 3-5", at most ten of them.
func ranges(n []int) string {
	var parts []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		part := strconv.Itoa(n[i])
		if j > i {
			part += "-" + strconv.Itoa(n[j])
		}
		if parts = append(parts, part); len(parts) == 10 && j+1 < len(n) {
			return strings.Join(parts, ", ") + " and more"
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// title is the document's title where somebody wrote one; many programs put a file name there.
func (s *pdfSession) title(ctx context.Context, allowed time.Duration) string {
	title := ""
	_ = s.within(ctx, allowed, func() error { // without a title the file's name serves
		m, err := s.instance.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: s.document, Tag: "Title"})
		if err == nil {
			title = oneLine(strings.ToValidUTF8(m.Value, ""))
		}
		return err
	})
	title = strings.TrimSpace(strings.TrimPrefix(title, "Microsoft Word - "))
	lower := strings.ToLower(title)
	if len(title) < 3 || len(title) > 300 || strings.HasPrefix(lower, "untitled") || strings.ContainsAny(title, `/\`) {
		return ""
	}
	switch filepath.Ext(lower) {
	case ".doc", ".docx", ".dvi", ".tex", ".pdf", ".odt", ".indd", ".qxd", ".txt", ".rtf", ".ps", ".html", ".htm", ".tmp":
		return ""
	}
	return title
}
