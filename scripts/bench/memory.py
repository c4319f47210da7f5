#!/usr/bin/env python3
"""memory.py: resident memory of `tryall ask --batch` while it answers many questions, every thousand of them, and of the bare process.

    CGO_ENABLED=0 go build -o ./tryall ./cmd/tryall
    python scripts/bench/memory.py ./tryall DATA.json --questions 10000 --precision int8

DATA is a SQuAD file; its questions are asked over and over, in order, each of its own passage. What a line prints: questions answered, resident
kilobytes (VmRSS), of which of files (RssFile: the mapped binary and weights, which the system may take back), and anonymous (RssAnon).
Linux only; needs nothing but Python.
"""
import argparse
import itertools
import json
import subprocess
import threading
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("tryall")
parser.add_argument("data")
parser.add_argument("--model", default="tryall/minilm-l6-squad2")
parser.add_argument("--questions", type=int, default=10000)
parser.add_argument("--precision", default="int8")
parser.add_argument("--threads", default="2")
args = parser.parse_args()

rows = [(p["context"], q["question"]) for article in json.load(open(args.data))["data"] for p in article["paragraphs"] for q in p["qas"]]
asked = itertools.islice(itertools.cycle(rows), args.questions)


def resident(pid):
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return [int(fields.get(k, "0").split()[0]) for k in ("VmRSS", "RssFile", "RssAnon")]  # 0: it has ended


run = subprocess.Popen([args.tryall, "ask", "--batch", "-", "-m", args.model, "--precision", args.precision, "--threads", args.threads],
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def feed():
    for context, question in asked:
        run.stdin.write(json.dumps({"question": question, "context": context}) + "\n")
    run.stdin.close()


time.sleep(0.2)
print("before", *resident(run.pid))
threading.Thread(target=feed, daemon=True).start()
for n, _ in enumerate(run.stdout, 1):
    if n % 1000 == 0:
        print(n, *resident(run.pid), flush=True)
raise SystemExit(run.wait())
