package zoo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
)

// Dataset is a file of questions, answers and the texts they are about, in SQuAD form.
type Dataset struct {
	Name    string // of the file: "covid-papers.json"
	About   string // one sentence
	License string
	packed  []byte
}

var (
	//go:embed sample/covid-papers.json.gz
	covidPapers []byte
	//go:embed sample/wikipedia.json.gz
	wikipedia []byte
)

// Notice names the authors, sources and licences of all sample texts and questions.
//
//go:embed sample/NOTICE
var Notice string

// Sample gives the data sets that the program carries. No built-in model has learned from them.
func Sample() []Dataset {
	return []Dataset{
		{"covid-papers.json", "154 questions, all with an answer, over 13 papers about viruses and COVID-19", "questions Apache-2.0 (COVID-QA), texts CC BY", covidPapers},
		{"wikipedia.json", "713 questions, 392 of them without an answer, over 73 passages of two Wikipedia articles", "CC BY-SA 4.0 (SQuAD 2.0, Wikipedia)", wikipedia},
	}
}

// JSON gives the file's contents.
func (d Dataset) JSON() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(d.packed))
	if err != nil {
		return nil, fmt.Errorf("unpack the sample %s: %w", d.Name, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the sample %s: %w", d.Name, err)
	}
	return text, nil
}
