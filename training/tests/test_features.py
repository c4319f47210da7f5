"""Windows, labels, batches, with the tokenizer of the built-in models."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from tryall_training import evaluate, features, invented
from tryall_training.squad import Answer, Question

ZOO = Path(__file__).resolve().parents[2] / "zoo"


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(ZOO / "common")


LONG = " ".join(f"In {1700 + i} the town of Alby had {i} houses." for i in range(120))


def test_labels_say_the_answer(tokenizer):
    asked = [
        Question(str(i), f"How many houses were there in {1700 + i}?", LONG, (Answer(f"{i} houses", LONG.index(f"{i} houses")),), "A")
        for i in range(120)
    ]
    windows = features.encode(tokenizer, asked, 128, 40)
    held = {}
    for w in windows:
        assert len(w.ids) <= 128 and len(w.ids) == len(w.types) and w.ids[0] == tokenizer.cls_token_id
        for s in w.spans:
            if s is not None:
                assert tokenizer.decode(w.ids[s[0] : s[1] + 1]) == f"{w.question} houses"
                assert (w.types[s[0] : s[1] + 1] == 1).all()
                held[w.question] = held.get(w.question, 0) + 1
    assert set(held) == set(range(120)) and max(held.values()) == 2  # the overlap holds each answer at least once, some twice


def test_windows_are_those_of_the_tokenizer_and_overlap(tokenizer):
    windows = features.encode(tokenizer, [Question("1", "How many?", LONG, (), "A")], 128, 40)
    text = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    parts = [w.ids[w.types == 1][:-1] for w in windows]  # without the last [SEP]
    joined = list(parts[0])
    for before, after in itertools.pairwise(parts):
        assert list(before[-40:]) == list(after[:40])
        joined += list(after[40:])
    assert joined == text and len(windows) > 5
    assert all(w.spans == () for w in windows)


@pytest.mark.parametrize(
    "start, end, want",
    [(0, 3, (1, 1)), (0, 5, (1, 2)), (4, 5, (2, 2)), (3, 4, None), (1, 2, (1, 1)), (0, 9, None), (5, 8, None)],
)
def test_span(start, end, want):
    # Tokens: the question at 0; then "abc" and "de" of the text "abc defgh", which the window ends after.
    assert features.span([(0, 9), (0, 3), (4, 5)], [False, True, True], start, end) == want


def window(question, n, *spans):
    return features.Window(question, np.arange(1, n + 1, dtype=np.int32), np.zeros(n, np.int32), spans)


def test_examples():
    rng = random.Random(1)
    here, away, none = window(0, 9, (3, 4), (5, 5)), window(0, 9, None, None), window(1, 5)
    kept = features.examples([here, away, none], 0.0, rng)
    assert [(e.window, (e.start, e.end) == (0, 0)) for e in kept] == [(here, False), (none, True)]
    assert {(e.start, e.end) for _ in range(40) for e in features.examples([here], 0.0, rng)} == {(3, 4), (5, 5)}
    kept = [len(features.examples([away], 0.25, rng)) for _ in range(2000)]
    assert 0.2 < np.mean(kept) < 0.3
    # One answer is drawn for all windows of a question: where only the other stands, "no answer" is taught.
    other = window(0, 9, None, (2, 2))
    drawn = {tuple((e.start, e.end) for e in features.examples([window(0, 9, (3, 4), None), other], 1.0, rng)) for _ in range(40)}
    assert drawn == {((3, 4), (0, 0)), ((0, 0), (2, 2))}


def test_batches_hold_everything_once():
    rng = random.Random(3)
    found = [features.Example(window(i, rng.randrange(5, 60)), 0, 0) for i in range(500)]
    made = features.batches(found, 8, rng, pool=10)
    assert sorted(e.window.question for b in made for e in b) == list(range(500)) and all(len(b) <= 8 for b in made)
    spread = np.mean([max(len(e.window.ids) for e in b) - min(len(e.window.ids) for e in b) for b in made])
    assert spread < 8  # of 55: like lengths are together


def test_pad():
    ids, types, mask, start, end = features.pad([features.Example(window(0, 2, (1, 1)), 1, 1), features.Example(window(1, 3), 0, 0)], 99)
    assert ids.tolist() == [[1, 2, 99], [1, 2, 3]] and mask.tolist() == [[1, 1, 0], [1, 1, 1]] and types.shape == (2, 3)
    assert start.tolist() == [1, 0] and end.tolist() == [1, 0]


def test_best_span_against_every_span():
    rng = np.random.default_rng(5)
    for _ in range(200):
        n = int(rng.integers(3, 18))  # with at most 20 tokens the best 20 starts are all starts
        starts, ends = rng.normal(size=n), rng.normal(size=n)
        offsets = [None if i < 2 else (i, i + 1) for i in range(n)]
        every = [(starts[s] + ends[e], s, e) for s in range(2, n) for e in range(s, min(n, s + evaluate.LONGEST))]
        assert evaluate.best_span(starts, ends, offsets) == pytest.approx(max(every))
    assert evaluate.best_span(np.array([1.0]), np.array([1.0]), [None]) is None


def test_abstain():
    said, odds = {"a": "x", "b": "y", "c": "z"}, {"a": -3.0, "b": -1.0, "c": 0.5}
    assert evaluate.abstain(said, odds) == {"a": "x", "b": "y", "c": ""}
    assert evaluate.abstain(said, odds, 2.0) == {"a": "x", "b": "", "c": ""}


def test_invented_answers_stand_where_they_are_said_to():
    for q in invented.questions(900):
        for a in q.answers:
            assert q.context[a.start : a.start + len(a.text)] == a.text
