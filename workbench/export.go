package workbench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tryall/tryall/qa"
)

// Export writes a model's repository into dir, in Hub layout, every file under a temporary name first.
// A folder that holds something already is refused unless force is set; then files of the same name are replaced.
func (w *Workbench) Export(ctx context.Context, m Model, dir string, force bool) ([]File, error) {
	if dir == "" {
		return nil, qa.Errorf(qa.Invalid, "export %s: the name of the folder is empty", m.Name)
	}
	doing := fmt.Sprintf("export %s to %s", m.Name, dir)
	list, err := files(m.FS)
	if err != nil {
		return nil, qa.Errorf(qa.BrokenModel, "%s: %w", doing, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, qa.Errorf(qa.Invalid, "%s: %w", doing, err)
	}
	if len(entries) > 0 && !force {
		return nil, qa.Errorf(qa.Invalid, "%s: the folder is not empty; give another one, or --force to write into it", doing)
	}
	if m.Dir != "" && sameDir(m.Dir, dir) {
		return nil, qa.Errorf(qa.Invalid, "%s: that is where the model lies already", doing)
	}
	for _, f := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := copyFile(m.FS, f.Name, filepath.Join(dir, filepath.FromSlash(f.Name))); err != nil {
			return nil, qa.Errorf(qa.Invalid, "%s: %w", doing, err)
		}
	}
	if kept, ok := m.Settings.Kept(); ok && (kept.Threshold != nil || kept.Calibration != nil) { // what was set here goes with it
		if err := writeSettings(dir, m.Settings); err != nil {
			return nil, qa.Errorf(qa.Invalid, "%s: %w", doing, err)
		}
		return files(os.DirFS(dir))
	}
	return list, nil
}

// writeSettings writes what is set of a model into its folder.
func writeSettings(dir string, s Settings) error {
	if s.abstainsWhy != "by its "+SettingsFile { // said by hand, for this machine
		s.Abstains = ""
	}
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	p, err := newPending(filepath.Join(dir, SettingsFile))
	if err != nil {
		return err
	}
	defer p.discard()
	if _, err := p.Write(append(raw, '\n')); err != nil {
		return err
	}
	return p.commit()
}

func sameDir(a, b string) bool {
	ai, aerr := os.Stat(a)
	bi, berr := os.Stat(b)
	return aerr == nil && berr == nil && os.SameFile(ai, bi)
}

func copyFile(fsys fs.FS, name, to string) error {
	from, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	p, err := newPending(to)
	if err != nil {
		return err
	}
	defer p.discard()
	if _, err := io.Copy(p, from); err != nil {
		return err
	}
	return p.commit()
}
