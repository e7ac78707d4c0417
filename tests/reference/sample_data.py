"""Reads sample-data with polars and computes, with NumPy and SciPy only, what a readout of it should find.

Written apart from the program: it shares no code with it and follows the definitions of the methods. Results go to
sample_data.json beside this file, which tests compare with. Run: python sample_data.py SAMPLE_DATA > sample_data.json

Conventions: units assigned to two variants are left out; as-of is 2026-04-20T00:00:00Z; a unit counts when its window
[anchor, anchor + length) has ended by then; exposures count of the same variant, at or after assignment less five minutes,
within seven days; anchor is the first assignment (itt) or the first valid exposure (exposed). "raw" has neither cap nor
covariate: Welch on differences of means, delta method for ratios. "as_defined" has the cap (Hyndman-Fan 7 on all matured
itt units together; the same threshold for the exposed and the covariate) and CUPED: theta = sum(s_xy/n) / sum(s_xx/n) over
the two variants, Welch on residual variances with n - 2 degrees of freedom in each. p-values are two-sided; log10 of p beside.
"over_epochs" is as defined, where weights changed: each epoch compared by itself.
Relative lift is the difference over the absolute control mean, of a CUPED difference over the adjusted control mean, where
the mean of the covariate is that of the pair.
"""
import json
import sys
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import scipy
from scipy import stats

root = Path(sys.argv[1])
AS_OF = datetime(2026, 4, 20)
DAY = timedelta(days=1)

assignments = pl.read_parquet(root / "tables/assignments.parquet")
exposures = pl.read_parquet(root / "tables/exposures.parquet")
events = pl.concat([pl.read_parquet(path) for path in sorted((root / "tables/events").glob("*.parquet"))])
units = pl.read_csv(root / "tables/units.csv.gz")
metrics = {path.stem: tomllib.loads(path.read_text()) for path in (root / "metrics").glob("*.toml")}
experiments = {path.stem: tomllib.loads(path.read_text()) for path in (root / "experiments").glob("*.toml")}


def measures(metric):
    """The event and aggregate of each side of a metric."""
    if "fact" in metric:
        return [(metric["fact"], "any")]
    sides = [metric[key] for key in ("value", "numerator", "denominator") if key in metric]
    return [(side["where"][0]["value"], side["aggregate"]) for side in sides]


def values(anchors, event, aggregate, start, end):
    """One value a unit of `anchors` (unit_id, anchor), in its order; NaN where a mean has no row."""
    rows = events.filter(pl.col("event_name") == event).join(anchors, on="unit_id", how="inner")
    rows = rows.filter((pl.col("occurred_at") >= pl.col("anchor") + start) & (pl.col("occurred_at") < pl.col("anchor") + end))
    how = {"any": pl.len().clip(0, 1), "count": pl.len(), "sum": pl.col("value").sum(), "mean": pl.col("value").mean()}[aggregate]
    found = rows.group_by("unit_id").agg(how.cast(pl.Float64).alias("y"))
    joined = anchors.join(found, on="unit_id", how="left", maintain_order="left")["y"].to_numpy()
    return joined if aggregate == "mean" else np.nan_to_num(joined)


def two_sided(t, df):
    log_p = (np.log(2.0) + stats.t.logsf(abs(t), df)) / np.log(10.0)
    return {"t": float(t), "df": float(df), "p": float(2 * stats.t.sf(abs(t), df)), "log10_p": float(log_p)}


def difference(mean_t, mean_c, v_t, v_c, k_t, k_c):
    """Welch: v are squared standard errors, k degrees of freedom."""
    se = np.sqrt(v_t + v_c)
    df = (v_t + v_c) ** 2 / (v_t**2 / k_t + v_c**2 / k_c)
    delta = mean_t - mean_c
    half = stats.t.ppf(0.975, df) * se
    return {"absolute": float(delta), "se": float(se), "lower": float(delta - half), "upper": float(delta + half),
            "lift": float(delta / abs(mean_c)), **two_sided(delta / se, df)}


def moments(y, d=None):
    """n, mean (or ratio) and squared standard error of it."""
    n = len(y)
    if d is None:
        return n, float(np.mean(y)), float(np.var(y, ddof=1) / n)
    ratio = y.sum() / d.sum()
    return n, float(ratio), float(np.var(y - ratio * d, ddof=1) / d.mean() ** 2 / n)


def raw(y, d, labels, control, variant):
    out = {}
    pair = {}
    for name in (control, variant):
        chosen = (labels == name) & ~np.isnan(y)
        pair[name] = moments(y[chosen], None if d is None else d[chosen])
    (n_c, m_c, v_c), (n_t, m_t, v_t) = pair[control], pair[variant]
    out["n"] = {control: n_c, variant: n_t}
    out["mean"] = {control: m_c, variant: m_t}
    return out | difference(m_t, m_c, v_t, v_c, n_t - 1, n_c - 1)


def ramp(y, d, x, labels, epoch, control, variant):
    """Over epochs of weights: sum w_e delta_e, w_e in proportion to n_t n_c / (n_t + n_c), df by Satterthwaite over all."""
    of = lambda name, e: (labels == name) & (epoch == e) & ~np.isnan(y)
    pairs = [(of(control, e), of(variant, e)) for e in sorted(set(epoch.tolist()))]
    size = np.array([c.sum() * t.sum() / (c.sum() + t.sum()) for c, t in pairs], dtype=float)
    weight = size / size.sum()
    sides = {name: [] for name in (control, variant)}
    for pair in pairs:
        if x is not None:
            both = pair[0] | pair[1]
            theta = (sum(np.cov(y[chosen], x[chosen])[0, 1] / chosen.sum() for chosen in pair)
                     / sum(np.var(x[chosen], ddof=1) / chosen.sum() for chosen in pair))
            centre = x[both].mean()
        for name, chosen in zip((control, variant), pair):
            yy, spent = y[chosen], 1
            if x is not None:
                yy, spent = yy - theta * (x[chosen] - centre), 2
            sides[name].append((yy, d[chosen] if d is not None else None, spent))
    value, parts, share = {}, [], {}
    for name, strata in sides.items():
        above = sum(w * yy.mean() for w, (yy, _, _) in zip(weight, strata))
        below = sum(w * dd.mean() for w, (_, dd, _) in zip(weight, strata)) if d is not None else 1.0
        value[name] = above / below
        share[name] = 0.0
        for w, (yy, dd, spent) in zip(weight, strata):
            residual = yy if dd is None else (yy - value[name] * dd) / below
            n = len(yy)
            v = w**2 * np.sum((residual - residual.mean()) ** 2) / (n - spent) / n
            parts.append((v, n - spent))
    variance = sum(v for v, _ in parts)
    df = variance**2 / sum(v**2 / k for v, k in parts)
    delta, se = value[variant] - value[control], np.sqrt(variance)
    half = stats.t.ppf(0.975, df) * se
    return {"absolute": float(delta), "se": float(se), "lower": float(delta - half), "upper": float(delta + half),
            "lift": float(delta / abs(value[control])), **two_sided(delta / se, df)}


def cuped(y, x, labels, control, variant):
    data = {name: (y[labels == name], x[labels == name]) for name in (control, variant)}
    number = sum(np.cov(yy, xx)[0, 1] / len(yy) for yy, xx in data.values())
    theta = number / sum(np.var(xx, ddof=1) / len(xx) for _, xx in data.values())
    centre = np.concatenate([xx for _, xx in data.values()]).mean()
    side = {}
    for name, (yy, xx) in data.items():
        residual = yy - theta * (xx - centre)
        n = len(yy)
        # Residual variance on n - 2: one degree for the mean, one for the slope.
        side[name] = (residual.mean(), np.sum((residual - residual.mean()) ** 2) / (n - 2) / n, n - 2)
    (m_c, v_c, k_c), (m_t, v_t, k_t) = side[control], side[variant]
    return {"theta": float(theta), "adjusted_mean": {control: float(m_c), variant: float(m_t)},
            **difference(m_t, m_c, v_t, v_c, k_t, k_c)}


def as_defined(metric, y, x, labels, control, variant, threshold):
    if threshold is not None:
        y = np.minimum(y, threshold)
        x = None if x is None else np.minimum(x, threshold)
    if x is None:
        return raw(y, None, labels, control, variant)
    return cuped(y, x, labels, control, variant)


def experiment(definition):
    rows = assignments.filter(pl.col("experiment_id") == definition["id"])
    control = definition["control"]
    names = sorted(definition["variants"] if isinstance(definition["variants"], list) else definition["variants"].keys())
    by_unit = rows.group_by("unit_id").agg(pl.col("variant_id").n_unique().alias("variants"),
                                            pl.col("variant_id").first(), pl.col("assigned_at").min().alias("anchor")).sort("unit_id")
    kept = by_unit.filter(pl.col("variants") == 1)
    out = {
        "control": control,
        "assignment_rows": rows.height,
        "units": by_unit.height,
        "units_in_several_variants": by_unit.filter(pl.col("variants") > 1).height,
        "duplicate_assignment_rows": rows.height - rows.unique().height,
        "units_by_variant": {name: kept.filter(pl.col("variant_id") == name).height for name in names},
    }
    # Sample ratio: expected counts summed over epochs; covariance sum n_e (diag w - w w'). Of kept units.
    expected = np.zeros(len(names))
    covariance = np.zeros((len(names), len(names)))
    epochs = definition.get("epochs") or [{"from": definition["start"], "weights": definition["variants"]}]
    starts = [epoch["from"].replace(tzinfo=None) for epoch in epochs] + [datetime(9999, 1, 1)]
    for epoch, start, stop in zip(epochs, starts, starts[1:]):
        n = kept.filter((pl.col("anchor") >= start) & (pl.col("anchor") < stop)).height
        w = np.array([epoch["weights"][name] for name in names], dtype=float)
        w /= w.sum()
        expected += n * w
        covariance += n * (np.diag(w) - np.outer(w, w))
    gap = (np.array([out["units_by_variant"][name] for name in names]) - expected)[:-1]
    chi = float(gap @ np.linalg.solve(covariance[:-1, :-1], gap))
    out["sample_ratio"] = {"expected": dict(zip(names, expected.tolist())), "chi2": chi, "df": len(names) - 1,
                           "p": float(stats.chi2.sf(chi, len(names) - 1))}

    seen = exposures.filter(pl.col("experiment_id") == definition["id"])
    out["exposure_rows"] = seen.height
    out["duplicate_exposure_rows"] = seen.height - seen.unique().height
    valid = seen.join(kept.select("unit_id", "variant_id", "anchor"), on=["unit_id", "variant_id"])
    valid = valid.filter((pl.col("exposed_at") >= pl.col("anchor") - timedelta(minutes=5)) & (pl.col("exposed_at") <= pl.col("anchor") + 7 * DAY))
    first = valid.group_by("unit_id").agg(pl.col("variant_id").first(), pl.col("exposed_at").min().alias("entry"),
                                          pl.col("anchor").first().alias("assigned")).sort("unit_id")
    out["exposed_by_variant"] = {name: first.filter(pl.col("variant_id") == name).height for name in names}
    table = np.array([[out["exposed_by_variant"][name], out["units_by_variant"][name] - out["exposed_by_variant"][name]] for name in names])
    test = stats.chi2_contingency(table, correction=False)
    out["exposure_rate"] = {"rates": dict(zip(names, (table[:, 0] / table.sum(axis=1)).tolist())), "chi2": float(test.statistic), "p": float(test.pvalue)}

    roles = [(role, name) for role in ("primary", "secondary", "guardrails", "diagnostics") for name in definition.get(role, [])]
    out["metrics"] = {}
    for role, name in roles:
        metric = metrics[name]
        window = int(metric["window"][:-1]) * DAY
        sides = measures(metric)
        result = {"role": role}
        threshold = None
        for population in ("itt", "exposed"):
            if population == "itt":
                anchors = kept.select("unit_id", "variant_id", "anchor", pl.col("anchor").alias("assigned"))
            else:
                anchors = first.select("unit_id", "variant_id", pl.col("entry").alias("anchor"), "assigned")
            anchors = anchors.filter(pl.col("anchor") + window <= AS_OF)
            labels = anchors["variant_id"].to_numpy()
            y = values(anchors, *sides[0], 0 * DAY, window)
            d = values(anchors, *sides[1], 0 * DAY, window) if len(sides) > 1 else None
            x = None
            covariate = metric.get("covariate")
            if covariate and "window" in covariate:
                before = anchors.select("unit_id", pl.col("assigned").alias("anchor"))
                x = values(before, *sides[0], -int(covariate["window"][:-1]) * DAY, 0 * DAY)
            elif covariate:
                column = anchors.join(units.select("unit_id", covariate["column"]), on="unit_id", how="left", maintain_order="left")[covariate["column"]]
                x = None if column.null_count() else column.to_numpy().astype(float)
            if population == "itt" and "cap" in metric:
                threshold = float(np.quantile(y, metric["cap"]["quantile"], method="linear"))
                result["cap_threshold"] = threshold
            result[population] = {}
            for variant in names:
                if variant == control:
                    continue
                entry = {"raw": raw(y, d, labels, control, variant)}
                if x is not None or threshold is not None:
                    entry["as_defined"] = as_defined(metric, y, x, labels, control, variant, threshold)
                if len(epochs) > 1:
                    at = anchors["assigned"].to_numpy().astype("datetime64[us]")
                    epoch = np.searchsorted(np.array(starts[:-1], dtype="datetime64[us]"), at, side="right") - 1
                    clip = lambda v: v if v is None or threshold is None else np.minimum(v, threshold)
                    entry["over_epochs"] = ramp(clip(y), d, clip(x), labels, epoch, control, variant)
                result[population][variant] = entry
        out["metrics"][name] = result
    return out


known = assignments["unit_id"].unique()
print(json.dumps({
    "made_by": f"tests/reference/sample_data.py; polars {pl.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
    "as_of": "2026-04-20T00:00:00Z",
    "rows": {"assignments": assignments.height, "exposures": exposures.height, "events": events.height, "units": units.height},
    "duplicate_event_rows": events.height - events.unique().height,
    "event_rows_of_unassigned_units": events.filter(~pl.col("unit_id").is_in(known.implode())).height,
    "experiments": {name: experiment(experiments[name]) for name in sorted(experiments)},
}, indent=1))
