package corpus

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	gogs "github.com/gogs/chardet"
	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// legacy is an encoding that is neither UTF-8 nor wide. letters are what its languages write beyond ASCII, where that tells it
// from its neighbours of the same script.
type legacy struct {
	name    string // as the WHATWG encoding standard has it
	enc     encoding.Encoding
	multi   bool // several bytes to the character: its structure alone is evidence
	letters string
	rare    string // of these, those that are seldom and stand where neighbours have frequent ones
}

// legacies are the candidates; on equal evidence the earlier is taken.
var legacies = []legacy{
	{"windows-1252", charmap.Windows1252, false, "àáâãäåæçèéêëìíîïñòóôõöøùúûüœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜŒþðýÞÐÝÿª", "þðýÞÐÝõû"},
	{"windows-1251", charmap.Windows1251, false, "", ""},
	{"windows-1250", charmap.Windows1250, false, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰöüÖÜäôľĺŕđĐâăîșşţÂĂÎŞŢëçß", ""},
	{"iso-8859-2", charmap.ISO8859_2, false, "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰöüÖÜäôľĺŕđĐâăîșşţÂĂÎŞŢëçß", ""},
	{"windows-1254", charmap.Windows1254, false, "çğıöşüÇĞİÖŞÜâîûÂÎÛéêàäß", ""},
	{"windows-1253", charmap.Windows1253, false, "", ""},
	{"iso-8859-7", charmap.ISO8859_7, false, "", ""},
	{"windows-1255", charmap.Windows1255, false, "", ""},
	{"windows-1256", charmap.Windows1256, false, "", ""},
	{"windows-1257", charmap.Windows1257, false, "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųĄĘĖĮŲõäöüÕÄÖÜ", ""},
	{"windows-874", charmap.Windows874, false, "", ""},
	{"koi8-r", charmap.KOI8R, false, "", ""},
	{"koi8-u", charmap.KOI8U, false, "", ""},
	{"iso-8859-5", charmap.ISO8859_5, false, "", ""},
	{"iso-8859-6", charmap.ISO8859_6, false, "", ""},
	{"ibm866", charmap.CodePage866, false, "", ""},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, false, "", ""},
	{"macintosh", charmap.Macintosh, false, "àáâãäåæçèéêëìíîïñòóôõöøùúûüœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜŒÿª", ""},
	{"ibm850", charmap.CodePage850, false, "àáâãäåæçèéêëìíîïñòóôõöøùúûüßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÿª", ""},
	{"shift_jis", japanese.ShiftJIS, true, "", ""},
	{"euc-jp", japanese.EUCJP, true, "", ""},
	{"iso-2022-jp", japanese.ISO2022JP, true, "", ""},
	{"gb18030", simplifiedchinese.GB18030, true, "", ""},
	{"big5", traditionalchinese.Big5, true, "", ""},
	{"euc-kr", korean.EUCKR, true, "", ""},
}

func encodingNamed(name string) *legacy {
	for i := range legacies {
		if legacies[i].name == name {
			return &legacies[i]
		}
	}
	return nil
}

// sample is where the evidence is: from the line of the first byte beyond ASCII, whole lines, at most 64 KiB.
func sample(data []byte) []byte {
	first := bytes.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf })
	if first < 0 {
		return data[:min(len(data), 1<<16)]
	}
	data = data[bytes.LastIndexByte(data[:first], '\n')+1:]
	if len(data) > 1<<16 {
		data = data[:1<<16]
		if i := bytes.LastIndexByte(data, '\n'); i > 1<<12 {
			data = data[:i]
		}
	}
	return data
}

// guess finds the encoding in which the data read best; nil when they read as text in none. Two detectors by letter statistics
// vote; what decides between near votes is whether words look like words: one script, no signs or capitals inside.
func guess(data []byte) *legacy {
	part := sample(data)
	votes := map[string]float64{}
	vote := func(name string, weight float64) {
		e, err := htmlindex.Get(name)
		if err != nil {
			return
		}
		if name, err = htmlindex.Name(e); err == nil {
			votes[strings.Replace(strings.Replace(name, "gbk", "gb18030", 1), "iso-8859-8-i", "windows-1255", 1)] += weight
		}
	}
	if one := chardet.Detect(part); !slices.Contains([]string{"ISO-8859-1", "Windows-1252", "ISO-8859-9", "Windows-1254", "macintosh"}, one.Charset) {
		vote(one.Charset, 0.2*one.Confidence) // of Latin letters it knows little
	}
	if all, err := gogs.NewTextDetector().DetectAll(part); err == nil {
		for _, r := range all {
			vote(r.Charset, 0.2*float64(r.Confidence)/100)
		}
	}
	var best *legacy
	least := 0.4
	for i := range legacies {
		e := &legacies[i]
		if e.multi && !e.fits(part) {
			continue
		}
		if cost := 3*e.oddity(part) - votes[e.name]; cost < least {
			best, least = e, cost
		}
	}
	return best
}

// fits says whether the data are well formed in a multi-byte encoding; the last character may be cut.
func (e *legacy) fits(data []byte) bool {
	text, err := e.enc.NewDecoder().Bytes(data)
	return err == nil && bytes.Count(text, []byte("\ufffd")) <= 1+len(text)/5000
}

// oddity is the share of characters beyond ASCII that stand where none stand in texts.
func (e *legacy) oddity(data []byte) float64 {
	text, err := e.enc.NewDecoder().Bytes(data)
	if err != nil {
		return 1
	}
	odd, beyond := 0.0, 0
	before := ' '
	runes := []rune(string(text))
	for i, r := range runes {
		if r >= utf8.RuneSelf {
			beyond++
		}
		if r >= utf8.RuneSelf || before >= utf8.RuneSelf {
			after := ' '
			if i+1 < len(runes) {
				after = runes[i+1]
			}
			odd += e.oddAt(before, r, after)
		}
		before = r
	}
	if beyond == 0 {
		return 1
	}
	return odd / float64(beyond)
}

func (e *legacy) oddAt(before, r, after rune) float64 {
	switch {
	case r == utf8.RuneError, r < ' ' && !unicode.IsSpace(r), r >= 0x7f && r < 0xa0, unicode.In(r, unicode.Co), r >= 0x2500 && r < 0x25a0:
		return 1
	case e.multi:
		switch {
		case unicode.In(r, unicode.Han, unicode.Hangul) && isSmall(before) && isSmall(after):
			return 1
		case r >= 0xff61 && r <= 0xff9f:
			return 0.5 // halfwidth kana are rare, and what other encodings look like as Shift_JIS
		case r >= 0x3400 && r < 0x4e00, r >= 0x20000, unicode.Is(unicode.Cyrillic, r), unicode.Is(unicode.Greek, r):
			return 0.5
		}
		return 0
	case unicode.IsLetter(r) && unicode.IsLetter(before):
		switch {
		case script(r) != script(before):
			return 1
		case unicode.IsUpper(r) && unicode.IsLower(before):
			return 1
		}
	case r >= utf8.RuneSelf && unicode.IsSymbol(r) && unicode.IsLetter(before), r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsMark(r) && unicode.IsLetter(before) && unicode.IsLetter(after) && r != '’' && r != '–' && r != '—' && r != '·':
		return 1
	case unicode.IsMark(r) && script(r) != script(before) && unicode.IsLetter(before):
		return 1
	}
	if strings.ContainsRune(e.rare, r) {
		return 0.25
	}
	if e.letters != "" && r >= utf8.RuneSelf && unicode.IsLetter(r) && !strings.ContainsRune(e.letters, r) {
		return 0.5
	}
	return 0
}

func isSmall(r rune) bool { return r >= 'a' && r <= 'z' }

var scripts = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hebrew, unicode.Arabic, unicode.Thai}

func script(r rune) int {
	for i, t := range scripts {
		if unicode.Is(t, r) {
			return i
		}
	}
	return -1
}

// decodeGuess decodes and says what was guessed.
func (e *legacy) decodeGuess(data []byte, warnings []string) (string, []string, error) {
	raw, err := e.enc.NewDecoder().Bytes(data)
	if err != nil {
		return "", nil, fmt.Errorf("decode it as %s: %w; save it as UTF-8", e.name, err)
	}
	text := strings.ToValidUTF8(string(raw), "\ufffd")
	if err := checkControls(text); err != nil {
		return "", nil, err
	}
	warnings = append(warnings, fmt.Sprintf("the file is no UTF-8; it was read as %s, which was guessed: check the text, or save the file as UTF-8", e.name))
	if n := strings.Count(text, "\ufffd"); n > 0 {
		warnings = append(warnings, fmt.Sprintf("%d characters do not exist in %s; each was replaced by U+FFFD", n, e.name))
	}
	return text, warnings, nil
}
