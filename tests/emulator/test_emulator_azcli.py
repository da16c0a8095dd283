# SPDX-License-Identifier: MIT
"""The real Azure CLI, unmodified, works with the emulator through a CONNECT proxy: it signs in, and
makes and removes applications and vaults. Skipped where az is not installed."""

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

    def good(self, *arguments):
        """The JSON that az prints."""
        done = self.az(*arguments, "--output", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def login(self, secret=None, who="modern-client"):
        application = self.emulator.application(who)
        return self.az("login", "--service-principal", "--username", application["client_id"],
                       "--password=" + (secret or application["client_secret"]),
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

    def test_applications(self):
        self.assertEqual(self.login(who="operator").returncode, 0)
        self.emulator.put(0, "graph_switches", "replication_ms")
        made = self.good("ad", "app", "create", "--display-name", "made-by-az",
                         "--sign-in-audience", "AzureADMyOrg")
        principal = self.good("ad", "sp", "create", "--id", made["appId"])
        self.assertEqual(principal["appId"], made["appId"])
        secret = self.good("ad", "app", "credential", "reset", "--id", made["appId"], "--append")
        self.assertIn(secret["password"], [kept["value"] for kept in self.emulator.state(
            "applications", made["id"], "secrets").values()])
        shown = self.good("ad", "sp", "show", "--id", made["appId"])
        self.assertEqual(shown["id"], principal["id"])
        self.good("ad", "app", "delete", "--id", made["appId"])
        self.assertEqual(self.good("ad", "app", "list", "--display-name", "made-by"), [])

    def test_vaults(self):
        self.assertEqual(self.login(who="operator").returncode, 0)
        # az waits half a minute before it asks again, unless it is told otherwise.
        self.emulator.put(0, "keyvault_switches", "dns_ms")
        self.emulator.put(1, "arm_switches", "lro_retry_after")
        names = ("--name", "kv-made-by-az")
        place = ("--resource-group", "rg-acs-smtp")
        made = self.good("keyvault", "create", *names, *place, "--location", "eastus",
                         "--retention-days", "7")
        self.assertEqual((made["properties"]["provisioningState"],
                          made["properties"]["softDeleteRetentionInDays"]), ("Succeeded", 7))
        self.good("keyvault", "set-policy", *names, *place, "--object-id",
                  self.emulator.application("modern-client")["object_id"],
                  "--secret-permissions", "get", "list")
        self.good("keyvault", "delete", *names, *place)
        self.good("keyvault", "recover", *names, "--location", "eastus")
        self.good("keyvault", "delete", *names, *place)
        self.assertEqual([item["name"] for item in self.good("keyvault", "list-deleted")],
                         ["kv-made-by-az"])
        self.good("keyvault", "purge", *names, "--location", "eastus")
        self.assertEqual(self.good("keyvault", "list-deleted"), [])


AZ = shutil.which("az")

if __name__ == "__main__":
    if AZ is None:
        print("az is not installed (package azure-cli)")
        sys.exit(77)
    main()
