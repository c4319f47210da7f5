#!/usr/bin/env python3
"""bakeoff.py: the same evaluation by transformers' question-answering pipeline, by `tryall bakeoff --full` and by the race.

    CGO_ENABLED=0 go build -o ./tryall ./cmd/tryall
    python scripts/bench/bakeoff.py ./tryall DATA.json --limit 500 --threads 2 --rounds 2

DATA is a SQuAD file. The four built-in models are exported and read by both sides in fp32. transformers is timed at several batch
sizes on a part of the questions first and runs the whole at the fastest of them, with the models loaded beforehand; tryall
is timed as a command, loading, measuring latencies, verdict and all. Every run of tryall begins with an empty project, so
that nothing comes from its cache. The contenders take turns. Prints one line of JSON.

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
parser.add_argument("--limit", type=int, default=500)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--batch-sizes", default="1,4,8,16,32")
args = parser.parse_args()
binary, data_file = str(pathlib.Path(args.tryall).resolve()), str(pathlib.Path(args.data).resolve())
os.environ["OMP_NUM_THREADS"] = str(args.threads)

import torch  # noqa: E402  (after the number of threads is set)
import transformers  # noqa: E402

torch.set_num_threads(args.threads)
transformers.logging.set_verbosity_error()

questions = [{"question": q["question"], "context": p["context"]}
             for article in json.load(open(data_file))["data"] for p in article["paragraphs"] for q in p["qas"]][:args.limit]
models = [m["id"] for m in json.loads(subprocess.check_output([binary, "list", "--json"])) if m["builtin"]]
work = pathlib.Path(tempfile.mkdtemp())


def exported(name):
    folder = work / name.split("/")[-1]
    subprocess.check_call([binary, "export", name, str(folder)], stdout=subprocess.DEVNULL)
    return str(folder)


pipes = [transformers.pipeline("question-answering", model=exported(m), device="cpu", torch_dtype=torch.float32) for m in models]


def reference(items, batch_size):
    start = time.perf_counter()
    for pipe in pipes:
        pipe(items, batch_size=batch_size)
    return time.perf_counter() - start


def bakeoff(*flags):
    with tempfile.TemporaryDirectory() as home:
        env = dict(os.environ, TRYALL_HOME=home)
        start = time.perf_counter()
        out = subprocess.run([binary, "bakeoff", "--data", data_file, "--limit", str(args.limit), "--threads", str(args.threads), "--json", *flags],
                             env=env, cwd=home, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return time.perf_counter() - start, json.loads(out)


part = questions[:64]
reference(part[:4], 1)
speeds = {size: reference(part, size) for size in map(int, args.batch_sizes.split(","))}
best = min(speeds, key=speeds.get)

times, saved = {"transformers": [], "full": [], "race": []}, []
for _ in range(args.rounds):
    times["transformers"].append(reference(questions, best))
    times["full"].append(bakeoff("--full")[0])
    seconds, result = bakeoff()
    times["race"].append(seconds)
    saved.append(result.get("saved"))
fastest = {k: min(v) for k, v in times.items()}
print(json.dumps({
    "machine": platform.processor() or platform.machine(), "cpus": os.cpu_count(), "threads": args.threads,
    "versions": {"transformers": transformers.__version__, "torch": torch.__version__, "python": platform.python_version(),
                 "tryall": json.loads(subprocess.check_output([binary, "version", "--json"]))["version"]},
    "models": len(models), "questions": len(questions), "batch_size": best, "batch_sizes_seconds": speeds,
    "seconds": times, "saved_percent": saved,
    "ratio_full": fastest["transformers"] / fastest["full"], "ratio_race": fastest["transformers"] / fastest["race"],
}))
