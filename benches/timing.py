"""Times whole processes: wall, processor time and peak resident memory as the kernel counts them, many runs, medians.

Commands that are compared run in turns, so that a change of the machine's state meets all of them. Runs are with a warm page
cache: every command runs once unmeasured first. It measures and prints, and knows nothing of what the commands do.
Standard library only, and no large import: a child's peak counts from its parent's size at the fork, so ours is kept small.
"""

import dataclasses
import hashlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import typing


@dataclasses.dataclass
class Command:
    """What to run; `before` runs unmeasured ahead of each run; `output` is a file whose bytes identify the result."""

    label: str
    argv: list
    environment: dict = dataclasses.field(default_factory=dict)
    before: typing.Callable | None = None
    output: pathlib.Path | None = None


@dataclasses.dataclass
class Sample:
    wall: float
    processor: float
    peak: int
    digest: str
    text: str


def once(command):
    """One run, as one sample. A failing command ends everything: its time would mean nothing."""
    if command.before:
        command.before()
    if command.output:
        command.output.unlink(missing_ok=True)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command.argv],
            stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=os.environ | command.environment,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = [(file.seek(0), file.read().decode(errors="replace"))[1] for file in (out, errors)]
    if child.returncode != 0:
        words = " ".join(map(str, command.argv))
        sys.exit(f"{command.label}: `{words}` ended with {child.returncode}\n{texts[1][-2000:]}")
    digest = hashlib.sha256(command.output.read_bytes()).hexdigest()[:8] if command.output else ""
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, digest, texts[0])


def turns(commands, runs):
    """`runs` samples of each command, in turns, each turn beginning with another command; a first turn is not counted."""
    samples = [[] for _ in commands]
    for turn in range(runs + 1):
        for step in range(len(commands)):
            position = (turn + step) % len(commands)
            sample = once(commands[position])
            if turn > 0:
                samples[position].append(sample)
            say(f"{commands[position].label}: {sample.wall:.3f} s{'' if turn else ', unmeasured'}")
    return samples


def median(samples, name):
    return statistics.median(getattr(sample, name) for sample in samples)


def ranged(samples, name, text):
    values = [getattr(sample, name) for sample in samples]
    middle, low, high = (text(value) for value in (statistics.median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low}–{high})"


def seconds(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def megabytes(value):
    return f"{value / 1e6:,.0f}"


def table(title, commands, runs):
    """Runs the commands and prints a markdown table of them; the ratio is of median wall times, to the first row."""
    samples = turns(commands, runs)
    first = median(samples[0], "wall")
    print(f"\n### {title}\n")
    print("| | wall, s | ratio | processor, s | peak memory, MB | output |")
    print("|---|---|---|---|---|---|")
    for command, of in zip(commands, samples):
        digests = sorted({sample.digest for sample in of})
        row = (
            command.label,
            ranged(of, "wall", seconds),
            f"{median(of, 'wall') / first:.2f}",
            ranged(of, "processor", seconds),
            ranged(of, "peak", megabytes),
            "`" + "` differs from run to run `".join(digests) + "`" if digests[0] else "",
        )
        print(f"| {' | '.join(row)} |", flush=True)
    return samples


def machine(runs):
    """Says what was measured on, and warns when others use it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    print(f"{os.cpu_count()} cores, {memory / 2**30:.0f} GiB; runs of each: {runs}; median (min–max); warm page cache; "
          "MB are 10^6 bytes; `output` is the beginning of the result's SHA-256.")
    load = os.getloadavg()[0]
    if load > 0.3:
        print(f"\n**The machine was busy: load {load:.1f} at the start. Times are not to be quoted.**")


def available_memory():
    """Bytes that can be had without swapping, or none where the kernel does not say."""
    try:
        text = pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def say(text):
    print(text, file=sys.stderr, flush=True)
