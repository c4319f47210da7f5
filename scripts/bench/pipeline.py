#!/usr/bin/env python3
"""pipeline.py: questions a second of one model, by transformers' question-answering pipeline and by `tryall eval` in each precision.

    CGO_ENABLED=0 go build -o ./tryall ./cmd/tryall
    python scripts/bench/pipeline.py ./tryall DATA.json --limit 500 --threads 2 --rounds 3

DATA is a SQuAD file. The pipeline has the model loaded and is timed at several batch sizes on a
part of the questions first, then runs the whole at the fastest of them. tryall is timed as a command, with everything from process start to
the scores, and by its own questions_per_second, which leaves loading out. The contenders take turns. Prints one line of JSON.

Needs torch and transformers 4.57, the last line with the pipeline.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("tryall")
parser.add_argument("data")
parser.add_argument("--model", default="tryall/minilm-l6-squad2")
parser.add_argument("--limit", type=int, default=500)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--batch-sizes", default="1,4,8,16,32")
parser.add_argument("--precisions", default="fp32,bf16,int8")
args = parser.parse_args()
binary = str(pathlib.Path(args.tryall).resolve())
os.environ["OMP_NUM_THREADS"] = str(args.threads)

import torch  # noqa: E402  (after the number of threads is set)
import transformers  # noqa: E402

torch.set_num_threads(args.threads)
transformers.logging.set_verbosity_error()

work = pathlib.Path(tempfile.mkdtemp())
subprocess.check_call([binary, "export", args.model, str(work / "model")], stdout=subprocess.DEVNULL)
pipe = transformers.pipeline("question-answering", model=str(work / "model"), device="cpu", torch_dtype=torch.float32)

# One paragraph a question, so that both sides read the same file in the same order.
source = json.load(open(args.data))
rows = [(p["context"], q) for article in source["data"] for p in article["paragraphs"] for q in p["qas"]][:args.limit]
asked = [{"question": q["question"], "context": c} for c, q in rows]
data = work / "data.json"
data.write_text(json.dumps({"version": source.get("version", "1.1"), "data": [{"title": "", "paragraphs": [{"context": c, "qas": [q]} for c, q in rows]}]}))


def reference(items, batch_size):
    start = time.perf_counter()
    pipe(items, batch_size=batch_size)
    return time.perf_counter() - start


def evaluate(precision):
    with tempfile.TemporaryDirectory() as home:
        start = time.perf_counter()
        out = subprocess.run([binary, "eval", "--data", str(data), "-m", args.model, "--precision", precision, "--threads", str(args.threads), "--decoder", "hf",
                              "--json"], env=dict(os.environ, TRYALL_HOME=home), cwd=home, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return time.perf_counter() - start, json.loads(out)["questions_per_second"]


part = asked[:64]
reference(part[:4], 1)
speeds = {size: reference(part, size) for size in map(int, args.batch_sizes.split(","))}
best = min(speeds, key=speeds.get)
names = args.precisions.split(",")
theirs, commands, inside = [], {n: [] for n in names}, {n: [] for n in names}
for _ in range(args.rounds):
    theirs.append(len(asked) / reference(asked, best))
    for n in names:
        seconds, rate = evaluate(n)
        commands[n].append(len(asked) / seconds)
        inside[n].append(rate)
print(json.dumps({
    "machine": platform.processor() or platform.machine(), "cpus": os.cpu_count(), "threads": args.threads,
    "versions": {"transformers": transformers.__version__, "torch": torch.__version__, "python": platform.python_version(),
                 "tryall": json.loads(subprocess.check_output([binary, "version", "--json"]))["version"]},
    "model": args.model, "questions": len(asked), "batch_size": best, "batch_sizes_seconds": speeds,
    "pipeline_per_second": theirs, "command_per_second": commands, "eval_per_second": inside,
    "ratio_command": {n: max(commands[n]) / max(theirs) for n in names}, "ratio_eval": {n: max(inside[n]) / max(theirs) for n in names},
}))
