package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func newFolder(t testing.TB) ConvertedFolder {
	return ConvertedFolder{Dir: filepath.Join(t.TempDir(), "converted"), Most: 1 << 20}
}

// sections are some of whole cache lines, in pieces.
func sections(seed byte, sizes ...int) (out []Section) {
	for i, size := range sizes {
		data := make([]byte, size)
		for j := range data {
			data[j] = seed + byte(i*7+j*13)
		}
		out = append(out, Section{fmt.Sprint("layer ", i), [][]byte{data[:size/3], data[size/3:]}})
	}
	return out
}

// same tells whether a file holds the sections, all of them sound.
func same(c *Converted, want []Section) error {
	for _, s := range want {
		got, err := c.Section(s.Name)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, slices.Concat(s.Pieces...)) {
			return fmt.Errorf("%s has other bytes", s.Name)
		}
	}
	return nil
}

func TestConverted(t *testing.T) {
	d := newFolder(t)
	file, want := d.File("me", []string{"a"}), sections(1, 64, 0, 640, 64<<6)
	if _, err := d.Open(file, "key"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := d.Write(file, "key", []string{"a"}, want); err != nil {
		t.Fatal(err)
	}
	c, err := d.Open(file, "key")
	if err != nil {
		t.Fatal(err)
	}
	if err := same(c, want); err != nil {
		t.Error(err)
	}
	if _, err := c.Section("layer 9"); err == nil {
		t.Error("a section that is not there is found")
	}
	other := sections(2, 128)
	if err := d.Write(file, "newer", nil, other); err != nil { // while it is open
		t.Fatal(err)
	}
	if err := same(c, want); err != nil {
		t.Errorf("what was open before another was written: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(file, "key"); !errors.Is(err, ErrStale) {
		t.Errorf("a file of another key: %v", err)
	}
	if err := d.Write(file, "odd", nil, []Section{{"x", [][]byte{{1, 2, 3}}}}); err == nil {
		t.Error("a section of three bytes is written")
	}
	if d.File("me", []string{"a"}) != file || d.File("me", []string{"b"}) == file || d.File("you", []string{"a"}) == file {
		t.Error("names do not tell makers and sources apart")
	}
}

// Whatever byte changes and wherever the file ends, nothing wrong is read from it.
func TestConvertedDamaged(t *testing.T) {
	d := newFolder(t)
	file, want := d.File("me", nil), sections(3, 64, 192)
	if err := d.Write(file, "key", []string{"s"}, want); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := d.Open(file, "key")
		if err == nil {
			defer c.Close()
			err = same(c, want)
		}
		if unused := len(convertedMagic) <= len(content) && strings.HasPrefix(what, "gap"); (err == nil) != unused {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := range whole {
		check(fmt.Sprintf("the first %d bytes", n), whole[:n])
		broken := slices.Clone(whole)
		broken[n] ^= 0x10
		name := "byte"
		if n >= len(convertedMagic) && n < preamble-16 || n >= preamble-4 && n < preamble {
			name = "gap byte" // belongs to nothing
		}
		check(fmt.Sprintf("%s %d changed", name, n), broken)
	}
	check("something behind it", append(slices.Clone(whole), make([]byte, 64)...))
	if _, err := mapConverted(d.Dir); err == nil {
		t.Error("a folder is a file of converted weights")
	}
}

// The files that were unused for longest make room; other people's files stay.
func TestConvertedFolderIsBounded(t *testing.T) {
	d := newFolder(t)
	d.Most = 8000 // three of the files below
	foreign := filepath.Join(d.Dir, "notes.txt")
	var files []string
	for i := range 4 {
		file := d.File(fmt.Sprint(i), nil)
		files = append(files, file)
		if err := d.Write(file, "key", nil, sections(0, 2048)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := os.WriteFile(foreign, make([]byte, 1<<20), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(d.Dir, "killed"+unfinished), make([]byte, 100), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		old := time.Now().Add(time.Duration(i-10) * time.Hour)
		for _, f := range []string{file, filepath.Join(d.Dir, "killed"+unfinished)} {
			if err := os.Chtimes(f, old, old); err != nil && i == 1 {
				t.Fatal(err)
			}
		}
	}
	old := time.Now().Add(-20 * time.Hour)
	if err := os.Chtimes(files[0], old, old); err != nil {
		t.Fatal(err)
	}
	c, err := d.Open(files[0], "key") // is in use again
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := d.Write(d.File("last", nil), "key", nil, sections(0, 2048)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(d.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	want := []string{filepath.Base(files[0]), filepath.Base(files[3]), filepath.Base(d.File("last", nil)), "notes.txt"}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
	if err := d.Write(d.File("large", nil), "key", nil, sections(0, 64<<10)); err == nil {
		t.Error("a file larger than the folder may be is written")
	}
	if _, err := os.Stat(files[3]); err != nil {
		t.Errorf("what is not written made room: %v", err)
	}
}

func TestConvertedRemove(t *testing.T) {
	d := newFolder(t)
	for _, s := range [][]string{{"a", "b"}, {"c"}} {
		if err := d.Write(d.File("me", s), "key", s, sections(0, 64)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(d.Dir, "broken"+convertedSuffix), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	freed, err := d.Remove(func(s string) bool { return s == "b" })
	if err != nil || freed < 64 {
		t.Errorf("%d bytes freed, %v", freed, err)
	}
	for source, want := range map[string]bool{"a b": false, "c": true} {
		if _, err := os.Stat(d.File("me", strings.Fields(source))); (err == nil) != want {
			t.Errorf("made of %s: %v", source, err)
		}
	}
	if freed, err := (ConvertedFolder{Dir: filepath.Join(d.Dir, "nowhere")}).Remove(func(string) bool { return true }); freed != 0 || err != nil {
		t.Errorf("a folder that is not there: %d, %v", freed, err)
	}
}

// Where nothing can be written it is an error, and nothing is left.
func TestConvertedCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d := ConvertedFolder{Dir: filepath.Join(file, "below"), Most: 1 << 20}
	if err := d.Write(d.File("me", nil), "key", nil, sections(0, 64)); err == nil {
		t.Error("a folder below a file can be written")
	}
	d = newFolder(t)
	target := d.File("me", nil)
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o755); err != nil { // cannot be replaced
		t.Fatal(err)
	}
	if err := d.Write(target, "key", nil, sections(0, 64)); err == nil {
		t.Error("a folder is replaced")
	}
	if left, err := os.ReadDir(d.Dir); err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// childWrites names the folder in which the second process of TestConvertedKilled writes without end.
const childWrites = "WEIGHTS_TEST_WRITES"

// Several processes write the same file, one of them is killed: there is always a whole file or none.
func TestConvertedKilled(t *testing.T) {
	want := sections(5, 1<<16, 1<<18)
	if dir := os.Getenv(childWrites); dir != "" {
		d := ConvertedFolder{Dir: dir, Most: 1 << 30}
		for {
			if err := d.Write(d.File("me", nil), "key", nil, want); err != nil {
				fmt.Println(err)
				os.Exit(3)
			}
		}
	}
	d := newFolder(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func() *exec.Cmd {
		cmd := exec.Command(exe, "-test.run=^TestConvertedKilled$")
		cmd.Env = append(os.Environ(), childWrites+"="+d.Dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	other, found := start(), 0
	defer func() {
		other.Process.Kill()
		other.Wait()
	}()
	for range 8 {
		cmd := start()
		time.Sleep(time.Duration(30+rand.IntN(40)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() == 3 {
			t.Fatalf("the second process ended by itself: %v", err)
		}
		c, err := d.Open(d.File("me", nil), "key")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = errors.Join(same(c, want), c.Close())
			found++
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Error("no file was ever there")
	}
}

func FuzzConverted(f *testing.F) {
	d := newFolder(f)
	file := d.File("me", nil)
	if err := d.Write(file, "key", []string{"s"}, sections(3, 64, 192)); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:100])
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := mapConverted(file)
		if err != nil {
			return
		}
		defer c.Close()
		for name := range c.sections {
			_, _ = c.Section(name)
		}
	})
}
