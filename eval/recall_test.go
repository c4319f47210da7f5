package eval

import (
	"math"
	"testing"
)

func TestRecallAndReciprocalRank(t *testing.T) {
	relevant := [][]bool{{true, false, true}, {false, false, true}, {false, true}, {false, false}, nil}
	for k, want := range map[int]float64{0: 0, 1: 20, 2: 40, 3: 60, 100: 60} {
		if got := Recall(relevant, k); got != want {
			t.Errorf("recall@%d = %v, want %v", k, got, want)
		}
	}
	if got, want := MRR(relevant), 100*(1+1.0/3+0.5)/5; math.Abs(got-want) > 1e-9 {
		t.Errorf("mrr = %v, want %v", got, want)
	}
	if Recall(nil, 5) != 0 || MRR(nil) != 0 {
		t.Error("recall of nothing")
	}
}
