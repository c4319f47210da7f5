package workbench

// Decoders are the names that Params.Decoder may have; the first is the default.
var Decoders = []string{"gap", "hf", "squad", "squad-beam", "squad-beam-hf"}

// Params say how to ask. What is nil is left to the decoder's and the model's defaults.
type Params struct {
	Decoder                                         string
	TopK, MaxSeqLen, DocStride, MaxAnswerLen, NBest *int
	NoAnswer, AlignToWords                          *bool
	V2                                              bool
	Threshold                                       *float64
}

// LineParams are the parameters that a line of a batch may set for itself.
type LineParams struct {
	TopK         *int     `json:"top_k"`
	MaxSeqLen    *int     `json:"max_seq_len"`
	DocStride    *int     `json:"doc_stride"`
	MaxAnswerLen *int     `json:"max_answer_len"`
	NoAnswer     *bool    `json:"handle_impossible_answer"`
	AlignToWords *bool    `json:"align_to_words"`
	Threshold    *float64 `json:"threshold"`
}

// over puts what a line sets over p. The squad decoders take only the two lengths of a window: their answer length
// and their n-best are flags of the whole run, as run_qa's are.
func (l LineParams) over(p Params) Params {
	set(&p.MaxSeqLen, l.MaxSeqLen)
	set(&p.DocStride, l.DocStride)
	switch p.Decoder {
	case "squad", "squad-beam", "squad-beam-hf":
		return p
	}
	set(&p.TopK, l.TopK)
	set(&p.MaxAnswerLen, l.MaxAnswerLen)
	set(&p.NoAnswer, l.NoAnswer)
	set(&p.AlignToWords, l.AlignToWords)
	set(&p.Threshold, l.Threshold)
	return p
}

func set[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}
