// Package tokenizer turns text into the token ids a question answering model reads, each token with the bytes of the original
// text it stands for. It loads what Hugging Face repositories carry: tokenizer.json, or the vocabulary files of older ones, and
// gives the same ids, windows and offsets as tokenizers 0.22 under transformers 4.57, quirks included.
//
// It knows nothing of models, questions' answers or the Hub. Offsets are bytes of the text as given, invalid UTF-8 included.
package tokenizer
