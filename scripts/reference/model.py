#!/usr/bin/env python3
"""model.py [NAME ...]: write model/testdata/NAME/{config.json,model.safetensors,golden.json}, all of them by default,
and model/testdata/activations.json. Run from the root of the repository.

Needs torch 2.9, transformers 4.57, safetensors. Each checkpoint is tiny, with random weights from a seed that is its name:
weights spread so that attention is not flat, biases and norms not trivial, so that a missing bias, a wrong activation,
scale or position shows. golden.json holds windows (ids, and type_ids and p_mask where they are given) with what
transformers makes of each alone, in float32. Some checkpoints are stored as programs other than today's transformers
store them: under wrapped or old names, with tensors of other heads, in half precision.

A new architecture is one entry in MODELS.
"""
import json
import math
import os
import sys
import zlib

import numpy as np
import safetensors.torch
import torch
import transformers as T
from transformers.activations import ACT2CLS, ACT2FN

OUT = "model/testdata"
VOCAB = 150
LENGTHS = [3, 150, 1, 47, 65]

SMALL = dict(vocab_size=VOCAB, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40)
POSITIONS = dict(max_position_embeddings=160)
ROBERTA = dict(max_position_embeddings=162, type_vocab_size=1, pad_token_id=1)
XLNET = dict(vocab_size=VOCAB, d_model=24, n_layer=2, n_head=3, d_inner=40)

# name -> (class, configuration, how it is stored and run)
#   dtype: the stored type           rename: what is done to the names     extra: shapes of other heads' tensors
#   drop: tensors left out           types: how many token types           mask: windows have a p_mask
#   pad: ids in the windows that mean padding
MODELS = {
    "bert": (T.BertForQuestionAnswering, T.BertConfig(**SMALL, **POSITIONS),
             dict(types=2, extra={"bert.pooler.dense.weight": [24, 24], "bert.pooler.dense.bias": [24], "cls.predictions.bias": [VOCAB]})),
    "bert-relative-key": (T.BertForQuestionAnswering,
                          T.BertConfig(**SMALL, **POSITIONS, hidden_act="relu", position_embedding_type="relative_key", layer_norm_eps=1e-5),
                          dict(types=2, rename=lambda n: "module." + n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"))),
    "bert-relative-key-query": (T.BertForQuestionAnswering,
                                T.BertConfig(**SMALL, **POSITIONS, hidden_act="mish", position_embedding_type="relative_key_query", type_vocab_size=1),
                                dict(types=1)),
    "roberta": (T.RobertaForQuestionAnswering, T.RobertaConfig(**SMALL, **ROBERTA),
                dict(pad=1, extra={"lm_head.dense.weight": [24, 24], "lm_head.bias": [VOCAB], "roberta.embeddings.position_ids": [1, 162]})),
    "xlm-roberta": (T.XLMRobertaForQuestionAnswering, T.XLMRobertaConfig(**SMALL, **ROBERTA), dict(dtype=torch.bfloat16, pad=1)),
    "camembert": (T.CamembertForQuestionAnswering, T.CamembertConfig(**SMALL, **ROBERTA, hidden_act="silu"), dict(dtype=torch.float16)),
    "distilbert": (T.DistilBertForQuestionAnswering,
                   T.DistilBertConfig(vocab_size=VOCAB, dim=24, n_layers=2, n_heads=4, hidden_dim=40, **POSITIONS), dict(dtype=torch.float64)),
    "distilbert-sinusoidal": (T.DistilBertForQuestionAnswering,
                              T.DistilBertConfig(vocab_size=VOCAB, dim=24, n_layers=2, n_heads=4, hidden_dim=40, sinusoidal_pos_embds=True, activation="relu", **POSITIONS),
                              dict(drop=["distilbert.embeddings.position_embeddings.weight"])),
    "electra": (T.ElectraForQuestionAnswering, T.ElectraConfig(**SMALL, **POSITIONS, embedding_size=10),
                dict(types=2, extra={"discriminator_predictions.dense.weight": [24, 24], "discriminator_predictions.dense.bias": [24]})),
    "electra-unprojected": (T.ElectraForQuestionAnswering,
                            T.ElectraConfig(**SMALL, **POSITIONS, embedding_size=24, position_embedding_type="relative_key", hidden_act="gelu_new"),
                            dict(types=2, rename=lambda n: n.removeprefix("electra."))),
    "albert": (T.AlbertForQuestionAnswering, T.AlbertConfig(**SMALL, **POSITIONS, embedding_size=10), dict(types=2)),
    "albert-groups": (T.AlbertForQuestionAnswering,
                      T.AlbertConfig(**dict(SMALL, num_hidden_layers=5), **POSITIONS, embedding_size=10, num_hidden_groups=3, inner_group_num=1,
                                     hidden_act="quick_gelu", position_embedding_type="relative_key_query"), dict(types=2)),
    "albert-inner": (T.AlbertForQuestionAnswering,
                     T.AlbertConfig(**dict(SMALL, num_hidden_layers=4), **POSITIONS, embedding_size=24, num_hidden_groups=2, inner_group_num=2,
                                    hidden_act="gelu"), dict(types=2)),
    "xlnet": (T.XLNetForQuestionAnsweringSimple, T.XLNetConfig(**XLNET), dict(types=3)),
    "xlnet-clamped": (T.XLNetForQuestionAnsweringSimple, T.XLNetConfig(**XLNET, clamp_len=20, untie_r=False, ff_activation="relu", layer_norm_eps=1e-5),
                      dict(types=3, extra={"lm_loss.weight": [VOCAB, 24], "lm_loss.bias": [VOCAB]})),
    "xlnet-beam": (T.XLNetForQuestionAnswering, T.XLNetConfig(**XLNET, start_n_top=4, end_n_top=3), dict(types=3, mask=True)),
}
BEAM = ("start_top_log_probs", "start_top_index", "end_top_log_probs", "end_top_index", "cls_logits")


def randomize(model, g):
    """Embeddings of size about 1, matrices that keep that size, norms around 1, biases off 0."""
    for name, p in model.named_parameters():
        x = torch.randn(p.shape, generator=g)
        if "norm" in name.lower() and name.endswith("weight"):
            p.copy_(1 + 0.2 * x)
        elif p.dim() == 1:
            p.copy_(0.2 * x)
        elif any(w in name for w in ("embed", "r_w_bias", "r_r_bias", "r_s_bias")):
            p.copy_(0.7 * x)
        else:
            p.copy_(x * 1.4 / math.sqrt(p.shape[1] if p.dim() == 2 else p.shape[0]))
        if name.startswith(("qa_outputs.weight", "start_logits.dense.weight", "end_logits.dense_1.weight")):
            p.mul_(2.5)


def windows(how, beam, rnd):
    for k, n in enumerate(max(n, 6) if beam else n for n in LENGTHS):
        w = {"ids": rnd.integers(2, VOCAB, n).tolist()}
        if how.get("pad") is not None and n > 5:  # literal padding tokens in the text
            w["ids"][n // 3] = w["ids"][n // 2] = how["pad"]
        if how.get("types") and k != 3:  # one window goes without
            cut = sorted(rnd.integers(0, n, how["types"] - 1).tolist())
            w["type_ids"] = [sum(i >= c for c in cut) for i in range(n)]
        if how.get("mask") and k % 2 == 1:
            w["p_mask"] = [bool(x) for x in rnd.random(n) < 0.4]
        yield w


def f32(x):
    return [float(f"{v:.9g}") for v in x.flatten().tolist()]


def run(model, w, beam):
    args = {"input_ids": torch.tensor([w["ids"]])}
    if "type_ids" in w:
        args["token_type_ids"] = torch.tensor([w["type_ids"]])
    if "p_mask" in w:
        args["p_mask"] = torch.tensor([w["p_mask"]]).float()
    out = model(**args)
    if beam:
        w["beam"] = {k: getattr(out, k).flatten().tolist() if k.endswith("index") else f32(getattr(out, k)) for k in BEAM}
    else:
        w["start_logits"], w["end_logits"] = f32(out.start_logits), f32(out.end_logits)


def store(model, how, d, g):
    tensors = {}
    for name, p in model.state_dict().items():
        if name not in how.get("drop", []):
            tensors[how.get("rename", str)(name)] = p.to(how.get("dtype", torch.float32)).contiguous()
    for name, shape in how.get("extra", {}).items():
        tensors[name] = torch.arange(shape[1]).expand(*shape).contiguous() if "position_ids" in name else torch.randn(shape, generator=g)
    safetensors.torch.save_file(tensors, f"{d}/model.safetensors", metadata={"format": "pt"})


def parameters(model, cfg, how):
    """How many numbers question answering makes use of."""
    idle = ["mask_emb"] + how.get("drop", [])
    if getattr(cfg, "position_embedding_type", "absolute") != "absolute":
        idle.append("position_embeddings")
    return sum(p.numel() for n, p in model.named_parameters() if not any(i in n for i in idle))


def write(name):
    cls, cfg, how = MODELS[name]
    seed = zlib.crc32(name.encode())
    torch.manual_seed(seed)
    g, rnd = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    model, beam, d = cls(cfg).eval(), name.endswith("beam"), f"{OUT}/{name}"
    fixed = {n: p.clone() for n, p in model.named_parameters() if n in how.get("drop", [])}
    randomize(model, g)
    for n, p in model.named_parameters():
        if n in fixed:
            p.copy_(fixed[n])
    model.to(how.get("dtype", torch.float32)).float()  # the stored numbers, in float32 arithmetic
    os.makedirs(d, exist_ok=True)
    cfg.architectures = [cls.__name__]
    cfg.save_pretrained(d)
    store(model, how, d, g)
    ws = list(windows(how, beam, rnd))
    for w in ws:
        run(model, w, beam)
    dump(f"{d}/golden.json", {"parameters": parameters(model, cfg, how), "windows": ws})
    size = sum(e.stat().st_size for e in os.scandir(d))
    assert size <= 300_000, f"{name}: {size} bytes are more than a test should bring"
    print(f"{d}: {size} bytes")


def dump(path, content):
    versions = {"torch": torch.__version__, "transformers": T.__version__}
    with open(path, "w") as f:
        json.dump({"by": "scripts/reference/model.py", "versions": versions, **content}, f)
        f.write("\n")


def activations():
    x = torch.linspace(-12, 12, 97)
    fs = {k: f32(ACT2FN[k](x)) for k in sorted(ACT2CLS) if k not in ("prelu", "xielu")}
    dump(f"{OUT}/activations.json", {"x": f32(x), "y": fs})


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    with torch.no_grad():
        for name in sys.argv[1:] or MODELS:
            write(name)
        if not sys.argv[1:]:
            activations()
