# SPDX-License-Identifier: MIT
"""Clouds: the one table agrees with the Azure CLI's, and a private cloud has an authority of its own."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import azure_cli
import processes
from program import CloudCase

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "core", "driver",
                     "cloud.c")
NAMES = {"public": "AzureCloud", "usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}
KEYS = {"AUTHORITY_HOST": ("endpoints", "activeDirectory"),
        "RESOURCE_MANAGER": ("endpoints", "resourceManager"),
        "GRAPH": ("endpoints", "microsoftGraphResourceId"),
        "KEY_VAULT_DOMAIN": ("suffixes", "keyvaultDns")}


class Clouds(CloudCase):
    def table(self):
        """{"public": {"AUTHORITY_HOST": "https://...", ...}, ...} of the source."""
        with open(TABLE, encoding="utf-8") as source:
            text = re.sub(r"/\*.*?\*/", "", source.read(), flags=re.S)
        clouds = {}
        for name, body in re.findall(r'\{"(\w+)",\s*\{(.*?)\}\}', text, flags=re.S):
            clouds[name] = dict(re.findall(r'\[CLOUD_(\w+)\] = "([^"]*)"', body))
        return clouds

    def test_the_table_is_that_of_the_azure_cli(self):
        program = azure_cli.find()
        if not program:
            self.skipTest("az is missing")
        with tempfile.TemporaryDirectory() as folder:
            # The list is part of the program; nobody is asked.
            done = subprocess.run([program, "cloud", "list", "--output", "json"], check=True,
                                  capture_output=True, text=True, cwd="/",
                                  env={"PATH": "/usr/bin:/bin", "HOME": folder,
                                       "AZURE_CONFIG_DIR": folder,
                                       "AZURE_CORE_COLLECT_TELEMETRY": "no",
                                       "HTTPS_PROXY": "http://127.0.0.1:9"})
        theirs = {cloud["name"]: cloud for cloud in json.loads(done.stdout)}
        ours = self.table()
        self.assertEqual(set(ours), set(NAMES))
        for name, cloud in ours.items():
            for key, (group, member) in KEYS.items():
                with self.subTest(cloud=name, key=key):
                    value = theirs[NAMES[name]][group][member]
                    self.assertEqual(cloud[key], value.strip("/").lstrip("."))

    def private(self, **more):
        return dict({"base": "usgov", "authority_host": self.emulator.endpoints["authority_host"],
                     "ca_file": self.emulator.endpoints["ca_file"]}, **more)

    def token_of(self, profile, *arguments):
        application = self.emulator.application("modern-client")
        return self.program.run("token", "--claims", *arguments, chosen=profile,
                                AZURE_TENANT_ID=self.emulator.endpoints["tenant_id"],
                                AZURE_CLIENT_ID=application["client_id"],
                                AZURE_CLIENT_SECRET=application["client_secret"])

    def test_a_private_cloud_has_an_authority_of_its_own(self):
        done = self.token_of({"cloud": self.private(), "credentials": ["client-secret"]})
        self.assert_code(done, 0)
        self.assertEqual(json.loads(done.stdout)["claims"]["aud"], "https://communication.azure.com")
        self.assertEqual(self.emulator.requests("entra")["token"], 1)

    def test_clouds_do_not_share_tokens(self):
        for base in ("usgov", "china"):
            self.assert_code(self.token_of({"cloud": self.private(base=base),
                                         "credentials": ["client-secret"]}), 0)
        self.assertEqual(self.emulator.requests("entra")["token"], 2)

    def test_a_scope_of_its_own(self):
        done = self.token_of({"cloud": self.private(scope="https://vault.azure.net/.default"),
                           "credentials": ["client-secret"]})
        self.assert_code(done, 0)
        self.assertEqual(json.loads(done.stdout)["claims"]["aud"], "https://vault.azure.net")

    def test_where_mail_goes_must_be_said_in_a_cloud_that_does_not_tell(self):
        done = self.send_xoauth2(stdin=self.message())
        self.assert_code(done, 0)
        profile = self.xoauth2(cloud=self.private())
        done = self.program.run("send", chosen=profile, secret=self.token(), stdin=self.message())
        self.assert_code(done, 78)
        self.assertIn("host", done.stderr)

    def test_an_authority_without_tls_is_refused(self):
        done = self.token_of({"cloud": self.private(authority_host="http://login.example"),
                           "credentials": ["client-secret"]})
        self.assert_code(done, 78)
        self.assertIn("authority_host", done.stderr)


if __name__ == "__main__":
    processes.main()
