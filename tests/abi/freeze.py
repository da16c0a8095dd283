#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Freezes the minor of the ABI that include/acsmtp/plugin.h names, from a build of today.

    tests/abi/freeze.py [--release] [BUILD]    headers, symbols, dumps, and x86-64 binaries of the plugins

Run it after every addition, and with --release when the minor is released: from then on it refuses.
It also refuses when a library has lost or changed what was frozen before. BUILD is a build without
sanitizers; default: build.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import sys

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--release", action="store_true", help="close the minor")
parser.add_argument("build", nargs="?", default="build", type=pathlib.Path)
arguments = parser.parse_args()
os.environ["ACSMTP_BUILD_DIR"] = str(arguments.build.resolve())
import frozen  # noqa: E402  (reads the build's folder)

HEADERS = frozen.SOURCE / "include"


def refuse(text):
    sys.exit(f"freeze.py: {text}")


def freeze_dumps(folder):
    for name in frozen.LIBRARIES:
        old, library = folder / f"{name}.abi", frozen.library(name)
        problem = frozen.difference(old, library, HEADERS / "acsmtp") if old.exists() else ""
        if problem:
            refuse(f"{name} does not keep what {old} has:\n{problem}")
        frozen.dump(library, HEADERS / "acsmtp", old)


def freeze_headers(folder):
    shutil.rmtree(folder / "include", ignore_errors=True)
    shutil.copytree(HEADERS, folder / "include", ignore=shutil.ignore_patterns("*.md", "isolate.h"))


def freeze_symbols(folder, minor):
    rows = sorted(frozen.exports_of_build()[f"ACSMTP_{minor}"])
    state = "released" if arguments.release else "open"
    (folder / "symbols").write_text("\n".join([state, *rows]) + "\n")


def freeze_binaries(folder, minor):
    """Plugins as somebody ships them: optimised, stripped, linked with what they use."""
    out = folder / "x86_64"
    out.mkdir(exist_ok=True)
    sums = []
    for source in sorted(folder.glob("*.c")):
        module = out / f"abi-v{minor.removesuffix('.0').replace('.', '-')}-{source.stem}.so"
        frozen.run("cc", "-std=c11", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-s",
                   "-D_GNU_SOURCE", "-I", folder / "include", "-o", module, source,
                   "-L", frozen.BUILD / "lib", "-Wl,--as-needed", "-lacsmtp", "-lacsmtp-http",
                   "-Wl,-z,defs", "-Wl,-z,now", "-Wl,--build-id=none",
                   f"-Wl,--version-script={frozen.SOURCE / 'plugins' / 'plugin.map'}")
        sums.append(f"{hashlib.sha256(module.read_bytes()).hexdigest()}  {module.name}\n")
    (out / "SHA256SUMS").write_text("".join(sums))


def main():
    minor = frozen.current_minor()
    folder = frozen.MINORS.get(minor)
    if not folder:
        refuse(f"ABI {minor} has no folder yet: name it in frozen.py, and write its plugins")
    if not frozen.is_shared() or frozen.is_sanitized():
        refuse(f"{frozen.BUILD} is no build of shared libraries without sanitizers")
    if (folder / "symbols").exists() and frozen.frozen_symbols(folder)[0]:
        refuse(f"ABI {minor} is released: what is new belongs into the next minor")
    freeze_dumps(folder)
    freeze_headers(folder)
    freeze_symbols(folder, minor)
    if frozen.MACHINE == "x86_64":
        freeze_binaries(folder, minor)
    else:
        print("freeze.py: binaries are made on x86_64 alone; those that are there stay", file=sys.stderr)


main()
