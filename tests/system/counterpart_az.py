# SPDX-License-Identifier: MIT
"""acsmtp's azcli plugin against the real Azure CLI: not installed, not logged in, and logged in
against the emulator under Azure's own host names."""

import base64
import json
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import azure_cli
import emulator as emulator_module
import processes
import program as program_module
import samples

SCOPE = "https://communication.azure.com/.default"
EMULATOR = None


def setUpModule():
    global EMULATOR
    binary = os.path.join(program_module.build_folder(), "bin", "acsmtp-emulator")
    processes.need(os.access(binary, os.X_OK), "no acsmtp-emulator in the build folder")
    EMULATOR = emulator_module.Emulator(binary).start()


def tearDownModule():
    if EMULATOR is not None:
        EMULATOR.stop()


class Case(unittest.TestCase):
    def setUp(self):
        self.program = program_module.Program()
        self.addCleanup(self.program.close)
        self.chosen = {"credentials": ["azcli"], "scope": SCOPE}

    def az(self):
        processes.need(azure_cli.find() is not None, "not installed: azure-cli")
        az = azure_cli.AzureCli(EMULATOR).__enter__()
        self.addCleanup(az.__exit__)
        return az

    def token(self, *arguments, **environment):
        return self.program.run("token", *arguments, chosen=self.chosen, **environment)


class NoLogin(Case):
    def test_not_installed(self):
        with tempfile.TemporaryDirectory() as empty:
            done = self.token(PATH=empty)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn("Azure CLI is not installed", done.stderr)

    def test_not_logged_in(self):
        az = self.az()
        done = self.token(**az.environment)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn("az login", done.stderr)


class LoggedIn(Case):
    def setUp(self):
        super().setUp()
        self.cli = self.az()
        self.cli.login("operator")

    def test_token(self):
        began = time.time()
        done = self.token(TZ="America/St_Johns", **self.cli.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        header, payload, _ = done.stdout.strip().split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "==="))
        self.assertEqual(claims["aud"].rstrip("/"), "https://communication.azure.com")
        self.assertEqual(claims.get("appid", claims.get("azp")),
                         EMULATOR.application("operator")["client_id"])
        self.assertTrue(header)
        # The CLI writes local time without a zone: the expiry must be right all the same.
        told = json.loads(self.token("--format", "json", TZ="America/St_Johns",
                                     **self.cli.environment).stdout)
        self.assertAlmostEqual(told["expires_on"], claims["exp"], delta=60)
        self.assertGreater(claims["exp"], began)

    def test_from_the_cache_without_az(self):
        first = self.token(**self.cli.environment)
        self.assertEqual(first.returncode, 0, first.stderr)
        broken = dict(self.cli.environment, HTTPS_PROXY="http://127.0.0.1:1")
        second = self.token(**broken)
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertEqual(first.stdout, second.stdout)

    def test_a_secret_that_has_been_revoked(self):
        client = EMULATOR.state("applications", "operator")
        self.addCleanup(EMULATOR.reset)
        EMULATOR.put(dict(client, enabled=False), "applications", "operator")
        # az keeps a token of the login for Resource Manager, none of this scope.
        done = self.token(**self.cli.environment)
        self.assertIn(done.returncode, (69, 77), done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn("AADSTS", done.stderr)

    def test_send(self):
        user = EMULATOR.address("operator")
        client = EMULATOR.application("operator")
        EMULATOR.bind(user, client["client_id"])
        EMULATOR.add_sender("operator")
        self.addCleanup(EMULATOR.reset)
        self.chosen = {"from": user, "username": user, "credentials": ["imds", "azcli"],
                       "transports": ["smtp-xoauth2"]}
        EMULATOR.patch({"mode": "absent"}, "imds")
        message = samples.SAMPLES["dots"].replace(b"alice@example.org", user.encode())
        done = self.program.run("send", "-v", "--to", "bob@example.org", chosen=self.chosen,
                                stdin=message, ACSMTP_CLOUD=EMULATOR.cloud,
                                **self.cli.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("azcli", done.stderr)
        landed, = EMULATOR.messages()
        self.assertEqual(landed["auth"]["username"], user)
        self.assertEqual(EMULATOR.raw(landed["id"]), program_module.canonical(message))


if __name__ == "__main__":
    processes.main()
