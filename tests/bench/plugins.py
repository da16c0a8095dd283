#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a plugin costs: the time to load each one, and a program that has the needed ones inside.

    tests/bench/plugins.py [--runs 40] [--markdown] [--section load] [--section size]

load: `acsmtp plugins` with a folder that holds one plugin, less the same with an empty one. size: builds
the smallest program (MinSizeRel, stripped) that can send with imds and smtp-xoauth2, sends a mail to the
emulator with it, and the same with shared libraries and modules.
"""

import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "support")]
# pylint: disable=wrong-import-position
import figures
from emulator import Emulator

NEEDED = ("credential/imds", "transport/smtp-xoauth2")
CHOICE = ";".join(os.path.basename(plugin) for plugin in NEEDED)
# Each a build with these options, and what of it has to be installed.
BUILDS = {
    "one program": (["-DBUILD_SHARED_LIBS=OFF"], ["bin/acsmtp"]),
    "program, libraries, modules": (["-DBUILD_SHARED_LIBS=ON"],
                                    ["bin/acsmtp", "lib/libacsmtp*.so", "plugins/*/*.so"]),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.environ.get("ACSMTP_BUILD_DIR", "build"))
    parser.add_argument("--runs", type=int, default=40, metavar="N")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--section", action="append", choices=("load", "size"))
    return parser.parse_args()


def load(options, meter, folder):
    """Time and memory of loading each plugin."""
    program = os.path.join(options.build, "bin", "acsmtp")
    empty = os.path.join(folder, "none")
    os.mkdir(empty)
    tasks = {"": ([program, "plugins"], {"ACSMTP_PLUGIN_PATH": empty}, None)}
    for path in sorted(glob.glob(os.path.join(options.build, "plugins", "*", "*.so"))):
        kind, file = path.split(os.sep)[-2:]
        own = os.path.join(folder, file)
        os.makedirs(os.path.join(own, kind))
        os.symlink(path, os.path.join(own, kind, file))
        tasks[file.removesuffix(".so")] = ([program, "plugins"], {"ACSMTP_PLUGIN_PATH": own}, None)
    samples = figures.rounds(meter, options.runs, tasks)
    base = samples.pop("")
    figures.table(f"Loading a plugin (without any: {base.best:.1f} ms, {base.cpu:.1f} of them CPU)",
                  ["", "wall ms", "CPU ms", "MiB"], [
        [name, f"{sample.best - base.best:.1f}", f"{sample.cpu - base.cpu:.1f}",
         f"{sample.memory - base.memory:.1f}"]
        for name, sample in sorted(samples.items(), key=lambda item: item[1].cpu)], options.markdown)


def built(folder, options):
    subprocess.run(["cmake", "-S", TOP, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=MinSizeRel",
                    "-DBUILD_TESTING=OFF", "-DACSMTP_EMULATOR=OFF", f"-DACSMTP_PLUGINS={CHOICE}",
                    *options], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", folder], check=True, stdout=subprocess.DEVNULL)


def files_of(folder, patterns):
    """Size in KiB of what matches, stripped; a library counts once, however many names it has."""
    total = 0
    found = {os.path.realpath(path) for pattern in patterns
             for path in glob.glob(os.path.join(folder, pattern))}
    for path in found:
        subprocess.run(["strip", path], check=True)
        total += os.path.getsize(path)
    return total / 1024


def sending(emulator, folder):
    """Config and message of a mail that this machine's identity may send."""
    identity = emulator.state("identities", "system")
    username, sender = emulator.address("modern-client"), emulator.address("DoNotReply")
    emulator.bind(username, identity["client_id"])
    emulator.grant(identity["object_id"], "Communication and Email Service Owner", emulator.service)
    config, message = (os.path.join(folder, name) for name in ("config.json", "message"))
    with open(config, "w", encoding="utf-8") as file:
        file.write('{"profiles": {"p": {"from": "%s", "username": "%s", "credentials": ["imds"], '
                   '"transports": ["smtp-xoauth2"]}}}' % (sender, username))
    with open(message, "w", encoding="ascii", newline="") as file:
        file.write(f"From: {sender}\r\nTo: ann@example.com\r\nSubject: bench\r\n\r\nHello\r\n")
    return config, message


def size(options, meter, folder):
    """Bytes on disk, and one mail each, with the token from the cache."""
    emulator = Emulator(os.path.join(options.build, "bin", "acsmtp-emulator")).start()
    try:
        config, message = sending(emulator, folder)
        tasks, sizes = {}, {}
        for name, (choice, patterns) in BUILDS.items():
            own = os.path.join(folder, name)
            built(own, choice)
            sizes[name] = files_of(own, patterns)
            command = [os.path.join(own, "bin", "acsmtp"), "--config", config, "--cloud",
                       emulator.cloud, "send", "--to", "ann@example.com"]
            tasks[name] = (command, {"ACSMTP_PLUGIN_PATH": os.path.join(own, "plugins")}, message)
        samples = figures.rounds(meter, options.runs, tasks)
        if len(emulator.messages()) != (options.runs + 1) * len(tasks):
            raise RuntimeError("not every mail has arrived")
    finally:
        emulator.stop()
    figures.table("imds and smtp-xoauth2, a mail each", ["", "KiB on disk", "wall ms", "CPU ms", "MiB"], [
        [name, f"{sizes[name]:.0f}", f"{sample.best:.1f}", f"{sample.cpu:.1f}", f"{sample.memory:.1f}"]
        for name, sample in samples.items()], options.markdown)


def main():
    options = arguments()
    options.build = os.path.abspath(options.build)
    subprocess.run(["cmake", "--build", options.build, "--target", "bench-programs"], check=True,
                   stdout=subprocess.DEVNULL)
    folder = tempfile.mkdtemp(prefix="acsmtp-bench-")
    try:
        meter = figures.Meter(os.path.join(options.build, "tests", "bench", "bench-measure"), folder)
        for section in options.section or ("load", "size"):
            {"load": load, "size": size}[section](options, meter, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
