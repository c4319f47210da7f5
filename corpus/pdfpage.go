package corpus

import (
	"context"
	"strings"
	"unicode/utf16"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// pdfLine is a line of a page with its place, in points from the lower left corner.
type pdfLine struct {
	text        string
	first, last int // its first and last character that is not white space, as the engine counts them
	left, right float64
	base        float64 // of the first character's baseline
	height      float64 // of the font
	hyphen      bool    // the line ends within a word
	placed      bool    // the numbers are known
}

// isWordBreak: the engine ends lines with CR LF, and writes one of these for a hyphen at a line's end together with that end.
func isWordBreak(unit uint16) bool { return unit == 2 || unit == 0xfffe }

// pdfLines reads page i. It asks for the text at once and for the place of each line's ends only: every call costs microseconds.
// spaceless says whether the document was seen to miss spaces.
func pdfLines(ctx context.Context, s *pdfSession, i int, spaceless *bool) ([]pdfLine, error) {
	index := requests.Page{ByIndex: &requests.PageByIndex{Document: s.document, Index: i}}
	opened, err := s.instance.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: index})
	if err != nil {
		return nil, err
	}
	page := opened.TextPage
	units, err := pdfUnits(ctx, s, page)
	if err != nil {
		return nil, err
	}
	var found []pdfLine
	for start := 0; start < len(units); {
		end := start
		for end < len(units) && units[end] != '\r' && units[end] != '\n' && !isWordBreak(units[end]) {
			end++
		}
		line := pdfLine{hyphen: end < len(units) && isWordBreak(units[end])}
		s.unfold(page, units, start, end)
		if first, last := inked(units, start, end); first < last {
			line.text = string(utf16.Decode(units[start:end]))
			line.first, line.last = first, last-1
			s.place(page, &line)
			found = append(found, line)
		}
		if start = end + 1; end+1 < len(units) && units[end] == '\r' && units[end+1] == '\n' {
			start++
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if !*spaceless {
		*spaceless = missesSpaces(s, page, units, found)
	}
	if *spaceless {
		if err := respace(ctx, s, page, units, found); err != nil {
			return nil, err
		}
	}
	_, err = s.instance.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: page})
	return found, err
}

// pdfUnits is the page's text in UTF-16, one unit for each of the engine's characters, so that indices serve for both.
func pdfUnits(ctx context.Context, s *pdfSession, page references.FPDF_TEXTPAGE) ([]uint16, error) {
	count, err := s.instance.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: page})
	if err != nil || count.Count <= 0 {
		return nil, err
	}
	text, err := s.instance.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: page, StartIndex: 0, Count: count.Count})
	if err != nil {
		return nil, err
	}
	units := utf16.Encode([]rune(strings.TrimRight(text.Text, "\x00")))
	if len(units) == count.Count {
		return units, nil
	}
	units = make([]uint16, count.Count) // some characters have no meaning and are not in the text
	for i := range units {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c, err := s.instance.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: page, Index: i})
		if err != nil {
			return nil, err
		}
		if units[i] = uint16(c.Unicode); c.Unicode > 0xffff {
			units[i] = 0xfffd
		}
	}
	return units, nil
}

// inked narrows a range of characters to those that are not white space.
func inked(units []uint16, start, end int) (int, int) {
	for start < end && (units[start] <= ' ' || units[start] == 0xa0) {
		start++
	}
	for start < end && (units[end-1] <= ' ' || units[end-1] == 0xa0) {
		end--
	}
	return start, end
}

// unfold puts the letters of the Arabic ligatures of lam and alef in order. One sign shows both, and the engine turns it around
// with the line, so that alef comes first; where two signs stand, it is right.
func (s *pdfSession) unfold(page references.FPDF_TEXTPAGE, units []uint16, start, end int) {
	for i := start; i+1 < end; i++ {
		if units[i+1] != 0x0644 || units[i] != 0x0622 && units[i] != 0x0623 && units[i] != 0x0625 && units[i] != 0x0627 {
			continue
		}
		a, err := s.instance.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: page, Index: i})
		if err != nil {
			continue
		}
		b, err := s.instance.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: page, Index: i + 1})
		if err == nil && a.X == b.X && a.Y == b.Y {
			units[i], units[i+1] = units[i+1], units[i]
			i++
		}
	}
}

func (s *pdfSession) place(page references.FPDF_TEXTPAGE, line *pdfLine) {
	a, err := s.instance.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: page, Index: line.first})
	if err != nil {
		return
	}
	z, err := s.instance.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: page, Index: line.last})
	if err != nil {
		return
	}
	origin, err := s.instance.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: page, Index: line.first})
	if err != nil {
		return
	}
	line.left, line.right = float64(min(a.Rect.Left, z.Rect.Left)), float64(max(a.Rect.Right, z.Rect.Right))
	line.base, line.height = origin.Y, float64(a.Rect.Top-a.Rect.Bottom)
	line.placed = line.height > 0 && line.right > line.left
}
