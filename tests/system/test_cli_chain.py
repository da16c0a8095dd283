# SPDX-License-Identifier: MIT
"""acsmtp chain explain: what would be asked and why, without asking; with --probe, what they say."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase


class Chain(CloudCase):
    def explain(self, credentials, *arguments, **more):
        return self.acsmtp("chain", "explain", *arguments,
                           chosen=dict(self.xoauth2(), credentials=credentials), **more)

    def members(self, credentials, *arguments, code=0, **more):
        done = self.explain(credentials, "--json", *arguments, **more)
        self.assert_code(done, code)
        return json.loads(done.stdout)["members"]

    def client_secret(self, **more):
        application = self.emulator.application("modern-client")
        return dict({"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                     "client_id": application["client_id"],
                     "client_secret": {"env": "ACSMTP_TEST_SECRET"}}, **more)

    def secret(self):
        return self.emulator.application("modern-client")["client_secret"]

    def vault(self):
        return {"plugin": "keyvault-basic", "vault": "kv-acs-smtp-poc",
                "secret": "smtp-legacy-client-secret", "username": self.emulator.address("x"),
                "credentials": [self.client_secret()]}

    def test_nobody_is_contacted(self):
        self.emulator.clear_requests()
        self.members(["imds", "default", self.client_secret(), self.vault()], secret=self.secret())
        asked = set(self.emulator.requests()) - {"inbox"}  # the control API itself
        self.assertEqual(asked, set())

    def test_order_depth_and_reasons(self):
        members = self.members(["imds", self.client_secret(on_denied="next", retries=2,
                                                           timeout="10s"),
                                {"plugin": "no-such", "optional": True}, self.vault()],
                               secret=self.secret())
        self.assertEqual([(m["depth"], m["plugin"], m["status"]) for m in members],
                         [(0, "imds", "ok"), (0, "client-secret", "ok"), (0, "no-such", "unavailable"),
                          (0, "keyvault-basic", "ok"), (1, "client-secret", "ok")])
        chosen = members[1]
        self.assertEqual((chosen["next_on_denied"], chosen["next_on_temporary"], chosen["retries"],
                          chosen["timeout_ms"]), (True, False, 2, 10000))
        self.assertIn("within a second", members[0]["reason"])
        self.assertIn("not installed", members[2]["reason"])
        self.assertEqual(members[4]["option"], "credentials")
        self.assertRegex(members[4]["where"], r"config\.json:\d+")

    def test_who_is_isolated(self):
        chain = [{"plugin": "imds", "isolation": "process"}, self.client_secret()]
        members = self.members(chain, secret=self.secret())
        self.assertEqual([member["isolated"] for member in members], [True, False])
        self.assertRegex(self.explain(chain, secret=self.secret()).stdout, r"imds.*\n +policy: isolation=process\n")

    def test_variables_by_name_never_by_value(self):
        done = self.explain([self.client_secret(), "environment"], "--json", secret="canary-value",
                            AZURE_CLIENT_ID="canary-id")
        self.assertNotIn("canary", done.stdout + done.stderr)
        members = json.loads(done.stdout)["members"]
        self.assertIn("ACSMTP_TEST_SECRET", members[0]["variables_set"])
        self.assertIn("AZURE_CLIENT_ID", members[1]["variables_set"])
        self.assertIn("AZURE_TENANT_ID", members[1]["variables_unset"])
        self.assertEqual(members[1]["status"], "unavailable")

    def test_a_variable_that_a_secret_needs_is_missing(self):
        members = self.members([self.client_secret()], code=78)
        self.assertEqual(members[0]["status"], "config")
        self.assertIn("ACSMTP_TEST_SECRET is not set", members[0]["reason"])

    def test_the_default_chain_is_unfolded_as_it_is_selected(self):
        def names(**environment):
            return [member["plugin"] for member in self.members(["default"], **environment)][1:]
        self.assertEqual(names(), ["environment", "workload-identity", "managed-identity", "imds",
                                   "azcli", "azure-powershell", "azd"])
        self.assertEqual(names(AZURE_TOKEN_CREDENTIALS="dev"), ["azcli", "azure-powershell", "azd"])
        self.assertEqual(names(AZURE_TOKEN_CREDENTIALS="AzureCliCredential"), ["azcli"])

    def test_tools_that_are_not_installed(self):
        members = self.members(["azcli", "azd", "azure-powershell", "managed-identity"], code=69,
                               PATH=self.program.home)
        self.assertEqual({member["status"] for member in members}, {"unavailable"})
        self.assertIn("not installed", members[0]["reason"])
        self.assertIn("neither App Service", members[3]["reason"])

    def test_a_probe_asks_everybody_also_behind_one_that_answers(self):
        self.emulator.put("absent", "imds", "mode")
        self.emulator.clear_requests()
        members = self.members(["imds", self.client_secret(), "default", self.vault()], "--probe",
                               secret=self.secret())
        told = {(m["depth"], m["plugin"]): m for m in members}
        self.assertEqual(told[0, "imds"]["status"], "unavailable")
        self.assertEqual(told[0, "client-secret"]["status"], "ok")
        self.assertEqual(told[0, "keyvault-basic"]["status"], "ok")
        self.assertEqual(told[0, "default"]["status"], "unavailable")
        self.assertEqual(told[1, "managed-identity"]["status"], "unavailable")
        for member in members:
            self.assertIn("elapsed_ms", member)
        self.assertEqual(self.emulator.requests("entra")["token"], 2)
        self.assertEqual(self.emulator.requests("keyvault")["get"], 1)
        self.assert_nothing_sent()

    def test_a_probe_tells_a_refusal_with_its_hint(self):
        done = self.explain([self.client_secret()], "--probe", secret="wrong")
        self.assert_code(done, 77)
        self.assertIn("AADSTS7000215", done.stdout)
        self.assertIn("hint: The client secret is wrong.", done.stdout)
        self.assertNotIn("wrong ", done.stdout.split("hint:")[0])

    def test_for_people(self):
        done = self.explain(["imds", self.vault()], secret=self.secret())
        self.assert_code(done, 0)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^imds +asked +")
        self.assertTrue(any(line.startswith("  client-secret") for line in lines), done.stdout)
        self.assertEqual(done.stderr, "")

    def test_wrong_usage(self):
        for arguments in ([], ["explian"], ["explain", "x"], ["explain", "--prob3"]):
            done = self.acsmtp("chain", *arguments, chosen=self.xoauth2())
            self.assert_code(done, 64)
        self.assertIn("explain", self.acsmtp("chain", "explian", chosen=self.xoauth2()).stderr)

    def test_a_profile_without_credentials(self):
        chosen = self.xoauth2()
        del chosen["credentials"]
        self.assert_code(self.acsmtp("chain", "explain", chosen=chosen), 78)


if __name__ == "__main__":
    processes.main()
