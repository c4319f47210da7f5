package workbench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/tryall/tryall/hub"
)

// SettingsFile is where a repository keeps what was measured of it.
const SettingsFile = "tryall.json"

// Settings are what was measured of a model: from which gap on it should answer, and how sure a gap makes it.
type Settings struct {
	Abstains    hub.Abstains `json:"abstains,omitempty"`
	Threshold   *float64     `json:"threshold,omitempty"`
	Calibration *Calibration `json:"calibration,omitempty"`
}

// Calibration maps a gap to a probability of being right: sigmoid(a*gap + b).
type Calibration struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

func readSettings(fsys fs.FS) (Settings, error) {
	var s Settings
	raw, err := fs.ReadFile(fsys, SettingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("read %s: %w", SettingsFile, err)
	}
	switch s.Abstains {
	case "", hub.AbstainsYes, hub.AbstainsNo, hub.AbstainsUnknown:
		return s, nil
	}
	return s, fmt.Errorf("read %s: abstains is %q; it must be yes, no or unknown", SettingsFile, s.Abstains)
}

// Abstains says whether the model was made to say "no answer": by its settings, else by the data sets of its card or by its name.
func (m Model) Abstains() hub.Abstains {
	if m.Settings.Abstains != "" {
		return m.Settings.Abstains
	}
	says, _ := hub.JudgeAbstains(m.ID, m.Card().Datasets)
	return says
}

// Card is what a model card's head says.
type Card struct{ License, Language, Datasets []string }

// Card reads the head of README.md; a missing or odd one says nothing.
func (m Model) Card() Card {
	f, err := m.FS.Open("README.md")
	if err != nil {
		return Card{}
	}
	defer f.Close()
	values := frontMatter(bufio.NewScanner(f))
	return Card{License: values["license"], Language: values["language"], Datasets: values["datasets"]}
}

// frontMatter reads the plain keys of the YAML head of a card: "key: value", "key: [a, b]" and lists of lines.
func frontMatter(in *bufio.Scanner) map[string][]string {
	values := map[string][]string{}
	if !in.Scan() || strings.TrimSpace(in.Text()) != "---" {
		return values
	}
	key := ""
	for in.Scan() {
		line := bytes.TrimRight(in.Bytes(), " \r")
		text := strings.TrimSpace(string(line))
		item, isItem := strings.CutPrefix(text, "- ")
		name, rest, isPair := strings.Cut(text, ":")
		switch {
		case text == "---":
			return values
		case isItem && key != "":
			values[key] = append(values[key], unquote(item))
		case len(line) > 0 && (line[0] == ' ' || line[0] == '\t') || text == "" || text[0] == '#':
		case isPair:
			key = name
			for _, v := range strings.Split(strings.Trim(strings.TrimSpace(rest), "[]"), ",") {
				if v = unquote(v); v != "" {
					values[key] = append(values[key], v)
				}
			}
		}
	}
	return values
}

func unquote(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }
