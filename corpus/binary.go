package corpus

import (
	"bytes"
	"fmt"
)

// kind is a file that holds no text for us, by its first bytes.
type kind struct {
	at          int
	start       string
	what, doing string
}

const (
	giveText   = "give a text file"
	giveScan   = "run text recognition (OCR) over it and give the text"
	giveDOCX   = "save it as .docx, .odt or PDF"
	giveUnpack = "unpack it and give what is in it"
)

// kinds are the files that people hand over most often besides text.
var kinds = []kind{
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or one with a password", giveDOCX + ", without a password"},
	{0, "\xd0\xcf\x11\xe0", "an old Office document", giveDOCX},
	{0, "{\\rtf", "an RTF document", giveDOCX},
	{0, "%!PS", "a PostScript file", "convert it to PDF"},
	{0, "\x1f\x8b", "a gzip file", giveUnpack}, {0, "\xfd7zXZ\x00", "an xz file", giveUnpack}, {0, "BZh", "a bzip2 file", giveUnpack},
	{0, "\x28\xb5\x2f\xfd", "a zstd file", giveUnpack}, {0, "7z\xbc\xaf\x27\x1c", "a 7z archive", giveUnpack}, {0, "Rar!\x1a\x07", "a RAR archive", giveUnpack},
	{257, "ustar", "a tar archive", giveUnpack},
	{0, "\x89PNG", "a PNG image", giveScan}, {0, "\xff\xd8\xff", "a JPEG image", giveScan}, {0, "GIF8", "a GIF image", giveScan},
	{0, "II*\x00", "a TIFF image", giveScan}, {0, "MM\x00*", "a TIFF image", giveScan}, {8, "WEBP", "a WebP image", giveScan}, {0, "AT&TFORM", "a DjVu document", giveScan},
	{4, "ftyp", "a video, sound or HEIF file", giveText}, {0, "ID3", "a sound file", giveText}, {0, "OggS", "a sound file", giveText}, {0, "fLaC", "a sound file", giveText},
	{0, "RIFF", "a sound or video file", giveText}, {0, "\x1a\x45\xdf\xa3", "a video file", giveText},
	{0, "\x7fELF", "a program", giveText}, {0, "MZ\x90", "a program", giveText}, {0, "\xcf\xfa\xed\xfe", "a program", giveText}, {0, "\xca\xfe\xba\xbe", "a program", giveText},
	{0, "\x00asm", "a program", giveText},
	{0, "SQLite format 3\x00", "a database", "export its text as CSV"}, {0, "PAR1", "a Parquet file", "export it as CSV or JSONL"}, {60, "BOOKMOBI", "a Mobipocket book", "convert it to EPUB"},
}

// signature finds what a file is that cannot be read; nil if it is none of the known ones.
func signature(data []byte) *kind {
	for i, k := range kinds {
		if len(data) >= k.at && bytes.HasPrefix(data[k.at:], []byte(k.start)) {
			return &kinds[i]
		}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06")) {
		return zipKind(data)
	}
	if isPDF(data, "") {
		return &kind{what: "a PDF file", doing: giveText}
	}
	return nil
}

// refuse says what a file is that no format takes.
func refuse(data []byte) error {
	if k := signature(data); k != nil {
		return fmt.Errorf("it is %s, not text; %s", k.what, k.doing)
	}
	return fmt.Errorf("it is not text; %s", giveText)
}
