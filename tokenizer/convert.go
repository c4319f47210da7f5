package tokenizer

type converter func(b *builder) error

func (b *builder) convert() error { return errNoTokenizer }

var convertBERT, convertMPNet, convertSplinter, convertFunnel, convertRoBERTa, convertDeberta, convertXLMRoberta, convertCamembert, convertAlbert, convertXLNet, convertBigBird, convertRemBERT, convertDebertaV2 converter
