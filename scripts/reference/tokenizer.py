#!/usr/bin/env python3
"""Writes tokenizer/testdata: small tokenizers of every kind, and what the reference makes of some texts with them.

usage: tokenizer.py tokenizer/testdata
needs: tokenizers 0.22.x, transformers 4.57.x, sentencepiece

Each folder is a repository without a model: tokenizer.json, or the vocabulary files of older repositories, with its
configuration. The first line of its cases.jsonl has the versions; each other line a text and its tokens, or a question and a
context and their windows. Offsets are code points. codepoints.json has digests of what normalizers make of every code point.
"""
import base64, hashlib, json, os, random, shutil, sys, tempfile, unicodedata, warnings

warnings.filterwarnings("ignore")
os.environ.update(TOKENIZERS_PARALLELISM="false", RUST_BACKTRACE="0")
import sentencepiece, tokenizers, transformers as T
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers as N, pre_tokenizers as P, processors, trainers

T.logging.set_verbosity_error()
VERSIONS = dict(tokenizers=tokenizers.__version__, transformers=T.__version__, sentencepiece=sentencepiece.__version__)

SENTENCES = """The harbour master counts the boats every evening and writes the number in a green book.
When does the ferry to the island leave, and who sells the tickets?
In 1887 the town bought 2,400 lamps; by 1,905 of them were still burning in 1910.
Nobody knew why the baker's dog wouldn't cross the bridge, but they'd seen it turn round twice.
She said: "I'm sure it's the other key." He didn't answer, so they've left it at that.
The lighthouse keeper's daughter measured the waves (3.5 metres) with a rope and two knots.
Where did the expedition spend the winter of 1911, and how many sledges were lost?
A new school was built on the hill; the old one became a library, then a cinema, then a library again.
The recipe needs flour, butter, sugar, eggs - and patience! Bake it at 180 degrees for 40 minutes.
Trains run hourly; the last one goes at 23:15 from platform 2, except on Sundays.
Le père de Zoé habitait près de l'église à São Paulo, où naïve rime avec élève.
Der Schiffahrtskapitän aß auf der Straße süße Äpfel über dem Maßstab.
İstanbul'da ılık bir gün; ΟΔΟΣ και οδός, Ελλάδα.
東京都は日本の首都です。北京是中国的首都。서울은 대한민국의 수도이다.
กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย भारत की राजधानी नई दिल्ली है।
القاهرة هي عاصمة جمهورية مصر العربية وتُعدّ أكبر مدينة.
""".strip().split("\n")

PAIRS = [
    ("When does the ferry leave?", SENTENCES[0] + " " + SENTENCES[1] + " " + SENTENCES[9]),
    ("Où habitait Zoé ?", SENTENCES[10] + " Cafe\u0301 or café? ﬁnally the ﬀ ligature — “quoted”…"),
    ("東京は?", SENTENCES[13] + "ﾊﾝｶｸ ｶﾅ も。"),
    ("Who waved 👋🏽?", "The astronaut 👩🏽‍🚀 waved 👋🏽 at 👨‍👩‍👧‍👦 at T\u2011minus\u00a010 s.\tThen\r\nshe left\u200b the pad\u00ad at 10:32\u202fp.m."),
    ("İstanbul ΟΔΟΣ?", "İSTANBUL, Türkiye; ILGAZ. ΟΔΥΣΣΕΥΣ πήγε. Straße STRASSE ẞ. กำ क्षत्रिय " + SENTENCES[15]),
    ("What tags [SEP] are used? <s> </s>", "The markup uses <s>, </s>, <pad>, [CLS] and [SEP]; e.g. [MASK] or  <mask> , <unk>.  <sep><cls>"),
    ("   spaces   around   ?  ", "  leading and   multiple    spaces,\n\n\nnew lines\n and a trailing one \n"),
    ("III 2000 don't?", "In III A.D. and 2000, they'd said: don't, it's, I'm, they'll!! ...and so on;; 3.14159 1e-9 x_y_z a/b\\c 1,000, ``x'' " + "ab" * 60),
]


def texts(seed, n):
    """Short mixtures of words, odd characters, marks, spaces and special tokens."""
    r = random.Random(seed)
    marks = [chr(c) for c in range(0x300, 0x20000) if unicodedata.combining(chr(c))]
    odd = [chr(c) for c in (0, 1, 0x7F, 0x85, 0xA0, 0xAD, 0x130, 0x131, 0x17F, 0x1E9E, 0x2126, 0x2028, 0x200B, 0x200D, 0x2581, 0x3000, 0xD7FF, 0xE000,
                            0xFB01, 0xFEFF, 0xFFFD, 0xFFFF, 0x344, 0xF73, 0x600, 0x302E, 0x1D165, 0x1D15E, 0x1F1E6, 0x2F800, 0xE0001, 0x10FFFF)]
    special = ["[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<mask>", " <mask> ", "<unk>", "<sep>", "<cls>", "[sep]"]
    words = " ".join(SENTENCES).split()
    part = [lambda: r.choice(words) + " ", lambda: r.choice(words), lambda: r.choice("aeAEé가क中") + "".join(r.choices(marks, k=r.randrange(1, 4))), lambda: r.choice(odd),
            lambda: r.choice(special), lambda: "".join(r.choices(" \t\n\r\u3000\u00a0  ", k=r.randrange(1, 4))), lambda: chr(r.choice([r.randrange(0x20, 0x3000), r.randrange(0x3000, 0xD800), r.randrange(0x10000, 0x30000)])),
            lambda: str(r.randrange(10 ** 6)), lambda: r.choice(["``", "''", "don't", "1,000,", "👩🏽‍🚀", "각", "\r\n", "e\u0301\u0327", "...", "x_y"])]
    return ["".join(r.choice(part)() for _ in range(r.randrange(1, 9))) for _ in range(n)]


def words_json(e):
    return [-1 if w is None else w for w in e.word_ids]


def window(e, context):
    spans = []
    for i in range(len(e.ids)):
        word = e.token_to_word(i)
        span = None if word is None else e.word_to_chars(word, context)
        spans.append(None if span is None else list(span))
    return dict(ids=e.ids, types=e.type_ids, offsets=e.offsets, sequence=[-1 if s is None else s for s in e.sequence_ids], words=words_json(e), spans=spans)


def cases(folder, tok, seed):
    """Writes cases.jsonl beside the files that tok was read from."""
    backend, right = tok.backend_tokenizer, tok.padding_side == "right"
    backend.no_padding()
    with open(f"{folder}/cases.jsonl", "w") as out:
        write = lambda x: out.write(json.dumps(x, ensure_ascii=False, separators=(",", ":")) + "\n")
        write(dict(versions=VERSIONS, cls=tok.cls_token, right=right, types="token_type_ids" in tok.model_input_names, size=len(tok),
                   max_length=tok.model_max_length if tok.model_max_length < 1e9 else 0))
        backend.no_truncation()
        for text in texts(seed, 40):
            e = backend.encode(text, add_special_tokens=False)
            write(dict(text=text, ids=e.ids, offsets=e.offsets, words=words_json(e)))
        for k, (question, context) in enumerate(PAIRS):
            size, stride = [(48, 8), (64, 16), (384, 128)][k % 3]
            backend.enable_truncation(size, stride=stride, strategy="only_second" if right else "only_first", direction=tok.truncation_side)
            e = backend.encode(question, context) if right else backend.encode(context, question)
            write(dict(question=question, context=context, max_len=size, stride=stride, windows=[window(w, int(right)) for w in [e] + e.overflowing]))


class Writer:
    def __init__(self, root):
        self.root, self.work, self.count = root, tempfile.mkdtemp(), 0

    def folder(self, name, files=(), config=None):
        d = f"{self.root}/{name}"
        shutil.rmtree(d, ignore_errors=True)
        os.makedirs(d)
        for source, target in files:
            shutil.copyfile(source, f"{d}/{target}")
        if config is not None:
            with open(f"{d}/tokenizer_config.json", "w") as f:
                json.dump(config, f, ensure_ascii=False, indent=1)
        return d

    def old(self, name, cls, files, **config):
        """A repository of vocabulary files, read by transformers' class."""
        d = self.folder(name, files, dict(tokenizer_class=cls, **config))
        self.count += 1
        cases(d, getattr(T, cls + "Fast").from_pretrained(d), self.count)
        return d

    def reread(self, name, old, drop=(), change=None, **config):
        """The same with tokenizer.json, as transformers writes it, without the files in drop."""
        tok = T.AutoTokenizer.from_pretrained(old)
        d = self.folder(name)
        tok.save_pretrained(d)
        for f in list(drop) + ["special_tokens_map.json"]:
            if os.path.exists(f"{d}/{f}"):
                os.remove(f"{d}/{f}")
        with open(f"{d}/tokenizer_config.json") as f:
            c = json.load(f)
        c.update(config)
        with open(f"{d}/tokenizer_config.json", "w") as f:
            json.dump(c, f, ensure_ascii=False, indent=1)
        self.count += 1
        cases(d, T.AutoTokenizer.from_pretrained(d), self.count)

    def own(self, name, tok, **config):
        """A tokenizer.json of components that no class has."""
        d = self.folder(name, config=dict(tokenizer_class="PreTrainedTokenizerFast", **config))
        tok.save(f"{d}/tokenizer.json", pretty=False)
        self.count += 1
        cases(d, T.PreTrainedTokenizerFast.from_pretrained(d), self.count)


def wordpieces(w, lower, special):
    tok = Tokenizer(models.WordPiece(unk_token=special[1]))
    tok.normalizer, tok.pre_tokenizer = N.BertNormalizer(lowercase=lower), P.BertPreTokenizer()
    tok.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=700, special_tokens=special, show_progress=False))
    vocab = sorted(tok.get_vocab(), key=tok.get_vocab().get)
    path = f"{w.work}/vocab-{len(os.listdir(w.work))}.txt"
    with open(path, "w") as f:
        f.write("\n".join(vocab) + "\n")
    return path


def byte_pairs(w, special):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = P.ByteLevel(add_prefix_space=False)
    tok.train_from_iterator(SENTENCES * 2, trainers.BpeTrainer(vocab_size=600, special_tokens=special, initial_alphabet=P.ByteLevel.alphabet(), show_progress=False))
    d = tempfile.mkdtemp(dir=w.work)
    tok.model.save(d)
    return [(f"{d}/vocab.json", "vocab.json"), (f"{d}/merges.txt", "merges.txt")]


RULES = [("ﬁ", "fi"), ("ﬀ", "ff"), ("ë", "e"), ("e\u0301", "é"), ("\u00a0", " "), ("\u3000", " "), ("\t", " "), ("\n", " "), ("\r", " "), ("\u200b", ""), ("\u00ad", ""),
         ("…", "..."), ("½", "1/2"), ("Ａ", "A"), ("ｱ", "ア"), ("각", "가"), ("à", "a"), ("\u1100", "ㄱ"), ("İ", "I"), ("\u0600", ""), ("\x01", ""), ("ﷺ", "صلى الله عليه وسلم")]


def pieces(w, name, rules=True, **options):
    """A sentencepiece model; its normalization rules are few, so that the file is small."""
    path = f"{w.work}/{name}"
    with open(f"{w.work}/rules.tsv", "w") as f:
        for a, b in RULES:
            f.write(" ".join(f"{ord(c):x}" for c in a) + "\t" + " ".join(f"{ord(c):x}" for c in b) + "\n")
    if rules is True:
        options["normalization_rule_tsv"] = f"{w.work}/rules.tsv"
    else:
        options["normalization_rule_name"] = rules
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(SENTENCES * 3), model_prefix=path, character_coverage=0.98, hard_vocab_limit=False, minloglevel=2, **dict(dict(vocab_size=420), **options))
    return path + ".model"


def classes(w):
    bert = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    uncased, cased = wordpieces(w, True, bert), wordpieces(w, False, bert)
    vocab = lambda path: [(path, "vocab.txt")]
    d = w.old("bert-uncased", "BertTokenizer", vocab(uncased), model_max_length=512)
    w.reread("bert-uncased-json", d, ["vocab.txt"])
    w.reread("bert-recased-json", d, ["vocab.txt"], do_lower_case=False, strip_accents=True, tokenize_chinese_chars=False)
    w.old("distilbert-cased", "DistilBertTokenizer", vocab(cased), do_lower_case=False)
    w.old("electra-accents", "ElectraTokenizer", vocab(uncased), strip_accents=False, tokenize_chinese_chars=False)
    w.old("mpnet", "MPNetTokenizer", vocab(wordpieces(w, True, ["<pad>", "[UNK]", "<s>", "</s>", "<mask>"])))
    w.old("funnel", "FunnelTokenizer", vocab(wordpieces(w, True, ["<pad>", "<unk>", "<cls>", "<sep>", "<mask>", "<s>", "</s>"])))
    w.old("splinter", "SplinterTokenizer", vocab(wordpieces(w, False, bert + ["[QUESTION]", "."])), do_lower_case=False)
    pairs = byte_pairs(w, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    d = w.old("roberta", "RobertaTokenizer", pairs)
    w.reread("roberta-prefix-json", d, ["vocab.json", "merges.txt"], add_prefix_space=True)
    w.reread("roberta-untrimmed-json", d, ["vocab.json", "merges.txt"], trim_offsets=False)
    w.old("bart", "BartTokenizer", pairs, model_max_length=1024)
    w.old("deberta", "DebertaTokenizer", byte_pairs(w, ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]))
    d = w.old("xlm-roberta", "XLMRobertaTokenizer", [(pieces(w, "xlmr", rules="nmt_nfkc"), "sentencepiece.bpe.model")], model_max_length=512)
    small = pieces(w, "small")
    w.reread("xlm-roberta-json", w.old("camembert", "CamembertTokenizer", [(small, "sentencepiece.bpe.model")]), ["sentencepiece.bpe.model"])
    albert = pieces(w, "albert", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"])
    d = w.old("albert", "AlbertTokenizer", [(albert, "spiece.model")])
    w.reread("albert-json", d, ["spiece.model"])
    w.old("albert-cased", "AlbertTokenizer", [(albert, "spiece.model")], do_lower_case=False, keep_accents=True)
    w.old("rembert", "RemBertTokenizer", [(albert, "sentencepiece.model")])
    w.old("xlnet", "XLNetTokenizer", [(pieces(w, "xlnet", user_defined_symbols="<cls>,<sep>,<pad>,<mask>,<eod>,<eop>,.,(,),-".split(",")), "spiece.model")])
    w.old("big-bird", "BigBirdTokenizer", [(pieces(w, "bigbird", pad_id=0, eos_id=1, bos_id=2, unk_id=3, user_defined_symbols=["[SEP]", "[MASK]", "[CLS]"]), "spiece.model")])
    deberta = pieces(w, "deberta", rules="identity", pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]")
    d = w.old("deberta-v2", "DebertaV2Tokenizer", [(deberta, "spm.model")], do_lower_case=True, split_by_punct=True)
    w.reread("deberta-v2-json", d, ["spm.model"])
    w.old("sentencepiece-bpe", "BigBirdTokenizer", [(pieces(w, "bpe", model_type="bpe", pad_id=0, eos_id=1, bos_id=2, unk_id=3, user_defined_symbols=["[SEP]", "[MASK]", "[CLS]"]), "spiece.model")])


def framed(tok, cls, sep):
    i = tok.token_to_id
    tok.post_processor = processors.TemplateProcessing(single=f"{cls} $A {sep}", pair=f"{cls}:2 $A {sep} $B:3 {sep}:1", special_tokens=[(cls, i(cls)), (sep, i(sep))])
    return tok


CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def components(w):
    letters = sorted({c for s in SENTENCES for c in s if c != " "})
    level = {t: i for i, t in enumerate(["[UNK]", "[CLS]", "[SEP]", "the", "and", ".", ",", "a", "中", "é", "1", "#"])}
    for k, (n, p) in enumerate([
            (N.Sequence([N.NFC(), N.Replace(Regex(r"\p{N}{2,}"), "#")]), P.Whitespace()),
            (N.Sequence([N.NFD(), N.StripAccents(), N.Strip()]), P.Sequence([P.WhitespaceSplit(), P.Punctuation("isolated")])),
            (N.Sequence([N.NFKC(), N.Nmt(), N.Lowercase()]), P.Sequence([P.WhitespaceSplit(), P.Digits(individual_digits=True)])),
            (N.Sequence([N.NFKD(), N.Prepend("a "), N.Replace("the", "and the")]), P.CharDelimiterSplit(" "))]):
        tok = Tokenizer(models.WordLevel(level, unk_token="[UNK]"))
        tok.normalizer, tok.pre_tokenizer = n, p
        tok.add_tokens([AddedToken("ferry", single_word=True), AddedToken("é", lstrip=True, rstrip=True), AddedToken("İ", normalized=True), AddedToken("Zo", normalized=False, rstrip=True)])
        w.own(f"wordlevel-{k}", framed(tok, "[CLS]", "[SEP]"), cls_token="[CLS]")
    scored = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)] + [(c, -6.0 - len(c)) for c in letters + ["▁", "▁the", "the", "▁a", "nd", "er", "in", "▁wh", "00", ",▁"]] + [(f"<0x{b:02X}>", -30.0) for b in range(256)]
    for k, p in enumerate([P.Metaspace(prepend_scheme="first"), P.Metaspace(prepend_scheme="never", split=False), P.Sequence([P.Punctuation("merged_with_next"), P.Metaspace()])]):
        tok = Tokenizer(models.Unigram(scored, unk_id=0, byte_fallback=k != 1))
        tok.pre_tokenizer = p
        w.own(f"unigram-{k}", framed(tok, "<s>", "</s>"), cls_token="<s>", padding_side="left" if k == 2 else "right", truncation_side="left" if k == 1 else "right")
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = P.ByteLevel(add_prefix_space=False)
    trained.train_from_iterator(SENTENCES * 2, trainers.BpeTrainer(vocab_size=450, special_tokens=["<s>", "</s>"], initial_alphabet=P.ByteLevel.alphabet(), show_progress=False))
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(m) for m in model["merges"]]
    for k, (split, prefix) in enumerate([(P.Split(Regex(CL100K), "isolated"), False), (P.Split(Regex(r"[\s\p{P}]"), "merged_with_previous"), True), (P.Split(Regex(r"\w+|[^\w\s]+"), "removed", invert=True), False)]):
        tok = Tokenizer(models.BPE(vocab=model["vocab"], merges=merges, ignore_merges=k == 0))
        tok.pre_tokenizer = P.Sequence([split, P.ByteLevel(add_prefix_space=prefix, use_regex=False)])
        tok.add_special_tokens(["<s>", "</s>"])
        tok.post_processor = processors.Sequence([processors.ByteLevel(add_prefix_space=prefix), framed(tok, "<s>", "</s>").post_processor])
        w.own(f"bpe-split-{k}", tok, cls_token="<s>")
    chars = {t: i for i, t in enumerate(["<unk>", "▁"] + letters + ["th", "the", "▁the", "an", "and"] + [f"<0x{b:02X}>" for b in range(256)])}
    steps = [("t", "h"), ("th", "e"), ("▁", "the"), ("a", "n"), ("an", "d")]
    tok = Tokenizer(models.BPE(vocab=chars, merges=steps, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tok.normalizer, tok.post_processor = N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), processors.BertProcessing(("the", chars["the"]), ("and", chars["and"]))
    w.own("bpe-byte-fallback", tok)
    plain = [c for c in letters if c.isascii()]
    ends = {t: i for i, t in enumerate(["<unk>"] + plain + [c + "</w>" for c in plain] + ["th", "the</w>", "in", "ing</w>", "ng</w>"])}
    tok = Tokenizer(models.BPE(vocab=ends, merges=[("t", "h"), ("th", "e</w>"), ("i", "n"), ("n", "g</w>"), ("i", "ng</w>")], unk_token="<unk>", end_of_word_suffix="</w>"))
    tok.pre_tokenizer, tok.post_processor = P.BertPreTokenizer(), processors.RobertaProcessing(("t", ends["t"]), ("h", ends["h"]))
    w.own("bpe-word-ends", tok)


def codepoints(root):
    """Digests of every code point of the planes with assigned characters, between two letters, normalized."""
    out, points = {}, [c for c in [*range(0x33480), *range(0xE0000, 0xE0200)] if not 0xD800 <= c < 0xE000]
    for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "BertNormalizer"):
        n, h = getattr(N, name)(), hashlib.sha256()
        for c in points:
            h.update(n.normalize_str(f"a{chr(c)}\u0316\u0301b").encode() + b"\n")
        out[name] = h.hexdigest()
    with open(f"{root}/codepoints.json", "w") as f:
        json.dump(dict(versions=VERSIONS, text="a, the code point, U+0316, U+0301, b; each result ended by a line feed; code points to 3347F and E0000 to E01FF", sha256=out), f, indent=1)


def main():
    w = Writer(sys.argv[1])
    classes(w)
    components(w)
    codepoints(sys.argv[1])
    shutil.rmtree(w.work)
    print(w.count, "tokenizers")


main()
