package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// Parts of pickles, in the opcodes of protocol 2.
const (
	legacyHead = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." + "\x80\x02M\xe9\x03." + "\x80\x02}U\x0dlittle_endian\x88s."
	floats2    = "(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x02tQ" // a storage of two floats with the key "0"
	noHooks    = "\x89ccollections\nOrderedDict\n)R"
	keys0      = "]U\x010a."
	data2      = "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80?\x00\x00\x00@" // its size and elements, 1 and 2
)

// tensor is the opcodes for a tensor over floats2.
func tensor(at, size, stride string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + floats2 + at + size + stride + noHooks + "tR"
}

func one2() string { return "}U\x01a" + tensor("K\x00", "K\x02\x85", "K\x01\x85") + "s" }

// stored makes a zip archive of entries that are stored as they are.
func stored(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.CreateRaw(&zip.FileHeader{Name: entries[i], Method: zip.Store,
			CompressedSize64: uint64(len(entries[i+1])), UncompressedSize64: uint64(len(entries[i+1]))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openBin(data []byte) (*Set, error) { return Open(folder("pytorch_model.bin", data)) }

func TestTorchByHand(t *testing.T) {
	for name, data := range map[string][]byte{
		"legacy": []byte(legacyHead + "\x80\x02" + one2() + "." + keys0 + data2),
		"zip":    stored(t, "x/data.pkl", "\x80\x02"+one2()+".", "x/data/0", data2[8:], "x/byteorder", "little\n"),
	} {
		s, err := openBin(data)
		if err != nil {
			t.Fatal(name, err)
		}
		a, _ := s.Get("a")
		got := make([]float32, 2)
		if err := a.Float32s(got); err != nil || got[0] != 1 || got[1] != 2 {
			t.Error(name, got, err)
		}
	}
}

func TestPickleRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		pickle      string // that of the state dict
		want        string
		unsupported bool
	}{
		"system":           {"cos\nsystem\n(U\x02lstR.", "pytorch_model.bin asks to run os.system: refused", true},
		"eval":             {"cbuiltins\neval\n(U\x011tR.", "asks to run builtins.eval: refused", true},
		"eval, python 2":   {"c__builtin__\neval\n(U\x011tR.", "asks to run __builtin__.eval: refused", true},
		"stack global":     {"\x8c\x05posix\x8c\x06system\x93.", "asks to run posix.system: refused", true},
		"whole module":     {"ctorch.nn.modules.linear\nLinear\n)\x81.", "asks to run torch.nn.modules.linear.Linear: refused", true},
		"dotted name":      {"\x8c\x05torch\x8c\x13_utils.os.system\x00\x00\x00\x93.", "asks to run torch._utils.os.system???: refused", true},
		"no such dtype":    {"ctorch\n\n.", "asks to run torch.: refused", true},
		"inst":             {"(ios\nsystem\n.", `opcode 'i'`, true},
		"obj":              {"(cos\nsystem\no.", "os.system", true},
		"extension":        {"\x82\x01.", `opcode '\u0082'`, true},
		"text protocol":    {"I1\n.", `opcode 'I'`, true},
		"persistent text":  {"Pid\n.", `opcode 'P'`, true},
		"buffer":           {"\x97.", "opcode", true},
		"protocol":         {"\x80\x09N.", "protocol 9", true},
		"class applied":    {"ctorch\nFloatStorage\n)R.", "a global applied to a tuple", false},
		"dtype applied":    {"ctorch\nfloat32\n)R.", "a global applied to a tuple", false},
		"string applied":   {"U\x01x)R.", "a string applied", false},
		"none":             {"N.", "holds None", true},
		"tensor alone":     {tensor("K\x00", "K\x02\x85", "K\x01\x85") + ".", "holds a tensor", true},
		"not a tensor":     {"}U\x01aK\x01s.", `has "a", which is a number`, true},
		"not a name":       {"}K\x01" + tensor("K\x00", "K\x02\x85", "K\x01\x85") + "s.", "a number where a tensor's name", false},
		"name twice":       {one2() + "U\x01a" + tensor("K\x00", "K\x02\x85", "K\x01\x85") + "s.", `"a" is there twice`, false},
		"empty stack":      {".", "from its stack", false},
		"below the mark":   {"K\x01(.", "from its stack", false},
		"tuple below mark": {"K\x01K\x02(\x86.", "from its stack", false},
		"no mark":          {"t.", "no mark", false},
		"odd items":        {"}(K\x01u.", "keys without values", false},
		"items of number":  {"K\x01(K\x01K\x02u.", "keys for a number", false},
		"append to dict":   {"}K\x01a.", "append to a dict", false},
		"append to none":   {"(e.", "nothing to append to", false},
		"memo empty":       {"h\x05.", "memo 5 is empty", false},
		"memo of nothing":  {"q\x05.", "nothing to put", false},
		"memo far away":    {"Nr\xff\xff\xff\xff0j\xff\xff\xff\xff.", "holds None", true},
		"long giant":       {"\x8b\xff\xff\xff\x7f.", "truncated", false},
		"long negative":    {"\x8b\xff\xff\xff\xff.", "truncated", false},
		"text giant":       {"X\xff\xff\xff\xff.", "truncated", false},
		"text negative":    {"T\xff\xff\xff\xff.", "truncated", false},
		"text 8 bytes":     {"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", "truncated", false},
		"no end":           {"}", "truncated", false},
		"global cut":       {"cos", "truncated", false},
		"global unnamed":   {"K\x01K\x02\x93.", "without a name", false},
		"build on number":  {"K\x01}b.", "attributes for a number", false},
		"dict of number":   {"ccollections\nOrderedDict\nK\x01\x85R.", "OrderedDict of a number", false},
		"dict of odd list": {"ccollections\nOrderedDict\n]K\x01a\x85R.", "with a number in it", false},
		"reference":        {"(U\x06moduleccollections\nOrderedDict\nU\x00U\x00K\x01tQ.", "not a storage", false},
		"not a storage":    {"K\x01Q.", "not a storage", false},
		"storage of dict":  {"(U\x07storageccollections\nOrderedDict\nU\x010U\x03cpuK\x02tQ.", "without class", false},
		"storage negative": {"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuJ\xff\xff\xff\xfftQ.", "without class, key or size", false},
		"storage giant":    {"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpu\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ftQ.", "without class, key or size", false},
		"storage of both":  {"(" + floats2 + "(U\x07storagectorch\nHalfStorage\nU\x010U\x03cpuK\x02tQt.", "of 2 F32 and of 2 F16", false},
		"view outside":     {"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x02U\x011K\x01K\x02\x87tQ.", "not inside storage", false},
		"tensor of none":   {"ctorch._utils\n_rebuild_tensor\n(NK\x00))tR.", "a tensor of None", false},
		"tensor of three":  {"ctorch._utils\n_rebuild_tensor\n(NK\x00)tR.", "3 arguments", false},
		"parameter":        {"ctorch._utils\n_rebuild_parameter\n(N\x89NtR.", "a parameter of None", false},
		"past the end":     {"}U\x01a" + tensor("K\x01", "K\x02\x85", "K\x01\x85") + "s.", "not inside its storage", false},
		"offset negative":  {"}U\x01a" + tensor("J\xff\xff\xff\xff", "K\x02\x85", "K\x01\x85") + "s.", "without offset", false},
		"stride negative":  {"}U\x01a" + tensor("K\x00", "K\x02\x85", "J\xff\xff\xff\xff\x85") + "s.", "not numbers", false},
		"stride overflow":  {"}U\x01a" + tensor("K\x00", "K\x03\x85", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85") + "s.", "overflow", false},
		"shape overflow":   {"}U\x01a" + tensor("K\x00", strings.Repeat("\x8a\x05\x00\x00\x00\x00\x01", 3)+"\x87", "K\x00K\x00K\x00\x87") + "s.", "overflows", false},
		"size and stride":  {"}U\x01a" + tensor("K\x00", "K\x02\x85", ")") + "s.", "without offset, size and stride", false},
		"expanded bomb":    {"}U\x01a" + tensor("K\x00", "\x8a\x05\x00\x00\x00\x00\x01\x85", "K\x00\x85") + "s.", "more memory than the file", true},
		"negated": {"}U\x01actorch._utils\n_rebuild_tensor_v2\n(" + floats2 + "K\x00K\x02\x85K\x01\x85" + noHooks + "}U\x03neg\x88stRs.",
			"metadata", true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openBin(stored(t, "x/data.pkl", c.pickle, "x/data/0", data2[8:]))
			if err == nil || !strings.HasPrefix(err.Error(), "pytorch_model.bin") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			} else if isUnsupported(err) != c.unsupported {
				t.Errorf("%v: unsupported is %t", err, !c.unsupported)
			}
			if _, err := openBin([]byte(legacyHead + c.pickle + keys0 + data2)); err == nil {
				t.Error("no error for the old form")
			}
		})
	}
}

func TestTorchRefuses(t *testing.T) {
	pkl := "\x80\x02" + one2() + "."
	whole := legacyHead + pkl + keys0 + data2
	var deflated bytes.Buffer
	w := zip.NewWriter(&deflated)
	f, _ := w.Create("x/data.pkl")
	fmt.Fprint(f, pkl)
	w.Close()
	goodZip := stored(t, "x/data.pkl", pkl, "x/data/0", data2[8:])
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":              {nil, "truncated"},
		"page":               {[]byte("<!DOCTYPE html>"), `not a PyTorch file: it begins with "<!DOCTYP"`},
		"other pickle":       {[]byte("\x80\x02}."), "torch.save did not write"},
		"version":            {[]byte(strings.Replace(whole, "M\xe9\x03", "M\xea\x03", 1)), "another version"},
		"big endian":         {[]byte(strings.Replace(whole, "\x88s", "\x89s", 1)), "little-endian"},
		"storage short":      {[]byte(whole[:len(whole)-1]), "truncated"},
		"storage size":       {[]byte(strings.Replace(whole, "\x02\x00\x00\x00\x00\x00\x00\x00\x00", "\x03\x00\x00\x00\x00\x00\x00\x00\x00", 1)), "3 elements, 2 belong"},
		"storage missing":    {[]byte(legacyHead + pkl + "]."), "storage 0 is not there"},
		"storage twice":      {[]byte(legacyHead + pkl + "](U\x010U\x010e." + data2 + data2), "twice"},
		"storage unknown":    {[]byte(legacyHead + pkl + "]U\x011a." + data2), "storage 1 is not used"},
		"bytes after":        {[]byte(whole + "x"), "after the last storage"},
		"zip cut":            {goodZip[:len(goodZip)-10], "cut off"},
		"zip empty":          {stored(t), "no data.pkl"},
		"zip no folder":      {stored(t, "data.pkl", pkl), "no data.pkl"},
		"zip two":            {stored(t, "x/data.pkl", pkl, "y/data.pkl", pkl), "two data.pkl"},
		"zip entry twice":    {stored(t, "x/data.pkl", pkl, "x/data.pkl", pkl), "twice"},
		"zip deflated":       {deflated.Bytes(), "compressed"},
		"zip no storage":     {stored(t, "x/data.pkl", pkl), "storage 0 is not there"},
		"zip storage short":  {stored(t, "x/data.pkl", pkl, "x/data/0", "1234567"), "7 bytes, 2 of F32 need 8"},
		"zip big endian":     {stored(t, "x/data.pkl", pkl, "x/data/0", data2[8:], "x/byteorder", "big"), `byte order "big"`},
		"zip entry too long": {bytes.ReplaceAll(goodZip, []byte("\x08\x00\x00\x00\x08\x00\x00\x00"), []byte("\xff\xff\xff\x0f\xff\xff\xff\x0f")), "cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openBin(c.data)
			if err == nil || !strings.HasPrefix(err.Error(), "pytorch_model.bin") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestTruncated cuts every golden file at every length: each must be refused, and say which file it was.
func TestTruncated(t *testing.T) {
	for _, c := range []struct{ path, name string }{
		{"testdata/zip-module/pytorch_model.bin", "pytorch_model.bin"},
		{"testdata/legacy-module/pytorch_model.bin", "pytorch_model.bin"},
		{"testdata/safetensors/model.safetensors", "model.safetensors"},
	} {
		data, err := os.ReadFile(c.path)
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			_, err := Open(folder(c.name, data[:n:n]))
			if err == nil || !strings.Contains(err.Error(), c.name) {
				t.Fatalf("%s cut at %d of %d: error %v", c.path, n, len(data), err)
			}
		}
	}
}

// TestPickleBombs reads small files that ask for much, and checks that little was allocated.
func TestPickleBombs(t *testing.T) {
	big := func(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	shared := "(" + many(60_000, "K\x01") + "tq\x00" // a tuple of 60,000 in the memo
	memo := "N"
	for i := range uint32(20_000) {
		memo += "r" + big(1<<32-1-i)
	}
	for name, pickle := range map[string]string{
		"lists in lists":       many(100_000, "]") + many(99_999, "a") + ".",
		"tuples in tuples":     ")" + many(100_000, "\x85") + ".",
		"marks":                many(100_000, "(") + ".",
		"dicts":                many(100_000, "}") + ".",
		"a list in itself":     "]q\x00h\x00a.",
		"a dict in itself":     "}q\x00U\x01ah\x00sU\x05modelh\x00s.",
		"memo in disorder":     memo + ".",
		"a dict doubled":       "]q\x00(" + many(1000, "]K\x01aK\x01a") + "e" + many(20_000, "ccollections\nOrderedDict\nh\x00\x85R0") + ".",
		"one tuple many sizes": shared + many(20_000, "ctorch.Size\n(h\x00tR0") + ".",
		"one tuple as shape":   shared + many(5_000, "ctorch._utils\n_rebuild_tensor\n("+floats2+"K\x00h\x00h\x00tR0") + ".",
		"many expanded":        "}(" + many(3000, "U\x01actorch._utils\n_rebuild_tensor\n("+floats2+"K\x00M\x00\x40\x85K\x00\x85tR") + "u.",
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(legacyHead + pickle + keys0 + data2)
			var err error
			allocated := measure(func() { _, err = openBin(data) })
			if err == nil {
				t.Error("no error")
			}
			if limit := allowance(len(data)); allocated > limit {
				t.Errorf("%d bytes allocated for a file of %d, more than %d", allocated, len(data), limit)
			}
		})
	}
}

// allowance is what reading a file of n bytes may allocate in all. (What it holds at one time is about half.)
func allowance(n int) uint64 { return 4<<20 + 100*uint64(n) }

// measure gives the bytes that f allocated.
func measure(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
