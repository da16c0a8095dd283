# SPDX-License-Identifier: MIT
"""What cannot work is one message with the remedy, the right exit code, and nothing is lost."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import GROUP, SERVICE, VAULT, ProvisionCase

STRANGER = "11111111-2222-3333-4444-555555555555"
USAGE, CANNOT_CREATE, IO, DENIED, CONFIG = 64, 73, 74, 77, 78


class BadInput(ProvisionCase):
    def refused(self, code, *words, operation="apply", flags=(), lines=1):
        """The message names the words and is one line for each step that failed."""
        done = self.provision(operation, *flags)
        self.assert_code(done, code)
        for word in words:
            self.assertIn(word, done.stderr)
        errors = [line for line in done.stderr.splitlines() if line.startswith("acsmtp: ")]
        self.assertLessEqual(len(errors), lines, done.stderr)
        return done

    def give_operator(self, *roles):
        """Instead of being the subscription's Owner."""
        operator, scope = self.emulator.endpoints["operator"]["object_id"], self.emulator.subscription
        self.emulator.revoke(operator, scope)
        for role in roles:
            self.emulator.grant(operator, role, scope)

    # identity and permission

    def test_wrong_subscription(self):
        self.settings["subscription"] = STRANGER
        self.refused(CONFIG, STRANGER, "subscription")
        self.assertEqual(self.writes(), [])

    def test_subscription_that_is_no_id(self):
        self.settings["subscription"] = "my subscription"
        self.refused(CONFIG, "subscription", "my subscription")
        self.assertEqual(self.sent(), [])

    def test_reader(self):
        self.give_operator("Reader")
        self.refused(DENIED, "Contributor", "/write")
        self.assertEqual(self.provision("plan").returncode, 0)

    def test_contributor_may_not_assign_roles(self):
        self.give_operator("Contributor")
        done = self.refused(DENIED, "Microsoft.Authorization/roleAssignments/write",
                            "User Access Administrator", lines=8)
        self.assertIn("Owner", done.stderr)
        # What does not need it stands, and the next apply goes on from there.
        self.assertIsNotNone(self.auditor.get(self.auditor.service))
        self.give_operator("Contributor", "User Access Administrator")
        self.apply()
        self.assert_complete()

    def test_no_role_at_all(self):
        self.give_operator()
        self.refused(CONFIG, "subscription", "role")

    def test_no_graph_permission(self):
        self.emulator.patch({"graph_permissions": None}, "applications", "operator")
        self.refused(DENIED, "Application.ReadWrite.OwnedBy", lines=8)
        self.assertEqual(list(self.emulator.state("applications")), ["operator"])

    def test_expired_operator_secret(self):
        for name in self.emulator.state("applications", "operator", "secrets"):
            self.emulator.patch({"end": 1}, "applications", "operator", "secrets", name)
        self.refused(DENIED, "AADSTS7000222", "expired")

    def test_wrong_operator_secret(self):
        self.program.write("operator-secret", "not-the-secret")
        self.refused(DENIED, "AADSTS7000215")

    # names and places

    def test_name_taken_globally(self):
        for kind, name in (("Microsoft.Communication/CommunicationServices", SERVICE),
                           ("Microsoft.KeyVault/vaults", VAULT)):
            with self.subTest(kind=kind):
                self.reset()
                self.emulator.put(True, "taken_names", f"{kind}/{name}".lower())
                done = self.refused(CONFIG, name, lines=8)
                self.assertRegex(done.stderr, "communication_service|key_vault")

    def test_names_that_a_service_does_not_take(self):
        for option, value in (("key_vault", "kv"), ("key_vault", "kv--x"), ("key_vault", "1vault"),
                              ("key_vault", "a" * 25), ("communication_service", "-acs"),
                              ("communication_service", "a.b"), ("resource_group", "rg."),
                              ("resource_group", "a/b"), ("legacy_username", "a@b"),
                              ("managed_identity", "x"), ("location", "../eastus"),
                              ("custom_domain", "no domain"), ("dns_server", "ns.example"),
                              ("secret_lifetime", "soon")):
            with self.subTest(option=option, value=value):
                self.settings[option] = value
                done = self.refused(CONFIG, option)
                self.assertIn(value, done.stderr)
                del self.settings[option]
        self.assertEqual(self.sent(), [])

    def test_location_that_does_not_exist(self):
        self.settings["location"] = "atlantis"
        done = self.refused(CONFIG, "atlantis", "location", lines=8)
        self.assertNotIn("Segmentation", done.stderr)

    def test_location_of_an_existing_group_cannot_change(self):
        self.apply()
        self.settings["location"] = "westeurope"
        done = self.provision("plan")
        self.assertIn("location", done.stdout + done.stderr)
        self.assertIn("eastus", done.stdout + done.stderr)

    def test_quota(self):
        self.fault(service="arm", method="PUT", match="/senderUsernames/", action="status",
                   status=403, body='{"error":{"code":"QuotaExceeded","message":"The quota of '
                                    'sender usernames is used up."}}')
        self.refused(CONFIG, "QuotaExceeded", "quota", lines=8)
        self.emulator.clear_faults()
        self.apply()
        self.assert_complete()

    def test_user_names_must_differ(self):
        self.settings["modern_username"] = "legacy-client"
        self.refused(CONFIG, "legacy-client", "modern_username")

    # the command line

    def test_flags(self):
        for flags, word in ((("--resource-grup", "x"), "--resource-group"),
                            (("surplus",), "surplus")):
            with self.subTest(flags=flags):
                self.assertIn(word, self.refused(USAGE, operation="plan", flags=flags).stderr)
        self.assertEqual(self.sent(), [])

    def test_destroy_asks(self):
        self.apply()
        done = self.acsmtp("provision", "destroy")
        self.assert_code(done, USAGE)
        self.assertIn("--yes", done.stderr)
        self.assert_complete()

    def test_output_that_cannot_be_written(self):
        os.symlink("/etc/passwd", self.home("link"))
        for path in (self.home("link"), "/nonexistent/folder/output.json"):
            done = self.provision("apply", "--output", path)
            self.assertIn(done.returncode, (CANNOT_CREATE, IO), done.stderr)
            self.assertIn(path, done.stderr)

    def test_config_that_stands_already(self):
        config = self.home("written.json")
        self.apply("--write-config", config)
        with open(config, encoding="utf-8") as file:
            written = json.load(file)
        # The same profile once more is no conflict, another one of that name is.
        self.apply("--write-config", config)
        (profile,) = written["profiles"].values()
        profile["from"] = "somebody@example.org"
        self.program.write("written.json", json.dumps(written))
        done = self.provision("apply", "--write-config", config)
        self.assert_code(done, CANNOT_CREATE)
        self.assertIn(config, done.stderr)
        with open(config, encoding="utf-8") as file:
            self.assertEqual(json.load(file), written)

    def test_group_of_that_name_in_another_deployment(self):
        """Somebody else's key vault of our name in our group is no surprise but a message."""
        auditor = self.auditor
        auditor.register("Microsoft.KeyVault")
        auditor.change("PUT", auditor.group, {"location": "eastus"})
        auditor.change("PUT", auditor.vault, {"location": "eastus", "properties": {
            "tenantId": self.emulator.endpoints["tenant_id"], "accessPolicies": [],
            "enableRbacAuthorization": False, "sku": {"family": "A", "name": "standard"}}})
        done = self.provision("apply")
        if done.returncode != 0:
            self.assertIn(VAULT, done.stderr)
        self.destroy()
        self.assertIsNotNone(auditor.get(auditor.vault), GROUP)


if __name__ == "__main__":
    processes.main()
