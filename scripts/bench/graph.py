"""Writes a BERT checkpoint as an ONNX graph: from token ids to start and end logits, without masks.

Two ways: "plain" has the operators that an export gives, "fused" has ONNX Runtime's own operators for attention,
residual + layer norm and bias + GELU. Which one is faster depends on the model and the machine."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    def __init__(self, weights, config, fused):
        self.w, self.c, self.fused = weights, config, fused
        self.nodes, self.inits, self.n = [], [], 0

    def name(self):
        self.n += 1
        return f"t{self.n}"

    def const(self, value, dtype=np.float32):
        name = self.name()
        self.inits.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=dtype), name))
        return name

    def op(self, kind, *inputs, domain="", **attributes):
        out = self.name()
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name="n" + out, domain=domain, **attributes))
        return out

    def ms(self, kind, *inputs, **attributes):
        return self.op(kind, *inputs, domain="com.microsoft", **attributes)

    def linear(self, x, name, bias=True):
        y = self.op("MatMul", x, self.const(self.w[name + ".weight"].T))
        return self.op("Add", y, self.const(self.w[name + ".bias"])) if bias else y

    def norm(self, x, residual, name):
        eps = self.c["layer_norm_eps"]
        scale, shift = self.const(self.w[name + ".weight"]), self.const(self.w[name + ".bias"])
        if self.fused and residual:
            return self.ms("SkipLayerNormalization", x, residual, scale, shift, epsilon=eps)
        if residual:
            x = self.op("Add", x, residual)
        return self.op("LayerNormalization", x, scale, shift, epsilon=eps, axis=-1)

    def embed(self, ids, seq):
        e = "bert.embeddings."
        x = self.op("Gather", self.const(self.w[e + "word_embeddings.weight"]), ids)
        rest = self.w[e + "position_embeddings.weight"][:seq] + self.w[e + "token_type_embeddings.weight"][0]
        return self.norm(self.op("Add", x, self.const(rest)), None, e + "LayerNorm")

    def attention(self, x, name):
        heads, d = self.c["num_attention_heads"], self.c["hidden_size"]
        parts = [name + "self." + p for p in ("query", "key", "value")]
        if self.fused:
            w = np.concatenate([self.w[p + ".weight"] for p in parts]).T
            b = np.concatenate([self.w[p + ".bias"] for p in parts])
            return self.ms("Attention", x, self.const(w), self.const(b), num_heads=heads)
        split = self.const([0, 0, heads, d // heads], np.int64)
        q, k, v = (self.op("Reshape", self.linear(x, p), split) for p in parts)
        q, v = (self.op("Transpose", t, perm=[0, 2, 1, 3]) for t in (q, v))
        k = self.op("Transpose", k, perm=[0, 2, 3, 1])
        scores = self.op("Div", self.op("MatMul", q, k), self.const(np.sqrt(d / heads)))
        y = self.op("MatMul", self.op("Softmax", scores, axis=-1), v)
        return self.op("Reshape", self.op("Transpose", y, perm=[0, 2, 1, 3]), self.const([0, 0, d], np.int64))

    def up(self, x, name):
        if self.fused:
            return self.ms("BiasGelu", self.linear(x, name, bias=False), self.const(self.w[name + ".bias"]))
        y = self.linear(x, name)
        erf = self.op("Erf", self.op("Div", y, self.const(np.sqrt(2))))
        return self.op("Mul", self.op("Mul", y, self.op("Add", erf, self.const(1))), self.const(0.5))

    def model(self, seq):
        x = self.embed("ids", seq)
        for i in range(self.c["num_hidden_layers"]):
            l = f"bert.encoder.layer.{i}."
            y = self.linear(self.attention(x, l + "attention."), l + "attention.output.dense")
            x = self.norm(y, x, l + "attention.output.LayerNorm")
            y = self.linear(self.up(x, l + "intermediate.dense"), l + "output.dense")
            x = self.norm(y, x, l + "output.LayerNorm")
        out = self.linear(x, "qa_outputs")
        graph = helper.make_graph(
            self.nodes, "bert",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", seq])],
            [helper.make_tensor_value_info(out, TensorProto.FLOAT, ["batch", seq, 2])], self.inits)
        m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])
        m.ir_version = 8
        return m.SerializeToString()


def build(weights, config, seq, fused):
    return Graph(weights, config, fused).model(seq)
