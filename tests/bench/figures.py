# SPDX-License-Identifier: MIT
"""Running a command many times and saying what it took: medians, stalls, tables."""

import collections
import os
import statistics
import subprocess

# What one run took; wall, user and system time in ms, memory in KiB.
Run = collections.namedtuple("Run", "wall user system memory")

STALL = 30.0


class Sample:
    """All runs of one client."""

    def __init__(self):
        self.runs = []

    def walls(self):
        return [run.wall for run in self.runs]

    def unstalled(self):
        """Wall times without the runs that waited 30 ms longer than the median of those that did
        not: as more than half of a client's runs may have stalled, the best run is where to
        begin."""
        walls = self.walls()
        base = statistics.median([wall for wall in walls if wall <= min(walls) + STALL])
        return [wall for wall in walls if wall <= base + STALL]

    @property
    def stalled(self):
        return len(self.runs) - len(self.unstalled())

    @property
    def wall(self):
        return statistics.median(self.walls())

    @property
    def best(self):
        """Median of the runs that did not stall."""
        return statistics.median(self.unstalled())

    @property
    def cpu(self):
        return statistics.median(run.user + run.system for run in self.runs)

    @property
    def memory(self):
        return statistics.median(run.memory for run in self.runs) / 1024


class Meter:
    """Runs commands through bench-measure, from a private folder, in a bare environment."""

    def __init__(self, program, folder):
        self.program = program
        self.result = os.path.join(folder, "result")
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8",
                            "XDG_CACHE_HOME": os.path.join(folder, "cache")}

    def run(self, command, environment=None, stdin=None):
        """One Run; a command that fails ends the benchmark with what it said."""
        with open(stdin or os.devnull, "rb") as source:
            done = subprocess.run([self.program, self.result] + command, stdin=source,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=dict(self.environment, **(environment or {})), check=False)
        with open(self.result, encoding="ascii") as file:
            wall, user, system, memory, status = file.read().split()
        if done.returncode != 0 or status != "0":
            raise RuntimeError("%s: exit status %s\n%s" % (command[0], status,
                               done.stdout.decode("utf-8", "replace")))
        return Run(float(wall), float(user), float(system), int(memory))


def rounds(meter, runs, tasks, warm_up=True):
    """{name: Sample}. One run of each in turn, so that noise hits all alike; with warm_up there is
    a round before them that fills caches and is not counted. tasks: {name: (command, environment,
    stdin)}."""
    samples = {name: Sample() for name in tasks}
    for number in range(runs + bool(warm_up)):
        for name, (command, environment, stdin) in tasks.items():
            run = meter.run(command, environment, stdin)
            if number or not warm_up:
                samples[name].runs.append(run)
    return samples


def table(title, heads, rows, markdown):
    """A table as text; cells are texts."""
    lines = ["", ("### " if markdown else "") + title, ""]
    if markdown:
        lines += ["| %s |" % " | ".join(row)
                  for row in [heads, ["---"] + ["---:"] * (len(heads) - 1)] + rows]
    else:
        widths = [max(len(row[i]) for row in [heads] + rows) for i in range(len(heads))]
        lines += ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                            for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                  for row in [heads, ["-" * width for width in widths]] + rows]
    print("\n".join(lines), flush=True)
