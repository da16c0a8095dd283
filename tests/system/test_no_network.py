# SPDX-License-Identifier: MIT
"""A machine without any network: in a network namespace of its own, where nothing can be reached."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
NAMESPACE = f"acsmtp-test-{os.getpid()}"


def setUpModule():
    done = subprocess.run(["ip", "netns", "add", NAMESPACE], capture_output=True, text=True)
    if not done.returncode:
        done = subprocess.run(["ip", "netns", "exec", NAMESPACE, "true"], capture_output=True,
                              text=True)
    if done.returncode:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], capture_output=True)
        if os.environ.get("CI"):
            raise RuntimeError(f"ip netns: {done.stderr}")
        print(f"no network namespace can be made here: {done.stderr.strip()}")
        sys.exit(77)


def tearDownModule():
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


class NoNetwork(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.token = pathlib.Path(self.home.name, "token")
        self.token.write_text("an-opaque-token\n")
        self.token.chmod(0o600)

    def run_program(self, profile, *arguments, stdin=""):
        config = pathlib.Path(self.home.name, "config.json")
        config.write_text(json.dumps({"profiles": {"p": profile}}))
        env = {"HOME": self.home.name, "PATH": os.environ["PATH"],
               "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins")}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        began = time.monotonic()
        done = subprocess.run(["ip", "netns", "exec", NAMESPACE, BUILD / "bin" / "acsmtp",
                               "--config", config, *arguments], input=stdin, env=env,
                              capture_output=True, text=True, timeout=60)
        return done, time.monotonic() - began

    def test_a_chain_falls_through_metadata_at_once(self):
        # The real metadata address: unreachable here, so nothing leaves the namespace.
        done, elapsed = self.run_program(
            {"credentials": ["imds", {"plugin": "token", "token": {"file": str(self.token)}}]},
            "token", "-v")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.strip(), "an-opaque-token")
        self.assertIn("imds", done.stderr)
        self.assertLess(elapsed, 1.0)

    def test_nothing_that_applies_is_69_and_names_everybody(self):
        done, elapsed = self.run_program(
            {"credentials": ["imds", {"plugin": "azcli", "path": "/nonexistent/az"}]}, "token")
        self.assertEqual(done.returncode, 69, done.stderr)
        for name in ("imds", "azcli"):
            self.assertIn(name, done.stderr)
        self.assertLess(elapsed, 2.0)

    def test_an_unreachable_server_is_75_within_the_timeout(self):
        done, elapsed = self.run_program(
            {"from": "a@example.com", "username": "u",
             "credentials": [{"plugin": "token", "token": {"file": str(self.token)}}],
             "transports": [{"plugin": "smtp-xoauth2", "host": "192.0.2.1", "port": 587}]},
            "send", "--timeout", "3s", "--to", "b@example.com", stdin="Subject: x\n\nx\n")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("192.0.2.1", done.stderr)
        self.assertEqual(done.stdout, "not sent\n")
        self.assertLess(elapsed, 5.0)

    def test_a_name_that_cannot_be_resolved_says_so(self):
        done, elapsed = self.run_program(
            {"from": "a@example.com", "username": "u",
             "credentials": [{"plugin": "token", "token": {"file": str(self.token)}}],
             "transports": [{"plugin": "smtp-xoauth2", "host": "smtp.invalid"}]},
            "send", "--timeout", "5s", "--to", "b@example.com", stdin="Subject: x\n\nx\n")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("smtp.invalid", done.stderr)
        self.assertLess(elapsed, 8.0)


if __name__ == "__main__":
    unittest.main()
