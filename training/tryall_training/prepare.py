"""The parts of the data: what is trained on, calibrated on and chosen by, each with synthetic questions that have no answer."""

from dataclasses import replace
from pathlib import Path

from . import edits, negatives, passages, split, squad

PASSAGE = 1000  # characters; of longer texts (papers) a passage is asked when questions are paired with passages
# Shares of a set's questions to calibrate on and to choose by. squad2-part has eleven articles: it takes more to get two of them.
SHARES = {"amazon": (0.05, 0.04), "new_wiki": (0.05, 0.04), "reddit": (0.05, 0.04), "squad2-part": (0.15, 0.10), "covid": (0.10, 0.07)}
HELD_OUT = ("squad2-part", "covid")


def none_of(name):
    """The file with a set's questions on passages that do not answer them."""
    return f"{name}-none"


def edited_of(name):
    """The file with a set's questions that were edited, so that their passages do not answer them."""
    return f"{name}-edited"


def prepare(data, out, seed, log=print):
    """Writes out/PART/NAME.json.gz and NAME-none.json.gz for the sets in data/train; to train on, NAME-edited.json.gz too.

    A text that also stands in data/held-out is an error, because what learns from it could not be judged by it. Sets that have
    unanswerable questions of their own get none on other passages. To calibrate and choose on, long texts are cut to passages.
    """
    data, out = Path(data), Path(out)
    held_out = [q for name in HELD_OUT for q in squad.read(squad.find(data / "held-out", name))]
    for name, (calibration, choose) in SHARES.items():
        questions = squad.read(squad.find(data / "train", name))
        if both := split.shared_texts(questions, held_out):
            raise ValueError(f"prepare {name}: {len(both)} of its texts are held out: {min(both)[:80]!r}")
        for part, found in split.split(questions, calibration, choose, f"{seed} {name}").items():
            placed, pool = passages.pieces(found, PASSAGE)
            made = []
            if all(q.answers for q in questions):
                made = negatives.unanswerable(placed, pool, 1.0, f"{seed} {name} {part}")
                if made:
                    squad.write(out / part / f"{none_of(name)}.json.gz", made)
            squad.write(out / part / f"{name}.json.gz", found if part == "train" else placed)
            if part == "train" and (changed := edits.edited(placed, pool, 1.0, f"{seed} {name}")):
                squad.write(out / part / f"{edited_of(name)}.json.gz", changed)
            articles = len({q.article for q in found})
            log(f"{name}, {part}: {len(found)} questions on {articles} articles, {len(made)} more without an answer")
    (out / "done").write_text(f"seed {seed}\n")


def paired(data, name, seed):
    """All of a set to train on, cut to passages, each question also on a passage that does not answer it: half and half."""
    placed, pool = passages.pieces(squad.read(squad.find(Path(data) / "train", name)), PASSAGE)
    return placed + negatives.unanswerable(placed, pool, 1.0, seed)


def read_part(folder, names):
    """The questions of some sets in one part, with their synthetic ones; ids tell the set, articles too."""
    found = []
    for name in names:
        for file in (name, none_of(name)):
            if file == name or squad.exists(folder, file):
                found += [replace(q, id=f"{name}/{q.id}", article=f"{name}/{q.article}") for q in squad.read(squad.find(folder, file))]
    return found
