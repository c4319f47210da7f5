"""Questions without an answer, made of questions with one: each is asked of a passage that shares its words and not its answer."""

import random
import re
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from .scoring import normalize

_WORD = re.compile(r"\w+")


def words(text):
    return _WORD.findall(text.lower())


class BM25:
    """Okapi BM25 over a list of texts (k1 1.2, b 0.75), with the weights worked out beforehand."""

    def __init__(self, texts, k1=1.2, b=0.75):
        bags = [Counter(words(t)) for t in texts]
        sizes = np.array([sum(bag.values()) for bag in bags], dtype=np.float64)
        room = k1 * (1 - b + b * sizes / max(sizes.mean(), 1))
        postings = defaultdict(list)
        for i, bag in enumerate(bags):
            for word, n in bag.items():
                postings[word].append((i, n))
        self.count, self.postings = len(texts), {}
        for word, hits in postings.items():
            index = np.array([i for i, _ in hits])
            n = np.array([n for _, n in hits], dtype=np.float64)
            rarity = np.log(1 + (len(texts) - len(hits) + 0.5) / (len(hits) + 0.5))
            self.postings[word] = index, rarity * n * (k1 + 1) / (n + room[index])

    def scores(self, query):
        out = np.zeros(self.count)
        for word in set(words(query)):
            if word in self.postings:
                index, weight = self.postings[word]
                out[index] += weight
        return out


def holds(text, answers):
    """Whether one of the answers stands in the text, as it is written or as the scoring script sees it."""
    folded, plain = text.casefold(), f" {normalize(text)} "
    for a in answers:
        core = normalize(a.text)
        if a.text.casefold() in folded or (core and f" {core} " in plain):
            return True
    return False


class Pairing:
    """Finds passages that are close to a question and do not answer it."""

    def __init__(self, passages):
        self.passages = passages
        self.index = BM25([p.text for p in passages])
        self.articles = defaultdict(list)
        for i, p in enumerate(passages):
            self.articles[p.article].append(i)

    def close(self, question, near, within):
        """Up to `near` passages, the closest first, of the question's own article or of the others."""
        scores = self.index.scores(question.text)
        own = self.articles.get(question.article, [])
        if within:
            order = sorted(own, key=lambda i: (-scores[i], i))
        else:
            scores[own] = 0
            order = np.argsort(-scores, kind="stable")
        found = []
        for i in order:
            if len(found) == near or scores[i] <= 0:
                break
            text = self.passages[i].text
            if text != question.context and not holds(text, question.answers):
                found.append(self.passages[i])
        return found


def unanswerable(questions, passages, share, seed, near=3):
    """Asks a share of the answerable questions (drawn by the seed) of a close passage without their answer.

    It is one of the `near` closest, by half of the same article and by half of another, or of the one kind where the other has none.
    A question that shares no word with any such passage is left out.
    """
    rng = random.Random(seed)
    asked = [q for q in questions if q.answers]
    pairing, made = Pairing(passages), []
    for q in rng.sample(asked, round(share * len(asked))):
        within = rng.random() < 0.5
        found = pairing.close(q, near, within) or pairing.close(q, near, not within)
        if found:
            made.append(replace(q, id=f"{q.id}-none", context=rng.choice(found).text, answers=()))
    return made
