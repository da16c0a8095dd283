# SPDX-License-Identifier: MIT
"""The conformance battery as its tests run it: "acsmtp plugin check" with --json."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
from program import build_folder

BUILD = build_folder()
BROKEN = os.path.join(BUILD, "tests", "kit-broken")
LIMIT = "250s"


def run(*words, timeout=280, environment=None):
    """The program's end, as text."""
    return subprocess.run([os.path.join(BUILD, "bin", "acsmtp"), "plugin", *words],
                          capture_output=True, text=True, timeout=timeout, check=False,
                          env={**os.environ, "ACSMTP_PLUGIN_PATH": os.path.join(BUILD, "plugins"),
                               **(environment or {})})


def check(path, *words, **more):
    """The document of one run."""
    done = run("check", "--json", "--limit", LIMIT, path, *words, **more)
    if done.returncode not in (0, 1):
        raise AssertionError("%s: exit %d: %s" % (path, done.returncode, done.stderr))
    document = json.loads(done.stdout)
    if bool(document["failed"]) != (done.returncode == 1):
        raise AssertionError("exit %d, but %d failed" % (done.returncode, document["failed"]))
    return document
