# SPDX-License-Identifier: MIT
"""The token cache that processes share: one request however many start at once, and when it is void."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from emulator import Emulator  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])


class Cache(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(BUILD / "bin" / "acsmtp-emulator").start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.application = self.emulator.application("modern-client")
        self.config = self.home / "config.json"
        self.credentials("client-secret")

    def credentials(self, *chain):
        self.config.write_text(json.dumps({"profiles": {"p": {
            "from": self.emulator.address("DoNotReply"),
            "username": self.emulator.address("modern-client"),
            "credentials": chain, "transports": ["smtp-xoauth2"]}}}))

    def start(self, *arguments, **environment):
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"],
               "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins"), "ACSMTP_CLOUD": self.emulator.cloud,
               "AZURE_TENANT_ID": self.emulator.endpoints["tenant_id"],
               "AZURE_CLIENT_ID": self.application["client_id"],
               "AZURE_CLIENT_SECRET": self.application["client_secret"]}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        env.update(environment)
        return subprocess.Popen([BUILD / "bin" / "acsmtp", "--config", self.config, *arguments],
                                env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def token(self, *arguments, **environment):
        process = self.start("token", *arguments, **environment)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        return out.strip()

    def requests(self):
        return self.emulator.requests("entra").get("token", 0)

    PROCESSES = 100

    def start_many(self, service):
        """That many processes at once, while the service takes its time: their tokens."""
        self.emulator.fault(service=service, action="delay", delay_ms=700)
        processes = [self.start("token") for _ in range(self.PROCESSES)]
        tokens = set()
        for process in processes:
            out, err = process.communicate(timeout=240)
            self.assertEqual(process.returncode, 0, err)
            tokens.add(out)
        self.emulator.clear_faults()
        return tokens

    def test_many_processes_at_once_make_one_request(self):
        self.assertEqual(len(self.start_many("entra")), 1)
        self.assertEqual(self.requests(), 1)

    def test_many_processes_at_once_make_one_request_for_a_managed_identity(self):
        self.credentials("imds")
        self.assertEqual(len(self.start_many("imds")), 1)
        self.assertEqual(self.emulator.requests("imds")["token"], 1)

    def test_many_processes_at_once_make_one_request_for_the_default_chain(self):
        self.credentials("default")
        self.assertEqual(len(self.start_many("entra")), 1)
        self.assertEqual(self.requests(), 1)

    def test_a_second_process_asks_nobody(self):
        first = self.token()
        self.assertEqual(self.token(), first)
        self.assertEqual(self.requests(), 1)

    def test_refresh_asks_again(self):
        self.token()
        self.token("--refresh")
        self.assertEqual(self.requests(), 2)

    def test_another_scope_is_another_token(self):
        first = self.token()
        self.assertNotEqual(self.token("--scope", "https://vault.azure.net/.default"), first)
        self.assertEqual(self.requests(), 2)

    def test_another_identity_in_the_environment_is_not_answered_from_the_cache(self):
        first = self.token()
        other = self.emulator.application("legacy-client")
        second = self.token(AZURE_CLIENT_ID=other["client_id"],
                            AZURE_CLIENT_SECRET=other["client_secret"])
        self.assertNotEqual(second, first)
        self.assertEqual(self.requests(), 2)

    def test_a_token_that_is_about_to_expire_is_not_handed_out(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=60)
        self.token()
        self.emulator.clear_faults()
        self.token()
        self.assertEqual(self.requests(), 2)

    def test_five_minutes_are_the_edge(self):
        for seconds, requests in ((310, 1), (290, 2)):
            with self.subTest(seconds=seconds):
                self.emulator.clear_requests()
                self.emulator.clear_faults()
                self.emulator.fault(service="entra", action="expires_in", seconds=seconds)
                self.token("--scope", "https://vault.azure.net/.default", "--refresh")
                self.token("--scope", "https://vault.azure.net/.default")
                self.assertEqual(self.requests(), requests)

    def test_across_the_edge_no_token_is_handed_out_that_has_ended(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=2, count=1)
        first = self.token()
        self.emulator.fault(service="entra", action="status", status=503)
        self.addCleanup(self.emulator.clear_faults)
        self.assertEqual(self.token("--timeout", "1s"), first)  # nothing better is to be had
        time.sleep(2)
        process = self.start("token", "--timeout", "1s")
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (75, ""), err)
        self.emulator.clear_faults()
        self.assertNotEqual(self.token(), first)

    def test_nothing_better_to_be_had_the_old_one_is_used(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=120)
        first = self.token()
        self.emulator.clear_faults()
        self.emulator.fault(service="entra", action="status", status=503)
        self.addCleanup(self.emulator.clear_faults)
        self.assertEqual(self.token("--timeout", "5s"), first)

    def test_a_damaged_cache_is_no_obstacle(self):
        self.token()
        files = [p for p in self.home.rglob("*") if p.is_file() and "tokens" in p.parts
                 and p.stat().st_size > 0]
        self.assertGreater(len(files), 0)
        for path in files:
            path.write_bytes(path.read_bytes()[:-40])
        self.token()
        self.assertEqual(self.requests(), 2)

    def test_a_refused_login_gets_one_fresh_token_and_the_mail_goes(self):
        self.token()
        self.emulator.fault(service="smtp", step="credentials", action="reply", count=1,
                            reply="535 5.7.3 Authentication unsuccessful")
        process = self.start("send", "--to", "u@example.com", "--subject", "x", "--text", "x")
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.requests(), 2)
        self.assertEqual(len(self.emulator.messages()), 1)


if __name__ == "__main__":
    unittest.main()
