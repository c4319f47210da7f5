package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/tryall/tryall/internal/bench"
	"github.com/tryall/tryall/workbench"
)

type completionCmd struct {
	Shell string `arg:"" help:"bash, zsh or fish."`
}

// Validate refuses other shells.
func (c *completionCmd) Validate() error {
	if _, ok := completions[c.Shell]; !ok {
		return usagef("there is no completion for %q; there is for bash, zsh and fish", c.Shell)
	}
	return nil
}

// completions write a script from what the grammar says.
var completions = map[string]func(w io.Writer, commands []commandWords) error{
	"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion,
}

// Run prints the script.
func (c *completionCmd) Run(a *app) error {
	return completions[c.Shell](a.stdout, commandsOf(a.grammar))
}

// commandWords is what may follow one command.
type commandWords struct {
	name, help string
	flags      []flagWord
	words      []string // arguments that can be listed
}

type flagWord struct {
	name, help string
	value      bool
	values     []string // what may follow, where that can be listed
}

func commandsOf(app *kong.Application) []commandWords {
	var out []commandWords
	for _, n := range app.Children {
		if n.Hidden {
			continue
		}
		c := commandWords{name: n.Name, help: n.Help}
		for _, f := range n.Flags {
			word := flagWord{name: "--" + f.Name, help: f.Help, value: !f.IsBool(), values: valuesOf(f.Name)}
			c.flags = append(c.flags, word)
			if f.Tag.Negatable != "" {
				c.flags = append(c.flags, flagWord{name: "--no-" + f.Name, help: "Turn --" + f.Name + " off."})
			}
		}
		if n.Name == "completion" {
			c.words = []string{"bash", "zsh", "fish"}
		}
		if n.Name == "show" || n.Name == "export" || n.Name == "doctor" {
			c.words = builtinNames()
		}
		out = append(out, c)
	}
	return out
}

func bashCompletion(w io.Writer, commands []commandWords) error {
	var b strings.Builder
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	fmt.Fprintf(&b, "# bash completion for tryall; load it with: source <(tryall completion bash)\n_tryall() {\n")
	fmt.Fprintf(&b, "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags= words=\n\tCOMPREPLY=()\n")
	fmt.Fprintf(&b, "\tif ((COMP_CWORD == 1)); then\n\t\tmapfile -t COMPREPLY < <(compgen -W %s -- \"$word\")\n\t\treturn\n\tfi\n", quoted(strings.Join(names, " ")))
	fmt.Fprintf(&b, "\tcase ${COMP_WORDS[1]} in\n")
	for _, c := range commands {
		var flags []string
		for _, f := range c.flags {
			flags = append(flags, f.name)
		}
		fmt.Fprintf(&b, "\t%s) flags=%s words=%s ;;\n", c.name, quoted(strings.Join(flags, " ")), quoted(strings.Join(c.words, " ")))
	}
	fmt.Fprintf(&b, "\tesac\n\tcase $before in\n")
	for _, f := range listedFlags(commands) {
		fmt.Fprintf(&b, "\t%s) words=%s flags= ;;\n", strings.Join(f.names, "|"), quoted(strings.Join(f.values, " ")))
	}
	fmt.Fprintf(&b, "\tesac\n\tif [[ $word == -* ]]; then words=$flags; fi\n")
	fmt.Fprintf(&b, "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\ncomplete -o default -F _tryall tryall\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func zshCompletion(w io.Writer, commands []commandWords) error {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef tryall\n# zsh completion for tryall; put it into a folder of $fpath as _tryall\n_tryall() {\n\tlocal -a commands=(\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "\t\t%s\n", quoted(c.name+":"+zshText(c.help)))
	}
	fmt.Fprintf(&b, "\t)\n\tif ((CURRENT == 2)); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tlocal command=$words[2]\n\tshift words\n\t((CURRENT--))\n\tcase $command in\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "\t%s)\n\t\t_arguments -s", c.name)
		for _, f := range c.flags {
			action := ""
			if f.value {
				action = ":value:_files"
			}
			if len(f.values) > 0 {
				action = ":value:(" + strings.Join(f.values, " ") + ")"
			}
			fmt.Fprintf(&b, " \\\n\t\t\t%s", quoted(f.name+"["+zshText(f.help)+"]"+action))
		}
		rest := "*:file:_files"
		if len(c.words) > 0 {
			rest = "*:word:(" + strings.Join(c.words, " ") + ")"
		}
		fmt.Fprintf(&b, " \\\n\t\t\t%s\n\t\t;;\n", quoted(rest))
	}
	fmt.Fprintf(&b, "\tesac\n}\ncompdef _tryall tryall\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func fishCompletion(w io.Writer, commands []commandWords) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion for tryall; load it with: tryall completion fish | source\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "complete -c tryall -n __fish_use_subcommand -f -a %s -d %s\n", c.name, quoted(c.help))
		within := quoted("__fish_seen_subcommand_from " + c.name)
		for _, f := range c.flags {
			fmt.Fprintf(&b, "complete -c tryall -n %s -l %s -d %s", within, strings.TrimPrefix(f.name, "--"), quoted(f.help))
			switch {
			case len(f.values) > 0:
				fmt.Fprintf(&b, " -x -a %s", quoted(strings.Join(f.values, " ")))
			case f.value:
				fmt.Fprintf(&b, " -r")
			}
			fmt.Fprintln(&b)
		}
		if len(c.words) > 0 {
			fmt.Fprintf(&b, "complete -c tryall -n %s -f -a %s\n", within, quoted(strings.Join(c.words, " ")))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type listedFlag struct{ names, values []string }

// listedFlags are the flags whose values can be listed, once each.
func listedFlags(commands []commandWords) []listedFlag {
	var out []listedFlag
	seen := map[string]bool{}
	for _, c := range commands {
		for _, f := range c.flags {
			if len(f.values) == 0 || seen[f.name] {
				continue
			}
			seen[f.name] = true
			l := listedFlag{[]string{f.name}, f.values}
			if f.name == "--model" {
				l.names = append(l.names, "-m")
			}
			out = append(out, l)
		}
	}
	return out
}

// quoted is s as one word of any of the three shells.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// zshText takes out what _arguments gives a meaning to.
func zshText(s string) string { return strings.NewReplacer("[", "(", "]", ")", ":", " ").Replace(s) }

// valuesOf lists what may follow a flag, nil where that cannot be listed.
func valuesOf(flag string) []string {
	switch flag {
	case "decoder":
		return workbench.Decoders
	case "precision":
		return runnablePrecisions
	case "shape":
		return bench.Shapes()
	case "model":
		return builtinNames()
	case "sort":
		return []string{"downloads", "likes", "modified", "created", "trending"}
	case "abstains":
		return []string{"yes", "no", "auto"}
	}
	return nil
}
