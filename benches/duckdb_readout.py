"""The main job as one hand-written DuckDB query: python duckdb_readout.py DIR [--against READOUT.json].

Reads generate.py's tables (Parquet) and computes, per population, variant and slice, the moments that the metrics of
benches/workspace need: sums, squares and the cross moments of ratios and covariate, over matured units only. It makes no
check of the data, no ledger of rows and no interval, which `readout report` does; so it is a floor for one, not its equal.
With --against it compares units, means and standard deviations with a readout's JSON. With --scan it only reads the event
columns. Prints one line of JSON; one process does one thing, so that memory is that thing's. Needs duckdb.
"""

import argparse
import json
import math
import resource
import sys
import time

import duckdb

AS_OF = "timestamp '2026-03-24'"
WEEK = ("7 day", "interval 0 day", "interval 7 day")
SECOND_WEEK = ("14 day", "interval 7 day", "interval 14 day")
# Metric: its rows, what a unit's rows become, its window.
VALUES = {
    "conversion": ("event_name = 'purchase'", "any", WEEK),
    "revenue": ("event_name in ('purchase', 'refund')", "sum", WEEK),
    "orders": ("event_name = 'purchase'", "count", WEEK),
    "page_views": ("event_name = 'page_view'", "count", WEEK),
    "sessions": ("event_name = 'session_start'", "count", WEEK),
    "add_to_cart": ("event_name = 'add_to_cart'", "any", WEEK),
    "retention": ("event_name = 'session_start'", "any", SECOND_WEEK),
    "refund_rate": ("event_name = 'refund'", "any", WEEK),
}
RATIOS = {"revenue_per_order": ("revenue", "orders"), "pages_per_session": ("page_views", "sessions")}
ANCHORS = {"itt": "assigned_at", "exposed": "exposed_at"}
SEGMENTS = ("country", "platform")


def unit_value(population, name):
    """A metric's value of one unit, over its joined events. A share is a count of which only the sign matters."""
    rows, form, (_, start, end) = VALUES[name]
    anchor = ANCHORS[population]
    aggregate = "sum(value)" if form == "sum" else "count(*)"
    inside = f"occurred_at >= {anchor} + {start} and occurred_at < {anchor} + {end}"
    return f"{aggregate} filter (where {rows} and {inside}) as {population}_{name}"


def matured(population, name):
    """The value as a double, zero without rows; null for a unit outside the population or with its window open."""
    _, form, (length, _, _) = VALUES[name]
    value = f"coalesce({population}_{name}, 0)"
    value = f"({value} > 0)::int::double" if form == "any" else f"{value}::double"
    return f"if({ANCHORS[population]} + interval {length} <= {AS_OF}, {value}, null)"


def moments(population):
    for name in VALUES:
        x = f"x_{population}_{name}"
        yield f"count({x}), sum({x}), sum({x} * {x})"
    for top, bottom in RATIOS.values():
        yield f"sum(x_{population}_{top} * x_{population}_{bottom})"
    # The covariate's own moments are over the units that have the metric.
    x = f"x_{population}_revenue"
    yield f"sum(if({x} is null, null, pre_revenue)), sum(if({x} is null, null, pre_revenue * pre_revenue)), sum({x} * pre_revenue)"


def query(folder):
    values = ", ".join(unit_value(population, name) for population in ANCHORS for name in VALUES)
    columns = ", ".join(
        f"{matured(population, name)} as x_{population}_{name}" for population in ANCHORS for name in VALUES
    )
    sums = ", ".join(term for population in ANCHORS for term in moments(population))
    here = "experiment_id = 'checkout-cta' and experiment_version = 1"
    return f"""
    with assigned as (
      select unit_id, min(variant_id) as variant_id, min(assigned_at) as assigned_at
      from '{folder}/assignments.parquet' where {here} and assigned_at < {AS_OF}
      group by unit_id having min(variant_id) = max(variant_id)),
    exposed as (
      select x.unit_id, min(x.exposed_at) as exposed_at
      from '{folder}/exposures.parquet' x join assigned a on a.unit_id = x.unit_id and a.variant_id = x.variant_id
      where {here} and x.exposed_at < {AS_OF} and x.exposed_at >= a.assigned_at - interval 5 minute
      group by x.unit_id),
    population as (
      select a.unit_id, a.variant_id, a.assigned_at, x.exposed_at, u.country, u.platform, u.pre_revenue
      from assigned a left join exposed x using (unit_id) left join '{folder}/units.parquet' u using (unit_id)),
    outcomes as (
      select p.unit_id, {values}
      from '{folder}/events.parquet' e join population p using (unit_id)
      where e.occurred_at >= p.assigned_at - interval 5 minute and e.occurred_at < {AS_OF}
        and e.occurred_at < coalesce(p.exposed_at, p.assigned_at) + interval 14 day
      group by p.unit_id),
    entered as (
      select variant_id, country, platform, pre_revenue, {columns}
      from population left join outcomes using (unit_id))
    select variant_id, country, platform, {sums}
    from entered group by grouping sets ((variant_id), (variant_id, country), (variant_id, platform))"""


def spread(units, total, squares):
    if units < 2:
        return None
    return math.sqrt(max(squares - total * total / units, 0.0) / (units - 1))


def cells(rows):
    """The query's rows as (population, slice, variant, metric) to (units, mean, standard deviation)."""
    out = {}
    for variant, country, platform, *numbers in rows:
        level = f"country={country}" if country else f"platform={platform}" if platform else "all"
        numbers = iter(numbers)
        for population in ANCHORS:
            sums = {name: [next(numbers) or 0 for _ in range(3)] for name in VALUES}
            crosses = {name: next(numbers) or 0 for name in RATIOS}
            for _ in range(3):
                next(numbers)
            for name, (units, total, squares) in sums.items():
                mean = total / units if units else None
                out[population, level, variant, name] = (units, mean, spread(units, total, squares))
            for name, (top, bottom) in RATIOS.items():
                (units, a, aa), (_, b, bb) = sums[top], sums[bottom]
                ratio = a / b if b else None
                # Of the linearised ratio: (numerator − ratio · denominator) over the mean denominator.
                left = None if ratio is None else aa - 2 * ratio * crosses[name] + ratio * ratio * bb
                deviation = None if left is None or units < 2 else math.sqrt(max(left, 0) / (units - 1)) / (b / units)
                out[population, level, variant, name] = (units, ratio, deviation)
    return out


def read_readout(path):
    with open(path, encoding="utf-8") as file:
        readout = json.load(file)
    out = {}
    for metric in readout["metrics"]:
        for cell in metric["variants"]:
            where = cell["slice"]
            if where != "all":
                if "segment" not in where:
                    continue
                where = f"{where['segment']['column']}={where['segment']['level']}"
            numbers = tuple(cell[key].get("value") for key in ("units", "mean", "standard_deviation"))
            out[cell["population"], where, cell["variant"], metric["id"].replace("-", "_")] = numbers
    return out


def compare(ours, theirs):
    """What differs by more than 1e-9 of its size. Cells that a readout withholds for smallness are passed over."""
    problems = [f"only the readout has {key}" for key in theirs if key not in ours]
    compared = 0
    for key, numbers in ours.items():
        if key not in theirs:
            problems.append(f"the readout lacks {key}")
            continue
        for name, mine, other in zip(("units", "mean", "deviation"), numbers, theirs[key]):
            if other is None:
                continue
            compared += 1
            if mine is None or abs(mine - other) > 1e-9 * max(abs(mine), abs(other), numbers[2] or 0):
                problems.append(f"{name} of {key}: DuckDB {mine}, readout {other}")
    return compared, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="18GB")
    parser.add_argument("--scan", action="store_true", help="only read the event columns: the floor")
    parser.add_argument("--against", metavar="JSON", help="compare with this readout; 1 when they differ")
    arguments = parser.parse_args()
    database = duckdb.connect()
    database.execute(f"set threads = {arguments.threads}; set memory_limit = '{arguments.memory}'")
    database.execute("set preserve_insertion_order = false")
    scan = f"""select count(*), sum(hash(unit_id)), max(event_name), sum(value), max(occurred_at)
      from '{arguments.folder}/events.parquet'"""
    start = time.perf_counter()
    rows = database.execute(scan if arguments.scan else query(arguments.folder)).fetchall()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result = {"duckdb": duckdb.__version__, "threads": arguments.threads, "seconds": round(seconds, 3), "peak_bytes": peak}
    problems = []
    if arguments.against:
        result["compared"], problems = compare(cells(rows), read_readout(arguments.against))
        result["problems"] = len(problems)
    print(json.dumps(result))
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
