//go:build linux || darwin

package corpus

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// fileLimitVariable has a second process of the tests write no file of more bytes.
const fileLimitVariable = "TRYALL_TEST_FILE_LIMIT"

// TestPDFWithoutRoom: where the compiled engine cannot be kept, PDF documents are read all the same, and nothing half written is left that
// a later process would take for the engine. To a process that may write no large file a disk is full: the write ends in an error.
func TestPDFWithoutRoom(t *testing.T) {
	const pdf = "testdata/pdf/input.pdf"
	if limit := os.Getenv(fileLimitVariable); limit != "" { // the second process
		n, err := strconv.ParseUint(limit, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		var was syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: was.Max}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(t.TempDir(), "large"), make([]byte, n+1), 0o600); err == nil {
			t.Fatal("a file larger than the limit was written, so that the disk is not full")
		}
		r, err := ReadFile(t.Context(), pdf, "", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stdout.WriteString(r.Documents[0].Text); err != nil {
			t.Fatal(err)
		}
		return
	}
	whole, err := ReadFile(t.Context(), pdf, "", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if kept := filesBelow(t, pdfEngine.cache); len(kept) != 1 || kept[0].Size() < 4<<20 {
		t.Fatalf("the engine that was kept is %v; the limit would not matter", kept)
	}
	full, blocked := t.TempDir(), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil { // where the folder ought to be
		t.Fatal(err)
	}
	for _, dir := range []string{full, blocked} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestPDFWithoutRoom$")
		cmd.Env = append(os.Environ(), cacheVariable+"="+dir, fileLimitVariable+"="+strconv.Itoa(1<<20))
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte(strings.TrimSpace(whole.Documents[0].Text))) {
			t.Errorf("%s: %v %s", dir, err, out)
		}
		if left := filesBelow(t, dir); dir == full && len(left) > 0 {
			t.Errorf("left on the full disk: %s of %d bytes", left[0].Name(), left[0].Size())
		}
	}
}

func filesBelow(t *testing.T, dir string) (files []os.FileInfo) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		files = append(files, info)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
