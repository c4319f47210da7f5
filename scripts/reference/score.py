#!/usr/bin/env python3
"""score.py EVALUATE_V1.1.py EVALUATE_V2.0.py [--cases N] [--seed S] [--out DIR]

Write random small data sets and predictions with the scores that the two official SQuAD scripts give them, one
JSON list per kind, to eval/testdata/official (or DIR, where a longer differential run wants them); and beside that
folder python.json, how Python normalises and writes. Inputs are kept as JSON text, because they hold NaN-like numbers
and escapes that are part of the test.
"""
import argparse
import contextlib
import importlib.util
import io
import json
import os
import platform
import random

ap = argparse.ArgumentParser()
ap.add_argument("v1")
ap.add_argument("v2")
ap.add_argument("--cases", type=int, default=20)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--out", default="eval/testdata/official")
args = ap.parse_args()
rnd = random.Random(args.seed)


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    mod = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mod)
    return mod


V1, V2 = load(args.v1, "v1"), load(args.v2, "v2")

WORDS = ["a", "an", "the", "The", "A", "AN", "THE", "cat", "Cat", "dog", "mat", "U.S.", "US", "10,000", "10000", "it's", "its",
         "éa", "é", "thé", "a\u0301", "e\u0301a", "a\u200b", "a_b", "_a", "the_", "an-a-the", "-", "!", "...", "$", "“quoted”",
         "quoted", "’s", "–", "天氣很好", "天氣", "の", "ไทย", "ΟΔΟΣ", "οδος", "οδοσ", "ΑΣ'Σ", "Σ", "ΑΣ.", "ΑΣ\u00adΒ", "İstanbul",
         "i̇stanbul", "istanbul", "ISTANBUL", "Straße", "STRASSE", "ﬁn", "²", "x²", "a²", "①", "Ⅷ", "ⅷ", "½", "๒", "🙂", "a🙂",
         "ǅ", "ẞ", "ſ", "K", "Ω", "a·b", "ªn", "ʰa", "а", "\ud800", "\x7f", "a\x00", "ᏸ", "Ꭰ", "ꭰ", "Ა", "𐐀"]
SPACES = [" "] * 12 + ["  ", "\t", "\n", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u202f",
                       "\u205f", "\u3000", "\u200b", "\ufeff", "\x0b", "\x0c", ""]


def text(longest=5):
    out = ""
    for i in range(rnd.randint(0, longest)):
        out += (rnd.choice(SPACES) if i else "") + rnd.choice(WORDS)
    return rnd.choice([out] * 9 + [" " + out, out + "\u3000"])


def disturb(s):
    k = rnd.randrange(8)
    if k == 0:
        return s.upper()
    if k == 1:
        return s.lower()
    if k == 2:
        return "the " + s
    if k == 3:
        return s + rnd.choice(SPACES) + rnd.choice(WORDS)
    if k == 4:
        return " ".join(s.split()[1:])
    if k == 5:
        return s.title()
    return s


def dataset(v2):
    ids, data, nid = [], [], rnd.randrange(100)
    for _ in range(rnd.randint(1, 3)):
        paras = []
        for _ in range(rnd.randint(0, 3)):
            qas = []
            for _ in range(rnd.randint(0, 4)):
                nid += 1
                qid = rnd.choice([str(nid), f"q{nid}", f"é\"{nid}"])
                if ids and rnd.random() < 0.02:
                    qid = rnd.choice(ids)
                ids.append(qid)
                n = rnd.choice([0, 0, 1, 2, 3]) if v2 else rnd.randint(1, 4)
                golds = [{"text": text(), "answer_start": rnd.randrange(40)} for _ in range(n)]
                qas.append({"id": qid, "question": text(3), "answers": golds})
                if v2:
                    qas[-1]["is_impossible"] = n == 0
                    if n == 0 and rnd.random() < 0.5:
                        qas[-1]["plausible_answers"] = [{"text": text(), "answer_start": 0}]
            paras.append({"context": text(9), "qas": qas} if rnd.random() < 0.5 else {"qas": qas, "context": text(9), "x": [float("nan"), {}]})
        data.append({"title": text(2), "paragraphs": paras})
    return {"version": "v2.0" if v2 else "1.1", "data": data}, ids


def predictions(gold, v2):
    preds = {}
    for art in gold["data"]:
        for p in art["paragraphs"]:
            for q in p["qas"]:
                if not v2 and rnd.random() < 0.1:
                    continue  # the version 2.0 script cannot do without
                golds = [a["text"] for a in q["answers"]]
                k = rnd.random()
                preds[q["id"]] = disturb(rnd.choice(golds)) if golds and k < 0.6 else "" if k < 0.75 else text()
    if rnd.random() < 0.3:
        preds["not a question"] = text()
    keys = list(preds)
    rnd.shuffle(keys)
    return {k: preds[k] for k in keys}


def na_probs(ids):
    kind = rnd.randrange(5)
    draw = [lambda: rnd.random(), lambda: rnd.choice([0.0, 0.25, 0.5, 1.0]), lambda: rnd.choice([0, 1, 2]),
            lambda: rnd.gauss(0, 5), lambda: rnd.choice([float("inf"), float("-inf"), 0.5, -3, 1e-300])][kind]
    keys = list(dict.fromkeys(ids))
    rnd.shuffle(keys)
    return {k: draw() for k in keys}


def official1(gold, preds):
    return V1.evaluate(gold["data"], preds)


def official2(gold, preds, na, thresh):
    """What the script's main does, with the three areas computed without drawing the curves."""
    has = V2.make_qid_to_has_ans(gold["data"])
    probs = na if na is not None else {k: 0.0 for k in preds}
    exact_raw, f1_raw = V2.get_raw_scores(gold["data"], preds)
    exact, f1 = (V2.apply_no_ans_threshold(s, probs, has, thresh) for s in (exact_raw, f1_raw))
    out = V2.make_eval_dict(exact, f1)
    for prefix, want in (("HasAns", True), ("NoAns", False)):
        qids = [k for k, v in has.items() if v == want]
        if qids:
            V2.merge_eval(out, V2.make_eval_dict(exact, f1, qid_list=qids), prefix)
    if na is not None:
        V2.find_all_best_thresh(out, preds, exact_raw, f1_raw, na, has)
        positives = sum(has.values())
        if positives:
            for name, scores in (("exact", exact_raw), ("f1", f1_raw), ("oracle", {k: float(v) for k, v in has.items()})):
                V2.merge_eval(out, V2.make_precision_recall_eval(scores, na, positives, has), f"pr_{name}")
    return out


def numeric(gold):
    """Ids that are digits become numbers in half of the files, as some files have them; the scripts see text."""
    copy = json.loads(json.dumps(gold))
    for art in copy["data"]:
        for p in art["paragraphs"]:
            for q in p["qas"]:
                if q["id"].isdigit():
                    q["id"] = int(q["id"])
    return copy


def case(kind):
    v2 = kind != "v1"
    gold, ids = dataset(v2)
    preds = predictions(gold, v2)
    na = na_probs(ids) if kind == "v2-na" else None
    thresh = rnd.choice([1.0, 1.0, 0.5, 0.25, 0.0, -2.5]) if v2 else None
    if kind == "v2" and rnd.random() < 0.7:
        thresh = 1.0
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        want = official2(gold, preds, na, thresh) if v2 else official1(gold, preds)
    dump = lambda x: json.dumps(x, ensure_ascii="\\ud800" in json.dumps(x) or rnd.random() < 0.5)
    return {"gold": dump(numeric(gold) if rnd.random() < 0.5 else gold), "pred": dump(preds),
            "na_prob": "" if na is None else dump(na), "thresh": thresh, "want": json.dumps(want)}


def python():
    """How Python normalises and writes: normal forms, strings and floats as json.dumps has them, run_qa's files."""
    sigma = [x + "Σ" + y for x in ("", "α", "'", "α'", "1", "ʰ", "Α\u0301", "\u00ad") for y in ("", "α", "'", "'α", " α", "1", "\u0301", ".")]
    samples = [w for w in WORDS if w.isprintable() or ord(w[0]) < 128] + sigma + [text(6) for _ in range(150)]
    samples = list(dict.fromkeys(x.replace("\ud800", "") for x in samples))
    floats = [0.0, -0.0, 1.0, -1.5, 0.1, 1e-4, 9.9e-5, 1e15, 1e16, 123456789012345680.0, 1.5e300, 5e-324, 2 / 3, 1e22, 100.0,
              float("inf"), float("-inf"), float("nan")] + [rnd.gauss(0, 10) for _ in range(30)]
    predictions = {"1": "Zoë \"x\"", "é": ""}
    odds = {"1": -3.5, "é": 2e-5}
    nbest = {"1": [{"start_logit": 1.5, "end_logit": 2.0, "text": "Zoë \"x\"", "probability": 0.75},
                   {"start_logit": 1.0, "end_logit": 1.25, "text": "\U0001f642\n", "probability": 0.25}], "é": []}
    files = [json.dumps(x, indent=4) + "\n" for x in (predictions, odds, nbest)]
    return {"normalize": [[x, V2.normalize_answer(x)] for x in samples], "string": [[x, json.dumps(x)] for x in samples],
            "float": [json.dumps(x) for x in floats], "files": files, "empty_file": json.dumps({}, indent=4) + "\n"}


def write(path, doc):
    with open(path, "w") as f:
        json.dump({"written_by": "scripts/reference/score.py", "python": platform.python_version(), "seed": args.seed} | doc, f, indent=0)
        f.write("\n")


os.makedirs(args.out, exist_ok=True)
for kind in ("v1", "v2", "v2-na"):
    cases = []
    while len(cases) < args.cases:
        with contextlib.suppress(ZeroDivisionError):  # no question at all
            cases.append(case(kind))
    write(os.path.join(args.out, kind + ".json"), {"cases": cases})
write(os.path.join(os.path.dirname(args.out.rstrip("/")), "python.json"), python())
