"""Expands the cells of the Criteo uplift experiment into tables: python criteo.py CELLS.csv DIR [--readout READOUT.json].

CELLS.csv has a row a combination of treatment, exposure, visit and conversion with its number of units n; DIR gets a
Parquet file of one row a unit in scattered order, one of exposures, and a workspace. Cells are exact counts and carry no
unit, feature or time: unit ids and the one instant of assignment are made up, and nothing is computed from them. Prints what
DuckDB finds in the files and holds it to the cells; with --readout it holds a readout's JSON to them too. Needs duckdb.
"""

import argparse
import csv
import json
import pathlib
import sys

import duckdb

WORKSPACE = """# The Criteo uplift experiment, expanded from its cells. Times are made up: the data has none.
format = 1
name = "Criteo uplift"
time_zone = "UTC"

[tables.assignments]
path = "criteo.parquet"
columns = { variant_id = "treatment" }
variants = { "0" = "control", "1" = "treatment" }
complete_through = 2026-01-31

[tables.exposures]
path = "exposures.parquet"
columns = { variant_id = "treatment" }
variants = { "0" = "control", "1" = "treatment" }
complete_through = 2026-01-31

[tables.units]
path = "criteo.parquet"
complete_through = 2026-01-31
"""

EXPERIMENT = """id = "criteo"
version = 1
owner = "bench"
status = "concluded"
start = 2026-01-01T00:00:00Z
control = "control"
variants = { control = 15, treatment = 85 }
primary = ["visit", "conversion"]

[exposure]
control_can_be_exposed = false
"""

METRIC = """id = "{name}"
version = "1.0.0"
status = "active"
owner = "bench"
kind = "proportion"
direction = "increase"
value = {{ table = "units", column = "{name}" }}
decision = {{ question = "Does showing the advertisement bring more of it?" }}
"""


def read_cells(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [{name: int(value) for name, value in row.items()} for row in csv.DictReader(file)]


def expand(database, cells, folder):
    """Writes both tables. The order is a hash's, so that no variant or outcome comes in one run."""
    values = ", ".join(str(tuple(cell[name] for name in ("treatment", "exposure", "visit", "conversion", "n"))) for cell in cells)
    database.execute(f"""
      create temp table expanded as
      select treatment, exposure, visit, conversion, row_number() over (order by hash(i), i) as unit_id
      from (select *, row_number() over (order by treatment, exposure, visit, conversion, k) as i
        from (select *, unnest(range(n)) as k
          from (values {values}) c(treatment, exposure, visit, conversion, n)))""")
    database.execute(f"""
      copy (select unit_id, treatment::tinyint as treatment, timestamp '2026-01-01' as assigned_at, visit::tinyint as visit,
          conversion::tinyint as conversion
        from expanded order by unit_id) to '{folder}/criteo.parquet' (format parquet, compression zstd)""")
    database.execute(f"""
      copy (select unit_id, treatment::tinyint as treatment, timestamp '2026-01-01' as exposed_at
        from expanded where exposure = 1 order by unit_id) to '{folder}/exposures.parquet' (format parquet, compression zstd)""")


def write_workspace(folder):
    (folder / "readout.toml").write_text(WORKSPACE, encoding="utf-8")
    for room, files in {
        "experiments": {"criteo": EXPERIMENT},
        "metrics": {name: METRIC.format(name=name) for name in ("visit", "conversion")},
    }.items():
        (folder / room).mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / room / f"{name}.toml").write_text(text, encoding="utf-8")


def from_cells(cells):
    """Units and totals by (population, variant), straight from the counts."""
    out = {}
    for cell in cells:
        variant = "treatment" if cell["treatment"] else "control"
        for population in ("itt", "exposed") if cell["exposure"] else ("itt",):
            sums = out.setdefault((population, variant), [0, 0, 0])
            for position, factor in enumerate((1, cell["visit"], cell["conversion"])):
                sums[position] += cell["n"] * factor
    return out


def from_tables(database, folder):
    rows = database.execute(f"""
      select if(treatment = 1, 'treatment', 'control'), count(*), sum(visit), sum(conversion), count(x.unit_id),
        sum(visit) filter (where x.unit_id is not null), sum(conversion) filter (where x.unit_id is not null)
      from '{folder}/criteo.parquet' left join (select distinct unit_id from '{folder}/exposures.parquet') x using (unit_id)
      group by 1 order by 1""").fetchall()
    out = {}
    for variant, *numbers in rows:
        out["itt", variant] = numbers[:3]
        if numbers[3]:
            out["exposed", variant] = numbers[3:]
    return out


def hold_readout(path, expected):
    """What a readout's JSON says otherwise; a cell without units may be absent there."""
    with open(path, encoding="utf-8") as file:
        readout = json.load(file)
    seen, problems = 0, []
    for metric in readout["metrics"]:
        position = {"visit": 1, "conversion": 2}[metric["id"]]
        for cell in metric["variants"]:
            if cell["slice"] != "all":
                continue
            sums = expected.get((cell["population"], cell["variant"]), [0, 0, 0])
            units, mean = cell["units"].get("value"), cell["mean"].get("value")
            seen += 1
            wanted = sums[position] / sums[0] if sums[0] else None
            if (units or 0) != sums[0] or mean != wanted:
                problems.append(f"{metric['id']}, {cell['population']}, {cell['variant']}: {units} units, mean {mean}; "
                                f"the cells say {sums[0]} and {wanted}")
    if not seen:
        problems.append("the readout has no such metric")
    return problems


def show(sums):
    print("| population | variant | units | visits | visit rate | conversions | conversion rate |")
    print("|---|---|---|---|---|---|---|")
    for (population, variant), (units, visits, conversions) in sorted(sums.items(), reverse=True):
        print(f"| {population} | {variant} | {units:,} | {visits:,} | {visits / units!r} | {conversions:,} | {conversions / units!r} |")
    for variant in ("control", "treatment"):
        exposed = sums.get(("exposed", variant), [0])[0]
        print(f"\nexposed of {variant}: {exposed:,}, rate {exposed / sums['itt', variant][0]!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cells", help="criteo_uplift_v2_1_cells.csv")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--readout", metavar="JSON", help="only hold this readout to the cells; 1 when they differ")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="6GB")
    arguments = parser.parse_args()
    cells = read_cells(arguments.cells)
    if arguments.readout:
        problems = hold_readout(arguments.readout, from_cells(cells))
        print("\n".join(problems) or "the readout's units and means are the cells', to the last bit")
        sys.exit(1 if problems else 0)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    database = duckdb.connect()
    database.execute(f"set threads = {arguments.threads}; set memory_limit = '{arguments.memory}'")
    database.execute(f"set temp_directory = '{arguments.folder}/.spill'")
    expand(database, cells, arguments.folder)
    write_workspace(arguments.folder)
    found = from_tables(database, arguments.folder)
    show(found)
    if {key: list(map(int, sums)) for key, sums in found.items()} != from_cells(cells):
        sys.exit("the tables do not hold what the cells say")
    print(f"\nreadout report criteo -C {arguments.folder} --format json -o criteo.json")
    print(f"python benches/criteo.py {arguments.cells} {arguments.folder} --readout criteo.json")


if __name__ == "__main__":
    main()
