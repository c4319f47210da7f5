package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tryall": main})
}

// TestScripts runs testdata/script/*.txtar against the program as a process of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			startHub(e)
			e.Setenv("NO_COLOR", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"edit": editCmd, "truncate": truncateCmd, "pickle": pickleCmd, "bytes": bytesCmd, "json": jsonCmd, "exits": exitsCmd, "hub": hubCmd, "squad": squadCmd,
		},
	})
}

// exitsCmd is "exits CODE COMMAND...": the command must end with that code.
func exitsCmd(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s", code, args[0])
	}
}

// editCmd is "edit FILE OLD NEW": it replaces a string that must be there.
func editCmd(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	old := ts.ReadFile(path)
	if !strings.Contains(old, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(old, args[1], args[2])), 0o666))
}

// truncateCmd is "truncate FILE": it cuts a file in half.
func truncateCmd(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()/2))
}

// squadCmd is "squad FILE N": it writes N easy questions, each over a passage of its own, every fourth without an answer.
func squadCmd(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	names := []string{"Anna", "Boris", "Clara", "David", "Elena", "Frank", "Greta", "Hans", "Irene", "Jonas"}
	towns := []string{"Rome", "Paris", "Berlin", "Madrid", "Vienna", "Lisbon", "Prague"}
	var b strings.Builder
	b.WriteString(`{"version": "v2.0", "data": [{"title": "towns", "paragraphs": [`)
	for i := range n {
		who, town := names[i%len(names)], towns[i%len(towns)]
		question, answers, impossible := "Where does "+who+" live?", `[{"text": "`+town+`", "answer_start": `+strconv.Itoa(len(who)+10)+`}]`, "false"
		if i%4 == 3 {
			question, answers, impossible = "How many horses does the mayor own?", "[]", "true"
		}
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`{"context": "` + who + ` lives in ` + town + ` with ` + strconv.Itoa(i+2) + ` cats.", "qas": [{"id": "q` + strconv.Itoa(i) + `", "question": "` + question + `", "is_impossible": ` + impossible + `, "answers": ` + answers + `}]}`)
	}
	b.WriteString("]}]}")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

// pickleCmd is "pickle FILE": it writes a checkpoint that runs a command when a careless reader loads it.
func pickleCmd(ts *testscript.TestScript, neg bool, args []string) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"archive/data.pkl": "cos\nsystem\n(S'touch pwned'\ntR.", "archive/version": "3\n"} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		ts.Check(err)
		_, err = w.Write([]byte(text))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// bytesCmd is "bytes FILE STRING": it writes a string with Go's escapes.
func bytesCmd(ts *testscript.TestScript, neg bool, args []string) {
	s := ""
	ts.Check(json.Unmarshal([]byte(`"`+strings.ReplaceAll(args[1], `\x`, `\u00`)+`"`), &s))
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		raw = append(raw, byte(r))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o666))
}

// jsonCmd is "json FILE|stdout": every line, or the whole, must be JSON.
func jsonCmd(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	if json.Valid([]byte(text)) {
		return
	}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("no JSON: %s", line)
		}
	}
}

// TestInterrupted: a cancelled context, which is what an interrupt is, ends a batch that waits for its next line.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, lines := io.Pipe()
	answers, out := io.Pipe()
	var errs bytes.Buffer
	code := make(chan int)
	go func() { code <- run(ctx, []string{"ask", "--threshold", "0", "--batch", "-"}, in, out, &errs) }()
	io.WriteString(lines, `{"question": "Who met Bob?", "context": "Alice met Bob."}`+"\n")
	if line, err := bufio.NewReader(answers).ReadString('\n'); err != nil || !strings.Contains(line, `"prediction":"Alice"`) {
		t.Fatalf("%q, %v", line, err)
	}
	cancel()
	if got := <-code; got != exitInterrupted || errs.String() != "tryall: interrupted\n" {
		t.Errorf("exit %d, %q", got, errs.String())
	}
}

// TestClosedPipe: whoever stops listening gets no complaint.
func TestClosedPipe(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--help"}, {"list", "--json"}, {"ask", "Who met Bob?", "--text", "Alice met Bob."}} {
		r, w := io.Pipe()
		r.Close()
		var errs bytes.Buffer
		if got := run(context.Background(), args, nil, w, &errs); got != 0 || errs.Len() > 0 {
			t.Errorf("%v: exit %d, %q", args, got, errs.String())
		}
	}
}

// TestEveryCommandHasHelp: each command's help names its flags, and no command is listed without a word of help.
func TestEveryCommandHasHelp(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"--help"}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	n := 0
	for _, c := range commandsForTest(t) {
		n++
		if !strings.Contains(out.String(), c.name) || c.help == "" {
			t.Errorf("help does not explain %s:\n%s", c.name, out.String())
		}
		var own bytes.Buffer
		if code := run(context.Background(), []string{c.name, "--help"}, nil, &own, &errs); code != 0 {
			t.Errorf("%s --help: exit %d, %s", c.name, code, errs.String())
		}
		for _, f := range c.flags {
			shown := strings.ReplaceAll(own.String(), "[no-]", "")
			if f.help == "" || !strings.Contains(shown, f.name) && !strings.Contains(shown, strings.Replace(f.name, "--no-", "--", 1)) {
				t.Errorf("%s --help does not explain %s:\n%s", c.name, f.name, own.String())
			}
		}
	}
	if n == 0 {
		t.Fatal("there are no commands")
	}
}

func commandsForTest(t *testing.T) []commandWords {
	t.Helper()
	a := &app{}
	parser, err := a.parser(context.Background(), &cli{}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	return commandsOf(parser.Model)
}
