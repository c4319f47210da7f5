#!/usr/bin/env python3
"""scores.py: write stats/testdata/scores.json, the F1 of real models on real questions that simulations draw from.

    python scripts/reference/scores.py ./tryall HELD-OUT.json

runs the four built-in models over a SQuAD 2.0 file that none of them was trained on, here 713 questions on 2 articles of its
development set, and scores them by the official rules. Two sets come out, each with a row per question and a column per model:
"answerable", the questions that have an answer, where all models must answer; and "mixed", all questions, where the models that
can abstain may. Nothing but scores is written: no text.
"""
import collections
import json
import re
import string
import subprocess
import sys
import tempfile

MODELS = ["tryall/minilm-l6-squad2", "tryall/minilm-l3-squad2", "tryall/minilm-l6-squad1", "tryall/minilm-l6-covid"]
ABSTAIN = MODELS[:2]  # the others always answer


def words(text):
    kept = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def f1(gold, predicted):
    """SQuAD 2.0's: 1 or 0 where either has no words."""
    g, p = words(gold), words(predicted)
    if not g or not p:
        return float(g == p)
    return 2 * sum((collections.Counter(g) & collections.Counter(p)).values()) / (len(g) + len(p))


def predictions(program, data, model, *flags):
    with tempfile.NamedTemporaryFile(suffix=".json") as f:
        subprocess.run([program, "eval", "--data", data, "-m", model, "--predictions", f.name, *flags], check=True, stdout=subprocess.DEVNULL)
        return json.load(open(f.name, encoding="utf-8"))


def scores(questions, answers):
    """Percent, the best over the golds; "" is right where there are none."""
    return [[round(100 * max([f1(g, a[q["id"]]) for g in q["golds"]] or [f1("", a[q["id"]])]), 2) for a in answers] for q in questions]


def main(program, data):
    doc = json.load(open(data, encoding="utf-8"))
    questions = [{"id": q["id"], "golds": [a["text"] for a in q["answers"]]}
                 for article in doc["data"] for p in article["paragraphs"] for q in p["qas"]]
    free = [predictions(program, data, m) for m in MODELS]
    forced = [predictions(program, data, m, "--no-no-answer") if m in ABSTAIN else free[i] for i, m in enumerate(MODELS)]
    version = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.split("\n")[0]
    out = {"written_by": "scripts/reference/scores.py", "program": version, "models": MODELS, "questions": len(questions), "sets": {
        "answerable": {"scores": scores([q for q in questions if q["golds"]], forced)},
        "mixed": {"scores": scores(questions, free)}}}
    with open("stats/testdata/scores.json", "w", encoding="utf-8") as f:
        json.dump(out, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
