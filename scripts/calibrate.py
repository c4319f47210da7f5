#!/usr/bin/env python3
"""calibrate.py --model ID --data squad.json --about TEXT [--tryall BINARY] [--out tryall.json]

Fits the threshold of a model that can abstain: the null gap above which its answer is given (decoder gap).

What it learns from must be new to the model, or the gaps are those of memory. --data is a SQuAD file that the model was not trained on. Its texts
are cut into passages of about 1,000 characters at paragraph and sentence ends. Each question is asked twice: of the passage
that holds its answer, and of the passage of the same text that shares most of its words (weighted by rarity) and holds none of its answers. The
threshold is the one with the best SQuAD 2.0 F1 over both, as `tryall score` finds it. Needs only Python's standard library.
"""
import argparse, collections, json, math, os, re, subprocess, tempfile


def passages(text, size=1000):
    """Ranges of about `size` characters that end where a paragraph or a sentence does."""
    out, start = [], 0
    while start < len(text):
        end = len(text)
        if end - start > size:
            window = text[start:start + size]
            cut = max(window.rfind("\n\n"), max((m.end() for m in re.finditer(r"[.!?]\s", window)), default=-1))
            end = start + (cut if cut > size // 2 else size)
        out.append((start, end))
        start = end
    return out


def words(text):
    return re.findall(r"\w+", text.lower())


def pairs(path):
    """(question, passage with the answer, gold answers), and the same question with the closest passage without."""
    for article in json.load(open(path, encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            parts = passages(text)
            bags = [collections.Counter(words(text[a:b])) for a, b in parts]
            rarity = {w: math.log(1 + len(bags) / n) for w, n in collections.Counter(w for bag in bags for w in bag).items()}
            for qa in paragraph["qas"]:
                golds = [g for g in qa.get("answers", []) if g["text"].strip()]
                if not golds:
                    continue
                start, end = golds[0]["answer_start"], golds[0]["answer_start"] + len(golds[0]["text"])
                home = next((i for i, (a, b) in enumerate(parts) if a <= start and end <= b), None)
                if home is None:
                    continue
                texts = {g["text"].strip() for g in golds}
                away = [i for i, (a, b) in enumerate(parts) if i != home and not any(t.lower() in text[a:b].lower() for t in texts)]
                if not away:
                    continue
                near = max(away, key=lambda i: sum(rarity[w] for w in set(words(qa["question"])) if w in bags[i]))
                a, b = parts[home]
                yield qa["question"], text[a:b], sorted(texts)
                a, b = parts[near]
                yield qa["question"], text[a:b], []


def squad(rows):
    data = []
    for i, (question, context, golds) in enumerate(rows):
        answers = [dict(text=g, answer_start=context.find(g)) for g in golds if g in context]
        data.append(dict(title=str(i), paragraphs=[dict(context=context, qas=[dict(id=str(i), question=question, answers=answers, is_impossible=not golds)])]))
    return dict(version="v2.0", data=data)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--tryall", default="tryall")
    ap.add_argument("--model", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--about", required=True, help="what fitted_on shall say")
    ap.add_argument("--out", help="tryall.json to write the threshold to")
    a = ap.parse_args()
    rows = list(pairs(a.data))
    with tempfile.TemporaryDirectory() as d:
        gold, pred, odds = (os.path.join(d, n) for n in ("gold.json", "pred.json", "odds.json"))
        json.dump(squad(rows), open(gold, "w"))
        subprocess.run([a.tryall, "eval", "--data", gold, "-m", a.model, "--decoder", "gap", "--no-no-answer", "--v2", "--predictions", pred,
                        "--null-odds", odds, "--json"], check=True, stdout=subprocess.DEVNULL)
        score = json.loads(subprocess.run([a.tryall, "score", gold, pred, "--na-prob", odds, "--json"], check=True, capture_output=True, text=True).stdout)
    threshold = round(-score["best_f1_thresh"], 2)  # the null odds of the gap decoder are minus the gap
    print(f"{a.model}: {len(rows)} questions, half without an answer: F1 {score['best_f1']:.2f} at gap > {threshold} (answering all: {score['f1']:.2f})")
    if a.out:
        settings = json.load(open(a.out))
        settings.update(threshold=threshold, fitted_on=a.about, questions=len(rows))
        with open(a.out, "w") as f:
            json.dump(settings, f, indent=1)
            f.write("\n")


main()
