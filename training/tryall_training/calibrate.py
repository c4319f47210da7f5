"""From which gap on a model should answer, and how sure a gap makes it: what tryall.json holds.

The gap is the score of the best span minus that of no answer (tryall's decoder `gap`). Both fits need questions that the model has not
learned from, or the gaps are those of memory: the calibration part of its data.
"""

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import scoring, tryall

FOLDS, BINS = 5, 15


@dataclass(frozen=True)
class Judged:
    """The best span of each question: its gap, and what it would score (0 to 1) if it were given, or withheld."""

    gap: np.ndarray
    exact: np.ndarray
    f1: np.ndarray
    withheld: np.ndarray
    group: np.ndarray  # its article, as a number


def judge(binary, model, questions):
    """Asks the model through the binary, with "no answer" ruled out, and scores what it says."""
    _, said, odds = tryall.evaluate(binary, model, questions, "--decoder", "gap", "--no-no-answer")
    number = {name: i for i, name in enumerate(sorted({q.article for q in questions}))}
    given = [scoring.score(q, said[q.id]) for q in questions]
    return Judged(
        gap=np.array([-odds[q.id] for q in questions]),
        exact=np.array([exact for exact, _ in given]),
        f1=np.array([f1 for _, f1 in given]),
        withheld=np.array([scoring.score(q, "")[1] for q in questions]),
        group=np.array([number[q.article] for q in questions]),
    )


def best_threshold(gap, given, withheld):
    """The threshold t with the best mean score when exactly the gaps above t are answered, and that mean.

    Of equally good ones the largest; it lies midway between two gaps. Beyond all gaps it is the largest, which answers nothing.
    """
    order = np.argsort(-gap, kind="stable")
    gap, gain = gap[order], (given - withheld)[order]
    total = withheld.sum() + np.concatenate([[0.0], np.cumsum(gain)])  # with the first k answered
    possible = np.concatenate([[True], gap[1:] < gap[:-1], [True]])  # equal gaps are answered together
    k = int(np.argmax(np.where(possible, total, -np.inf)))
    if k == 0:
        threshold = gap[0]
    elif k == len(gap):
        threshold = gap[-1] - 1.0
    else:
        threshold = (gap[k - 1] + gap[k]) / 2
    return float(threshold), float(total[k] / len(gap))


def steady_threshold(judged, seed=7, rounds=400):
    """The mean of the best thresholds of resampled articles.

    The best threshold of one sample jumps with a single question, because the curve is flat at its top; the mean over resamples
    (bagging) moves less from sample to sample, and comes with its standard deviation. Resampled are articles, or questions
    where there are fewer than five articles.
    """
    rng = np.random.default_rng(seed)
    groups = judged.group if len(np.unique(judged.group)) >= 5 else np.arange(len(judged.gap))
    rows = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    found = []
    for _ in range(rounds):
        drawn = np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])
        found.append(best_threshold(judged.gap[drawn], judged.f1[drawn], judged.withheld[drawn])[0])
    return float(np.mean(found)), float(np.std(found))


def fit_logistic(x, y, steps=100):
    """a and b of the greatest likelihood for P(y = 1) = sigmoid(a*x + b), by Newton's method with halved steps.

    Raises when y is all alike, or when x parts it so that there is no greatest likelihood.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if y.min() == y.max():
        raise ValueError("fit a probability: it takes right and wrong answers")
    if x[y == 0].max() <= x[y == 1].min() or x[y == 1].max() <= x[y == 0].min():
        raise ValueError("fit a probability: the gaps part right from wrong answers; more questions are needed")
    middle, scale = x.mean(), x.std() or 1.0
    design = np.column_stack([(x - middle) / scale, np.ones_like(x)])
    loss = lambda w: np.logaddexp(0, design @ w).sum() - y @ (design @ w)
    w = np.array([0.0, math.log(y.mean() / (1 - y.mean()))])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(design @ w)))
        gradient = design.T @ (p - y)
        if np.abs(gradient).max() < 1e-9 * len(y):
            a = w[0] / scale
            return float(a), float(w[1] - a * middle)
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + 1e-12 * np.eye(2), gradient)
        while loss(w - step) > loss(w) + 1e-9 and np.abs(step).max() > 1e-12:
            step /= 2
        w = w - step
    raise ArithmeticError(f"fit a probability: Newton's method did not end in {steps} steps")


def probability(gap, a, b):
    return 1 / (1 + np.exp(-(a * np.asarray(gap, float) + b)))


def error(p, right, bins=BINS):
    """Expected calibration error (0 to 1) in bins of equal mass: how far the mean probability is from the share of right ones."""
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, min(bins, len(p)))
    return sum(len(i) * abs(p[i].mean() - right[i].mean()) for i in parts) / len(p)


def cross_fitted(judged, seed=7):
    """Each answer's probability by a map that was fitted without its article."""
    names = np.random.default_rng(seed).permutation(np.unique(judged.group))
    fold = {name: i % FOLDS for i, name in enumerate(names)}
    folds = np.array([fold[g] for g in judged.group])
    if len(names) < FOLDS:
        folds = np.arange(len(judged.gap)) % FOLDS
    p = np.empty_like(judged.gap)
    for k in np.unique(folds):
        p[folds == k] = probability(judged.gap[folds == k], *fit_logistic(judged.gap[folds != k], judged.exact[folds != k]))
    return p


def calibrate(binary, model, questions, about, seed=7):
    """What tryall.json shall hold, and what is to be told of it."""
    judged = judge(binary, model, questions)
    threshold, spread = steady_threshold(judged, seed)
    a, b = fit_logistic(judged.gap, judged.exact)
    answered = judged.gap > threshold
    _, best = best_threshold(judged.gap, judged.f1, judged.withheld)
    settings = {
        "abstains": "yes",
        "decoder": "gap",
        "threshold": round(threshold, 2),
        "calibration": {"a": round(a, 4), "b": round(b, 3)},
        "fitted_on": about,
        "questions": len(questions),
    }
    told = {
        "threshold_spread": spread,
        "f1_always": 100 * judged.f1.mean(),
        "f1_at_zero": 100 * np.where(judged.gap > 0, judged.f1, judged.withheld).mean(),
        "f1_at_threshold": 100 * np.where(answered, judged.f1, judged.withheld).mean(),
        "f1_at_best": 100 * best,
        "ece_cross_fitted": 100 * error(cross_fitted(judged, seed), judged.exact),
    }
    return settings, {k: round(float(v), 2) for k, v in told.items()}


def add_map(binary, model, questions, path, rewrite, seed=7):
    """For a built-in model: a probability map beside the threshold that its tryall.json has, fitted on papers of COVID-QA.

    The gold answers there are whole sentences, so that answers which people would call right are hardly ever right to the letter; what
    overlaps the gold with an F1 of at least 0.5 counts as right. The threshold that would be fitted on the questions is told besides.
    """
    judged = judge(binary, model, questions)
    threshold, spread = steady_threshold(judged, seed)
    right = (judged.f1 >= 0.5).astype(float)
    a, b = fit_logistic(judged.gap, right)
    settings = json.loads(Path(path).read_text(encoding="utf-8"))
    settings["calibration"] = {"a": round(a, 4), "b": round(b, 3)}
    settings["fitted_on"] = (
        f"COVID-QA's training papers: the threshold on {settings['questions']:,} questions, the probability of an F1 of at least 0.5 on "
        f"{len(questions):,}, half of them on a passage that does not answer"
    )
    if rewrite:
        write(path, settings)
    f1 = lambda t: round(100 * float(np.where(judged.gap > t, judged.f1, judged.withheld).mean()), 2)
    return {
        "questions": len(questions), "calibration": settings["calibration"],
        "threshold": settings["threshold"], "f1": f1(settings["threshold"]),
        "new_threshold": round(threshold, 2), "its_spread": round(spread, 2), "its_f1": f1(threshold),
        "ece_cross_fitted": round(100 * float(error(cross_fitted(replace(judged, exact=right), seed), right)), 2),
    }  # fmt: skip


def look(binary, model, questions, settings):
    """How settings do on questions they were not fitted on: F1 at 0, at their threshold and at the best; ECE and Brier score."""
    judged = judge(binary, model, questions)
    f1_at = lambda t: round(100 * float(np.where(judged.gap > t, judged.f1, judged.withheld).mean()), 2)
    threshold, best = best_threshold(judged.gap, judged.f1, judged.withheld)
    told = {"f1_at_zero": f1_at(0), "f1_at_threshold": f1_at(settings["threshold"]), "f1_at_best": round(100 * best, 2)}
    told["best_threshold"] = round(threshold, 2)
    if settings.get("calibration"):
        p = probability(judged.gap, settings["calibration"]["a"], settings["calibration"]["b"])
        told["ece"] = round(100 * float(error(p, judged.exact)), 2)
        told["brier"] = round(float(np.mean((p - judged.exact) ** 2)), 4)
    return told


def write(path, settings):
    Path(path).write_text(json.dumps(settings, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
