package kernel

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Instructions that Go's assembler does not know are written as bits with a comment. A disassembler must read in the bits
// what the comment says.
func TestBitsAreWhatCommentsSay(t *testing.T) {
	tool, err := exec.LookPath("aarch64-linux-gnu-objdump")
	if err != nil {
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal("no aarch64-linux-gnu-objdump: install binutils-aarch64-linux-gnu")
		}
		t.Skip("no aarch64-linux-gnu-objdump to compare with")
	}
	text, err := os.ReadFile("neon_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	var code []byte
	var comments []string
	for _, m := range regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.*)`).FindAllStringSubmatch(string(text), -1) {
		bits, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		code, comments = binary.LittleEndian.AppendUint32(code, uint32(bits)), append(comments, m[2])
	}
	if len(comments) < 1000 {
		t.Fatalf("%d instructions found: the test looks for the wrong thing", len(comments))
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-D", "-z", "-b", "binary", "-m", "aarch64", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^ *[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$`).FindAllStringSubmatch(string(out), -1)
	if len(lines) != len(comments) {
		t.Fatalf("%d instructions, %d in the disassembly", len(comments), len(lines))
	}
	for i, want := range comments {
		if got := strings.Join(strings.Fields(lines[i][1]), " "); got != want {
			t.Errorf("instruction %d is %q, its comment says %q", i, got, want)
		}
	}
}
