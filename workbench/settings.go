package workbench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/store"
)

// SettingsFile is where a repository keeps what was measured of it.
const SettingsFile = "tryall.json"

// Settings are what was measured of a model: from which gap on it should answer, and how sure a gap makes it.
type Settings struct {
	Abstains    hub.Abstains `json:"abstains,omitempty"`
	Threshold   *float64     `json:"threshold,omitempty"`
	Calibration *Calibration `json:"calibration,omitempty"`

	abstainsWhy string               // who says so
	kept        *store.ModelSettings // by the project; nil where it says nothing
	own         *float64             // the threshold before that
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
	if err := checkAbstains(s.Abstains); err != nil {
		return s, fmt.Errorf("read %s: %w", SettingsFile, err)
	}
	return s, nil
}

func checkAbstains(a hub.Abstains) error {
	switch a {
	case "", hub.AbstainsYes, hub.AbstainsNo, hub.AbstainsUnknown:
		return nil
	}
	return fmt.Errorf("abstains is %q; it must be yes, no or unknown", a)
}

// Abstains says whether the model was made to say "no answer": by its settings, else by the data sets of its card or by its name.
func (m Model) Abstains() hub.Abstains {
	says, _ := m.abstains()
	return says
}

// abstains says besides who says so.
func (m Model) abstains() (says hub.Abstains, why string) {
	if m.Settings.Abstains != "" {
		return m.Settings.Abstains, m.Settings.abstainsWhy
	}
	card, _ := m.Card() // a damaged one says nothing
	return hub.JudgeAbstains(m.ID, card.Datasets)
}

// maxCard is how much of a README.md is read.
const maxCard = 8 << 20

// Card is what the head of README.md says; without one it is empty.
func (m Model) Card() (hub.Card, error) {
	f, err := m.FS.Open("README.md")
	if errors.Is(err, fs.ErrNotExist) {
		return hub.Card{}, nil
	}
	if err != nil {
		return hub.Card{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCard))
	if err != nil {
		return hub.Card{}, err
	}
	return hub.ParseCard(text)
}
