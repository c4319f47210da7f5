"""Times tryall in fp32, bf16 and int8 against ONNX Runtime in fp32 and in dynamic int8: same weights, same tokens, same
number of threads, pass by pass in turn, so that whatever else the machine does falls on all. ONNX Runtime has no bf16 on
x86 processors; tryall's is held against its fp32.

A processor that has done nothing like it for some 10 milliseconds computes more slowly for the first 3 or so of heavy
vector work. Single passes in turn (the default) are what one question after a pause takes; --passes 16 is what many
questions take each, as in an evaluation.

    python scripts/bench/onnxruntime.py --shape bert-base --seq 384 --threads 2
    python scripts/bench/onnxruntime.py --model DIR          # a BERT checkpoint in Hub layout, safetensors
    python scripts/bench/onnxruntime.py --model DIR --alone  # any checkpoint that tryall runs, against its own fp32

Needs numpy, onnx, onnxruntime and safetensors, and Go. Prints a line for each contender, with how far its logits are from
those of tryall's fp32, and for each precision the ratio of ONNX Runtime's faster graph to tryall, over medians and over
the fastest passes. With one thread, on Linux, also over processor time, which tells more than the clock on a machine that
does other things too."""

import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != here]  # this file has the name of a package
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: E402
from safetensors.numpy import load_file, save_file  # noqa: E402

sys.path.append(here)
import graph  # noqa: E402

SHAPES = {"minilm-l6": (6, 384, 12, 1536), "bert-base": (12, 768, 12, 3072), "bert-large": (24, 1024, 16, 4096)}


def write_random(directory, shape):
    """Writes a BERT of a known size with random weights and a small vocabulary."""
    layers, d, heads, inner = SHAPES[shape]
    config = {
        "model_type": "bert", "architectures": ["BertForQuestionAnswering"], "vocab_size": 1000, "hidden_size": d,
        "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": inner, "hidden_act": "gelu",
        "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12}
    rng = np.random.default_rng(1)
    w = {}

    def linear(name, out, into):
        w[name + ".weight"] = rng.standard_normal((out, into), dtype=np.float32) * np.float32(0.04)
        w[name + ".bias"] = rng.standard_normal(out, dtype=np.float32) * np.float32(0.02)

    def norm(name):
        w[name + ".weight"] = 1 + rng.standard_normal(d, dtype=np.float32) * np.float32(0.1)
        w[name + ".bias"] = rng.standard_normal(d, dtype=np.float32) * np.float32(0.05)

    for name, rows in (("word", 1000), ("position", 512), ("token_type", 2)):
        w[f"bert.embeddings.{name}_embeddings.weight"] = rng.standard_normal((rows, d), dtype=np.float32) * np.float32(0.05)
    norm("bert.embeddings.LayerNorm")
    for i in range(layers):
        l = f"bert.encoder.layer.{i}."
        for part in ("query", "key", "value"):
            linear(l + "attention.self." + part, d, d)
        linear(l + "attention.output.dense", d, d)
        norm(l + "attention.output.LayerNorm")
        linear(l + "intermediate.dense", inner, d)
        linear(l + "output.dense", d, inner)
        norm(l + "output.LayerNorm")
    linear("qa_outputs", 2, d)
    save_file(w, os.path.join(directory, "model.safetensors"))
    with open(os.path.join(directory, "config.json"), "w") as f:
        json.dump(config, f)


def read(directory):
    with open(os.path.join(directory, "config.json")) as f:
        config = json.load(f)
    weights = {}
    for file in sorted(glob.glob(os.path.join(directory, "*.safetensors"))):
        weights.update({k: v.astype(np.float32) for k, v in load_file(file).items()})
    return weights, config


def cpu_ms(pid):
    """The processor time of a process so far, all threads; with several they wait for each other in it too."""
    total = 0
    for file in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(file) as f:
                total += int(f.read().split()[0])
        except OSError:  # the thread has ended
            pass
    return total / 1e6


class Tryall:
    def __init__(self, directory, work, ids, threads, precision):
        self.name, self.precision = "tryall " + precision, precision
        batch = os.path.join(work, "batch.json")
        with open(batch, "w") as f:
            json.dump({"IDs": ids.ravel().tolist(), "Bounds": list(range(0, ids.size + 1, ids.shape[1]))}, f)
        binary = os.path.join(work, "step")
        if not os.path.exists(binary):
            subprocess.run(["go", "build", "-o", binary, "./step"], cwd=here, check=True)
        self.process = subprocess.Popen(
            [binary, directory, batch, str(threads), precision], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        out = json.loads(self.process.stdout.readline())
        self.logits = np.stack([np.array(out[k], np.float32).reshape(ids.shape) for k in ("Start", "End")], -1)

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


class OnnxRuntime:
    def __init__(self, weights, config, ids, threads, fused, precision, work):
        self.name, self.precision = f"onnxruntime {precision} " + ("fused" if fused else "plain"), precision
        self.pid = os.getpid()
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.force_spinning_stop", "1")  # so that it leaves the others alone
        model = graph.build(weights, config, ids.shape[1], fused)
        if precision == "int8":
            model = quantised(model, work)
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.feed = {"ids": ids}
        self.logits = self.session.run(None, self.feed)[0]

    def step(self):
        start = time.perf_counter()
        self.session.run(None, self.feed)
        return (time.perf_counter() - start) * 1e3


def quantised(model, work):
    """ONNX Runtime's dynamic quantisation, with a factor for each column as tryall has it; the head stays as it is there
    too."""
    source, target = os.path.join(work, "fp32.onnx"), os.path.join(work, "int8.onnx")
    with open(source, "wb") as f:
        f.write(model)
    nodes = onnx.load_from_string(model).graph.node
    head = [n.name for n in nodes if n.op_type == "MatMul"][-1:]
    quantize_dynamic(source, target, op_types_to_quantize=["MatMul", "Attention"], per_channel=True,
                     weight_type=QuantType.QInt8, nodes_to_exclude=head,
                     extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT})
    return target


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--shape", choices=SHAPES, default="bert-base")
    p.add_argument("--model", help="directory of a BERT checkpoint, instead of a shape")
    p.add_argument("--seq", type=int, default=384)
    p.add_argument("--batch", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--precisions", default="fp32,bf16,int8")
    p.add_argument("--alone", action="store_true", help="leave ONNX Runtime out")
    p.add_argument("--rounds", type=int, default=30)
    p.add_argument("--passes", type=int, default=1, help="passes of each contender, one after the other, before the next one's turn")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as work:
        directory = a.model or work
        if not a.model:
            write_random(work, a.shape)
        weights, config = read(directory)
        ids = np.random.default_rng(2).integers(0, config["vocab_size"], (a.batch, a.seq), dtype=np.int64)
        contenders = [Tryall(directory, work, ids, a.threads, p) for p in a.precisions.split(",")]
        if not a.alone:
            contenders += [OnnxRuntime(weights, config, ids, a.threads, fused, p, work) for p in ("fp32", "int8") for fused in (False, True)]
        del weights
        report(a, contenders)


def report(a, contenders):
    times, cpu = np.empty((2, a.rounds, len(contenders)))
    for i in range(-2, a.rounds):
        for j, c in enumerate(contenders):
            time.sleep(0.01)
            before = cpu_ms(c.pid)
            times[i, j] = sum(c.step() for _ in range(a.passes)) / a.passes / a.batch
            cpu[i, j] = (cpu_ms(c.pid) - before) / a.passes / a.batch
    print(f"{a.model or a.shape}, {a.seq} tokens, batch {a.batch}, {a.threads} threads, {a.passes} at a time, onnxruntime {ort.__version__}: ms per window")
    largest = np.abs(contenders[0].logits).max()
    for j, c in enumerate(contenders):
        q = np.percentile(times[:, j], [0, 10, 50, 90])
        off = (c.logits - contenders[0].logits) / largest
        print(f"  {c.name:22} min {q[0]:8.1f}  p10 {q[1]:8.1f}  p50 {q[2]:8.1f}  p90 {q[3]:8.1f}   "
              f"logits differ by {np.abs(off).max():.1e} of the largest, {np.sqrt((off**2).mean()):.1e} in root mean square")
    kinds = [("median", np.median(times, 0)), ("fastest", times.min(0))]
    if a.threads == 1 and cpu.all():
        kinds += [("median processor time", np.median(cpu, 0)), ("least processor time", cpu.min(0))]
    for j, c in enumerate(contenders):
        if not isinstance(c, Tryall):
            continue
        against = "int8" if c.precision == "int8" else "fp32"
        rivals = [i for i, x in enumerate(contenders) if isinstance(x, OnnxRuntime) and x.precision == against]
        name = f"onnxruntime's faster {against} graph"
        if a.alone:
            rivals, name = [0], contenders[0].name
        ratios = (f"{label} {x[rivals].min() / x[j]:.2f} ({x[rivals].min():.1f} / {x[j]:.1f})" for label, x in kinds)
        print(f"  {c.name} against {name}: " + ", ".join(ratios))


main()
