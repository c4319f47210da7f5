package model

import (
	"errors"
	"io/fs"

	"github.com/tryall/tryall/nn"
)

// ErrNoHead is in the chain of the error of a checkpoint that is none for question answering.
var ErrNoHead = errors.New("not a question answering checkpoint")

// CheckConfig tells from config.json alone which model_type the repository is of. Its errors are Load's.
func CheckConfig(fsys fs.FS) (modelType string, err error) {
	c, err := readConfig(fsys)
	if err != nil {
		return "", err
	}
	_, modelType, err = architectureOf(c)
	return modelType, err
}

// Check reads the settings and the tensors' names, types and shapes, but none of the weights. Its errors are Load's.
func Check(fsys fs.FS) (Info, error) {
	m, err := open(fsys, Options{}, nn.FP32)
	if err != nil {
		return Info{}, err
	}
	return m.info, m.files.close()
}
