package eval

// Recall is the percentage of questions for which one of the first k hits is right. relevant says of each question's hits, best
// first, which are; questions without hits count. 0 without questions.
func Recall(relevant [][]bool, k int) float64 {
	found := 0
	for _, hits := range relevant {
		if at := firstRight(hits); at > 0 && at <= k {
			found++
		}
	}
	if len(relevant) == 0 {
		return 0
	}
	return 100 * float64(found) / float64(len(relevant))
}

// MRR is the mean reciprocal rank, 0 to 100: the mean over questions of 100 over the rank of the first right hit, 0 where
// there is none.
func MRR(relevant [][]bool) float64 {
	sum := 0.0
	for _, hits := range relevant {
		if at := firstRight(hits); at > 0 {
			sum += 100 / float64(at)
		}
	}
	if len(relevant) == 0 {
		return 0
	}
	return sum / float64(len(relevant))
}

// firstRight is the rank of the first right hit, from 1 on; 0 where there is none.
func firstRight(hits []bool) int {
	for i, right := range hits {
		if right {
			return i + 1
		}
	}
	return 0
}
