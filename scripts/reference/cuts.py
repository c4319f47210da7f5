#!/usr/bin/env python3
"""cuts.py: write eval/testdata/cuts.json and stats/testdata/reliability.json, what thresholds and their curves are held to.

Needs numpy, scikit-learn, statsmodels. Run from the root of the repository: python scripts/reference/cuts.py
Precision and recall are those of scikit-learn for "the answer is right"; recall and the area are scaled to all questions that have an
answer, since one whose candidate is wrong cannot be found at any threshold. Bins of a reliability curve are scikit-learn's quantile
strategy, on samples where its edges part them into equal numbers. Intervals of shares are statsmodels'.
"""
import json
import platform

import numpy as np
import sklearn
import statsmodels
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, precision_recall_curve
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(11)


def sample(n, ties):
    x = rng.normal(size=n) * 3
    y = rng.random(n) < 1 / (1 + np.exp(-(0.8 * x - 0.3)))
    return (np.round(x * 2) / 2 if ties else np.round(x, 6)), y


def cuts():
    out = []
    for n, ties in [(6, False), (60, False), (200, False), (200, True)]:
        x, y = sample(n, ties)
        if y.all() or not y.any():
            y[0] = not y[0]
        answerable = y | (rng.random(n) < 0.5)
        f1 = np.round(np.where(y, 100, np.where(answerable, rng.random(n) * 70, 0)), 3)
        precision, recall, thresholds = precision_recall_curve(y, x)
        scale = y.sum() / answerable.sum()
        # Every threshold by brute force: answered above it, silence right where there is no answer.
        best = max((float((np.where(x >= t, f1, np.where(answerable, 0, 100))).mean()) for t in np.append(np.unique(x), np.inf)))
        wrong = [int((~y[x >= t]).sum()) for t in thresholds]
        answered = [int((x >= t).sum()) for t in thresholds]
        ci = [proportion_confint(w, a, method="wilson") for w, a in zip(wrong, answered)]
        out.append({"x": x.tolist(), "y": y.tolist(), "answerable": answerable.tolist(), "f1": f1.tolist(), "at": thresholds.tolist(),
                    "precision": precision[:-1].tolist(), "recall": (recall[:-1] * scale).tolist(), "ap": average_precision_score(y, x) * scale,
                    "best_f1": best, "wrong": wrong, "answered": answered, "wrong_ci": ci})
    return out


def reliability():
    out = []
    for n, bins in [(30, 10), (150, 10), (150, 15), (300, 5)]:
        x, y = sample(n, False)
        p = 1 / (1 + np.exp(-x))
        share, mean = calibration_curve(y, p, n_bins=bins, strategy="quantile")
        assert len(share) == bins and n % bins == 0
        out.append({"p": p.tolist(), "y": y.tolist(), "bins": bins, "share": share.tolist(), "mean": mean.tolist()})
    return out


versions = {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__}
for name, key, cases in [("eval/testdata/cuts.json", "cuts", cuts()), ("stats/testdata/reliability.json", "reliability", reliability())]:
    with open(name, "w") as f:
        json.dump({"written_by": "scripts/reference/cuts.py", "versions": versions, key: cases}, f, separators=(",", ":"))
        f.write("\n")
