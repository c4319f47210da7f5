"""Writes internal/weights/testdata: small checkpoints in every form, and golden.json with what torch reads in them.

    python scripts/reference/weights.py [internal/weights/testdata]

Needs torch, safetensors and numpy. golden.json has, per folder, the format and per tensor its type, shape, elements
(base64 of the row-major little-endian bytes) and, for float types, their values as float32 (base64 too).
"""

import base64
import io
import json
import pickle
import shutil
import struct
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch

SPELLED = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
    torch.uint64: "U64", torch.uint32: "U32", torch.uint16: "U16", torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2", torch.complex64: "C64", torch.complex128: "C128",
}
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
LEGACY = {"_use_new_zipfile_serialization": False}


def raw(t):
    return base64.b64encode(t.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).decode()


def describe(tensors):
    out = {}
    for name, t in tensors.items():
        out[name] = {"type": SPELLED[t.dtype], "shape": list(t.shape), "data": raw(t)}
        if t.dtype in FLOATS:
            out[name]["float32"] = raw(t.detach().to(torch.float32))
    return out


def dtypes():
    g = torch.Generator().manual_seed(1)
    special = torch.tensor([0.0, -0.0, 1.0, -1.5, float("inf"), float("-inf"), float("nan"), 65504.0, 6e-8, -3e-6, 1e-40, 0.1, 1e300, 3.4e38])
    tensors = OrderedDict()
    for d in FLOATS:
        tensors[f"special.{SPELLED[d]}"] = special.to(d)
        tensors[f"matrix.{SPELLED[d]}"] = torch.randn(2, 3, generator=g).to(d)
    tensors["patterns.F16"] = torch.from_numpy(np.arange(0, 65536, 257, dtype=np.uint16).view(np.float16).copy())
    tensors["patterns.BF16"] = torch.from_numpy(np.arange(0, 65536, 509, dtype=np.uint16).view(np.int16).copy()).view(torch.bfloat16)
    for d in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        tensors[f"whole.{SPELLED[d]}"] = torch.tensor([[1, 2, 3], [100, 0, 7]]).to(d)
    tensors["flags"] = torch.tensor([True, False, True])
    tensors["scalar"] = torch.tensor(3.25)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def rare():
    return {
        "f8": torch.tensor([1.0, -2.0, 0.5]).to(torch.float8_e4m3fn), "f8b": torch.tensor([1.0, -2.0]).to(torch.float8_e5m2),
        "u16": torch.tensor([1, 65535], dtype=torch.uint16), "u32": torch.tensor([7], dtype=torch.uint32), "u64": torch.tensor([9], dtype=torch.uint64),
        "weight": torch.tensor([1.0, 2.0]),
    }


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    cube = torch.arange(24, dtype=torch.float16).reshape(2, 3, 4)
    row = torch.arange(5, dtype=torch.bfloat16)
    p = torch.nn.Parameter(torch.ones(2, 2))
    marked = torch.nn.Parameter(torch.full((2,), 0.5))
    marked.note = "kept by torch"
    return OrderedDict([
        ("base", base), ("tied", base), ("transposed", base.t()), ("rows", base[1:3]), ("columns", base[:, 2:5]), ("last", base[3, 5]),
        ("steps", base[::2, ::3]), ("permuted", cube.permute(2, 0, 1)), ("expanded", row.expand(3, 5)), ("one_row", row.expand(1, 5)),
        ("none", base[:0]), ("parameter", p), ("parameter_with_state", marked), ("parameter_transposed", torch.nn.Parameter(base.t())),
        ("complex", torch.tensor([1 + 2j])), ("complex128", torch.tensor([1 + 2j], dtype=torch.complex128)),
    ])


def module():
    torch.manual_seed(2)
    m = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2), torch.nn.Embedding(5, 2))
    return m.state_dict()


class Old(pickle._Pickler):
    """Pickles as Python 2 did: byte strings for text, OrderedDict from a list of pairs. Storages as torch 0.3 named them, the second being a part of the first."""

    def __init__(self, f, storages):
        super().__init__(f, protocol=2)
        self.storages = storages

    def save_str(self, s):
        b = s.encode()
        self.write(b"U" + bytes([len(b)]) + b if len(b) < 8 else b"T" + struct.pack("<i", len(b)) + b)
        self.memoize(s)

    def save_odict(self, d):
        self.save_reduce(OrderedDict, ([[k, v] for k, v in d.items()],), obj=d)

    def save_tensor(self, t):
        self.save_reduce(torch._utils._rebuild_tensor, (Ref(t), t.storage_offset(), tuple(t.size()), tuple(t.stride())), obj=t)

    def persistent_id(self, o):
        if isinstance(o, Ref):
            return ("storage", torch.FloatStorage, "1", "cuda:0", len(self.storages["1"]), o.part)
        return None

    dispatch = dict(pickle._Pickler.dispatch)
    dispatch[str] = save_str
    dispatch[OrderedDict] = save_odict
    dispatch[torch.Tensor] = save_tensor


class Ref:
    def __init__(self, t):
        self.part = getattr(t, "part", None)


def python2(path):
    """A file as torch 0.3 under Python 2 wrote it. torch itself must read it."""
    data = np.arange(10, dtype=np.float32)
    whole = torch.from_numpy(data).view(2, 5)
    part = torch.zeros(4).view(2, 2)  # the elements 3 to 6, as the file says
    part.part = ("2", 3, 4)
    f = io.BytesIO()
    for o in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}):
        pickle.dump(o, f, protocol=2)
    Old(f, {"1": data}).dump(OrderedDict([("whole", whole), ("a.rather.long.name", part)]))
    pickle.dump(["1"], f, protocol=2)
    f.write(struct.pack("<q", len(data)) + data.tobytes())
    path.write_bytes(f.getvalue())
    return torch.load(path, weights_only=False, map_location="cpu")


def main(root):
    cases = {}

    def folder(name, format, tensors):
        d = root / name
        shutil.rmtree(d, ignore_errors=True)
        d.mkdir(parents=True)
        cases[name] = {"format": format, "tensors": describe(tensors)}
        return d

    for name, make in {"dtypes": dtypes, "rare": rare, "views": views, "module": module}.items():
        t = make()
        torch.save(t, folder(f"zip-{name}", "pytorch zip", t) / "pytorch_model.bin")
        torch.save(t, folder(f"legacy-{name}", "pytorch legacy", t) / "pytorch_model.bin", **LEGACY)
    t = dtypes()
    safetensors.torch.save_file(t, folder("safetensors", "safetensors", t) / "model.safetensors", metadata={"format": "pt"})

    t = module()
    torch.save(t, folder("zip-protocol4", "pytorch zip", t) / "pytorch_model.bin", pickle_protocol=4)
    torch.save({"epoch": 3, "loss": 0.25, "state_dict": t, "optimizer": {"state": {0: {"step": 1}}, "param_groups": [{"lr": 1e-3, "params": [0]}]}},
               folder("zip-wrapped", "pytorch zip", t) / "pytorch_model.bin")
    torch.save({"model": t}, folder("legacy-wrapped", "pytorch legacy", t) / "pytorch_model.bin", **LEGACY)
    parallel = OrderedDict((f"module.{k}", v) for k, v in t.items())
    torch.save(parallel, folder("zip-parallel", "pytorch zip", parallel) / "pytorch_model.bin")

    t = dtypes()
    names = list(t)
    for form, file, save in (("safetensors", "model.safetensors", safetensors.torch.save_file), ("pytorch zip", "pytorch_model.bin", torch.save)):
        d = folder(f"{form.split()[-1]}-sharded", form, t)
        weight_map = {}
        for i, part in enumerate((names[:9], names[9:])):
            stem, ext = file.rsplit(".", 1)
            shard = f"{stem}-{i + 1:05d}-of-00002.{ext}"
            save({n: t[n] for n in part}, d / shard)
            weight_map |= dict.fromkeys(part, shard)
        index = {"metadata": {"total_size": sum(x.nbytes for x in t.values())}, "weight_map": weight_map}
        (d / f"{file}.index.json").write_text(json.dumps(index, indent=1))

    d = folder("legacy-python2", "pytorch legacy", {})
    cases["legacy-python2"]["tensors"] = describe(python2(d / "pytorch_model.bin"))

    versions = {"torch": torch.__version__, "safetensors": safetensors.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}
    (root / "golden.json").write_text(json.dumps({"script": "scripts/reference/weights.py", "versions": versions, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "internal/weights/testdata"))
