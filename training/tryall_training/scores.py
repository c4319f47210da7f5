"""The scores of a model on held-out questions, as its card tells them."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from . import evaluate, squad, tryall

HELD_OUT = {"squad2-part": "SQuAD 2.0, two articles", "covid": "COVID-QA, 13 papers"}


def scores(binary, model, data, through="transformers", official=None, settings=None):
    """Two rows for each held-out set: run_qa's decoding at threshold 0, and tryall's decoder `gap` as the model is used.

    The first is decoded by transformers and this project, or by tryall's decoder `squad`, which is held to it; in both cases `tryall score` counts,
    as the official scripts do. official names a folder with those scripts, which are then run as well and must agree. The second, with its 95 %
    interval (bootstrap of texts), is of `tryall bakeoff --full`.
    """
    told = {"model": str(Path(model).name), "through": through, "sets": []}
    if settings and settings.get("threshold") is not None:
        told["threshold"] = settings["threshold"]
    for name, about in HELD_OUT.items():
        questions = squad.read(squad.find(Path(data) / "held-out", name))
        v2 = any(not q.answers for q in questions)
        rows = {"run_qa": run_qa(binary, model, questions, v2, through, official), "gap": gap(binary, model, questions)}
        told["sets"].append({"name": name, "about": about, "questions": len(questions), **rows})
    return told


def run_qa(binary, model, questions, v2, through, official):
    if through == "transformers":
        said, odds = evaluate.predict(model, questions)
        said = evaluate.abstain(said, odds) if v2 else said
    else:
        _, said, odds = tryall.evaluate(binary, model, questions, "--decoder", "squad", *(["--v2"] if v2 else []))
    counted = tryall.score(binary, questions, said, odds)
    if official:
        agree_officially(official, questions, said, counted, v2)
    keep = ("exact", "f1", "HasAns_f1", "NoAns_f1", "best_f1")
    return {k: round(counted[k], 2) for k in keep if k in counted}


def agree_officially(folder, questions, said, counted, v2):
    """Runs the official script on the same predictions; raises when it counts otherwise."""
    script = Path(folder) / ("evaluate-v2.0.py" if v2 else "evaluate-v1.1.py")
    with tempfile.TemporaryDirectory() as temporary:
        gold, file = Path(temporary) / "gold.json", Path(temporary) / "said.json"
        squad.write(gold, questions)
        if not v2:  # the first script knows one version only
            gold.write_text(json.dumps({**json.loads(gold.read_text(encoding="utf-8")), "version": "1.1"}), encoding="utf-8")
        file.write_text(json.dumps(said), encoding="utf-8")
        theirs = json.loads(subprocess.run([sys.executable, script, gold, file], check=True, capture_output=True, text=True).stdout)
    for ours, name in (("exact", "exact" if v2 else "exact_match"), ("f1", "f1")):
        if abs(counted[ours] - theirs[name]) > 1e-6:
            raise ValueError(f"{script.name} counts {name} {theirs[name]}, tryall score {counted[ours]}")


def gap(binary, model, questions):
    with tempfile.TemporaryDirectory() as folder:
        gold = Path(folder) / "gold.json"
        squad.write(gold, questions)
        ran = json.loads(tryall.run(binary, "bakeoff", "--full", "--quiet", "--data", gold, "-m", tryall.name(model), "--json"))
    told = ran["models"][0]
    row = {"exact": told["exact"], "f1": told["f1"], "HasAns_f1": told.get("has_ans_f1"), "NoAns_f1": told.get("no_ans_f1")}
    out = {k: round(v, 2) for k, v in row.items() if v is not None}
    return out | {"f1_ci": [round(v, 1) for v in told["f1_ci"]]}
