package corpus

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pdfBlocks makes paragraphs of a page's lines. Lines that were wrapped become one; where a line end was meant, it stays.
func pdfBlocks(found []pdfLine) []string {
	for i := range found {
		found[i].text = lines(clean(found[i].text))
		if rightToLeft(found[i].text) { // mirrored, so that "left" is where lines begin
			found[i].left, found[i].right = -found[i].right, -found[i].left
		}
	}
	found = slices.DeleteFunc(found, func(l pdfLine) bool { return l.text == "" })
	pitch := typicalPitch(found)
	var blocks []string
	var block strings.Builder
	for i, l := range found {
		if i > 0 {
			switch sep := between(found, i-1, pitch); {
			case sep == paragraphBreak:
				blocks = append(blocks, block.String())
				block.Reset()
			case found[i-1].hyphen || strings.HasSuffix(found[i-1].text, "-") && sep == " ":
				joinWord(&block, l.text, found[i-1].hyphen)
			default:
				block.WriteString(sep)
			}
		}
		block.WriteString(l.text)
		if l.hyphen && (i+1 == len(found)) {
			block.WriteByte('-')
		}
	}
	if block.Len() > 0 {
		blocks = append(blocks, block.String())
	}
	return blocks
}

// joinWord continues a line that ended with a hyphen, which goes when a small letter follows. The engine has taken its
// own hyphens off.
func joinWord(block *strings.Builder, next string, taken bool) {
	r, _ := utf8.DecodeRuneInString(next)
	text := block.String()
	before, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(text, "-"))
	switch within := unicode.IsLower(r) && unicode.IsLetter(before); {
	case taken && !within:
		block.WriteByte('-')
	case !taken && within:
		block.Reset()
		block.WriteString(strings.TrimSuffix(text, "-"))
	case !taken && !unicode.IsLetter(before) && !unicode.IsDigit(before): // a dash
		block.WriteByte(' ')
	}
}

// typicalPitch is the median distance of neighbouring lines.
func typicalPitch(found []pdfLine) float64 {
	var all []float64
	for i := 1; i < len(found); i++ {
		a, b := found[i-1], found[i]
		if d := a.base - b.base; a.placed && b.placed && d > 0.5*b.height && d < 3*b.height {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// between is what parts line i from the next: a space where the line was wrapped, a line end where one was meant, or a paragraph's end.
func between(found []pdfLine, i int, pitch float64) string {
	a, b := found[i], found[i+1]
	if !a.placed || !b.placed {
		return lineBreak
	}
	if a.hyphen {
		return " "
	}
	height, down := max(a.height, b.height), a.base-b.base
	begins := beginsItem(b.text)
	switch {
	case height > 1.2*min(a.height, b.height) && down > 0.3*height:
		return paragraphBreak // another size: a heading or a note
	case down < -0.5*height: // the next column
		if !endsSentence(a.text) && beginsSmall(b.text) {
			return " "
		}
		return paragraphBreak
	case down <= 0.3*height: // beside it
		if b.left > a.right+2*height {
			return " | "
		}
		return " "
	case down > 2.4*height, pitch > 0 && down > 1.25*max(pitch, 0.9*height):
		return paragraphBreak
	case begins, i > 0 && found[i-1].placed && math.Abs(found[i-1].base-a.base) <= 0.3*height && a.left > found[i-1].right+2*height:
		return lineBreak // an item, or after a table's row
	}
	left, right := columnOf(found, i)
	if b.left > left+0.8*height && a.left < left+0.8*height && endsSentence(a.text) && b.left < left+6*height {
		return paragraphBreak // the first line of a paragraph stands in
	}
	word, _, _ := strings.Cut(b.text, " ")
	width := (b.right - b.left) / float64(utf8.RuneCountInString(b.text)) * float64(utf8.RuneCountInString(word)+1)
	if a.right+width < right-0.1*height && !spaceless(b.text) || spaceless(b.text) && a.right < right-2.5*height {
		if endsSentence(a.text) {
			return paragraphBreak // the next word had room
		}
		return lineBreak
	}
	if spaceless(a.text) && spaceless(b.text) {
		return ""
	}
	return " "
}

// columnOf is the left and right edge of the column that line i and the next stand in, by the lines around them.
func columnOf(found []pdfLine, i int) (left, right float64) {
	a, b := found[i], found[i+1]
	left, right = min(a.left, b.left), max(a.right, b.right)
	edge := left
	for k := max(0, i-12); k < min(len(found), i+14); k++ {
		l := found[k]
		if l.placed && l.left > edge-3*a.height && l.left < edge+3*a.height && l.height < 1.2*a.height && a.height < 1.2*l.height {
			left, right = min(left, l.left), max(right, l.right)
		}
	}
	return left, right
}

func endsSentence(s string) bool {
	s = strings.TrimRight(s, `"'”’»)]`+"」』】）")
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(".!?:;…。！？：؟۔।", r)
}

func beginsSmall(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

// beginsItem says whether a line begins with the sign or number of a list's item.
func beginsItem(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	if strings.ContainsRune("•‣◦▪■●○–—*·", r) && strings.HasPrefix(s[size:], " ") {
		return true
	}
	number, rest, ok := strings.Cut(s, " ")
	if !ok || len(number) < 2 || len(number) > 4 || rest == "" {
		return false
	}
	digits := strings.TrimRight(strings.TrimLeft(number, "(["), ".)]")
	return digits != "" && digits != number && len(number)-len(digits) <= 2 && strings.Trim(digits, "0123456789") == ""
}

// spaceless says whether a line is written without spaces between words.
func spaceless(s string) bool {
	wide, all := 0, 0
	for _, r := range s {
		if all++; unbroken(r) {
			wide++
		}
	}
	return wide*2 > all
}

// rightToLeft says whether most letters run from right to left.
func rightToLeft(s string) bool {
	balance := 0
	for _, r := range s {
		if r < utf8.RuneSelf && !unicode.IsLetter(r) {
			continue
		}
		switch {
		case unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana):
			balance++
		case unicode.IsLetter(r):
			balance--
		}
	}
	return balance > 0
}
