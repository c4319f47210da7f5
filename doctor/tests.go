package doctor

import "context"

// Test is one thing that is looked at.
type Test struct {
	Name  string
	About string   // what it makes sure of, one sentence
	Quick bool     // part of Quick
	needs []string // earlier tests without which it means nothing
	run   func(context.Context, *exam) findings
}

// Tests are all there are, in the order in which they are made.
var Tests = []Test{
	{Name: "files", Quick: true, run: files,
		About: "configuration, tokenizer and all shards of the weights are there, and none is empty or a placeholder"},
	{Name: "hashes", run: hashes,
		About: "every byte is what the Hub says it is"},
	{Name: "config", Quick: true, run: config,
		About: "config.json names an architecture that runs here"},
	{Name: "weights", Quick: true, run: openWeights,
		About: "the weight files are whole and in a known format"},
	{Name: "tensors", Quick: true, needs: []string{"config", "weights"}, run: tensors,
		About: "every tensor that the configuration asks for is there in its shape, and none is left over"},
	{Name: "head", Quick: true, needs: []string{"config", "weights"}, run: head,
		About: "there is a question answering head, and it was trained"},
	{Name: "numbers", needs: []string{"weights"}, run: numbers,
		About: "no weight is NaN or infinite, and no matrix is all zeros"},
	{Name: "tokenizer", Quick: true, run: loadTokenizer,
		About: "the tokenizer loads"},
	{Name: "vocabulary", Quick: true, needs: []string{"tokenizer", "tensors"}, run: vocabulary,
		About: "every token has a row in the embedding, and English text has tokens"},
	{Name: "special tokens", Quick: true, needs: []string{"tokenizer"}, run: specialTokens,
		About: "cls, sep, pad and unk exist, have the ids that config.json gives them, and frame question and text"},
	{Name: "words", Quick: true, needs: []string{"vocabulary"}, run: words,
		About: "tokens that belong together (1990 and 1991, house and houses) lie together in the embedding, so the vocabulary is the model's own"},
	{Name: "case", Quick: true, needs: []string{"tokenizer"}, run: letterCase,
		About: "the tokenizer lower-cases if and only if the vocabulary has no capitals"},
	{Name: "max length", Quick: true, needs: []string{"tokenizer", "tensors"}, run: maxLength,
		About: "model_max_length is said, fits the model's positions and leaves room for a text"},
	{Name: "settings", Quick: true, run: settings,
		About: "nothing is stored that would be ignored or is missing for saying \"no answer\""},
	{Name: "logits", needs: []string{"tensors", "head", "numbers", "vocabulary"}, run: logits,
		About: "the model runs, and its logits are finite and differ between tokens and texts"},
	{Name: "known questions", needs: []string{"logits"}, run: knownQuestions,
		About: "questions with an obvious answer are answered (English models)"},
	{Name: "no answer", needs: []string{"logits"}, run: noAnswer,
		About: "whether it abstains where the text has no answer, beside what it claims"},
}
