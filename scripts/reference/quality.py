#!/usr/bin/env python3
"""quality.py --utils-qa FILE --model NAME=DIR ... --data NAME=squad.json[:every] ... --out FILE

Writes what transformers and run_qa's post-processing predict for a fixed subset of questions, with the official scores of
those predictions, for internal/e2e/quality_test.go. FILE is utils_qa.py of transformers' question answering example;
`every` keeps each n-th question. Needs torch 2.9, transformers 4.57, tokenizers 0.22; the official
scoring rules (the maximum over gold answers; an empty answer means none) are stated below.
"""
import argparse, collections, json, os, re, string, sys, tempfile

import numpy as np
import tokenizers
import torch
import transformers
from transformers import AutoModelForQuestionAnswering, AutoTokenizer


def norm(s):
    s = "".join(c for c in s.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def f1(gold, pred):
    g, p = norm(gold).split(), norm(pred).split()
    if not g or not p:
        return float(g == p)
    same = sum((collections.Counter(g) & collections.Counter(p)).values())
    return 0.0 if same == 0 else 2 * same / (len(g) + len(p))


def questions(path, every):
    out = []
    for article in json.load(open(path, encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                golds = [a["text"] for a in qa.get("answers", []) if norm(a["text"])] or [""]
                out.append((str(qa["id"]), qa["question"].lstrip(), paragraph["context"], golds))
    return out[::every]


class Rows(list):
    """Examples as the post-processing reads them: by column name, and by row."""

    def __getitem__(self, key):
        return [r[key] for r in self] if isinstance(key, str) else list.__getitem__(self, key)


def predict(model, tok, rows, post, v2):
    features, starts, ends = [], [], []
    for qid, question, context, _ in rows:
        enc = tok(question, context, truncation="only_second", max_length=384, stride=128,
                  return_overflowing_tokens=True, return_offsets_mapping=True)
        for k in range(len(enc["input_ids"])):
            side = enc.sequence_ids(k)
            features.append(dict(example_id=qid, offset_mapping=[o if s == 1 else None for o, s in zip(enc["offset_mapping"][k], side)]))
            with torch.no_grad():
                o = model(**{n: torch.tensor([enc[n][k]]) for n in tok.model_input_names})
            starts.append(o.start_logits[0].numpy())
            ends.append(o.end_logits[0].numpy())
    width = max(map(len, starts))
    pad = lambda xs: np.stack([np.concatenate([x, np.full(width - len(x), -1e4, np.float32)]) for x in xs])
    with tempfile.TemporaryDirectory() as d:
        return dict(post(Rows(dict(id=q, context=c) for q, _, c, _ in rows), features, (pad(starts), pad(ends)),
                         version_2_with_negative=v2, output_dir=d))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--utils-qa", required=True)
    ap.add_argument("--model", action="append", required=True)
    ap.add_argument("--data", action="append", required=True)
    ap.add_argument("--out", required=True)
    a = ap.parse_args()
    sys.path.insert(0, os.path.dirname(a.utils_qa))
    from utils_qa import postprocess_qa_predictions as post

    out = dict(made_with=dict(torch=torch.__version__, transformers=transformers.__version__, tokenizers=tokenizers.__version__), sets=[])
    for d in a.data:
        name, path = d.split("=", 1)
        path, _, every = path.partition(":")
        rows = questions(path, int(every or 1))
        v2 = any(g == [""] for *_, g in rows)
        entry = dict(name=name, v2=v2, models={})
        for m in a.model:
            id_, folder = m.split("=", 1)
            tok = AutoTokenizer.from_pretrained(folder)
            model = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32).eval()
            preds = predict(model, tok, rows, post, v2)
            entry["models"][id_] = dict(
                exact=100 * float(np.mean([max(norm(g) == norm(preds[q]) for g in gs) for q, _, _, gs in rows])),
                f1=100 * float(np.mean([max(f1(g, preds[q]) for g in gs) for q, _, _, gs in rows])),
                predictions=preds)
        out["sets"].append(entry)
    os.makedirs(os.path.dirname(a.out), exist_ok=True)
    with open(a.out, "w", encoding="utf-8") as f:
        json.dump(out, f, ensure_ascii=False, indent=1)
        f.write("\n")


main()
