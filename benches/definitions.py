"""Writes workspaces for tables that generate.py wrote: python definitions.py WORKSPACE --metrics 50 --segments 20.

A workspace holds definitions only: give the tables' folder to readout with --tables. Without --metrics and --wide the
metrics are those of benches/workspace. It writes nothing that `readout lint` refuses. Standard library only.
"""

import argparse
import itertools
import pathlib
import shutil

MAIN = pathlib.Path(__file__).resolve().parent / "workspace"
FACTS = ("purchase", "session", "page-view", "cart", "refund")
WINDOWS = (("7d", '"7d"'), ("3d", '"3d"'), ("1d", '"1d"'), ("second-week", '{ start = "7d", end = "14d" }'))
MOST_METRICS = 50


def metric(folder, name, kind, body):
    direction = "decrease" if "refund" in name else "increase"
    text = f"""id = "{name}"
version = "1.0.0"
status = "active"
owner = "bench"
kind = "{kind}"
direction = "{direction}"
decision = {{ question = "How long does it take?" }}
{body}
"""
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return name


def event_metrics(folder):
    """Fifty metrics over the same events: shares and counts of five facts, money, and two ratios, in four windows."""
    for label, window in WINDOWS:
        within = f"window = {window}"
        for fact in FACTS:
            yield metric(folder, f"{fact}-share-{label}", "proportion", f'fact = "{fact}"\n{within}')
        yield metric(folder, f"money-{label}", "mean", f'fact = "money"\n{within}')
        for fact in FACTS:
            yield metric(folder, f"{fact}-count-{label}", "mean", f'fact = "{fact}"\naggregate = "count"\n{within}')
        if label == "second-week":
            continue
        orders = '{ fact = "purchase", aggregate = "count" }'
        yield metric(folder, f"money-per-order-{label}", "ratio", f'numerator = "money"\ndenominator = {orders}\n{within}')
        pages = 'numerator = "page-view"\ndenominator = "session"'
        yield metric(folder, f"pages-per-session-{label}", "ratio", f"{pages}\n{within}")


def wide_metrics(folder, count):
    """One metric a ready-made column of the wide table; even columns are proportions."""
    for number in range(count):
        kind = "mean" if number % 2 else "proportion"
        value = f'value = {{ table = "wide", column = "metric_{number:02}" }}'
        yield metric(folder, f"metric-{number:02}", kind, value)


def listed(names):
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def experiment(folder, name, metrics, segments, guardrails=()):
    columns = ["country", "platform"] + [f"segment_{number:02}" for number in range(2, 20)]
    text = f"""id = "{name}"
version = 1
owner = "bench"
status = "concluded"
start = 2026-03-01T00:00:00Z
control = "control"
variants = {{ control = 1, treatment = 1 }}
primary = {listed(metrics[:1])}
secondary = {listed(metrics[1:])}
guardrails = {listed(guardrails)}
segments = {listed(columns[:segments])}
"""
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def main_metrics(folder):
    """The metrics of benches/workspace, in its experiment's order."""
    for file in sorted((MAIN / "metrics").glob("*.toml")):
        shutil.copy(file, folder)
    return ["conversion", "revenue", "orders", "page-views", "sessions", "add-to-cart", "retention",
            "revenue-per-order", "pages-per-session"], ["refund-rate"]


def table_paths(text, suffix, wide):
    """The workspace file of benches/workspace, for files of another format; with a wide table instead of events."""
    if wide:
        lines = text.split("\n[facts.")[0].splitlines()
        table = 'wide = { path = "wide.parquet", kind = "units", complete_through = 2026-03-23 }'
        text = "\n".join(table if line.startswith("events =") else line for line in lines) + "\n"
    return text.replace(".parquet", f".{suffix}")


def write(folder, *, suffix="parquet", metrics=None, wide=None, segments=2, experiments=1):
    """Writes a workspace into a folder, replacing the one that is there; returns the experiments' ids."""
    folder = pathlib.Path(folder)
    for room in ("metrics", "experiments"):
        shutil.rmtree(folder / room, ignore_errors=True)
        (folder / room).mkdir(parents=True)
    guardrails = []
    if wide is not None:
        names = list(wide_metrics(folder / "metrics", wide))
    elif metrics is not None:
        names = list(itertools.islice(event_metrics(folder / "metrics"), metrics))
    else:
        names, guardrails = main_metrics(folder / "metrics")
    text = table_paths((MAIN / "readout.toml").read_text(encoding="utf-8"), suffix, wide is not None)
    (folder / "readout.toml").write_text(text, encoding="utf-8")
    ids = ["checkout-cta"] if experiments == 1 else [f"experiment-{number:02}" for number in range(experiments)]
    for name in ids:
        experiment(folder / "experiments", name, names, segments, guardrails)
    return ids


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--format", dest="suffix", choices=("parquet", "csv", "csv.gz", "ndjson"), default="parquet")
    parser.add_argument("--metrics", type=int, help=f"this many metrics over the events, up to {MOST_METRICS}")
    parser.add_argument("--wide", type=int, help="this many metrics of the wide table's columns, up to 50")
    parser.add_argument("--segments", type=int, default=2, help="up to 20")
    parser.add_argument("--experiments", type=int, default=1, help="up to 10")
    arguments = parser.parse_args()
    for name, high in (("metrics", MOST_METRICS), ("wide", 50), ("segments", 20), ("experiments", 10)):
        if (getattr(arguments, name) or 0) > high:
            parser.error(f"--{name}: up to {high}")
    if 0 in (arguments.metrics, arguments.wide, arguments.experiments):
        parser.error("a workspace has at least one metric and one experiment")
    folder = vars(arguments).pop("folder")
    print("\n".join(write(folder, **vars(arguments))))


if __name__ == "__main__":
    main()
