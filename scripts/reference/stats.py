#!/usr/bin/env python3
"""stats.py: write stats/testdata/reference.json, the values that package stats is held to.

Needs numpy, scipy, statsmodels. Run from the root of the repository: python scripts/reference/stats.py
Exact procedures (quantile, Wilson, McNemar, Holm, normal) are to agree to 1e-9. Resampling procedures are
given with many resamples here; the test allows the Monte Carlo error of both sides.
"""
import json
import os
import platform

import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(20)


def quantiles():
    out = []
    for n in (1, 2, 3, 10, 101):
        x = np.sort(np.round(rng.normal(size=n), 3))
        qs = [0, 0.025, 0.1, 0.5, 0.9, 0.95, 0.975, 1]
        out.append({"x": x.tolist(), "q": qs, "want": np.quantile(x, qs).tolist()})
    return out


def wilson():
    cases = [(0, 10), (10, 10), (3, 10), (1, 1), (0, 1), (77, 154), (712, 713), (5000, 10000)]
    return [{"k": k, "n": n, "level": lv, "want": list(proportion_confint(k, n, alpha=1 - lv, method="wilson"))}
            for k, n in cases for lv in (0.95, 0.8, 0.99)]


def mcnemars():
    out = []
    for b, c in [(1, 0), (0, 5), (10, 3), (3, 10), (25, 40), (100, 60), (1, 12), (400, 350), (2000, 1900)]:
        t = [[7, b], [c, 9]]
        out.append({"b": b, "c": c, "exact": mcnemar(t, exact=True).pvalue,
                    "chi2": mcnemar(t, exact=False, correction=True).pvalue})
    return out


def holms():
    cases = [[0.01], [0.04, 0.01], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.5], [0.2, 0.001, 0.9, 0.04, 0.04, 0.011],
             np.round(rng.uniform(size=20), 4).tolist()]
    return [{"p": p, "want": multipletests(p, method="holm")[1].tolist()} for p in cases]


def normals():
    return {"z": (z := [-6, -3, -1.96, -1, 0, 0.3, 1, 2.5, 6]), "cdf": st.norm.cdf(z).tolist(),
            "p": (p := [1e-9, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999]), "quantile": st.norm.ppf(p).tolist()}


def resamples(x, ids, n):
    """Means of n cluster bootstrap samples, written for clearness: draw clusters, pool their observations."""
    groups = [x[ids == k] for k in np.unique(ids)]
    sums, sizes = np.array([g.sum() for g in groups]), np.array([len(g) for g in groups])
    draw = rng.integers(len(groups), size=(n, len(groups)))
    return sums[draw].sum(1) / sizes[draw].sum(1)


def bootstraps():
    out = []
    for n, clusters in [(15, 0), (60, 0), (200, 0), (60, 12), (200, 25), (300, 40)]:
        ids = np.arange(n) if not clusters else np.sort(rng.integers(clusters, size=n))
        shift = rng.normal(size=n + 1)[ids] * (0.8 if clusters else 0)
        x = np.round(100 / (1 + np.exp(-(rng.normal(size=n) * 2 + shift + 0.5))), 3)
        m = resamples(x, ids, 200_000)
        case = {"x": x.tolist(), "clusters": ids.tolist() if clusters else None, "mean": x.mean(),
                "lo": np.quantile(m, 0.025), "hi": np.quantile(m, 0.975), "se": m.std(ddof=1)}
        if not clusters:  # scipy's own bootstrap confirms the loop above
            b = st.bootstrap((x,), np.mean, n_resamples=50_000, method="percentile", rng=rng, batch=1000)
            ci = b.confidence_interval
            assert abs(ci.low - case["lo"]) < 0.08 * case["se"] and abs(ci.high - case["hi"]) < 0.08 * case["se"]
        out.append(case)
    return out


def randomisations():
    """Exact two-sided p values of the sign-flip test, over all 2^n signs."""
    out = []
    for n, clusters, shift in [(8, 0, 0.4), (10, 0, 0.9), (12, 0, 0.2), (14, 0, 0.6), (30, 10, 0.5), (40, 12, 0.2)]:
        ids = np.arange(n) if not clusters else np.concatenate([np.arange(clusters), rng.integers(clusters, size=n - clusters)])
        d = np.round(rng.normal(size=n) + shift, 3)
        sums = np.array([d[ids == k].sum() for k in np.unique(ids)])
        r = st.permutation_test((sums, np.zeros_like(sums)), lambda a, b, axis: (a - b).sum(axis=axis),
                                permutation_type="samples", vectorized=True, n_resamples=np.inf)
        out.append({"d": d.tolist(), "clusters": ids.tolist() if clusters else None, "p": r.pvalue})
    d = [50.0, -50.0, 0.0, 100.0, 0.0, 100.0, 50.0]  # ties among the sums
    r = st.permutation_test((d, np.zeros(7)), lambda a, b, axis: (a - b).sum(axis=axis), permutation_type="samples",
                            vectorized=True, n_resamples=np.inf)
    return out + [{"d": d, "clusters": None, "p": r.pvalue}]


doc = {"written_by": "scripts/reference/stats.py",
       "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                    "statsmodels": statsmodels.__version__},
       "quantile": quantiles(), "wilson": wilson(), "mcnemar": mcnemars(), "holm": holms(), "normal": normals(),
       "bootstrap": bootstraps(), "randomise": randomisations()}
os.makedirs("stats/testdata", exist_ok=True)
with open("stats/testdata/reference.json", "w") as f:
    json.dump(doc, f, separators=(",", ":"))
    f.write("\n")
