package report

import (
	"fmt"
	"sort"
	"strings"
)

// command is the command line that repeats a bake-off.
func command(in Input) string {
	if in.Command != "" {
		return in.Command
	}
	s := &in.Bakeoff.Spec
	args := []string{"tryall", "bakeoff"}
	if s.ConfigFile != "" {
		args = append(args, s.ConfigFile)
	} else {
		for _, m := range s.Models {
			args = append(args, "-m", m)
		}
		for _, d := range s.Data {
			args = append(args, "--data", d.Name)
		}
	}
	if s.Decoder != "" {
		args = append(args, "--decoder", s.Decoder)
	}
	args = append(args, "--seed", fmt.Sprint(s.Seed))
	if s.Limit > 0 {
		args = append(args, "--limit", fmt.Sprint(s.Limit))
	}
	if s.Budget != "" {
		args = append(args, "--budget", s.Budget)
	}
	if s.Full {
		args = append(args, "--full")
	}
	for i, a := range args {
		args[i] = shellQuote(a)
	}
	return strings.Join(args, " ")
}

// shellQuote makes one word of a string for any POSIX shell.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@,+=%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
