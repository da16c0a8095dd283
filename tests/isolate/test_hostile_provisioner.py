# SPDX-License-Identifier: MIT
"""Isolated provisioners that crash, flood, and send nonsense: each is found, named and stopped, and
nothing of it reaches a terminal or a file."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes  # noqa: E402
from program import Program, build_folder  # noqa: E402

CONFIG, SYSTEM, DENIED = 78, 71, 77
OUTER_LIMIT = 120  # seconds: however busy the machine is


class HostileCase(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)
        self.tmp = tempfile.mkdtemp(dir=self.program.home)
        self.output = os.path.join(self.program.home, "output.json")
        own = os.path.join(build_folder(), "tests", "isolate-plugins")
        self.program.environment.update(TMPDIR=self.tmp, ACSMTP_TEST_CANARY="x",
                                        ACSMTP_PLUGIN_PATH=own)

    def tearDown(self):
        self.assertEqual(os.listdir(self.tmp), [], "a private folder was left")

    def config(self, **more):
        return self.program.write("config.json", json.dumps({
            "profiles": {"test": {}},
            "provision": dict({"plugin": "hostile", "isolation": "process"}, **more)}))

    def command(self, operation, attack, *flags):
        chosen = ["--attack", attack] if attack else []
        if operation == "apply":
            chosen += ["--output", self.output]
        return ["--config", self.config(), "provision", operation, *chosen, *flags]

    def provision(self, operation, attack, *flags):
        return self.program.run(*self.command(operation, attack, *flags), timeout=OUTER_LIMIT)

    def stopped(self, attack, *words, operation="plan"):
        done = self.provision(operation, attack)
        self.assertEqual(done.returncode, SYSTEM, done.stdout + done.stderr)
        for word in ("provisioner hostile: ",) + words:
            self.assertIn(word, done.stderr)
        return done

    def events(self, attack, *flags):
        done = self.provision("plan", attack, "--json", *flags)
        return done, [json.loads(line) for line in done.stdout.splitlines()]


class Loading(HostileCase):
    """Its constructor ends the process that it is loaded into, unless that is its own."""

    def test_the_program_never_loads_it(self):
        done = self.provision("plan", None)
        self.assertEqual((done.returncode, done.stdout), (0, "nothing made\n"), done.stderr)
        for words in (["provision", "--help"], ["config", "check"], ["doctor"],
                      ["__complete", "--", "provision", "--att"]):
            with self.subTest(words=words):
                done = self.program.run(*words, ACSMTP_CONFIG=self.config(), timeout=OUTER_LIMIT)
                self.assertGreaterEqual(done.returncode, 0, done.stderr)
                if "config" not in words and "doctor" not in words:
                    self.assertIn("--attack", done.stdout)

    def test_it_would_without(self):
        path = self.program.write("bare.json", json.dumps({"provision": "hostile"}))
        done = self.program.run("--config", path, "provision", "plan", timeout=OUTER_LIMIT)
        self.assertEqual(done.returncode, -signal.SIGABRT)

    def test_a_program_keeps_what_describes_it(self):
        """One descriptor for all drivers, which outlives them."""
        done = subprocess.run([os.path.join(self.program.build, "tests", "isolate-provisioners"),
                               self.config()], env=self.program.environment, text=True,
                              capture_output=True, timeout=OUTER_LIMIT, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "attack: What it does\n", ""))

    def test_an_operation_that_it_does_not_have(self):
        done = self.provision("verify", None)
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn("provisioner hostile has no operation 'verify'", done.stderr)


class Steps(HostileCase):
    def test_a_step_forges_no_line_and_moves_no_cursor(self):
        done, events = self.events("dirty_step")
        self.assertEqual(done.returncode, 0, done.stderr)
        step = events[0]
        self.assertEqual((step["id"], step["needs"]), ("forged line", ["other step"]))
        self.assertEqual(step["title"], " [2Jgone   1mbold")
        self.assertEqual(step["detail"], "no UTF-8: ?; a b")
        self.assertEqual(step["elapsed_ms"], 0)
        done = self.provision("apply", "dirty_step")
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertNotIn("\nline", done.stderr)

    def test_a_flood(self):
        self.stopped("flood", "it was stopped: it floods its host with steps")

    def test_what_is_no_step(self):
        for attack in ("half_a_step", "step_of_no_state", "endless_needs"):
            with self.subTest(attack=attack):
                self.stopped(attack, "it was stopped: the other process sent a step that cannot be "
                                     "read")

    def test_threads_that_tell_at_once(self):
        done, events = self.events("crowd", "-v")
        self.assertEqual(done.returncode, 0, done.stderr)
        steps = [event["id"] for event in events if event["type"] == "step"]
        self.assertEqual(sorted(steps), sorted(8 * ["step-%d" % i for i in range(500)]))
        self.assertEqual(done.stderr.count("line 499"), 8)

    def test_steps_that_nobody_asked_for(self):
        done = self.program.run("--config", self.config(), "doctor", "--json",
                                timeout=OUTER_LIMIT)
        self.assertIn("it asked for an observer that there is not", done.stdout)


class Results(HostileCase):
    def test_what_is_no_result(self):
        for attack, words in (("no_json", "is no JSON"), ("no_object", "no JSON object"),
                              ("nul_inside", "cannot be read"), ("no_utf8", "is no JSON"),
                              ("too_deep", "is no JSON"), ("too_long", "cannot be read")):
            with self.subTest(attack=attack):
                self.stopped(attack, "it was stopped: the other process sent a result that ", words)

    def test_a_result_that_is_too_long(self):
        self.stopped("long_result", "its result is longer than 1048576 bytes")

    def test_none(self):
        self.stopped("no_result", "succeeded without a result")

    def test_a_failure_keeps_its_class_beside_a_result(self):
        done = self.provision("plan", "fail_with_result")
        self.assertEqual(done.returncode, DENIED, done.stderr)
        self.assertIn("provisioner hostile: the provider says no", done.stderr)


class Ends(HostileCase):
    def test_a_crash_in_apply_tells_what_stands(self):
        self.stopped("crash", "signal 11 (Segmentation fault)",
                     "What is done stands; 'acsmtp provision apply' goes on from there.",
                     operation="apply")
        self.assertFalse(os.path.exists(self.output))

    def cancelled(self, operation, attack):
        """What it tells after a ^C that comes while its step runs."""
        running = subprocess.Popen([self.program.path, "--json"] + self.command(operation, attack),
                                   env=self.program.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.kill)
        self.assertEqual(json.loads(running.stdout.readline())["state"], "running")
        running.send_signal(signal.SIGINT)
        shown, errors = running.communicate(timeout=OUTER_LIMIT)
        self.assertEqual(running.returncode, -signal.SIGINT)
        return shown + errors

    def test_one_that_only_reads_has_little_time_to_end(self):
        self.assertIn("isolated plugin: cancelled", self.cancelled("plan", "stubborn"))

    def test_one_that_changes_something_brings_it_to_an_end(self):
        """It takes longer than others are left."""
        told = self.cancelled("apply", "slow_end")
        self.assertIn("came to a good end: cancelled", told)
        self.assertIn('"state":"done"', told.replace(" ", ""))


if __name__ == "__main__":
    processes.main()
