#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What provisioning costs: calls and wall time of a first apply, a second one and destroy, against
the longest path through the steps. ACSMTP_BUILD_DIR names the build folder.

    provisioning.py [--time-scale N]    N: how many times faster than Azure the emulator is (1000)
"""

import argparse
import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
from provision import READS, ProvisionCase

Figures = collections.namedtuple("Figures", "wall path sum reads writes services")


def longest_path(steps):
    """Seconds of the most expensive chain of steps that need each other, and of all together."""
    known = {}

    def until(name):
        if name not in known:
            step = steps[name]
            before = [until(need) for need in step.get("needs", []) if need in steps]
            known[name] = max(before, default=0) + step.get("elapsed_ms", 0) / 1000
        return known[name]

    return (max(map(until, steps), default=0),
            sum(step.get("elapsed_ms", 0) for step in steps.values()) / 1000)


class World(ProvisionCase):
    """The world of the tests, used by hand."""

    def runTest(self):
        pass

    def measure(self, operation):
        mark, begin = self.mark(), time.monotonic()
        done = self.provision(operation, "--json", timeout=3600)
        wall = time.monotonic() - begin
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        steps = {event["id"]: event for event in events
                 if event["type"] == "step" and event.get("state") == "done"}
        sent = self.sent(mark)
        reads = sum(entry["method"] in READS for entry in sent)
        return Figures(wall, *longest_path(steps), reads, len(sent) - reads,
                       collections.Counter(entry["service"] for entry in sent))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--time-scale", type=int, default=1000)
    scale = parser.parse_args().time_scale
    World.setUpClass()
    world = World()
    try:
        world.setUp()
        world.emulator.patch({"time_scale": scale})
        world.settings["wait"] = "30m"
        world.settings["poll"] = f"{max(20, 5000 // scale)}ms"
        print(f"{'':14}{'reads':>6}{'writes':>7}{'wall s':>8}{'longest path s':>16}{'sum s':>8}")
        for title, operation in (("first apply", "apply"), ("second apply", "apply"),
                                 ("destroy", "destroy")):
            f = world.measure(operation)
            print(f"{title:14}{f.reads:6}{f.writes:7}{f.wall:8.2f}{f.path:16.2f}{f.sum:8.2f}  "
                  + ", ".join(f"{count} {name}" for name, count in sorted(f.services.items())))
    finally:
        world.doCleanups()
        World.doClassCleanups()


if __name__ == "__main__":
    main()
