# SPDX-License-Identifier: MIT
"""A canary secret is given to everything that handles secrets, then looked for everywhere else."""
import base64
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from emulator import Emulator  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
CANARY = "Canary~8/f+Xq=secret-that-must-not-show"
VAULT_CANARY = "Vault.Canary~password_never_shown"


def spellings(secret):
    raw = secret.encode()
    return [raw, urllib.parse.quote(secret, safe="").encode(), base64.b64encode(raw),
            base64.urlsafe_b64encode(raw).rstrip(b"="), json.dumps(secret)[1:-1].encode()]


class Canary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(BUILD / "bin" / "acsmtp-emulator", transcript=True).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        (self.home / "tmp").mkdir()
        self.secret = self.home / "secret"
        self.write_private(self.secret, CANARY + "\n")
        application = self.emulator.application("modern-client")
        self.emulator.put({"value": CANARY, "start": 0, "end": 4102444800},
                          "applications", "modern-client", "secrets", "canary")
        self.emulator.put({"value": VAULT_CANARY, "start": 0, "end": 4102444800},
                          "applications", "legacy-client", "secrets", "canary")
        vault = ("vaults", "kv-acs-smtp-poc", "secrets", "smtp-legacy-client-secret")
        current = self.emulator.state(*vault)["current"]
        self.emulator.patch({"value": VAULT_CANARY}, *vault, "versions", current)
        entra = {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                 "client_id": application["client_id"], "client_secret": {"file": str(self.secret)}}
        address = self.emulator.address
        self.mail = f"From: {address('DoNotReply')}\nSubject: x\n\nx\n".encode()
        self.transcript_start = os.path.getsize(self.emulator.transcript_file)
        self.write_private(self.home / "config.json", json.dumps({"profiles": {
            "token": {"from": address("DoNotReply"), "username": address("modern-client"),
                      "credentials": [entra], "transports": ["smtp-xoauth2"]},
            "vault": {"from": address("DoNotReply"),
                      "credentials": [{"plugin": "keyvault-basic", "vault": "kv-acs-smtp-poc",
                                       "secret": "smtp-legacy-client-secret",
                                       "username": address("legacy-client"),
                                       "credentials": [entra]}],
                      "transports": ["smtp-login"]}}}))

    @staticmethod
    def write_private(path, text):
        path.write_text(text)
        path.chmod(0o600)

    def start(self, *arguments, **more):
        env = {"HOME": str(self.home), "TMPDIR": str(self.home / "tmp"), "PATH": os.environ["PATH"],
               "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins"), "ACSMTP_CLOUD": self.emulator.cloud}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        return subprocess.Popen([BUILD / "bin" / "acsmtp", "--config", self.home / "config.json",
                                 *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=env, cwd=self.home, **more)

    def send(self, profile):
        process = self.start("send", "--profile", profile, "-vv", "--trace", "--to", "u@example.com")
        out, err = process.communicate(self.mail, timeout=60)
        return process.returncode, out, err

    def assert_clean(self, where, data):
        for secret in (CANARY, VAULT_CANARY):
            for spelling in spellings(secret):
                self.assertNotIn(spelling, data, f"a secret shows in {where}")

    def assert_no_secret_in_files(self):
        seen = 0
        for path in self.home.rglob("*"):
            if path.is_file() and path != self.secret:
                seen += 1
                self.assert_clean(path.name, path.read_bytes())
        self.assertGreater(seen, 0)
        transcript = pathlib.Path(self.emulator.transcript_file).read_bytes()
        transcript = transcript[self.transcript_start:]
        self.assertIn(b"oauth2/v2.0/token", transcript)
        self.assert_clean("the transcript", transcript)

    def test_both_ways_of_sending_with_a_full_trace(self):
        for profile in ("token", "vault"):
            with self.subTest(profile=profile):
                code, out, err = self.send(profile)
                self.assertEqual(code, 0, err.decode())
                self.assertIn(b"AUTH", err)
                self.assert_clean("standard output", out)
                self.assert_clean("the trace", err)
        self.assertEqual(len(self.emulator.messages()), 2)
        self.assert_no_secret_in_files()

    def test_a_token_is_nowhere_but_in_the_cache(self):
        code, out, err = self.send("token")
        self.assertEqual(code, 0, err.decode())
        token = self.start("token", "--profile", "token").communicate(timeout=60)[0].strip()
        self.assertGreater(len(token), 500)
        self.assertNotIn(token, err)
        self.assertNotIn(base64.b64encode(token), err)
        self.assertNotIn(token.split(b".")[2], out + err)
        holders = [p for p in self.home.rglob("*") if p.is_file() and token in p.read_bytes()]
        self.assertEqual(len(holders), 1)
        self.assertIn("tokens", str(holders[0]))
        self.assertEqual(holders[0].stat().st_mode & 0o777, 0o600)
        self.assertEqual(holders[0].parent.stat().st_mode & 0o777, 0o700)

    def test_refusals_do_not_show_it_either(self):
        self.emulator.fault(service="smtp", step="credentials", action="reply",
                            reply="535 5.7.3 Authentication unsuccessful")
        self.addCleanup(self.emulator.clear_faults)
        for profile in ("token", "vault"):
            code, out, err = self.send(profile)
            self.assertEqual(code, 77, err.decode())
            self.assert_clean("standard output", out)
            self.assert_clean("the trace", err)
        self.assert_no_secret_in_files()

    def test_a_server_that_echoes_the_secret_is_redacted(self):
        self.emulator.fault(service="entra", action="status", status=401, match="token",
                            body=json.dumps({"error": "invalid_client", "error_codes": [7000215],
                                             "error_description": f"AADSTS7000215: {CANARY} is wrong"}))
        self.addCleanup(self.emulator.clear_faults)
        code, out, err = self.send("token")
        self.assertEqual(code, 77, err.decode())
        self.assertIn(b"AADSTS7000215", err)
        self.assert_clean("standard output", out)
        self.assert_clean("the trace", err)

    def test_proc_shows_nothing_while_it_runs(self):
        self.emulator.fault(service="smtp", step="credentials", action="delay", delay_ms=1500)
        self.addCleanup(self.emulator.clear_faults)
        process = self.start("send", "--profile", "vault", "--to", "u@example.com")
        process.stdin.write(self.mail)
        process.stdin.close()
        time.sleep(0.8)
        self.assertIsNone(process.poll())
        for name in ("cmdline", "environ", "maps", "status"):
            self.assert_clean(name, pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes())
        process.wait(30)
        process.stdout.close()
        process.stderr.close()

    def test_a_crash_leaves_no_core(self):
        if "san" in os.environ.get("ACSMTP_SANITIZED", ""):
            self.skipTest("sanitizers handle crashes themselves")
        self.emulator.fault(service="smtp", step="credentials", action="delay", delay_ms=3000)
        self.addCleanup(self.emulator.clear_faults)
        limit = lambda: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))  # noqa: E731
        process = self.start("send", "--profile", "vault", "--to", "u@example.com",
                             preexec_fn=limit)
        process.stdin.write(self.mail)
        process.stdin.close()
        time.sleep(0.8)
        limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        process.send_signal(signal.SIGQUIT)
        process.wait(30)
        process.stdout.close()
        process.stderr.close()
        self.assertEqual([p for p in self.home.rglob("core*")], [])


if __name__ == "__main__":
    unittest.main()
