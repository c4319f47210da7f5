package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// decimals is how many digits behind the point a percentage can bear whose interval is half wide to each side.
func decimals(half float64) int {
	switch {
	case half >= 10:
		return 0
	case half >= 0.1:
		return 1
	}
	return 2
}

func fixed(f float64, digits int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.Replace(s, "-", "−", 1)
}

// score is a percentage with its interval: "71.4 ± 2.1". One of no width is none.
func score(f float64, ci [2]float64) string {
	half := (ci[1] - ci[0]) / 2
	if !(half > 0) {
		return fixed(f, 1)
	}
	d := decimals(half)
	return fixed(f, d) + " ± " + fixed(half, d)
}

// share is a percentage of n questions, whose interval is not known: with fewer than a hundred, a digit behind the point
// says nothing.
func share(f float64, n int) string {
	if n < 100 {
		return fixed(f, 0)
	}
	return fixed(f, 1)
}

// bracket is an interval in words: "0.4 to 3.9".
func bracket(ci [2]float64) string {
	d := decimals((ci[1] - ci[0]) / 2)
	return fixed(ci[0], d) + " to " + fixed(ci[1], d)
}

// withP is "p = 0.002".
func withP(p float64) string {
	s := probability(p)
	if strings.HasPrefix(s, "<") {
		return "p " + s
	}
	return "p = " + s
}

// probability keeps two digits down to a thousandth, and says no more than "< 0.0001" below that.
func probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p >= 0.1:
		return fixed(p, 2)
	case p >= 0.01:
		return fixed(p, 3)
	case p >= 0.0001:
		return fixed(p, 4)
	}
	return "< 0.0001"
}

// millis is a time in milliseconds in two or three digits.
func millis(f float64) string {
	if f <= 0 {
		return "–"
	}
	if f < 10 {
		return fixed(f, 1)
	}
	return count(int64(math.Round(f)))
}

// megabytes of 10^6 bytes.
func megabytes(n int64) string {
	switch {
	case n <= 0:
		return "–"
	case n < 10e6:
		return fixed(float64(n)/1e6, 1)
	}
	return count((n + 500_000) / 1_000_000)
}

// count writes 12,345.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	s = strings.Join(append([]string{s}, parts...), ",")
	if neg {
		return "−" + s
	}
	return s
}

// plural is "1 question" or "12 questions".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(int64(n)) + " " + what + "s"
}

// duration is a time in the two units that say something.
func duration(seconds float64) string {
	s := int64(math.Round(seconds))
	switch {
	case seconds < 10:
		return fixed(seconds, 1) + " s"
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
}
