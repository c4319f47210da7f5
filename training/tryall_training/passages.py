"""Long texts are cut into passages, so that a question can be paired with one that does not answer it."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from .squad import Answer

_ENDS = re.compile(r"\n\s*\n|[.!?]\s")


@dataclass(frozen=True)
class Passage:
    article: str
    text: str


def cut(text, size):
    """Ranges of at most `size` characters that cover the text and end, where they can, after a paragraph or a sentence."""
    ranges, start = [], 0
    while len(text) - start > size:
        ends = [m.end() for m in _ENDS.finditer(text, start, start + size)]
        end = ends[-1] if ends and ends[-1] - start > size // 2 else start + size
        ranges.append((start, end))
        start = end
    return ranges + [(start, len(text))]


def pieces(questions, size):
    """The questions, each on the passage of about `size` characters that holds its answers, and all passages there are.

    A question whose answer lies across a cut is left out, as is one without an answer on a text that is cut: no passage is its
    own. Texts of at most twice the size stay whole.
    """
    pool, homes, placed = {}, defaultdict(list), []
    for q in questions:
        if q.context not in homes:
            whole = len(q.context) <= 2 * size
            for start, end in [(0, len(q.context))] if whole else cut(q.context, size):
                homes[q.context].append((start, end))
                pool[Passage(q.article, q.context[start:end])] = None
        for start, end in homes[q.context]:
            inside = [a for a in q.answers if start <= a.start and a.start + len(a.text) <= end]
            if len(homes[q.context]) == 1 or inside:
                answers = tuple(Answer(a.text, a.start - start) for a in inside)
                placed.append(replace(q, context=q.context[start:end], answers=answers))
                break
    return placed, list(pool)
