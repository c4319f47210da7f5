"""A checkpoint becomes a repository in Hub layout: fp16, in two shards, of which the first is the one all built-in models share."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForQuestionAnswering

from .model import SHARED

OWN = "model-00002-of-00002.safetensors"
INDEX = "model.safetensors.index.json"
DROPOUT = 0.1  # what BERT's configuration says; for whoever trains on


def export(checkpoint, common, out):
    """Writes the repository and checks it: transformers must load all of it, and find the checkpoint's weights rounded to fp16.

    common is the folder with the shared shard and the tokenizer; they are copied byte by byte.
    """
    checkpoint, common, out = Path(checkpoint), Path(common), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: w.half().contiguous() for name, w in load_file(checkpoint / "model.safetensors").items()}
    shared = load_file(common / SHARED)
    for name, stored in shared.items():
        if not torch.equal(weights[name], stored):
            raise ValueError(f"export {checkpoint}: {name} is not what the shared shard holds")
    own = {name: w for name, w in weights.items() if name not in shared}
    if lost := [name for name, w in own.items() if not torch.isfinite(w).all()]:
        raise ValueError(f"export {checkpoint}: these do not fit into fp16: {', '.join(lost)}")
    for file in common.iterdir():
        shutil.copyfile(file, out / file.name)
    save_file(own, out / OWN, metadata={"format": "pt"})
    where = {name: SHARED for name in sorted(shared)} | {name: OWN for name in sorted(own)}
    size = sum(w.numel() * w.element_size() for w in weights.values())
    _write_json(out / INDEX, {"metadata": {"total_size": size}, "weight_map": where})
    config = json.loads((checkpoint / "config.json").read_text())
    config.pop("_name_or_path", None)
    config |= {"dtype": "float16", "torch_dtype": "float16", "hidden_dropout_prob": DROPOUT, "attention_probs_dropout_prob": DROPOUT}
    _write_json(out / "config.json", dict(sorted(config.items())))
    check(out, weights)


def check(folder, weights):
    """Whether transformers loads the folder without a tensor missing or left over, and these weights."""
    model, told = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float16, output_loading_info=True)
    if wrong := {k: v for k, v in told.items() if v}:
        raise ValueError(f"load {folder}: {wrong}")
    state = model.state_dict()
    if set(state) != set(weights):
        raise ValueError(f"load {folder}: other tensors: {set(state) ^ set(weights)}")
    for name, w in weights.items():
        if not torch.equal(state[name], w):
            raise ValueError(f"load {folder}: {name} is not what was written")


def _write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def assemble(zoo, name, out):
    """A built-in model as a whole repository, as far as a checkpoint to start from needs it."""
    out.mkdir(parents=True, exist_ok=True)
    for folder in (zoo / "common", zoo / name):
        for file in folder.iterdir():
            shutil.copyfile(file, out / file.name)
    return out
