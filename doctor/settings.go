package doctor

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tryall/tryall/hub"
)

// Lengths of windows below which a model is of no use, or of little.
const (
	uselessLength = 64
	shortLength   = 128
)

// maxLength compares the tokenizer's limit with the model's.
func maxLength(_ context.Context, e *exam) findings {
	said, positions := e.tokenizer.ModelMaxLength(), e.info.MaxPositions
	var f findings
	for _, l := range []struct {
		what   string
		length int
	}{{"model_max_length in tokenizer_config.json", said}, {"the number of positions in config.json", positions}} {
		switch {
		case l.length == 0 || l.length >= shortLength:
		case l.length < uselessLength:
			f.add(Fail, "%s is %d tokens, which leaves no room for a text beside the question", l.what, l.length)
		default:
			f.add(Warn, "%s is only %d tokens: texts are cut into many small windows", l.what, l.length)
		}
	}
	switch {
	case positions > 0 && said > positions:
		f.add(Warn, "model_max_length is %d, but the model has only %d positions: windows here stay within them, other programs fail on long texts", said, positions)
	case said == 0 && positions > 0:
		f.add(Info, "model_max_length is unset; the model's %d positions limit the windows", positions)
	case said == 0:
		f.add(Info, "neither model_max_length nor a number of positions limits the windows; they have 384 tokens unless asked otherwise")
	case f == nil:
		f.add(Pass, "%d tokens", said)
	}
	return f
}

// settings looks at what is stored beside the model.
func settings(_ context.Context, e *exam) findings {
	var f findings
	if e.cardErr != nil {
		f.add(Info, "the model card cannot be read: %v", e.cardErr)
	}
	var stored storedWindows
	if data, err := readSmall(e.FS, "tokenizer.json", 1<<28); err == nil && json.Unmarshal(data, &stored) == nil { // else "tokenizer" fails
		if stored.Truncation != nil {
			f.add(Info, "tokenizer.json stores truncation (%s), which is ignored here", sizeOf(stored.Truncation))
		}
		if stored.Padding != nil {
			f.add(Info, "tokenizer.json stores padding (%s), which is ignored here", sizeOf(stored.Padding))
		}
	}
	switch {
	case e.Abstains == hub.AbstainsYes && e.Threshold == nil:
		f.add(Warn, "it can say \"no answer\", but no threshold was fitted for it (tryall.json has none): 0 is taken, which may be far from the best")
	case e.Abstains == hub.AbstainsUnknown:
		f.add(Info, "nothing says whether it was trained to say \"no answer\"")
	}
	if f == nil {
		f.add(Pass, "nothing is missing, nothing ignored")
	}
	return f
}

// storedWindows is what tokenizer.json holds of the windows that somebody cut when it was saved.
type storedWindows struct {
	Truncation map[string]any `json:"truncation"`
	Padding    map[string]any `json:"padding"`
}

// sizeOf names the size in what tokenizer.json stores of truncation or padding.
func sizeOf(stored map[string]any) string {
	if n, ok := stored["max_length"].(float64); ok {
		return fmt.Sprintf("%.0f tokens", n)
	}
	if s, ok := stored["strategy"].(map[string]any); ok {
		if n, ok := s["Fixed"].(float64); ok {
			return fmt.Sprintf("%.0f tokens", n)
		}
	}
	return "to the longest"
}
