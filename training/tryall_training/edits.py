"""Questions without an answer, made by an edit: one detail of an answerable question becomes another that its passage does not speak of.

People who wrote unanswerable questions for SQuAD 2.0 did so: another name, another number, the opposite. What is edited here stands in the
passage, so that the passage would answer the question as it was; a model must look at the detail to know better.
"""

import random
import re
from collections import defaultdict
from dataclasses import replace

from .negatives import words

_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"\b[A-Z][\w'-]*[a-z](?: (?:of |the |de )?[A-Z][\w'-]*[a-z])*")
_OPPOSITES = [
    ("first", "last"), ("before", "after"), ("most", "least"), ("largest", "smallest"), ("highest", "lowest"), ("more", "fewer"), ("oldest", "youngest"),
    ("increase", "decrease"), ("increased", "decreased"), ("north", "south"), ("northern", "southern"), ("east", "west"), ("eastern", "western"),
    ("won", "lost"), ("always", "never"), ("begin", "end"), ("began", "ended"), ("early", "late"), ("best", "worst"), ("longest", "shortest"),
    ("biggest", "smallest"), ("minimum", "maximum"), ("opened", "closed"), ("started", "stopped"), ("support", "oppose"), ("supported", "opposed"),
    ("allowed", "forbidden"), ("former", "latter"), ("male", "female"), ("upper", "lower"), ("inside", "outside"), ("poor", "rich"), ("win", "lose"),
]  # fmt: skip
_SWAP = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}


def details(text):
    """Names and numbers of a text, each once: kind -> texts. A word at the beginning of a sentence may be none and is left out."""
    found = {"number": dict.fromkeys(m.group() for m in _NUMBER.finditer(text))}
    starts = {0, *(m.end() for m in re.finditer(r"[.!?]\s+|\n+", text))}
    found["name"] = dict.fromkeys(m.group() for m in _NAME.finditer(text) if m.start() not in starts)
    return {kind: list(texts) for kind, texts in found.items()}


class Editor:
    """Edits questions, with the details of other passages to draw from."""

    def __init__(self, passages):
        self.details = defaultdict(lambda: defaultdict(dict))  # article -> kind -> text
        for p in passages:
            for kind, texts in details(p.text).items():
                self.details[p.article][kind] |= dict.fromkeys(texts)
                self.details[None][kind] |= dict.fromkeys(texts)
        self.all = {kind: list(texts) for kind, texts in self.details[None].items()}

    def edits(self, question, rng):
        """The ways to edit a question, in random order, as texts."""
        ways = []
        for kind, texts in details(question.text).items():
            near = [t for t in self.details[question.article][kind] if t not in question.context]
            for old in texts:
                if old not in question.context or any(old in a.text for a in question.answers):
                    continue
                for pool in (near, self.all.get(kind, [])):
                    fit = [t for t in rng.sample(pool, min(40, len(pool))) if self._fits(old, t, kind, question)]
                    if fit:
                        ways.append(re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _, t=fit[0]: t, question.text, count=1))
                        break
        asked = question.text.split()
        for i, word in enumerate(asked[1:], 1):
            if word.lower() in _SWAP:
                ways.append(" ".join([*asked[:i], _SWAP[word.lower()], *asked[i + 1 :]]))
        rng.shuffle(ways)
        return [w for w in ways if w != question.text]

    @staticmethod
    def _fits(old, new, kind, question):
        """Whether it is another detail, unknown to question and passage, and of the same make."""
        if new.lower() in question.context.lower() or set(words(new)) & set(words(question.text)):
            return False
        return len(new) == len(old) if kind == "number" else new.count(" ") <= old.count(" ") + 1


def edited(questions, passages, share, seed):
    """Edits a share of the answerable questions (drawn by the seed); those that have nothing to edit are left out."""
    rng, editor, made = random.Random(seed), Editor(passages), []
    asked = [q for q in questions if q.answers]
    for q in rng.sample(asked, round(share * len(asked))):
        if ways := editor.edits(q, rng):
            made.append(replace(q, id=f"{q.id}-edited", text=ways[0], answers=()))
    return made
