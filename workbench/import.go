package workbench

import (
	"context"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// ImportedSet is what taking in questions came to.
type ImportedSet struct {
	store.SetInfo
	Replaced int                 `json:"replaced"` // questions of the set of this name that was there before
	Problems []questions.Problem `json:"problems"` // answers and documents that were not found, and what is worth knowing
}

// SampleSet is a file of questions that the program carries.
type SampleSet struct {
	Name, About string
	Read        func() ([]byte, error)
}

// Import keeps a set of questions under its name, and finds where its answers stand.
func (p *Project) Import(ctx context.Context, s *questions.Set) (ImportedSet, error) {
	if len(s.Items) == 0 {
		return ImportedSet{}, qa.Errorf(qa.Invalid, "import %s: there are no questions in it", s.Name)
	}
	problems, err := p.Locate(ctx, s)
	if err != nil {
		return ImportedSet{}, err
	}
	sets, err := p.Store.Sets(ctx)
	if err != nil {
		return ImportedSet{}, err
	}
	before := 0
	for _, was := range sets {
		if was.Name == s.Name {
			before = was.Counts.Questions
		}
	}
	info, err := p.Store.PutQuestions(ctx, s)
	if err != nil {
		return ImportedSet{}, err
	}
	all := []store.SetInfo{info}
	err = p.countMissing(ctx, all)
	return ImportedSet{all[0], before, append([]questions.Problem{}, problems...)}, err
}
