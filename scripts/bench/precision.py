"""What bf16 and int8 cost in right answers: F1 in each precision, and the share of answers that are those of fp32.

    python scripts/bench/precision.py --keep DIR held-out/covid.json held-out/squad2-part.json

Needs nothing but Python and a built tryall. Predictions are kept in DIR as DATA.MODEL.PRECISION.json and not computed
again. With --every N only each Nth question of a file is asked, spread over all its texts."""

import argparse
import json
import os
import subprocess

MODELS = ["tryall/minilm-l6-squad2", "tryall/minilm-l3-squad2", "tryall/minilm-l6-squad1", "tryall/minilm-l6-covid"]
PRECISIONS = ["fp32", "bf16", "int8"]


def part(file, every, directory):
    """The file, or a copy with each Nth question."""
    if every == 1:
        return file
    with open(file) as f:
        data = json.load(f)
    n = 0
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            taken = []
            for question in paragraph["qas"]:
                if n % every == 0:
                    taken.append(question)
                n += 1
            paragraph["qas"] = taken
        article["paragraphs"] = [p for p in article["paragraphs"] if p["qas"]]
    data["data"] = [a for a in data["data"] if a["paragraphs"]]
    name, end = os.path.splitext(os.path.basename(file))
    out = os.path.join(directory, f"{name}-{every}{end}")
    with open(out, "w") as f:
        json.dump(data, f)
    return out


def evaluate(tryall, file, model, precision, directory):
    stem = os.path.join(directory, ".".join([os.path.splitext(os.path.basename(file))[0], model.split("/")[-1], precision]))
    if not os.path.exists(stem + ".out"):
        done = subprocess.run(
            [tryall, "eval", "--data", file, "-m", f"{model}:{precision}", "--predictions", stem + ".json", "--json"],
            check=True, stdout=subprocess.PIPE)
        with open(stem + ".out", "wb") as f:
            f.write(done.stdout)
    with open(stem + ".out") as f, open(stem + ".json") as g:
        return json.load(f), json.load(g)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", nargs="+", help="SQuAD files")
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--keep", default=".", help="directory for predictions")
    p.add_argument("--tryall", default="tryall")
    p.add_argument("--models", default=",".join(MODELS))
    a = p.parse_args()
    pooled = {x: [0, 0, 0.0] for x in PRECISIONS}  # questions, unchanged, F1 lost
    for file in a.data:
        file = part(file, a.every, a.keep)
        for model in a.models.split(","):
            results = {x: evaluate(a.tryall, file, model, x, a.keep) for x in PRECISIONS}
            wide, answers = results["fp32"]
            line = f"{os.path.basename(file)} {model}: {wide['total']} questions, F1 fp32 {wide['f1']:.2f}"
            for x in PRECISIONS[1:]:
                score, other = results[x]
                same = sum(other[i] == answers[i] for i in answers)
                line += f"; {x} {score['f1']:.2f} (unchanged {100 * same / len(answers):.1f} %)"
                for i, v in enumerate([len(answers), same, (wide["f1"] - score["f1"]) * len(answers)]):
                    pooled[x][i] += v
            print(line, flush=True)
    for x in PRECISIONS[1:]:
        n, same, lost = pooled[x]
        print(f"all, {x}: {n} answers, F1 lost {lost / n:.2f}, unchanged {100 * same / n:.2f} %")


main()
