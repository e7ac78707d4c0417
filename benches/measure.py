"""Measures readout: python measure.py SUITE --readout target/release/readout --data FOLDER.

Suites: growth (units, events, both, metrics, wide, segments, threads), formats, experiments, yardstick (against
duckdb_readout.py), cache, memory, and workspace (one given experiment). Tables that are missing below FOLDER are generated
there; `--units` scales them all. Prints markdown; docs/performance.md says how to read it. It judges nothing. Standard library
only; --python names an interpreter that has duckdb.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import definitions
import timing

HERE = pathlib.Path(__file__).resolve().parent
AXES = ("units", "events", "both", "metrics", "wide", "segments", "threads")


class Bench:
    """What every suite shares: the program, the data, a scratch folder."""

    def __init__(self, arguments, scratch):
        self.arguments = arguments
        self.scratch = pathlib.Path(scratch)
        self.helped = subprocess.run(
            [arguments.readout, "report", "--help"], check=True, capture_output=True, text=True).stdout
        self.made = 0

    def has(self, flag):
        return flag in self.helped

    def need(self, flag, suite):
        if not self.has(flag):
            sys.exit(f"suite {suite}: this build of readout knows no {flag}; nothing was measured")

    def folder(self, name):
        self.made += 1
        folder = self.scratch / f"{self.made:03}-{name}"
        folder.mkdir()
        return folder

    def tables(self, units, events=None, **options):
        """The folder of a data set, generated when it is not there."""
        arguments = self.arguments
        events = 10 * units if events is None else events
        named = [f"{key}-{value}" for key, value in sorted(options.items())]
        folder = arguments.data / "-".join([f"u{units}", f"e{events}", *named])
        if not (folder / "generated.json").exists():
            timing.say(f"generating {folder}")
            words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
            sized = ["--units", str(units), "--events", str(events), "--memory", arguments.generate_memory]
            subprocess.run([arguments.python, HERE / "generate.py", folder, *sized, *words], check=True)
        return folder

    def full(self):
        """A data set with every segment column and a wide table."""
        return self.tables(self.arguments.units, segments=20, wide=50)

    def base(self):
        """The data set given, else the full one: Parquet reads no column that is not asked for."""
        return self.arguments.tables or self.full()

    def workspace(self, **options):
        folder = self.folder("workspace")
        definitions.write(folder, **options)
        return folder

    def report(self, label, tables, workspace, experiments=("checkout-cta",), *, cache=None, threads=None, extra=(),
               before=None):
        """A `readout report`: without a cache unless the suite is about it."""
        argv = [self.arguments.readout, "report", *experiments, "-C", workspace, "--quiet", "--format", "json"]
        if tables is not None:
            argv += ["--tables", tables]
        output = self.folder("output") / "readout.json"
        argv += ["--threads", threads or self.arguments.threads, "-o", output, *extra]
        if cache is None and self.has("--no-cache"):
            argv.append("--no-cache")
        environment = {"XDG_CACHE_HOME": str(cache or self.scratch / "no-cache")}
        return timing.Command(label, argv, environment, before, output)

    def table(self, title, commands):
        return timing.table(title, commands, self.arguments.runs)


def millions(number):
    return f"{number / 1e6:g} M" if number >= 100_000 else f"{number:,}"


def counted(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def growth(bench):
    scale, only = bench.arguments.units, bench.arguments.only
    main = bench.workspace()

    def sized(title, sizes):
        commands = []
        for units, events in sizes:
            label = f"{millions(units)} units, {millions(events)} events"
            commands.append(bench.report(label, bench.tables(units, events), main))
        bench.table(title, commands)

    if "units" in only:
        steps = (scale // 10, scale * 3 // 10, scale, scale * 3, scale * 10)
        sized("Units, over the same number of events", [(units, 10 * scale) for units in steps])
    if "events" in only:
        sized("Events, of the same number of units", [(scale, scale * factor) for factor in (1, 3, 10, 30)])
    if "both" in only:
        sized("Units and events together", [(scale // 10, scale), (scale * 3 // 10, scale * 3), (scale, scale * 10)])
    if "metrics" in only:
        bench.table("Metrics over the same events", [
            bench.report(counted(count, "metric"), bench.base(), bench.workspace(metrics=count)) for count in (1, 5, 10, 25, 50)])
    if "wide" in only:
        bench.table("Ready-made columns of a wide table, no events", [
            bench.report(counted(count, "column"), bench.full(), bench.workspace(wide=count)) for count in (1, 5, 10, 25, 50)])
    if "segments" in only:
        bench.table("Segment columns", [
            bench.report(counted(count, "segment"), bench.full(), bench.workspace(segments=count)) for count in (0, 2, 5, 10, 20)])
    if "threads" in only:
        counts = sorted({1, 2, os.cpu_count() or 1})
        bench.table("Threads", [bench.report(counted(count, "thread"), bench.base(), main, threads=count) for count in counts])


def formats(bench):
    commands = []
    for format in ("parquet", "csv", "csv.gz", "ndjson"):
        workspace = bench.workspace(suffix=format)
        for ids in ("string", "integer"):
            tables = bench.tables(bench.arguments.units, format=format, ids=ids)
            commands.append(bench.report(f"{format}, {ids} ids", tables, workspace))
    bench.table("File formats and unit ids", commands)


def experiments(bench):
    workspace = bench.workspace(experiments=10)
    names = [f"experiment-{number:02}" for number in range(10)]
    for overlap, title in (("disjoint", "each unit in one of ten"), ("full", "each unit in all ten")):
        tables = bench.tables(bench.arguments.units, experiments=10, overlap=overlap)
        bench.table(f"Experiments over one table of events, {title}", [
            bench.report(counted(count, "experiment"), tables, workspace, names[:count]) for count in (1, 2, 5, 10)])


def yardstick(bench):
    arguments = bench.arguments
    tables = arguments.tables or bench.tables(arguments.units)
    limit, free = gigabytes(arguments.duckdb_memory), timing.available_memory()
    if free is not None and free < limit:
        sys.exit(f"suite yardstick: {free / 1e9:.1f} GB are free and DuckDB may use {limit / 1e9:.1f} GB; "
                 "end what uses memory, or lower --duckdb-memory")
    ours = bench.report("readout", tables, HERE / "workspace")
    other = [arguments.python, HERE / "duckdb_readout.py", tables, "--threads", arguments.threads,
             "--memory", arguments.duckdb_memory]
    timing.once(ours)
    agreed = json.loads(timing.once(timing.Command("agreement", [*other, "--against", ours.output])).text)
    print(f"\n{agreed['compared']:,} units, means and deviations agree to 1e-9. DuckDB {agreed['duckdb']}.")
    commands = [ours, timing.Command("DuckDB, the readout's moments", other),
                timing.Command("DuckDB, scan of the event columns", [*other, "--scan"])]
    samples = bench.table(f"The main job, {arguments.threads} threads", commands)
    for command, of in zip(commands[1:], samples[1:]):
        inside = [json.loads(sample.text)["seconds"] for sample in of]
        ratio = timing.median(samples[0], "wall") / statistics.median(inside)
        print(f"\n{command.label}: {timing.seconds(statistics.median(inside))} s by its own clock, without the "
              f"interpreter's start; readout's whole process takes {ratio:.2f} of that.")


def gigabytes(text):
    if not text.endswith("GB"):
        sys.exit(f"--duckdb-memory '{text}': write gigabytes, such as 18GB")
    return float(text[:-2]) * 1e9


def cache(bench):
    bench.need("--no-cache", "cache")
    tables, main = bench.base(), bench.workspace()
    cold, warm, kept, more = (bench.folder(name) for name in ("cold", "warm", "kept", "more"))
    few, many = bench.workspace(metrics=10), bench.workspace(metrics=11)

    def empty():
        shutil.rmtree(cold)
        cold.mkdir()

    def restore():
        shutil.rmtree(more)
        shutil.copytree(kept, more)

    timing.once(bench.report("fill", tables, few, cache=kept))
    bench.table("The summary cache", [
        bench.report("no cache", tables, main),
        bench.report("cold: nothing is in it yet", tables, main, cache=cold, before=empty),
        bench.report("warm: the same readout again", tables, main, cache=warm),
    ])
    bench.table("A metric more than the cache has", [
        bench.report("11 metrics, no cache", tables, many),
        bench.report("11 metrics, 10 of them in the cache", tables, many, cache=more, before=restore),
    ])
    size = sum(file.stat().st_size for file in warm.rglob("*") if file.is_file())
    print(f"\nThe warm cache holds {size:,} bytes.")


def memory(bench):
    bench.need("--memory", "memory")
    tables, main = bench.base(), bench.workspace()
    commands = [bench.report("no limit asked for", tables, main)]
    for size in bench.arguments.sizes:
        commands.append(bench.report(f"--memory {size}", tables, main, extra=("--memory", size)))
    bench.table("Memory allowed", commands)


def workspace(bench):
    if not bench.arguments.workspace:
        sys.exit("suite workspace: name it with --workspace DIR, and the experiment with --experiment ID")
    arguments = bench.arguments
    bench.table(f"{arguments.experiment} of {arguments.workspace.name}", [
        bench.report(counted(threads, "thread"), arguments.tables, arguments.workspace, [arguments.experiment], threads=threads)
        for threads in sorted({1, arguments.threads})])


SUITES = {suite.__name__: suite for suite in (growth, formats, experiments, yardstick, cache, memory, workspace)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", choices=tuple(SUITES))
    parser.add_argument("--readout", required=True, type=pathlib.Path, help="a release build")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "readout-bench")
    parser.add_argument("--tables", type=pathlib.Path, help="measure over this data set instead of generated ones")
    parser.add_argument("--units", type=int, default=1_000_000, help="the scale of generated data")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", type=lambda text: text.split(","), default=AXES, help=f"of growth: {','.join(AXES)}")
    parser.add_argument("--sizes", type=lambda text: text.split(","), default=["4GB", "2GB", "1GB", "512MB", "256MB"])
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has duckdb")
    parser.add_argument("--generate-memory", default="6GB")
    parser.add_argument("--duckdb-memory", default="18GB")
    parser.add_argument("--workspace", type=pathlib.Path, help="of the suite workspace")
    parser.add_argument("--experiment", help="of the suite workspace")
    arguments = parser.parse_args()
    if arguments.units < 100 or arguments.runs < 1:
        parser.error("--units is 100 or more, and --runs one or more")
    if unknown := set(arguments.only) - set(AXES):
        parser.error(f"--only: unknown {', '.join(sorted(unknown))}; use {', '.join(AXES)}")
    return arguments


def main():
    arguments = parse()
    print(f"## {arguments.suite}\n")
    timing.machine(arguments.runs)
    with tempfile.TemporaryDirectory() as scratch:
        SUITES[arguments.suite](Bench(arguments, scratch))


if __name__ == "__main__":
    main()
