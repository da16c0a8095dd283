# SPDX-License-Identifier: MIT
"""From an empty subscription to a delivered mail, and back."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import (EMAIL, GROUP, IDENTITY, LEGACY, MODERN, READS, SECRETS, SERVICE, VAULT,
                       ProvisionCase)

STEPS = {"provider-communication", "provider-key-vault", "provider-identity", "resource-group",
         "communication-service", "email-service", "domain", "linked-domain", "sender-legacy",
         "sender-modern", "key-vault", "role-key-vault", "application-legacy",
         "application-modern", "principal-legacy", "principal-modern", "secret-legacy",
         "secret-modern", "identity", "role-legacy", "role-modern", "role-identity",
         "smtp-username-legacy", "smtp-username-modern"}


class Cycle(ProvisionCase):
    def send(self, config, *arguments):
        """A mail with what provisioning has written; a new user name is not known at once."""
        def attempt():
            done = self.acsmtp("send", "--to", "ann@example.com", "--subject", "It works",
                               "--text", "Hello", *arguments, config=config)
            return done if done.returncode == 0 else None
        return processes.wait_for(attempt, 30, "the first mail", pause=0.5)

    def remains(self):
        """The state without what deleting leaves behind by design: registrations, and what the
        provider keeps for recovery."""
        state = self.emulator.state()
        return {name: value for name, value in state.items()
                if name not in ("providers", "deleted_vaults", "deleted_applications",
                                "deleted_principals", "arm_operations")}

    def test_the_whole_cycle(self):
        empty = self.remains()

        # plan: everything is to be created, nothing is.
        done = self.provision("plan", "--detailed-exitcode")
        self.assert_code(done, 2)
        self.assertEqual(self.writes(), [])
        self.assertEqual(self.remains(), empty)
        changes = self.changes()
        self.assertEqual(set(changes.values()), {"create"})
        self.assertLessEqual(STEPS, set(changes) | {"domain-verified"})

        # apply: all of it is there, and the config that it writes sends.
        config = self.home("acsmtp.json")
        self.apply("--write-config", config)
        self.assert_complete()
        self.assert_private(config)
        self.assert_output()
        self.assert_code(self.acsmtp("config", "check", config=config), 0)
        self.send(config)
        self.assertEqual(self.emulator.messages()[0]["recipients"], ["ann@example.com"])

        # apply again: nothing but reads, no new secret.
        versions = {client: self.auditor.secret_versions(client) for client in SECRETS}
        mark = self.mark()
        self.apply()
        self.assertEqual(self.writes(mark), [])
        self.assertTrue(self.sent(mark))
        self.assertEqual(versions, {c: self.auditor.secret_versions(c) for c in SECRETS})
        self.assert_in_step()

        # rotate: other secrets, the config goes on sending.
        self.assert_code(self.provision("rotate", "--rotate-grace", "0s"), 0)
        for client in SECRETS:
            newer = self.auditor.secret_versions(client)
            self.assertEqual(len(newer), len(versions[client]) + 1)
        self.assert_complete()
        self.send(config)
        self.assert_in_step()

        # destroy: the subscription is as empty as before.
        self.destroy()
        self.assertEqual(self.remains(), empty)
        self.assertIsNone(self.auditor.get(self.auditor.group))

    def assert_output(self):
        path = self.home("provision-output.json")
        self.assert_private(path)
        with open(path, encoding="utf-8") as file:
            output = json.load(file)
        self.assertIsInstance(output["schema_version"], int)
        self.assertEqual(output["subscription_id"], self.emulator.endpoints["subscription_id"])
        for key, name in (("resource_group", GROUP), ("communication_service", SERVICE),
                          ("email_service", EMAIL), ("key_vault", VAULT),
                          ("managed_identity", IDENTITY)):
            value = output[key]
            self.assertEqual(value["name"] if isinstance(value, dict) else value, name)

    def test_what_is_kept_for_recovery_goes_with_purge(self):
        empty = self.remains()
        self.apply()
        self.destroy("--purge")
        self.assertEqual(self.remains(), empty)
        self.assertEqual(self.auditor.list(self.auditor.subscription +
                                           "/providers/Microsoft.KeyVault/deletedVaults"), [])
        for kind in ("applications", "principals"):
            self.assertEqual(self.emulator.state(f"deleted_{kind}"), {})

    def test_without_purge_the_next_apply_says_what_stands_in_its_way(self):
        self.apply()
        self.destroy()
        self.assert_code(self.provision("plan"), 0)
        done = self.provision("apply")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("recover_key_vault", done.stderr)
        self.apply("--recover-key-vault")
        self.assert_complete()
        self.assert_in_step()

    def test_what_others_made_is_left_alone(self):
        auditor = self.auditor
        auditor.register("Microsoft.ManagedIdentity")
        auditor.change("PUT", auditor.group, {"location": "eastus"})
        auditor.change("PUT", auditor.resource("Microsoft.ManagedIdentity/userAssignedIdentities",
                                               "someone-elses"), {"location": "eastus"})
        self.apply()
        self.assert_complete()
        self.destroy()
        self.assertIsNotNone(auditor.get(auditor.group))
        left = auditor.list(auditor.group + "/providers/Microsoft.ManagedIdentity/"
                            "userAssignedIdentities")
        self.assertEqual([identity["name"] for identity in left], ["someone-elses"])
        for resource in (auditor.service, auditor.email, auditor.vault):
            self.assertIsNone(auditor.get(resource))

    def test_destroy_of_nothing(self):
        self.destroy()
        self.assertEqual(self.writes(), [])

    def test_dry_run_sends_only_reads(self):
        done = self.provision("apply", "--dry-run")
        self.assertIn(done.returncode, (0, 2), done.stderr)
        self.assertEqual(self.writes(), [])
        self.apply()
        mark = self.mark()
        for operation in ("destroy", "rotate"):
            done = self.provision(operation, "--dry-run")
            self.assertIn(done.returncode, (0, 2), done.stderr)
        self.assertEqual(self.writes(mark), [])
        self.assert_complete()

    def test_show(self):
        self.assertNotIn("modern", self.document("show").get("output", {}).get("modern", {}))
        self.apply()
        with open(self.home("provision-output.json"), encoding="utf-8") as file:
            kept = json.load(file)
        self.assertEqual(self.document("show")["output"], kept)

    def test_the_identity_gets_a_user_name_when_told(self):
        self.settings["identity_username"] = "robot"
        self.apply()
        identity = self.auditor.get(self.auditor.identity)["properties"]
        users = {user.split("@")[0]: bound for user, (_, bound)
                 in self.auditor.smtp_usernames().items()}
        self.assertEqual(users["robot"], identity["clientId"])
        self.assertIn("robot", self.auditor.senders())
        self.assert_in_step()

    def test_every_read_of_a_plan_is_one(self):
        self.provision("plan")
        self.assertEqual({entry["method"] for entry in self.sent()} - set(READS), set())


if __name__ == "__main__":
    processes.main()
