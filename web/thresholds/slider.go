package thresholds

import (
	"math"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
)

// slider are thresholds at even distances with what each does, so that figures follow the hand at once.
type slider struct {
	Min, Max, Step float64
	digits         int
	Questions      int
	// Counts are answered, wrong and rightly dealt with at each step, as the script reads them: "310,42,268;308,41,267;...".
	Counts string
}

// steps is about how many steps a slider has.
const steps = 400

// newSlider reaches from below the least confidence, where everything is answered, to above the greatest.
func newSlider(c *eval.Cuts) slider {
	lo, hi, ok := c.Range()
	if !ok {
		return slider{Max: 1, Step: 1}
	}
	s := slider{Step: 1}
	if hi > lo {
		s.Step = roundStep((hi - lo) / steps)
	}
	s.digits = max(0, -int(math.Floor(math.Log10(s.Step))))
	s.Min, s.Max = s.at(math.Floor(lo/s.Step)-1), s.at(math.Ceil(hi/s.Step)) // a confidence equal to the threshold is not answered
	var b strings.Builder
	for i := 0; ; i++ {
		t := s.at(math.Floor(lo/s.Step) - 1 + float64(i))
		if t > s.Max+s.Step/2 {
			break
		}
		cut := c.At(t)
		s.Questions = cut.Questions
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(strconv.Itoa(cut.Answered) + "," + strconv.Itoa(cut.Wrong) + "," + strconv.Itoa(cut.Right()))
	}
	s.Counts = b.String()
	return s
}

// at is a multiple of the step, without the dust of its multiplication: what the browser sends for it reads as the same number.
func (s slider) at(n float64) float64 {
	f, err := strconv.ParseFloat(strconv.FormatFloat(n*s.Step, 'f', s.digits, 64), 64)
	if err != nil {
		return n * s.Step
	}
	return f
}

// roundStep is the next larger of 1, 2 and 5 times a power of ten.
func roundStep(f float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(f)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= f*(1-1e-9) {
			return m * p
		}
	}
	return 10 * p
}
