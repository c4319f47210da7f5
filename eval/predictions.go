package eval

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/tryall/tryall/qa"
)

// ReadPredictions reads {id: text}. Ids that known does not know (Dataset.Known; nil knows all) are left out,
// as the official scripts ignore them. Of a repeated id the last one counts.
func ReadPredictions(r io.Reader, known func(id string) bool) (map[string]string, error) {
	preds := map[string]string{}
	err := readByID(r, known, func(id string, s *scanner) (err error) {
		preds[id], err = s.text()
		return err
	})
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "%w", err)
	}
	return preds, nil
}

// NoAnswerScores say for each question how sure a system is that there is no answer: probabilities, or any
// number that grows with it. The order of the file is kept, because the official search for the best threshold
// walks through equal scores in that order.
type NoAnswerScores struct {
	IDs []string
	Of  map[string]float64
}

// Add sets the score of a question.
func (n *NoAnswerScores) Add(id string, score float64) {
	if n.Of == nil {
		n.Of = map[string]float64{}
	}
	if _, seen := n.Of[id]; !seen {
		n.IDs = append(n.IDs, id)
	}
	n.Of[id] = score
}

// ReadNoAnswerScores reads {id: number}, where a number may be NaN or infinite as Python writes them.
func ReadNoAnswerScores(r io.Reader, known func(id string) bool) (*NoAnswerScores, error) {
	n := &NoAnswerScores{}
	err := readByID(r, known, func(id string, s *scanner) error {
		w, err := s.word()
		if err != nil {
			return err
		}
		v, err := number(w)
		if err != nil {
			return s.errorf("%w", err)
		}
		n.Add(id, v)
		return nil
	})
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "%w", err)
	}
	return n, nil
}

// number reads a JSON number or one of Python's additions; too large a number is infinite, as it is there.
func number(w string) (float64, error) {
	switch w {
	case "NaN":
		return math.NaN(), nil
	case "true", "false", "null":
		return 0, fmt.Errorf("want a number, found %s", w)
	}
	v, err := strconv.ParseFloat(w, 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, fmt.Errorf("want a number, found %q", w)
	}
	return v, nil
}

// readByID reads one object; f reads the value of each id that is known.
func readByID(r io.Reader, known func(string) bool, f func(id string, s *scanner) error) error {
	s := newScanner(r)
	err := s.object(func(id string) error {
		if known != nil && !known(id) {
			return s.skip()
		}
		if err := f(id, s); err != nil {
			return fmt.Errorf("question %q: %w", id, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.end()
}

// ReadFile opens a file for one of the readers of this package and says which file an error is about.
func ReadFile[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, qa.Errorf(qa.NotFound, "%w", err)
	}
	defer f.Close()
	v, err := read(f)
	if err != nil {
		return v, fmt.Errorf("read %s: %w", path, err)
	}
	return v, nil
}
