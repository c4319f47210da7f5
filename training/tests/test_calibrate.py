"""Thresholds against a search of all, the probability map against scikit-learn and scipy, scores by hand and against tryall."""

import os
import random

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from tryall_training import calibrate, invented, scoring, tryall
from tryall_training.squad import Answer, Question


@pytest.mark.parametrize("seed", range(30))
def test_best_threshold_against_all(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    gap, given, withheld = rng.integers(-5, 6, n) / 2, rng.random(n), rng.integers(0, 2, n).astype(float)
    means = {t: np.where(gap > t, given, withheld).mean() for t in [*np.unique(gap), gap.min() - 1]}
    threshold, mean = calibrate.best_threshold(gap, given, withheld)
    assert mean == pytest.approx(max(means.values()))
    assert np.where(gap > threshold, given, withheld).mean() == pytest.approx(mean)


def test_best_threshold_by_hand():
    gap, f1, none = np.array([4.0, 3.0, 2.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])
    assert calibrate.best_threshold(gap, f1, none) == (2.5, 1.0)
    assert calibrate.best_threshold(gap, f1, 1 - none * 0)[0] == 4.0  # to answer nothing is best
    assert calibrate.best_threshold(gap, f1 + 1, none * 0)[0] == 0.0  # to answer everything is


def judged(n, seed, groups=10):
    rng = np.random.default_rng(seed)
    gap = rng.normal(3, 4, n)
    right = (rng.random(n) < 1 / (1 + np.exp(-(0.5 * gap - 2)))).astype(float)
    return calibrate.Judged(gap, right, right, 1 - right, rng.integers(0, groups, n))


def test_steady_threshold_is_steadier():
    one = [calibrate.best_threshold(j.gap, j.f1, j.withheld)[0] for j in (judged(300, s) for s in range(20))]
    mean = [calibrate.steady_threshold(judged(300, s), rounds=100)[0] for s in range(20)]
    assert np.std(mean) < np.std(one)
    assert np.mean(mean) == pytest.approx(4.0, abs=0.5)  # 0.5 gap - 2 = 0: where right and wrong are equally likely


@pytest.mark.parametrize("seed", range(5))
def test_logistic_is_that_of_sklearn_and_scipy(seed):
    j = judged(400, seed)
    a, b = calibrate.fit_logistic(j.gap, j.exact)
    sk = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(j.gap[:, None], j.exact)
    assert (a, b) == pytest.approx((sk.coef_[0, 0], sk.intercept_[0]), abs=1e-4)
    loss = lambda w: np.logaddexp(0, w[0] * j.gap + w[1]).sum() - j.exact @ (w[0] * j.gap + w[1])
    found = minimize(loss, [0, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}).x
    assert (a, b) == pytest.approx(tuple(found), abs=1e-5)


def test_logistic_refuses_what_has_no_fit():
    with pytest.raises(ValueError, match="right and wrong"):
        calibrate.fit_logistic([1, 2, 3], [1, 1, 1])
    with pytest.raises(ValueError, match="part right from wrong"):
        calibrate.fit_logistic([1, 2, 3, 4], [0, 0, 1, 1])


def test_error_by_hand():
    # Two bins: probabilities of 0.1 and 0.3 with one of two right, of 0.8 and 1.0 with two of two: |0.2-0.5|/2 + |0.9-1|/2.
    assert calibrate.error(np.array([1.0, 0.1, 0.8, 0.3]), np.array([1.0, 0.0, 1.0, 1.0]), bins=2) == pytest.approx(0.2)


def test_cross_fitted_probabilities_do_not_see_their_article():
    j = judged(300, 3, groups=6)
    p = calibrate.cross_fitted(j)
    other = calibrate.Judged(j.gap, np.where(j.group == 2, 1 - j.exact, j.exact), j.f1, j.withheld, j.group)
    q = calibrate.cross_fitted(other)
    assert np.allclose(p[j.group == 2], q[j.group == 2]) and not np.allclose(p[j.group == 3], q[j.group == 3])


@pytest.mark.parametrize(
    "golds, said, exact, f1",
    [
        (["the Big-Dog!"], "bigdog", 1, 1),
        (["in May 1850", "1850"], "May 1850", 0, 0.8),  # 2 of 2 and 2 of 3 words
        (["1850"], "", 0, 0),
        ([], "", 1, 1),
        ([], "May", 0, 0),
        (["The"], "", 1, 1),  # nothing is left of it: the official script takes it for no answer
        (["a b b"], "b b c", 0, 0.8),  # "a" is an article: b b against b b c
    ],
)
def test_score_by_hand(golds, said, exact, f1):
    q = Question("1", "?", " ".join(golds), tuple(Answer(g, 0) for g in golds), "A")
    assert scoring.score(q, said) == pytest.approx((exact, f1))


@pytest.mark.skipif("TRYALL" not in os.environ, reason="TRYALL names no tryall binary")
def test_score_is_that_of_tryall():
    rng, questions = random.Random(2), invented.questions(300)
    said = {q.id: rng.choice(["", *q.context.split(), *(a.text for a in q.answers), " ".join(q.context.split()[:4])]) for q in questions}
    told = tryall.score(os.environ["TRYALL"], questions, said)
    ours = np.array([scoring.score(q, said[q.id]) for q in questions]).mean(axis=0)
    assert (100 * ours).tolist() == pytest.approx([told["exact"], told["f1"]], abs=1e-6)
