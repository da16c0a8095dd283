#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What "isolation": "process" costs a send: the same profiles with and without it, at the emulator.

    tests/bench/isolation.py [--runs 40]

Both ways take turns, so that what else the machine does falls on both.
"""

import argparse
import copy
import os
import resource
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "tests", "support")]
# pylint: disable=wrong-import-position
from emulator import Emulator  # noqa: E402
from program import Program  # noqa: E402

MEBIBYTE = 1 << 20


def profiles(emulator):
    application = emulator.application("modern-client")
    token = {"plugin": "client-secret", "tenant_id": emulator.endpoints["tenant_id"],
             "client_id": application["client_id"], "client_secret": application["client_secret"]}
    password = {"plugin": "password",
                "password": emulator.application("legacy-client")["client_secret"]}
    sender = emulator.address("DoNotReply")
    return {
        "smtp-xoauth2, token from the cache": {
            "from": sender, "username": emulator.address("modern-client"),
            "credentials": [token], "transports": [{"plugin": "smtp-xoauth2"}]},
        "password and smtp-login": {
            "from": sender, "username": emulator.address("legacy-client"),
            "credentials": [password], "transports": [{"plugin": "smtp-login"}]},
    }


def isolated(profile):
    made = copy.deepcopy(profile)
    for entry in made["credentials"] + made["transports"]:
        entry["isolation"] = "process"
    return made


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def one(program, emulator, config, message):
    """Wall and CPU milliseconds."""
    began, used = time.monotonic(), cpu()
    done = program.run("--cloud", emulator.cloud, "--config", config, "send", message)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return (time.monotonic() - began) * 1000, cpu() - used


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.environ.get("ACSMTP_BUILD_DIR", "build"))
    parser.add_argument("--runs", type=int, default=40, metavar="N")
    chosen = parser.parse_args()
    program = Program(os.path.abspath(chosen.build))
    with Emulator(os.path.join(program.build, "bin", "acsmtp-emulator")) as emulator:
        head = "From: %s\nTo: ann@example.com\nSubject: x\n\n" % emulator.address("DoNotReply")
        for size, name in ((2048, "2 KiB"), (8 * MEBIBYTE, "8 MiB")):
            message = program.write("message.eml", head + ("x" * 71 + "\n") * (size // 72))
            for title, profile in profiles(emulator).items():
                ways = {"in the program": program.config(profile, "plain.json"),
                        "isolated": program.config(isolated(profile), "isolated.json")}
                runs = {way: [] for way in ways}
                for turn in range(chosen.runs + 1):
                    for way, config in ways.items():
                        took = one(program, emulator, config, message)
                        if turn > 0:  # the first fetches the token
                            runs[way].append(took)
                    emulator.clear_messages()
                for way, took in runs.items():
                    wall, used = zip(*took)
                    print("%-36s %-6s %-15s median %6.1f ms, best %6.1f ms, CPU %5.1f ms" % (
                        title, name, way, statistics.median(wall), min(wall),
                        statistics.mean(used)))
    program.close()


if __name__ == "__main__":
    main()
