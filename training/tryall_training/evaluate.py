"""What a model makes of questions, with transformers alone: windows, logits, and answers chosen by the rules of run_qa.

run_qa is the question answering example of transformers: windows of 384 tokens that share 128, the 20 best starts and ends, answers
of at most 30 tokens, scores as sums of logits.
"""

import numpy as np
import torch

from . import model as models

LENGTH, OVERLAP, BEST, LONGEST = 384, 128, 20, 30


def best_span(starts, ends, offsets):
    """The best answer of a window: (score, first token, last token), or None. Tokens with an offset of None are not of the context."""
    top = lambda x: np.argsort(-x, kind="stable")[:BEST]
    found = None
    for s in top(starts):
        for e in top(ends):
            if offsets[s] is None or offsets[e] is None or not 0 <= e - s < LONGEST:
                continue
            if found is None or starts[s] + ends[e] > found[0]:
                found = float(starts[s] + ends[e]), int(s), int(e)
    return found


def _rows(values, pad, device):
    width = max(map(len, values))
    return torch.tensor([v + [pad] * (width - len(v)) for v in values], device=device)


def predict(folder, questions, batch=16):
    """(id -> text of the best answer, id -> null odds): the odds are the score of no answer minus that of the best one.

    The score of no answer is the least over the windows of the question, as run_qa has it.
    """
    tokenizer, model = models.load_tokenizer(folder), models.load(folder).eval()
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    windows = []
    for q in questions:
        encoded = tokenizer(
            q.text,
            q.context,
            truncation="only_second",
            max_length=LENGTH,
            stride=OVERLAP,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        for k, ids in enumerate(encoded["input_ids"]):
            offsets = [o if side == 1 else None for o, side in zip(encoded["offset_mapping"][k], encoded.sequence_ids(k))]
            windows.append((q, ids, encoded["token_type_ids"][k], offsets))
    null, best, said = {}, {}, {q.id: "" for q in questions}
    order = sorted(range(len(windows)), key=lambda i: len(windows[i][1]))
    logits = {}
    for i in range(0, len(order), batch):
        rows = order[i : i + batch]
        with torch.no_grad():
            out = model(
                input_ids=_rows([windows[r][1] for r in rows], tokenizer.pad_token_id, model.device),
                token_type_ids=_rows([windows[r][2] for r in rows], 0, model.device),
                attention_mask=_rows([[1] * len(windows[r][1]) for r in rows], 0, model.device),
            )
        for k, r in enumerate(rows):
            n = len(windows[r][1])
            logits[r] = out.start_logits[k, :n].cpu().numpy(), out.end_logits[k, :n].cpu().numpy()
    for r, (q, _, _, offsets) in enumerate(windows):
        starts, ends = logits[r]
        null[q.id] = min(null.get(q.id, np.inf), float(starts[0] + ends[0]))
        span = best_span(starts, ends, offsets)
        if span and (q.id not in best or span[0] > best[q.id]):
            best[q.id] = span[0]
            said[q.id] = q.context[offsets[span[1]][0] : offsets[span[2]][1]]
    odds = {q.id: null[q.id] - best.get(q.id, 0.0) for q in questions}
    return said, odds


def abstain(said, odds, threshold=0.0):
    """The texts where the answer's score is at least the threshold above that of no answer, else nothing."""
    return {id_: "" if odds[id_] > -threshold else text for id_, text in said.items()}
