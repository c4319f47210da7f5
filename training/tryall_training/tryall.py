"""The tryall binary, as this project uses it."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from . import squad


def run(binary, *args, stdin=None):
    """What `tryall ARGS` prints. It finds no project: its data lie in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [str(Path(binary).resolve()), *map(str, args)],
            input=stdin, check=False, cwd=home, env={**os.environ, "TRYALL_HOME": home}, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"tryall {args[0]}: exit code {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def name(model):
    """A folder as tryall takes it; other names (built-ins) stay."""
    return str(Path(model).resolve()) if Path(model).is_dir() else str(model)


def evaluate(binary, model, questions, *options):
    """What `tryall eval` makes of the questions: its scores, the text and the null odds of each (id -> text, id -> odds)."""
    with tempfile.TemporaryDirectory() as folder:
        gold, said, odds = (Path(folder) / f for f in ("gold.json", "said.json", "odds.json"))
        squad.write(gold, questions)
        files = "--predictions", said, "--null-odds", odds
        scores = json.loads(run(binary, "eval", "--data", gold, "-m", name(model), *files, "--json", *options))
        return scores, json.loads(said.read_text(encoding="utf-8")), json.loads(odds.read_text(encoding="utf-8"))


def score(binary, questions, said, odds=None):
    """The official scores of predictions, as `tryall score` gives them."""
    with tempfile.TemporaryDirectory() as folder:
        gold, file, probabilities = (Path(folder) / f for f in ("gold.json", "said.json", "odds.json"))
        squad.write(gold, questions)
        file.write_text(json.dumps(said), encoding="utf-8")
        args = [gold, file, "--json"]
        if all(q.answers for q in questions):
            args.append("--v1")
        elif odds is not None:
            probabilities.write_text(json.dumps(odds), encoding="utf-8")
            args += ["--na-prob", probabilities]
        return json.loads(run(binary, "score", *args))


def inspect(binary, model, cases):
    """The windows of (question, context) pairs, with ids and logits."""
    lines = "".join(json.dumps({"id": i, "question": q, "context": c}) + "\n" for i, (q, c) in enumerate(cases))
    return [json.loads(line) for line in run(binary, "inspect", "--batch", "-", "-m", name(model), stdin=lines).splitlines()]
