"""Whether tryall and transformers see the same model: the same windows, and logits that differ by less than 1e-4."""

import numpy as np
import torch

from . import model as models
from . import tryall

BOUND = 1e-4  # of the larger of 1 and a tenth of the logit, as tryall states it


def agree(binary, folder, questions):
    """The largest difference of a logit (in units of the bound's scale) over all windows of the questions, in fp32.

    Raises when windows differ, or when a difference exceeds the bound.
    """
    tokenizer, model = models.load_tokenizer(folder), models.load(folder).eval()
    seen = tryall.inspect(binary, folder, [(q.text, q.context) for q in questions])
    if len(seen) != len(questions):
        raise ValueError(f"tryall inspected {len(seen)} of {len(questions)} questions")
    worst = 0.0
    for q, told in zip(questions, seen):
        encoded = tokenizer(q.text, q.context, truncation="only_second", max_length=384, stride=128, return_overflowing_tokens=True)
        if encoded["input_ids"] != [w["ids"] for w in told["windows"]]:
            raise ValueError(f"question {q.id}: other windows")
        for ids, types, window in zip(encoded["input_ids"], encoded["token_type_ids"], told["windows"]):
            with torch.no_grad():
                out = model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types]))
            for theirs, ours in ((out.start_logits, window["start_logits"]), (out.end_logits, window["end_logits"])):
                theirs = theirs[0].double().numpy()
                worst = max(worst, float(np.max(np.abs(theirs - np.array(ours)) / np.maximum(1, np.abs(theirs) / 10))))
    if not worst <= BOUND:
        raise ValueError(f"{folder}: logits differ by {worst:.2g}, more than {BOUND:g}")
    return worst
