"""The official SQuAD 2.0 score of a single answer, so that thresholds and intervals can be worked out by question.

Totals that are reported come from `tryall score`, which is held to the official scripts; test_scoring holds this file to them too.
"""

import re
import string
from collections import Counter

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalize(text):
    """Lower case, without ASCII punctuation and English articles, white space as single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def golds(question):
    """What counts as right; an answer of nothing but punctuation and articles does not, and nothing at all means "no answer"."""
    return [a.text for a in question.answers if normalize(a.text)] or [""]


def exact(gold, said):
    return float(normalize(gold) == normalize(said))


def f1(gold, said):
    a, b = normalize(gold).split(), normalize(said).split()
    if not a or not b:
        return float(a == b)
    both = (Counter(a) & Counter(b)).total()
    return 2 * both / (len(a) + len(b))


def score(question, said):
    """(EM, F1), 0 to 1: the best over what counts as right."""
    return max(exact(g, said) for g in golds(question)), max(f1(g, said) for g in golds(question))
