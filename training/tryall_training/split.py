"""Parts of a data set that share no article: to train on, to calibrate on, to choose among models by."""

import random
from collections import defaultdict

PARTS = ("train", "calibration", "choose")


def split(questions, calibration, choose, seed):
    """Deals whole articles out until the shares (0 to 1, of the questions) are reached; the rest is to train on.

    The same questions, shares and seed give the same parts, in whatever order the questions come.
    """
    if calibration < 0 or choose < 0 or calibration + choose >= 1:
        raise ValueError(f"split: shares of {calibration} and {choose} leave nothing to train on")
    articles = defaultdict(list)
    for q in questions:
        articles[q.article].append(q)
    names = sorted(articles)
    random.Random(seed).shuffle(names)
    wanted = {"calibration": calibration * len(questions), "choose": choose * len(questions)}
    parts = {part: [] for part in PARTS}
    for name in names:
        part = next((p for p, n in wanted.items() if len(parts[p]) < n), "train")
        parts[part] += articles[name]
    if not parts["train"]:
        raise ValueError(f"split: {len(names)} articles are too few for shares of {calibration} and {choose}")
    return parts


def shared_texts(questions, others):
    """Texts that stand in both; of these a model must not learn when it is judged by the others."""
    return {q.context.strip() for q in questions} & {q.context.strip() for q in others}
