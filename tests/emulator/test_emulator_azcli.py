# SPDX-License-Identifier: MIT
"""The real Azure CLI, unmodified, signs in at the emulator through a CONNECT proxy. Skipped where
az is not installed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import case
from case import ACS, VAULT, Case, main

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from emulator import ConnectProxy  # noqa: E402


class AzureCli(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = ConnectProxy.for_emulator(cls.emulator)
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.folder.cleanup()
        super().tearDownClass()

    def az(self, *arguments):
        environment = {
            "PATH": os.environ["PATH"], "HOME": self.folder.name, "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "AZURE_CONFIG_DIR": os.path.join(self.folder.name, "azure"),
            "AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CORE_NO_COLOR": "yes",
            "HTTPS_PROXY": self.proxy.url, "HTTP_PROXY": self.proxy.url, "NO_PROXY": "",
            "REQUESTS_CA_BUNDLE": self.emulator.endpoints["ca_file"]}
        return subprocess.run([AZ, *arguments], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=240)

    def login(self, secret=None):
        modern = self.emulator.application("modern-client")
        return self.az("login", "--service-principal", "--username", modern["client_id"],
                       "--password=" + (secret or modern["client_secret"]),
                       "--tenant", self.emulator.endpoints["tenant_id"], "--output", "json")

    def test_login_and_tokens(self):
        done = self.login()
        self.assertEqual(done.returncode, 0, done.stderr)
        account = json.loads(done.stdout)[0]
        self.assertEqual((account["id"], account["tenantId"]),
                         (self.emulator.endpoints["subscription_id"],
                          self.emulator.endpoints["tenant_id"]))
        done = self.az("account", "get-access-token", "--resource", ACS, "--output", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        token = json.loads(done.stdout)["accessToken"]
        smtp = self.smtp()
        smtp.secure()
        self.assertStarts(smtp.xoauth2(self.emulator.address("modern-client"), token), "235")
        done = self.az("account", "get-access-token", "--resource", VAULT, "--output", "json")
        secret = self.emulator.vault_url() + "/secrets/smtp-legacy-client-secret?api-version=7.4"
        token = json.loads(done.stdout)["accessToken"]
        reply = self.emulator.get(secret, {"Authorization": "Bearer " + token})
        self.assertEqual(reply.status, 200)
        # az also looks for news of itself; what it needs must all have been found here.
        self.assertLessEqual(set(self.proxy.refused), {"CONNECT azure.microsoft.com:443"})

    def test_refusals_reach_the_user(self):
        self.az("account", "clear")
        done = self.login("wrong")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("AADSTS7000215", done.stderr)


AZ = shutil.which("az")

if __name__ == "__main__":
    if AZ is None:
        print("az is not installed (package azure-cli)")
        sys.exit(77)
    main()
