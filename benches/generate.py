"""Writes deterministic tables for the benchmarks: python generate.py DIR --units N.

Every value is a hash of its row number, so the same arguments and the same DuckDB version give the same rows in the same
order. It writes tables and never definitions: those are benches/workspace and what definitions.py writes. Needs duckdb.
"""

import argparse
import json
import os
import sys
import time

import duckdb

# Salts: no two columns share one, and all are below the stride of row numbers, so that no two columns are correlated.
STRIDE = 1009
FIRST_DAY, ENROLMENT_SECONDS = "timestamp '2026-03-01'", 14 * 86_400
FIRST_EVENT, EVENT_SECONDS = "timestamp '2026-02-22'", 30 * 86_400
SUFFIXES = {"parquet": "parquet", "csv": "csv", "csv.gz": "csv.gz", "ndjson": "ndjson"}
COPY_OPTIONS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header",
    "csv.gz": "format csv, header, compression gzip",
    "ndjson": "format json",
}


def draw(row, salt, bound):
    """A whole number in [0, bound), fixed by row and salt."""
    return f"(hash({row} * {STRIDE} + {salt}) % {bound})::bigint"


def unit_id(number, kind):
    """Text such as u000000042, or integers without repeats spread over 40 bits, as ids seldom are a dense range; none is 0,
    which stands for nobody."""
    if kind == "integer":
        return f"(({number} + 1) * 2654435761 % 1099511627776)::bigint"
    return f"'u' || lpad(({number})::varchar, 9, '0')"


def member_rows(arguments):
    """A row a unit and experiment it is in: i is the unit, e the experiment's number."""
    if arguments.experiments == 1:
        return f"select i, 0 as e from range({arguments.units}) t(i)"
    if arguments.overlap == "disjoint":
        return f"select i, i % {arguments.experiments} as e from range({arguments.units}) t(i)"
    return f"select i, e from range({arguments.units}) t(i), range({arguments.experiments}) x(e)"


def members(arguments):
    """Who is in which variant of which experiment, since when. Each experiment has its own salts."""
    name = "'checkout-cta'" if arguments.experiments == 1 else "'experiment-' || lpad(e::varchar, 2, '0')"
    return f"""
      select i, e, {name} as experiment_id, 1 as experiment_version,
        if(hash(i * {STRIDE} + 10 + e) % 2 = 0, 'control', 'treatment') as variant_id,
        {FIRST_DAY} + to_seconds({draw('i', '50 + e', ENROLMENT_SECONDS)}) as assigned_at
      from ({member_rows(arguments)})"""


def assignments(arguments):
    return f"""
      select {unit_id('i', arguments.ids)} as unit_id, experiment_id, experiment_version, variant_id, assigned_at
      from ({members(arguments)})"""


def exposures(arguments):
    """Seven units of ten are exposed within a day of assignment, some of them twice or three times: 0.98 rows a unit."""
    return f"""
      select {unit_id('i', arguments.ids)} as unit_id, experiment_id, experiment_version, variant_id,
        assigned_at + to_seconds({draw('i', '100 + e * 3 + k', 86_400)}) as exposed_at
      from ({members(arguments)}), range(3) r(k)
      where hash(i * {STRIDE} + 150 + e) % 10 < 7 and (k = 0 or hash(i * {STRIDE} + 200 + e * 3 + k) % 10 < 2)"""


def units(arguments):
    """Country and platform, and any further segment columns: between two and eight levels each."""
    columns = [
        f"['US', 'DE', 'BR', 'IN', 'JP'][1 + {draw('i', 1, 5)}] as country",
        f"['ios', 'android', 'web'][1 + {draw('i', 2, 3)}] as platform",
        f"{draw('i', 3, 1000)} / 100.0 as pre_revenue",
    ]
    for number in range(2, arguments.segments):
        level = draw("i", 300 + number, 2 + number % 7)
        columns.append(f"'level-' || {level} as segment_{number:02}")
    return f"select {unit_id('i', arguments.ids)} as unit_id, {', '.join(columns)} from range({arguments.units}) t(i)"


def wide(arguments):
    """Ready-made metric columns, a row a unit: even ones are 0 or 1, odd ones amounts of which most are zero."""
    columns = []
    for number in range(arguments.wide):
        if number % 2 == 0:
            columns.append(f"(hash(i * {STRIDE} + {400 + number}) % 100 < {10 + number})::int as metric_{number:02}")
        else:
            amount = f"{draw('i', 500 + number, 10_000)} / 100.0"
            columns.append(f"if(hash(i * {STRIDE} + {600 + number}) % 10 < 3, {amount}, 0) as metric_{number:02}")
    return f"select {unit_id('i', arguments.ids)} as unit_id, {', '.join(columns)} from range({arguments.units}) t(i)"


def events(arguments):
    """55 % page views, 25 % sessions, 10 % carts, 7 % purchases, 3 % refunds, by units and over 30 days alike."""
    unit = unit_id(draw("j", 800, arguments.units), arguments.ids)
    spread = " + ".join(f"{draw('j', salt, 1000)}" for salt in (801, 802, 803))
    amount = f"round(exp(({spread}) * 0.0012), 2)"
    return f"""
      select {unit} as unit_id,
        case when kind < 55 then 'page_view' when kind < 80 then 'session_start' when kind < 90 then 'add_to_cart'
          when kind < 97 then 'purchase' else 'refund' end as event_name,
        (case when kind < 90 then 0 when kind < 97 then {amount} else -{amount} end)::double as value,
        {FIRST_EVENT} + to_seconds({draw('j', 804, EVENT_SECONDS)}) as occurred_at
      from (select j, {draw('j', 805, 100)} as kind from range({arguments.events}) t(j))"""


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, help="rows of events [default: ten a unit]")
    parser.add_argument("--ids", choices=("string", "integer"), default="string")
    parser.add_argument("--format", choices=tuple(SUFFIXES), default="parquet")
    parser.add_argument("--segments", type=int, default=2, help="attribute columns, 2 to 20")
    parser.add_argument("--wide", type=int, default=0, help="also a wide table of this many metric columns, up to 50")
    parser.add_argument("--experiments", type=int, default=1, help="up to 10, over the same events")
    parser.add_argument("--overlap", choices=("disjoint", "full"), default="disjoint")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="6GB")
    arguments = parser.parse_args()
    for name, low, high in (("segments", 2, 20), ("wide", 0, 50), ("experiments", 1, 10)):
        if not low <= getattr(arguments, name) <= high:
            parser.error(f"--{name}: from {low} to {high}")
    if arguments.units < 1:
        parser.error("--units: one or more")
    if arguments.events is None:
        arguments.events = 10 * arguments.units
    return arguments


def main():
    arguments = parse()
    os.makedirs(arguments.folder, exist_ok=True)
    database = duckdb.connect()
    database.execute(f"set threads = {arguments.threads}; set memory_limit = '{arguments.memory}'")
    database.execute(f"set temp_directory = '{arguments.folder}/.spill'")
    tables = {"assignments": assignments, "exposures": exposures, "units": units}
    if arguments.events:
        tables["events"] = events
    if arguments.wide:
        tables["wide"] = wide
    start = time.monotonic()
    for name, query in tables.items():
        path = f"{arguments.folder}/{name}.{SUFFIXES[arguments.format]}"
        database.execute(f"copy ({query(arguments)}) to '{path}' ({COPY_OPTIONS[arguments.format]})")
        print(f"{name}: {os.path.getsize(path) / 1e6:,.1f} MB, {time.monotonic() - start:.1f} s", file=sys.stderr)
    # Written last: a folder with it is complete.
    made = {key: value for key, value in vars(arguments).items() if key not in ("folder", "threads", "memory")}
    with open(f"{arguments.folder}/generated.json", "w", encoding="utf-8") as file:
        json.dump(made | {"duckdb": duckdb.__version__}, file, indent=1)


if __name__ == "__main__":
    main()
