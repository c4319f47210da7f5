package main

const description = "Ask extractive question answering models over your own texts, compare them, score them."

const defaultModel = "tryall/minilm-l6-squad2"

// cli is the grammar: commands in the order that help shows them.
type cli struct {
	Help    helpFlag `short:"h" help:"Show help."`
	Offline bool     `help:"Never use the network."`

	Serve   serveCmd   `cmd:"" help:"Open the workbench in the browser, and routes for programs."`
	Ask     askCmd     `cmd:"" help:"Answer a question from a text."`
	Inspect inspectCmd `cmd:"" help:"Show every window of a question with ids, offsets and logits."`
	Compare compareCmd `cmd:"" help:"Ask several models and group them by answer."`
	Demo    demoCmd    `cmd:"" help:"Race the built-in models over the sample questions."`
	Init    initCmd    `cmd:"" help:"Write a project that runs at once: tryall.yaml, a small corpus, questions."`

	Corpus    corpusCmd    `cmd:"" help:"The project's texts: add, list, search, rm."`
	Questions questionsCmd `cmd:"" help:"The project's questions: import, list, check, export, rm."`
	Bakeoff   bakeoffCmd   `cmd:"" help:"Race models over your questions and say which to take."`
	Runs      runsCmd      `cmd:"" help:"List the bake-offs that were run."`
	Report    reportCmd    `cmd:"" help:"Write the report of a bake-off."`
	Diff      diffCmd      `cmd:"" help:"Compare two runs question by question."`

	Eval      evalCmd      `cmd:"" help:"Score models on a SQuAD file, each question with its own passage."`
	Score     scoreCmd     `cmd:"" help:"Score a predictions file as the official SQuAD scripts do."`
	Search    searchCmd    `cmd:"" help:"Look for models on the Hugging Face Hub."`
	Pull      pullCmd      `cmd:"" help:"Bring models from the Hugging Face Hub, resumed and verified."`
	List      listCmd      `cmd:"" help:"List the models that are here."`
	Show      showCmd      `cmd:"" help:"Show what is known of a model."`
	Threshold thresholdCmd `cmd:"" help:"Say from which gap on a model answers here, or set it by what a run measured."`
	Doctor    doctorCmd    `cmd:"" help:"Examine models before they are trusted."`
	Rm        rmCmd        `cmd:"" help:"Remove a model, or one revision of it."`
	Import    importCmd    `cmd:"" help:"Take in models that came as a folder or an archive."`
	Export    exportCmd    `cmd:"" help:"Write a model as a repository that transformers loads."`
	Bench     benchCmd     `cmd:"" help:"Measure how fast a model runs against the processor's peak."`
	Quantize  quantizeCmd  `cmd:"" help:"Show what fewer bits do to a model, layer by layer."`
	Version   versionCmd   `cmd:"" help:"Print the version."`

	Gauge gaugeCmd `cmd:"" hidden:"" help:"Measure one contestant, in a process of its own."`

	Completion completionCmd `cmd:"" help:"Print a completion script for bash, zsh or fish."`
}
