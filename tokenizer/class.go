package tokenizer

// class is what transformers' tokenizer classes add to the files: defaults, and what they change on loading.
type class struct {
	name     string
	specials specials // defaults of the fast class
	slow     specials // of the slow one, if they differ
	wrap     wrapping // how the fast class turns a special token given as a string into an added token
	slowWrap wrapping
	override override
	noTypes  bool // token_type_ids are not among model_input_names
	padLeft  bool
	lower    bool // do_lower_case
	slowOnly struct{ keepAccents, cased bool }
	prefix   bool // add_prefix_space
	convert  converter
	// rawSpecials: special tokens but the unknown one are matched before normalization even if tokenizer.json says after. The
	// reference does that when it makes the tokenizer of the vocabulary file, and its files do not keep it.
	rawSpecials bool
	file        string // vocabulary file
}

// specials are the special tokens by attribute, in the order of specialNames, then the additional ones.
type specials []string

// specialNames are the attributes that name one special token each, in the order they are added.
var specialNames = []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}

// wrapping tells which special tokens a class wraps, and whether they are then matched in normalized text.
type wrapping struct{ mask, others, unk wrapKind }

type wrapKind uint8

const (
	asString   wrapKind = iota // added only if it is missing
	raw                        // matched before normalization
	normalized                 // matched after normalization
	lstripped                  // raw, with the spaces before it
	lstrippedNormalized
)

// override is what a class rewrites after loading, by tokenizer_config.json and its own defaults.
type override uint8

const (
	nothing        override = iota
	bertAll                 // lowercase, strip_accents and handle_chinese_chars of a BertNormalizer
	bertCase                // the first two
	robertaOffsets          // add_prefix_space and trim_offsets of the post-processor
)

var (
	bertSpecials    = specials{"", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"}
	robertaSpecials = specials{"<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"}
	debertaSpecials = specials{"[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"}
	albertSpecials  = specials{"[CLS]", "[SEP]", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]"}
)

// classes are the tokenizer classes known, without "Fast".
var classes = []class{
	{name: "PreTrainedTokenizer"},
	bertLike("BertTokenizer", true),
	bertLike("DistilBertTokenizer", false),
	bertLike("ElectraTokenizer", true),
	bertLike("MobileBertTokenizer", true),
	bertLike("SqueezeBertTokenizer", true),
	bertLike("ConvBertTokenizer", true),
	bertLike("LxmertTokenizer", true),
	bertLike("LayoutLMTokenizer", true),
	bertLike("RetriBertTokenizer", false),
	bertLike("DPRReaderTokenizer", false),
	{name: "MPNetTokenizer", specials: specials{"<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"}, wrap: wrapping{lstrippedNormalized, normalized, normalized},
		slowWrap: wrapping{lstripped, raw, raw}, override: bertCase, noTypes: true, lower: true, convert: convertMPNet, file: "vocab.txt"},
	{name: "SplinterTokenizer", specials: append(bertSpecials[:7:7], "[QUESTION]"), override: bertCase, lower: true, convert: convertSplinter, file: "vocab.txt"},
	{name: "FunnelTokenizer", specials: specials{"<s>", "</s>", "<unk>", "<sep>", "<pad>", "<cls>", "<mask>"}, override: bertAll, lower: true, convert: convertFunnel, file: "vocab.txt"},

	robertaLike("RobertaTokenizer", lstripped, lstripped, normalized, false),
	robertaLike("LongformerTokenizer", lstripped, lstripped, normalized, false),
	robertaLike("BartTokenizer", lstrippedNormalized, lstrippedNormalized, normalized, false),
	robertaLike("LEDTokenizer", lstrippedNormalized, lstrippedNormalized, normalized, false),
	robertaLike("LayoutLMv3Tokenizer", lstrippedNormalized, lstrippedNormalized, normalized, true),
	robertaLike("MvpTokenizer", lstrippedNormalized, lstripped, raw, false),
	{name: "DebertaTokenizer", specials: debertaSpecials, slowWrap: wrapping{lstrippedNormalized, raw, raw}, convert: convertDeberta, file: "vocab.json"},

	{name: "XLMRobertaTokenizer", specials: robertaSpecials, wrap: wrapping{mask: lstrippedNormalized}, slowWrap: wrapping{mask: lstripped}, noTypes: true,
		convert: convertXLMRoberta, file: "sentencepiece.bpe.model"},
	{name: "CamembertTokenizer", specials: append(robertaSpecials[:7:7], "<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"), wrap: wrapping{mask: lstripped},
		slowWrap: wrapping{mask: lstripped}, noTypes: true, convert: convertCamembert, file: "sentencepiece.bpe.model"},
	{name: "AlbertTokenizer", specials: albertSpecials, wrap: wrapping{mask: lstripped}, slowWrap: wrapping{mask: lstripped}, lower: true, convert: convertAlbert, file: "spiece.model"},
	{name: "XLNetTokenizer", specials: specials{"<s>", "</s>", "<unk>", "<sep>", "<pad>", "<cls>", "<mask>", "<eop>", "<eod>"}, wrap: wrapping{mask: lstrippedNormalized},
		slowWrap: wrapping{mask: lstripped}, padLeft: true, convert: convertXLNet, file: "spiece.model"},
	{name: "BigBirdTokenizer", specials: specials{"<s>", "</s>", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]"}, wrap: wrapping{lstrippedNormalized, normalized, normalized},
		slowWrap: wrapping{lstrippedNormalized, normalized, normalized}, noTypes: true, convert: convertBigBird, rawSpecials: true, file: "spiece.model"},
	remBert(),
	{name: "DebertaV2Tokenizer", specials: debertaSpecials, slowWrap: wrapping{unk: normalized}, convert: convertDebertaV2, file: "spm.model"},
}

func bertLike(name string, types bool) class {
	return class{name: name, specials: bertSpecials, override: bertAll, noTypes: !types, lower: true, convert: convertBERT, file: "vocab.txt"}
}

func robertaLike(name string, mask, slowMask, slowOthers wrapKind, prefix bool) class {
	return class{name: name, specials: robertaSpecials, wrap: wrapping{mask: mask}, slowWrap: wrapping{slowMask, slowOthers, slowOthers}, override: robertaOffsets, noTypes: true,
		prefix: prefix, convert: convertRoBERTa, file: "vocab.json"}
}

// remBert differs between its fast and its slow class, and the slow one reads the vocabulary.
func remBert() class {
	c := class{name: "RemBertTokenizer", specials: albertSpecials, slow: debertaSpecials, wrap: wrapping{mask: lstrippedNormalized}, slowWrap: wrapping{mask: lstrippedNormalized},
		lower: true, convert: convertRemBERT, file: "sentencepiece.model"}
	c.slowOnly.keepAccents, c.slowOnly.cased = true, true
	return c
}

// modelTypes are the classes that transformers takes for a model_type when the files name none.
var modelTypes = map[string]string{
	"albert": "AlbertTokenizer", "bart": "BartTokenizer", "bert": "BertTokenizer", "big_bird": "BigBirdTokenizer", "camembert": "CamembertTokenizer",
	"convbert": "ConvBertTokenizer", "data2vec-text": "RobertaTokenizer", "deberta": "DebertaTokenizer", "deberta-v2": "DebertaV2Tokenizer",
	"distilbert": "DistilBertTokenizer", "electra": "ElectraTokenizer", "ernie": "BertTokenizer", "funnel": "FunnelTokenizer", "ibert": "RobertaTokenizer",
	"layoutlm": "LayoutLMTokenizer", "layoutlmv3": "LayoutLMv3Tokenizer", "led": "LEDTokenizer", "lilt": "LayoutLMv3Tokenizer", "longformer": "LongformerTokenizer",
	"lxmert": "LxmertTokenizer", "mega": "RobertaTokenizer", "megatron-bert": "BertTokenizer", "mobilebert": "MobileBertTokenizer", "modernbert": "PreTrainedTokenizer",
	"mpnet": "MPNetTokenizer", "mra": "RobertaTokenizer", "mvp": "MvpTokenizer", "nezha": "BertTokenizer", "nystromformer": "AlbertTokenizer", "qdqbert": "BertTokenizer",
	"rembert": "RemBertTokenizer", "roberta": "RobertaTokenizer", "roberta-prelayernorm": "RobertaTokenizer", "splinter": "SplinterTokenizer",
	"squeezebert": "SqueezeBertTokenizer", "visual_bert": "BertTokenizer", "xlm-roberta": "XLMRobertaTokenizer", "xlm-roberta-xl": "XLMRobertaTokenizer",
	"xlnet": "XLNetTokenizer", "xmod": "XLMRobertaTokenizer", "yoso": "AlbertTokenizer",
}

func classNamed(name string) *class {
	for i := range classes {
		if classes[i].name == name {
			return &classes[i]
		}
	}
	return nil
}
