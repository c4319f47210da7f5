#!/usr/bin/env python3
"""weighted.py: write stats/testdata/weighted.json, the weighted means and quantiles that package stats is held to (1e-9).

Needs numpy, scipy, statsmodels. Run from the root of the repository: python scripts/reference/weighted.py
The mean is the coefficient of a weighted least squares fit on a constant; its standard error the cluster-robust one.
"""
import json
import os

import numpy as np
import scipy
import scipy.stats as st
import statsmodels
import statsmodels.api as sm

rng = np.random.default_rng(7)


def means():
    out = []
    for n, clusters in [(2, 0), (5, 0), (5, 3), (17, 0), (40, 9), (40, 40), (200, 2)]:
        x = np.round(rng.choice([0, 100, 40, 66.7], size=n) + rng.normal(size=n), 3)
        w = np.round(rng.uniform(0.2, 3, size=n), 3)
        ids = np.concatenate([np.arange(clusters), rng.integers(clusters, size=n - clusters)]) if clusters else np.arange(n)
        # One parameter: the factor (n-1)/(n-k) that statsmodels adds is 1.
        fit = sm.WLS(x, np.ones(n), weights=w).fit(cov_type="cluster", cov_kwds={"groups": ids})
        out.append({"x": x.tolist(), "w": w.tolist(), "clusters": ids.tolist() if clusters else None,
                    "mean": fit.params[0], "se": fit.bse[0],
                    "margin": st.t.ppf(0.975, len(set(ids)) - 1) * fit.bse[0]})
    return out


def student():
    return [{"p": p, "df": df, "want": st.t.ppf(p, df)}
            for df in (1, 2, 3, 4, 5, 8, 9, 30, 121, 1000, 1001) for p in (0.975, 0.5, 0.9, 0.05, 0.9999)]


with open(os.path.join("stats", "testdata", "weighted.json"), "w") as f:
    json.dump({"versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
               "means": means(), "student": student()}, f, indent=1)
    f.write("\n")
