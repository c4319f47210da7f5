"""Windows of tokens with the places of the answers in them: what a model learns from."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    question: int  # its place in the list that was encoded
    ids: np.ndarray
    types: np.ndarray
    # For each answer of the question the first and the last token that touch it; None where the window does not hold all of it.
    spans: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class Example:
    """A window and what to say of it; (0, 0) is the first token, [CLS], and means that it holds no answer."""

    window: Window
    start: int
    end: int


def span(offsets, inside, start, end):
    """First and last of the tokens marked inside that touch [start, end) of the text; None unless they cover it."""
    touching = [i for i, (a, b) in enumerate(offsets) if inside[i] and b > start and a < end]
    if not touching or offsets[touching[0]][0] > start or offsets[touching[-1]][1] < end:
        return None
    return touching[0], touching[-1]


def encode(tokenizer, questions, length, overlap):
    """Cuts each question's context into windows of at most `length` tokens, of which neighbours share `overlap`."""
    windows = []
    for n, q in enumerate(questions):
        encoded = tokenizer(
            q.text,
            q.context,
            truncation="only_second",
            max_length=length,
            stride=overlap,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        for k, ids in enumerate(encoded["input_ids"]):
            inside = [side == 1 for side in encoded.sequence_ids(k)]
            offsets = encoded["offset_mapping"][k]
            spans = tuple(span(offsets, inside, a.start, a.start + len(a.text)) for a in q.answers)
            windows.append(Window(n, np.array(ids, np.int32), np.array(encoded["token_type_ids"][k], np.int32), spans))
    return windows


def examples(windows, keep_empty, rng):
    """What is learned from in one epoch.

    Of several answers of a question one is drawn, for all its windows. A window without it teaches "no answer"; of such windows of
    an answered question the share keep_empty is kept, because long texts have many. Questions without an answer keep theirs.
    """
    drawn, kept = {}, []
    for w in windows:
        if w.question not in drawn:
            drawn[w.question] = rng.randrange(len(w.spans)) if w.spans else None
        choice = drawn[w.question]
        place = w.spans[choice] if choice is not None else None
        if place is None and choice is not None and rng.random() >= keep_empty:
            continue
        kept.append(Example(w, *(place or (0, 0))))
    return kept


def batches(found, size, rng, pool=40):
    """Batches in random order, each of windows of like length: every `pool` batches' worth of shuffled examples is sorted by length."""
    found = list(found)
    rng.shuffle(found)
    out = []
    for i in range(0, len(found), size * pool):
        block = sorted(found[i : i + size * pool], key=lambda e: len(e.window.ids))
        out += [block[j : j + size] for j in range(0, len(block), size)]
    rng.shuffle(out)
    return out


def pad(batch, padding):
    """The batch as arrays: ids, types and mask are (examples, longest), starts and ends (examples)."""
    width = max(len(e.window.ids) for e in batch)
    ids = np.full((len(batch), width), padding, np.int64)
    types, mask = np.zeros_like(ids), np.zeros_like(ids)
    for row, e in enumerate(batch):
        n = len(e.window.ids)
        ids[row, :n], types[row, :n], mask[row, :n] = e.window.ids, e.window.types, 1
    return ids, types, mask, np.array([e.start for e in batch]), np.array([e.end for e in batch])
