#!/usr/bin/env python3
"""confidence.py: write stats/testdata/confidence.json, what package stats is held to on confidences, calibration and races.

Needs numpy, scipy, scikit-learn, statsmodels. Run from the root of the repository: python scripts/reference/confidence.py
Areas, errors and fits are to agree to 1e-9 (fits to 1e-6: both sides stop iterating somewhere). The randomisation tests are
given over all signs (races) or as sacreBLEU makes them, with their Monte Carlo error.
"""
import itertools
import json
import platform
import warnings

import numpy as np
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

rng = np.random.default_rng(7)


def sample(n, ties):
    """Confidences and outcomes; with ties rounded to halves."""
    x = rng.normal(size=n) * 3
    y = rng.random(n) < 1 / (1 + np.exp(-(0.8 * x - 0.3)))
    return (np.round(x * 2) / 2 if ties else np.round(x, 6)), y


def aurc(conf, loss):
    """By the definition: each observation's risk at the highest threshold that answers it."""
    return float(np.mean([loss[conf >= c].mean() for c in conf]))


def ece(p, y, bins):
    """Equal mass; equal probabilities share their positives, so that their order does not matter."""
    share = np.array([y[p == v].mean() for v in p])
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, min(bins, len(p)))
    return float(sum(abs(p[k].sum() - share[k].sum()) for k in parts) / len(p))


def confidences():
    out = []
    for n, ties in [(5, False), (30, False), (150, False), (152, False), (150, True), (400, True)]:
        x, y = sample(n, ties)
        if y.all() or not y.any():
            y[0] = not y[0]
        loss = np.round(np.where(y, rng.random(n) * 30, 100 - rng.random(n) * 40), 3)
        p = 1 / (1 + np.exp(-x))
        case = {"x": x.tolist(), "y": y.tolist(), "loss": loss.tolist(), "auroc": roc_auc_score(y, x), "aurc": aurc(x, loss),
                "brier": brier_score_loss(y, p), "ece": ece(p, y, 15)}
        if not ties and n % 15 == 0:  # scikit-learn's bins, between quantiles, hold the same observations then
            true, mean = calibration_curve(y, p, n_bins=15, strategy="quantile")
            assert abs(np.mean(abs(true - mean)) - case["ece"]) < 1e-12
        out.append(case)
    return out


def platts():
    """One feature: scikit-learn's Platt scaling, which stops early, confirms statsmodels' GLM on Platt's targets."""
    out = []
    for n, k in [(20, 1), (200, 1), (60, 3), (300, 2), (12, 1)]:
        x = np.round(rng.normal(size=(n, k)) * [5, 0.2, 30][:k] + [1, 0, 200][:k], 4)
        y = rng.random(n) < 1 / (1 + np.exp(-(0.4 * x[:, 0] - 0.2)))
        if n == 12:  # parted
            y = x[:, 0] > np.median(x[:, 0])
        pos, neg = y.sum(), (~y).sum()
        target = np.where(y, (pos + 1) / (pos + 2), 1 / (neg + 2))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = sm.GLM(target, sm.add_constant(x), family=sm.families.Binomial()).fit(tol=1e-14, maxiter=200)
        if k == 1:
            s = _SigmoidCalibration().fit(x[:, 0], y)
            assert abs(-s.a_ - fit.params[1]) < 2e-3 * abs(s.a_) and abs(-s.b_ - fit.params[0]) < 5e-3 * max(1, abs(s.b_)), (s.a_, s.b_, fit.params)
        out.append({"x": x.tolist(), "y": y.tolist(), "intercept": fit.params[0], "weights": fit.params[1:].tolist()})
    return out


def isotonics():
    out = []
    for n, ties in [(1, False), (8, False), (100, False), (100, True)]:
        x, y = sample(n, ties)
        f = IsotonicRegression(out_of_bounds="clip").fit(x, y)
        at = np.concatenate([np.linspace(-12, 12, 41), x])
        out.append({"x": x.tolist(), "y": y.tolist(), "at": at.tolist(), "want": f.predict(at).tolist()})
    return out


def swaps():
    """sacreBLEU's paired approximate randomisation: swap the two systems' outputs segment by segment, score both anew, and
    count how often they come as far apart as they did: p = (c+1)/(B+1), here for the mean of scores of segments."""
    out = []
    for n, shift in [(20, 10), (100, 3), (300, 4), (60, 0)]:
        a = rng.choice([0, 0, 40, 66.67, 100, 100, 100], size=n)
        b = np.where(rng.random(n) < 0.7, a, rng.choice([0, 40, 100], size=n))
        a = np.minimum(100, a + shift * (rng.random(n) < 0.5))
        trials = 100_000
        far = abs(a.mean() - b.mean())
        count = 0
        for _ in range(trials // 1000):
            swap = rng.integers(2, size=(1000, n)).astype(bool)
            count += int((abs(np.where(swap, b, a).mean(1) - np.where(swap, a, b).mean(1)) >= far - 1e-9).sum())
        out.append({"a": a.tolist(), "b": b.tolist(), "p": (count + 1) / (trials + 1), "trials": trials})
    return out


def races():
    """The only look of a race: who is worst, and the share of all 2^clusters signs in which the largest pair's statistic
    reaches its own, corrected for lopsided differences."""
    out = []
    for systems, clusters, n in [(2, 0, 10), (3, 0, 12), (4, 9, 27), (3, 12, 30), (2, 0, 16)]:
        ids = np.arange(n) if not clusters else np.concatenate([np.arange(clusters), rng.integers(clusters, size=n - clusters)])
        x = rng.choice([0, 0, 50, 80, 100, 100], size=(n, systems)) * 1.0
        x[:, 1] = np.where(rng.random(n) < 0.6, 100, x[:, 1])
        rows = np.array([x[ids == k].sum(0) for k in np.unique(ids)])
        signs = np.array(list(itertools.product([1, -1], repeat=len(rows))))
        one_more = ((x.max() - x.min()) * np.sqrt(n / len(rows))) ** 3
        largest, best = np.zeros(len(signs)), (-np.inf, 0, 0)
        for i, j in itertools.permutations(range(systems), 2):
            d = rows[:, j] - rows[:, i]
            v = (d ** 2).sum()
            if v == 0:
                continue
            largest = np.maximum(largest, signs @ d / np.sqrt(v))
            t = d.sum() / np.sqrt(v)
            t -= max(0, one_more - (d ** 3).sum()) / v ** 1.5 * (1 + 2 * t * t) / 6
            best = max(best, (t, i, j))
        out.append({"scores": x.T.tolist(), "clusters": ids.tolist() if clusters else None, "system": best[1], "by": best[2],
                    "p": float((largest >= best[0] - 1e-9).mean())})
    return out


doc = {"written_by": "scripts/reference/confidence.py",
       "versions": {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__,
                    "statsmodels": statsmodels.__version__},
       "confidence": confidences(), "platt": platts(), "isotonic": isotonics(), "swaps": swaps(), "races": races()}
with open("stats/testdata/confidence.json", "w") as f:
    json.dump(doc, f, separators=(",", ":"))
    f.write("\n")
