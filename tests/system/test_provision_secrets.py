# SPDX-License-Identifier: MIT
"""The secrets that provisioning makes are in the vault and nowhere else."""

import base64
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import SECRETS, ProvisionCase


def spellings(secret):
    """How it could stand in a text: plain, quoted for a URL, for JSON, in base64 at any offset."""
    raw = secret.encode()
    encoded = [base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)]
    return [raw, urllib.parse.quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(),
            *encoded]


class Secrets(ProvisionCase):
    def setUp(self):
        super().setUp()
        self.outputs = {}
        self.secrets = {self.emulator.endpoints["operator"]["client_secret"]}

    def keep(self, name, done):
        self.assertIn(done.returncode, (0, 2), done.stderr)
        self.outputs[name] = (done.stdout + done.stderr).encode()
        for client in SECRETS:
            value = self.auditor.secret(client).get("value")
            if value:
                self.secrets.add(value)

    def assert_nowhere(self):
        self.assertGreaterEqual(len(self.secrets), 3)
        places = dict(self.outputs)
        for folder, _, names in os.walk(self.program.home):
            for name in names:
                if name != "operator-secret":
                    with open(os.path.join(folder, name), "rb") as file:
                        places[name] = file.read()
        with open(self.emulator.transcript_file, "rb") as file:
            places["the transcript"] = file.read()
        for place, content in places.items():
            for secret in self.secrets:
                for spelling in spellings(secret):
                    self.assertNotIn(spelling, content, f"a secret shows in {place}")

    def test_of_every_operation(self):
        config = self.home("acsmtp.json")
        self.keep("plan", self.provision("plan"))
        self.keep("apply", self.provision("apply", "-vv", "--trace", "--write-config", config))
        self.keep("apply --json", self.provision("apply", "--json", "--trace"))
        self.keep("show", self.provision("show", "--json", "-vv", "--trace"))
        self.keep("rotate", self.provision("rotate", "-vv", "--trace", "--rotate-grace", "0s"))
        self.keep("export", self.provision("export", "--format", "bicep", "--directory",
                                           self.home("bicep")))
        self.keep("verify", self.provision("verify", "--format", "zone"))
        self.assertEqual(len(self.secrets), 5)
        self.keep("destroy", self.provision("destroy", "-vv", "--trace"))
        self.assertGreater(len(self.outputs["apply"]), 10000)
        self.assert_nowhere()

    def test_of_failures(self):
        for service, match in (("graph", "/servicePrincipals"), ("keyvault", "/secrets/"),
                               ("arm", "/smtpUsernames/")):
            self.fault(service=service, match=match, action="status", status=400, count=4,
                       body='{"error":{"code":"BadRequest","message":"no"}}')
            done = self.provision("apply", "-vv", "--trace")
            self.outputs[match] = (done.stdout + done.stderr).encode()
            self.emulator.clear_faults()
        self.keep("apply", self.provision("apply"))
        self.assert_nowhere()

    def test_a_vault_that_repeats_the_secret_is_redacted(self):
        self.fault(service="keyvault", method="PUT", action="drop_after")
        done = self.provision("apply", "-vv", "--trace")
        self.outputs["apply"] = (done.stdout + done.stderr).encode()
        self.emulator.clear_faults()
        self.keep("apply again", self.provision("apply"))
        self.assert_nowhere()


if __name__ == "__main__":
    processes.main()
