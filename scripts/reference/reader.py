#!/usr/bin/env python3
"""reader.py UTILS_QA.py

Write reader/testdata: windows with made-up logits, and what transformers makes of them. UTILS_QA.py is run_qa's
post-processing, from the folder examples/pytorch/question-answering of transformers.
needs: torch, transformers 4.57.6, tokenizers 0.22.x, numpy 2.x on a processor with AVX-512 (numpy's choice among equal
scores depends on it)

Three small tokenizers, one of each kind that upstream treats differently: pieces of words with the question first,
bytes with the question first, and pieces with leading spaces and the context first (as XLNet has it). Per tokenizer a
folder with its tokenizer.json, tokenizer_config.json and cases.jsonl. The first line of cases.jsonl says what it was made
with; each of the others is a case:
  question, context, params
  windows     ids, offsets (code points of the text that the token is from), words and sequences (null: none),
              start and end logits
  answers     of the question-answering pipeline
  squad       of run_qa's postprocess_qa_predictions, v1 and v2: text, the number of entries in nbest and the first five of
              them, null_odds; or error, where it stops with one
beam.jsonl has windows of a beam head and what postprocess_qa_predictions_with_beam_search makes of them.
"""
import importlib.util, json, os, random, sys, tempfile, warnings

import numpy as np
import tokenizers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast, QuestionAnsweringPipeline
from transformers.modeling_outputs import QuestionAnsweringModelOutput

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
if len(sys.argv) != 2:
    sys.exit(__doc__)
spec = importlib.util.spec_from_file_location("utils_qa", sys.argv[1])
utils_qa = importlib.util.module_from_spec(spec)
spec.loader.exec_module(utils_qa)

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "reader", "testdata")
MADE_WITH = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "numpy": np.__version__}

HARBOUR = ("The harbour of Lindau was dug in 1811. In 1856 the town put up a lighthouse and, facing it, a lion of marble. "
           "The lion weighs 50 tons.")
MIXED = ("Zoë's café — “Le Lion” — opened at 7:30 in São Paulo. İZMİR and ΟΔΟΣ are on the sign, 東京 is not. "
         "The café’s owner, Zoë, said: the CAFÉ opens daily! 🚀🚀 The end\u2011point is 3.14.")
TAGS = "The page says <pad> and [PAD], then <cls> and [CLS], and at last <sep> or [SEP]. The word pad stands alone."
SPACES = "  two   spaces\n\nand a\ttab ,  then the end \n"
QUESTIONS = ["When was the harbour dug?", "What weighs 50 tons?", "Wo öffnet das Café?", "Is [CLS] <cls> or <pad> a tag?", "end?"]


def wordpiece(texts):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    t.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False))
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return PreTrainedTokenizerFast(tokenizer_object=t, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
                                   sep_token="[SEP]", mask_token="[MASK]", model_max_length=48)


def bytelevel(texts):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=460, special_tokens=special, show_progress=False,
                                                     initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.post_processor = processors.RobertaProcessing(sep=("</s>", 2), cls=("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return PreTrainedTokenizerFast(tokenizer_object=t, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
                                   cls_token="<s>", sep_token="</s>", mask_token="<mask>", model_max_length=48,
                                   model_input_names=["input_ids", "attention_mask"])


def metaspace(texts):
    t = Tokenizer(models.Unigram())
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    special = ["<unk>", "<pad>", "<cls>", "<sep>"]
    t.train_from_iterator(texts, trainers.UnigramTrainer(vocab_size=260, special_tokens=special, unk_token="<unk>", show_progress=False))
    t.post_processor = processors.TemplateProcessing(
        single="$A:0 <sep>:0 <cls>:2", pair="$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2", special_tokens=[("<cls>", 2), ("<sep>", 3)])
    return PreTrainedTokenizerFast(tokenizer_object=t, pad_token="<pad>", unk_token="<unk>", cls_token="<cls>", sep_token="<sep>",
                                   padding_side="left", model_max_length=48)


def cases(rnd):
    q, texts = QUESTIONS, [HARBOUR, MIXED, TAGS, SPACES]
    yield q[0], HARBOUR, {}
    yield q[1], HARBOUR, dict(top_k=4, handle_impossible_answer=True)
    yield q[1], HARBOUR, dict(top_k=5, max_seq_len=32, doc_stride=8, max_answer_len=30)
    yield q[0], HARBOUR, dict(top_k=3, align_to_words=False, max_answer_len=1)
    yield q[2], MIXED, dict(top_k=6, align_to_words=False, max_answer_len=4, handle_impossible_answer=True)
    yield q[2], MIXED, dict(top_k=20, max_seq_len=40, doc_stride=0)
    yield q[3], TAGS, dict(top_k=8, handle_impossible_answer=True)
    yield q[3], TAGS, dict(top_k=3, align_to_words=False)
    yield q[4], SPACES, dict(top_k=3)
    yield q[4], "Yes.", dict(top_k=3)
    yield q[4], "a", dict(top_k=2, align_to_words=False)
    yield q[4], " ", dict(max_answer_len=2)
    for _ in range(3):
        yield rnd.choice(q), rnd.choice(texts), dict(top_k=rnd.randint(1, 6), align_to_words=rnd.random() < .6, max_answer_len=rnd.randint(2, 20),
                                                     handle_impossible_answer=rnd.random() < .5, max_seq_len=36, doc_stride=rnd.randint(0, 6))


def logits(rng, n):
    """Of five digits, so that they are short in JSON and still exact."""
    return [float(f"{v:.5g}") for v in rng.normal(0, 3, n)]


class Pipeline(QuestionAnsweringPipeline):
    """The pipeline with logits of ours in place of the model's."""
    def _forward(self, inputs):
        s, e = self.made[self.at]
        self.at += 1
        return {"start": torch.tensor([s]), "end": torch.tensor([e]), **inputs}


class Examples(list):
    """Rows, which run_qa also asks for by column."""
    def __getitem__(self, k):
        return [r[k] for r in self] if isinstance(k, str) else list.__getitem__(self, k)


def run_qa(post, context, offsets, arrays, **options):
    features = [dict(example_id="x", offset_mapping=[tuple(o) if o else None for o in w]) for w in offsets]
    with tempfile.TemporaryDirectory() as folder:
        try:
            text = post(Examples([dict(id="x", context=context)]), features, arrays, output_dir=folder, **options)
        except IndexError:
            return dict(error="every candidate is empty")
        if isinstance(text, tuple):
            text = text[0]
        read = lambda name: json.load(open(f"{folder}/{name}.json"))["x"]
        short = lambda v: float(f"{v:.7g}") if isinstance(v, float) else v
        nbest = [{k: short(v) for k, v in b.items() if k in ("text", "probability", "start_logit", "end_logit")} for b in read("nbest_predictions")]
        out = dict(text=text["x"], count=len(nbest), nbest=nbest[:5])
        if options["version_2_with_negative"]:
            out["null_odds"] = read("null_odds")
        return out


def squad(context, windows):
    n = max(len(w["ids"]) for w in windows)
    pad = lambda x: np.array(x + [-100.0] * (n - len(x)), np.float32)
    arrays = tuple(np.stack([pad(w[k]) for w in windows]) for k in ("start", "end"))
    offsets = [w["context_offsets"] for w in windows]
    out = {}
    for name, options in dict(v1={}, v2={}, v2_threshold=dict(null_score_diff_threshold=-4.0, n_best_size=5)).items():
        out[name] = run_qa(utils_qa.postprocess_qa_predictions, context, offsets, arrays, version_2_with_negative=name != "v1", **options)
    return out


def write(name, tok, rnd, rng):
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    tok.save_pretrained(folder)
    for extra in set(os.listdir(folder)) - {"tokenizer.json", "tokenizer_config.json", "cases.jsonl"}:
        os.remove(os.path.join(folder, extra))
    model = BertForQuestionAnswering(BertConfig(vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8))
    pipe = Pipeline(model=model, tokenizer=tok, device="cpu")
    first = tok.padding_side == "right"
    with open(os.path.join(folder, "cases.jsonl"), "w") as f:
        f.write(json.dumps({"made_with": MADE_WITH, "script": "scripts/reference/reader.py"}) + "\n")
        for question, context, params in cases(rnd):
            length = params.get("max_seq_len", min(tok.model_max_length, 384))
            enc = tok(*((question, context) if first else (context, question)), truncation="only_second" if first else "only_first", max_length=length,
                      stride=params.get("doc_stride", min(length // 2, 128)), return_overflowing_tokens=True, return_offsets_mapping=True)
            windows = []
            for e in enc.encodings:
                w = dict(ids=e.ids, offsets=[list(o) for o in e.offsets], words=e.word_ids, sequences=e.sequence_ids)
                w["start"], w["end"] = logits(rng, len(e.ids)), logits(rng, len(e.ids))
                w["context_offsets"] = [list(o) if s == (1 if first else 0) else None for o, s in zip(e.offsets, e.sequence_ids)]
                windows.append(w)
            pipe.made, pipe.at = [(w["start"], w["end"]) for w in windows], 0
            answers = pipe(question=question, context=context, **params)
            result = squad(context, windows)
            for w in windows:
                del w["context_offsets"]
            f.write(json.dumps(dict(question=question, context=context, params=params, windows=windows,
                                    answers=answers if isinstance(answers, list) else [answers], squad=result), ensure_ascii=False) + "\n")


def write_beam(rnd, rng):
    with open(os.path.join(OUT, "beam.jsonl"), "w") as f:
        f.write(json.dumps({"made_with": MADE_WITH, "script": "scripts/reference/reader.py"}) + "\n")
        for number in range(8):
            context = HARBOUR[:rnd.randint(30, 120)]
            offsets, windows = [], []
            for _ in range(rnd.randint(1, 3)):
                at = [[i, min(i + 4, len(context))] for i in range(0, len(context), 4)]
                w = at + [None] * rnd.randint(2, 8)
                n = len(w)
                starts = rng.permutation(n)[:5] if number else np.arange(len(at), len(at) + 1).repeat(5)
                p = np.sort(rng.dirichlet(np.ones(5)) * .9)[::-1]
                ends = np.stack([rng.permutation(n)[:5] for _ in range(5)], 1)
                q = np.sort(rng.dirichlet(np.ones(5), 5), 1)[:, ::-1].T * .9
                short = lambda a: [float(f"{v:.5g}") for v in np.asarray(a).flatten()]
                windows.append(dict(offsets=w, start_top_log_probs=short(p), start_top_index=starts.tolist(), end_top_log_probs=short(q),
                                    end_top_index=ends.flatten().tolist(), cls_logits=short(rng.normal(0, 2, 1))[0]))
                offsets.append(w)
            arrays = tuple(np.array([w[k] for w in windows], np.float32 if "index" not in k else np.int64)
                           for k in ("start_top_log_probs", "start_top_index", "end_top_log_probs", "end_top_index", "cls_logits"))
            post = utils_qa.postprocess_qa_predictions_with_beam_search
            f.write(json.dumps(dict(context=context, windows=windows, **{
                v: run_qa(post, context, offsets, arrays, version_2_with_negative=v == "v2") for v in ("v1", "v2")})) + "\n")


def main():
    texts = [HARBOUR, MIXED, TAGS, SPACES, "Yes."] + QUESTIONS
    for seed, (name, make) in enumerate(dict(wordpiece=wordpiece, bytelevel=bytelevel, metaspace=metaspace).items()):
        write(name, make(texts * 3), random.Random(seed), np.random.default_rng(seed))
    write_beam(random.Random(9), np.random.default_rng(9))


main()
