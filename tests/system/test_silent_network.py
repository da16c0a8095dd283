# SPDX-License-Identifier: MIT
"""A chain on machines without a metadata service: the network says so, or it says nothing. What was
absent once is not looked for again in this boot. In network namespaces of their own, which nothing
leaves."""

import json
import os
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import Program

CLOSED = f"acsmtp-closed-{os.getpid()}"
SILENT = f"acsmtp-silent-{os.getpid()}"
FALLBACK = {"plugin": "token", "token": {"env": "ACSMTP_TEST_SECRET"}}
REMEMBERED = "found earlier in this boot"


def ip(*arguments):
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def make_silent():
    """Packets leave by a pair of interfaces whose other end belongs to nobody."""
    ip("-n", SILENT, "link", "add", "near", "type", "veth", "peer", "name", "far")
    for end in ("near", "far", "lo"):
        ip("-n", SILENT, "link", "set", end, "up")
    ip("-n", SILENT, "address", "add", "192.0.2.1/24", "dev", "near")
    ip("-n", SILENT, "neighbour", "add", "192.0.2.254", "lladdr", "02:00:00:00:00:01", "dev", "near")
    ip("-n", SILENT, "route", "add", "default", "via", "192.0.2.254")


def setUpModule():
    try:
        for name in (CLOSED, SILENT):
            ip("netns", "add", name)
            unittest.addModuleCleanup(ip, "netns", "delete", name)
        ip("netns", "exec", CLOSED, "true")
        make_silent()
    except subprocess.CalledProcessError as problem:
        if os.environ.get("CI"):
            raise
        unittest.doModuleCleanups()
        print(f"no network namespace can be made here: {problem.stderr.strip()}")
        sys.exit(77)


def uptime():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Metadata(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)
        self.probes = os.path.join(self.program.home, ".cache", "acsmtp", "probes")

    def run_in(self, namespace, *arguments, credentials=("imds", FALLBACK)):
        path = self.program.config({"credentials": list(credentials)})
        environment = dict(self.program.environment, ACSMTP_TEST_SECRET="an-opaque-token")
        began = time.monotonic()
        done = subprocess.run(["ip", "netns", "exec", namespace, self.program.path, "--config", path,
                               *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        return done, time.monotonic() - began

    def token(self, namespace, *arguments, **more):
        done, elapsed = self.run_in(namespace, "token", *arguments, **more)
        self.assertEqual((done.returncode, done.stdout), (0, "an-opaque-token\n"), done.stderr)
        return done, elapsed

    def members(self, namespace, *arguments, **more):
        done, _ = self.run_in(namespace, "chain", "explain", "--json", *arguments, **more)
        return json.loads(done.stdout)["members"]

    def verdicts(self):
        return sorted(os.listdir(self.probes)) if os.path.isdir(self.probes) else []

    def test_what_the_network_says_takes_fifty_milliseconds(self):
        member = self.members(CLOSED, "--probe")[0]
        self.assertEqual((member["plugin"], member["status"]), ("imds", "unavailable"))
        self.assertLess(member["elapsed_ms"], 50)

    @unittest.skipIf(uptime() < 180, "nothing is remembered in the first minutes after a boot")
    def test_what_the_network_says_is_remembered_until_its_routes_change(self):
        self.token(CLOSED)
        done, _ = self.token(CLOSED, "-v")
        self.assertIn("cannot be reached", done.stderr)
        self.assertIn(REMEMBERED, done.stderr)
        ip("-n", CLOSED, "link", "add", "other", "type", "veth", "peer", "name", "end")
        self.addCleanup(ip, "-n", CLOSED, "link", "delete", "other")
        ip("-n", CLOSED, "address", "add", "198.51.100.1/24", "dev", "other")
        for end in ("other", "end"):
            ip("-n", CLOSED, "link", "set", end, "up")
        done, _ = self.token(CLOSED, "-v")
        self.assertIn("cannot be reached", done.stderr)
        self.assertNotIn(REMEMBERED, done.stderr)

    def test_a_refused_connection_is_not_remembered(self):
        closed = {"plugin": "imds", "endpoint": f"http://127.0.0.1:{processes.free_port()}"}
        done, _ = self.token(SILENT, "-v", credentials=(closed, FALLBACK))
        self.assertIn("refused", done.stderr)
        self.assertEqual(self.verdicts(), [])

    @unittest.skipIf(uptime() < 180, "nothing is remembered in the first minutes after a boot")
    def test_silence_is_waited_for_once(self):
        _, first = self.token(SILENT)
        self.assertGreater(first, 0.9)
        self.assertLess(first, 1.9)
        done, second = self.token(SILENT, "-v")
        self.assertLess(second, 0.7)
        self.assertIn(REMEMBERED, done.stderr)
        self.assertEqual(len(self.verdicts()), 1)
        mode = os.stat(os.path.join(self.probes, self.verdicts()[0])).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.probes).st_mode), 0o700)

    def test_the_chain_shows_it_and_a_probe_asks_again(self):
        self.assertEqual(self.members(SILENT)[0]["status"], "ok")
        self.token(SILENT)
        member = self.members(SILENT)[0]
        self.assertEqual(member["status"], "unavailable")
        self.assertIn(REMEMBERED, member["reason"])
        member = self.members(SILENT, "--probe")[0]
        self.assertGreater(member["elapsed_ms"], 900)
        self.assertLess(member["elapsed_ms"], 1500)
        self.assertNotIn(REMEMBERED, member["reason"])

    def test_it_holds_for_this_network_this_source_and_this_user_wish(self):
        self.token(SILENT)
        self.assertEqual(self.members(CLOSED)[0]["status"], "ok")
        other = ({"plugin": "imds", "endpoint": "http://169.254.169.253"}, FALLBACK)
        self.assertEqual(self.members(SILENT, credentials=other)[0]["status"], "ok")
        _, elapsed = self.token(SILENT, "--refresh")
        self.assertGreater(elapsed, 0.9)

    def test_a_source_that_stands_alone_does_not_care(self):
        self.token(SILENT)
        self.assertEqual(self.members(SILENT, credentials=["imds"])[0]["status"], "ok")
        done, elapsed = self.run_in(SILENT, "--timeout", "2s", "token", credentials=["imds"])
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertGreater(elapsed, 1.8)
        self.assertNotIn(REMEMBERED, done.stderr)

    def test_verdicts_of_earlier_boots_are_removed(self):
        os.makedirs(self.probes, 0o700)
        old = os.path.join(self.probes, "0123456789abcdef-f0000001-" + "a" * 40)
        with open(old, "w", encoding="ascii") as file:
            file.write("no answer")
        self.token(SILENT)
        self.assertFalse(os.path.exists(old))
        self.assertEqual(len(self.verdicts()), 1)

    def test_a_verdict_that_is_no_plain_file_is_ignored(self):
        self.token(SILENT)
        path = os.path.join(self.probes, self.verdicts()[0])
        for make in (os.mkfifo, lambda name: os.symlink("/etc/hostname", name), os.mkdir):
            (os.rmdir if os.path.isdir(path) else os.unlink)(path)
            make(path)
            _, elapsed = self.token(SILENT)
            self.assertGreater(elapsed, 0.9)


if __name__ == "__main__":
    processes.main()
