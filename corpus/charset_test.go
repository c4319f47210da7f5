package corpus

import (
	"context"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// letters holds the same few sentences about a lease in many languages.
var letters = map[string]string{
	"Russian":   "Договор аренды заканчивается тридцать первого декабря. До этого дня арендатор обязан освободить помещение и вернуть ключи хозяину.",
	"Ukrainian": "Договір оренди закінчується тридцять першого грудня. Їхні ключі слід повернути власникові до цього дня.",
	"German":    "Der Mietvertrag endet am 31. Dezember. Bis dahin müssen die Räume geräumt und die Schlüssel zurückgegeben werden; größere Schäden trägt der Mieter.",
	"French":    "Le bail prend fin le 31 décembre. Les locataires doivent libérer les pièces et rendre les clés avant cette date, même après avoir payé l'année entière.",
	"Spanish":   "El contrato termina el 31 de diciembre. El inquilino devolverá las llaves al dueño y dejará la habitación limpia; ¿quién pagará los daños?",
	"English":   "The “lease” ends on 31 December – the tenant’s keys must be returned; the café pays 20 €.",
	"Swedish":   "Hyresavtalet löper ut den 31 december. Före dess måste hyresgästen tömma lägenheten och lämna tillbaka nycklarna på rätt ställe.",
	"Polish":    "Umowa najmu kończy się trzydziestego pierwszego grudnia. Do tego dnia najemca musi opróżnić mieszkanie i zwrócić klucze właścicielowi. Żółta teczka leży obok.",
	"Czech":     "Nájemní smlouva končí třicátého prvního prosince. Do té doby musí nájemce byt vyklidit a vrátit klíče majiteli, ať je příliš žluťoučký kůň kdekoli.",
	"Hungarian": "A bérleti szerződés december harmincegyedikén jár le. Addig a bérlőnek ki kell ürítenie a lakást, és vissza kell adnia a kulcsokat a tulajdonosnak.",
	"Turkish":   "Kira sözleşmesi otuz bir Aralık'ta sona eriyor. Kiracı o güne kadar daireyi boşaltmalı ve anahtarları ev sahibine geri vermelidir. Işık söndü.",
	"Greek":     "Η μίσθωση λήγει στις τριάντα μία Δεκεμβρίου. Μέχρι τότε ο ενοικιαστής πρέπει να αδειάσει το διαμέρισμα και να επιστρέψει τα κλειδιά.",
	"Hebrew":    "חוזה השכירות מסתיים בשלושים ואחד בדצמבר. עד אז על השוכר לפנות את הדירה ולהחזיר את המפתחות לבעל הבית.",
	"Arabic":    "ينتهي عقد الإيجار في الحادي والثلاثين من ديسمبر. يجب على المستأجر إخلاء الشقة وإعادة المفاتيح إلى المالك قبل ذلك اليوم.",
	"Japanese":  "賃貸契約は十二月三十一日に終了します。その日までに部屋を空けて、鍵を大家さんに返さなければなりません。",
	"Chinese":   "租约将于十二月三十一日到期。在此之前，租户必须搬出房间，并把钥匙还给房东。",
	"Taiwanese": "租約將於十二月三十一日到期。在此之前，租戶必須搬出房間，並把鑰匙還給房東。",
	"Korean":    "임대 계약은 십이월 삼십일일에 끝납니다. 그때까지 세입자는 집을 비우고 열쇠를 집주인에게 돌려주어야 합니다.",
	"Thai":      "สัญญาเช่าสิ้นสุดในวันที่ 31 ธันวาคม ผู้เช่าต้องคืนกุญแจให้เจ้าของบ้านก่อนวันนั้น",
}

func TestEncodingsAreFound(t *testing.T) {
	for _, c := range []struct {
		language, name string
		enc            encoding.Encoding
	}{
		{"Russian", "windows-1251", charmap.Windows1251}, {"Russian", "koi8-r", charmap.KOI8R}, {"Russian", "iso-8859-5", charmap.ISO8859_5}, {"Russian", "ibm866", charmap.CodePage866},
		{"Russian", "x-mac-cyrillic", charmap.MacintoshCyrillic}, {"Ukrainian", "windows-1251", charmap.Windows1251}, {"Ukrainian", "koi8-u", charmap.KOI8U},
		{"German", "windows-1252", charmap.Windows1252}, {"French", "windows-1252", charmap.Windows1252}, {"Spanish", "windows-1252", charmap.Windows1252},
		{"English", "windows-1252", charmap.Windows1252}, {"Swedish", "windows-1252", charmap.Windows1252},
		{"German", "iso-8859-1", charmap.ISO8859_1}, {"French", "iso-8859-1", charmap.ISO8859_1},
		{"German", "ibm850", charmap.CodePage850}, {"French", "macintosh", charmap.Macintosh}, {"German", "macintosh", charmap.Macintosh},
		{"Polish", "windows-1250", charmap.Windows1250}, {"Polish", "iso-8859-2", charmap.ISO8859_2}, {"Czech", "windows-1250", charmap.Windows1250}, {"Czech", "iso-8859-2", charmap.ISO8859_2},
		{"Hungarian", "windows-1250", charmap.Windows1250}, {"Hungarian", "iso-8859-2", charmap.ISO8859_2},
		{"Turkish", "windows-1254", charmap.Windows1254}, {"Greek", "windows-1253", charmap.Windows1253}, {"Greek", "iso-8859-7", charmap.ISO8859_7},
		{"Hebrew", "windows-1255", charmap.Windows1255}, {"Arabic", "windows-1256", charmap.Windows1256}, {"Arabic", "iso-8859-6", charmap.ISO8859_6},
		{"Thai", "windows-874", charmap.Windows874},
		{"Japanese", "shift_jis", japanese.ShiftJIS}, {"Japanese", "euc-jp", japanese.EUCJP}, {"Japanese", "iso-2022-jp", japanese.ISO2022JP},
		{"Chinese", "gb18030", simplifiedchinese.GB18030}, {"Chinese", "gbk", simplifiedchinese.GBK}, {"Taiwanese", "big5", traditionalchinese.Big5}, {"Korean", "euc-kr", korean.EUCKR},
		{"Russian", "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)}, {"Chinese", "UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
		{"Russian", "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}, {"English", "UTF-16", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"Japanese", "UTF-32", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)}, {"German", "UTF-32", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	} {
		want := letters[c.language] + "\r\n\r\n" + "Second paragraph.\n"
		raw, err := c.enc.NewEncoder().String(want)
		if err != nil {
			t.Fatalf("%s %s: %v", c.language, c.name, err)
		}
		for _, name := range []string{"a.txt", "a.md", "a.csv"} {
			if name != "a.txt" && c.name != "windows-1251" && c.name != "shift_jis" && c.name != "UTF-16" {
				continue
			}
			r, err := Read(context.Background(), Input{Name: name, Data: []byte(raw)})
			if err != nil {
				t.Errorf("%s in %s, %s: %v", c.language, c.name, name, err)
				continue
			}
			if got := r.Documents[0].Text; name == "a.txt" && got != want || !strings.Contains(got, string([]rune(letters[c.language])[:12])) {
				t.Errorf("%s in %s, %s: read as %q %v", c.language, c.name, name, got, r.Warnings)
			}
			// where two encodings agree on the text, either name will do
			if named := strings.Join(r.Warnings, " "); !strings.Contains(named, "guessed") && !strings.Contains(named, c.name) {
				t.Errorf("%s in %s: %v", c.language, c.name, r.Warnings)
			}
		}
	}
}

func TestUTF8StaysAsItIs(t *testing.T) {
	for name, c := range map[string]struct{ raw, want, warning string }{
		"plain":               {"a\r\nb\n\tc ﬁ e\u0301\u00a0\u200b\n", "a\r\nb\n\tc ﬁ e\u0301\u00a0\u200b\n", ""},
		"mark":                {"\xef\xbb\xbfabc", "abc", "begins with a byte order mark"},
		"one bad byte":        {"für große Ohren: \xff und mehr äöü", "für große Ohren: \ufffd und mehr äöü", "one byte is no valid UTF-8"},
		"two bad places":      {strings.Repeat("é", 20) + "\xff\xfe\xfe and \xc3", strings.Repeat("é", 20) + "\ufffd and \ufffd", "2 places are no valid UTF-8"},
		"cut within a letter": {strings.Repeat("Ж", 9) + "\xd0", strings.Repeat("Ж", 9) + "\ufffd", "one byte"},
	} {
		r, err := Read(context.Background(), Input{Name: "t.txt", Data: []byte(c.raw)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Documents[0].Text != c.want || !strings.Contains(strings.Join(r.Warnings, "|"), c.warning) || (c.warning == "") != (len(r.Warnings) == 0) {
			t.Errorf("%s: %q %q", name, r.Documents[0].Text, r.Warnings)
		}
	}
}

func TestWhatIsNotTextIsRefused(t *testing.T) {
	noise := make([]byte, 4096)
	for i, x := 0, uint32(7); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x>>24) | 1
	}
	units := utf16.Encode([]rune("half a file"))
	half := []byte{0xff, 0xfe}
	for _, u := range units {
		half = append(half, byte(u), byte(u>>8))
	}
	for name, c := range map[string]struct {
		raw, want string
	}{
		"empty":             {"", "it is empty"},
		"blank":             {" \n\t\n", "there is no text in it"},
		"NUL":               {"abc\x00def", "byte 3 is NUL"},
		"noise":             {string(noise), "it is not text"},
		"noise with NUL":    {"\x00\x01" + string(noise), "NUL"},
		"controls":          {strings.Repeat("\x01\x02abc", 50), "control characters"},
		"PNG":               {"\x89PNG\r\n\x1a\n....", "a PNG image"},
		"JPEG":              {"\xff\xd8\xff\xe0..", "a JPEG image, not text; run text recognition (OCR)"},
		"program":           {"\x7fELF\x02\x01", "a program"},
		"gzip":              {"\x1f\x8b\x08", "a gzip file, not text; unpack it"},
		"old Word":          {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "an old Office document or one with a password, not text; save it as .docx"},
		"RTF":               {`{\rtf1\ansi Hello}`, "an RTF document"},
		"UTF-16 with NUL":   {"\xff\xfea\x00\x00\x00", "NUL"},
		"UTF-16 cut":        {string(half[:len(half)-1]), "half a character"},
		"UTF-16 of nothing": {"\xff\xfe", "empty"},
	} {
		_, err := Read(context.Background(), Input{Name: "t.txt", Data: []byte(c.raw)})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read t.txt: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
