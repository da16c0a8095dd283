# SPDX-License-Identifier: MIT
"""The provisioner acs, resource by resource: what it makes and how it finds it again, what it takes
over and what it leaves alone, what becomes of secrets, what it gives back."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import (EMAIL, GROUP, IDENTITY, LEGACY, MAIL_OWNER, MODERN, SECRETS, SERVICE, VAULT,
                       ProvisionCase)

CONFIG, TEMPORARY, DENIED = 78, 75, 77
STEPS = {"provider-communication", "provider-key-vault", "provider-identity", "resource-group",
         "communication-service", "email-service", "domain", "domain-verified", "linked-domain",
         "sender-legacy", "sender-modern", "key-vault", "role-key-vault", "application-legacy",
         "application-modern", "principal-legacy", "principal-modern", "secret-legacy",
         "secret-modern", "identity", "role-legacy", "role-modern", "role-identity",
         "smtp-username-legacy", "smtp-username-modern"}


class AcsCase(ProvisionCase):
    def events(self, operation, *flags, code=0):
        """The steps' events as a machine gets them, in order."""
        done = self.provision(operation, "--json", *flags)
        self.assert_code(done, code)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def output(self, *flags):
        self.apply("--output", self.home("output.json"), *flags)
        with open(self.home("output.json"), encoding="utf-8") as file:
            return json.load(file)

    def refused(self, code, *words, operation="apply", flags=()):
        done = self.provision(operation, *flags)
        self.assert_code(done, code)
        for word in words:
            self.assertIn(word, done.stderr)
        return done


class Making(AcsCase):
    def test_a_plan_of_nothing_names_every_step(self):
        changes = self.document("plan")["changes"]
        self.assertEqual({change["id"] for change in changes}, STEPS)
        self.assertEqual({change["change"] for change in changes}, {"create"})

    def test_the_second_apply_reads_and_keeps_everything(self):
        self.apply()
        mark = self.mark()
        result = self.document("apply", "--output", self.home("output.json"))
        self.assertEqual(self.writes(mark), [])
        self.assertEqual(result["summary"],
                         {"create": 0, "update": 0, "delete": 0, "keep": len(STEPS)})

    def test_a_step_begins_when_those_it_needs_are_done(self):
        needs, done = {}, set()
        for event in self.events("apply", "--output", self.home("output.json")):
            if event["type"] != "step":
                continue
            needs[event["id"]] = set(event.get("needs", ()))
            if event["state"] in ("running", "waiting"):
                self.assertLessEqual(needs[event["id"]], done, event)
            if event["state"] == "done":
                done.add(event["id"])
        self.assertEqual(done, STEPS)

    def test_independent_steps_run_at_the_same_time(self):
        """The two services, each a long operation, take the time of one."""
        self.emulator.patch({"arm_switches": {"lro_ms": 1500 * 1000}})
        events = [e for e in self.events("apply", "--output", self.home("output.json"))
                  if e["type"] == "step" and e["state"] in ("running", "done")]
        order = [(e["id"], e["state"]) for e in events
                 if e["id"] in ("communication-service", "email-service")]
        self.assertEqual({state for _, state in order[:2]}, {"running"}, order)

    def test_output_tells_names_and_ids_but_no_secret(self):
        output = self.output()
        self.assertEqual(output["state"], "complete")
        self.assertEqual((output["resource_group"], output["communication_service"],
                          output["email_service"], output["key_vault"]),
                         (GROUP, SERVICE, EMAIL, VAULT))
        self.assertEqual(output["managed_identity"]["name"], IDENTITY)
        self.assertEqual(output["domain"], "AzureManagedDomain")
        self.assertEqual(output["from_sender_domain"], self.emulator.domain)
        self.assertIs(output["domain_verified"], True)
        self.assertIs(output["domain_linked"], True)
        for role, client in (("legacy", LEGACY), ("modern", MODERN)):
            login = output[role]
            application, = self.auditor.applications()[client]
            self.assertEqual(login["application_id"], application["appId"])
            self.assertEqual(login["object_id"], application["id"])
            self.assertEqual(login["smtp_username"], self.emulator.address(client))
            self.assertEqual(login["sender"], self.emulator.address(client))
            self.assertEqual(login["secret_name"], SECRETS[client])
            self.assertEqual(login["secret_expires"][:19],
                             application["passwordCredentials"][0]["endDateTime"][:19])
            self.assertIn(login["service_principal_id"],
                          self.auditor.role_holders(self.auditor.service, MAIL_OWNER))
            self.assertIsNotNone(self.auditor.get(login["role_assignment_id"]))
            self.assertNotIn(self.auditor.secret(client)["value"], json.dumps(output))
        for key in ("resource_group_id", "communication_service_id", "email_service_id",
                    "domain_id", "key_vault_id", "key_vault_role_assignment_id"):
            self.assertIsNotNone(self.auditor.get(output[key]), key)
        self.assertEqual((output["smtp_host"], output["smtp_port"]),
                         self.emulator.smtp_address)

    def test_first_mail_of_the_written_profile_arrives(self):
        self.apply("--write-config", self.home("written.json"))
        config = self.home("written.json")
        with open(config, encoding="utf-8") as file:
            self.assertNotIn(self.auditor.secret(LEGACY)["value"], file.read())
        processes.wait_for(lambda: self.acsmtp(
            "send", "--to", "ann@example.com", "--subject", "first", "--text", "x",
            config=config).returncode == 0, 30, "the first mail")
        message, = self.emulator.messages()
        self.assertEqual(message["from"], self.emulator.address(LEGACY))
        self.assertEqual(message["auth"]["username"], self.emulator.address(LEGACY))

    def test_a_literal_secret_of_the_operator_goes_nowhere(self):
        secret = self.credential["client_secret"]
        with open(secret["file"], encoding="utf-8") as file:
            self.credential["client_secret"] = file.read()
        done = self.apply("--json", "--write-config", self.home("written.json"))
        self.assertNotIn(self.credential["client_secret"], done.stdout + done.stderr)
        with open(self.home("written.json"), encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn(self.credential["client_secret"], text)
        self.assertIn('"prompt": true', text)

    def test_another_user_name_is_a_change_of_the_same_resource(self):
        self.apply()
        self.settings["legacy_username"] = "billing"
        self.assertEqual(self.changes(), {"smtp-username-legacy": "update",
                                          "sender-legacy": "create"})
        self.apply()
        self.assertEqual({user.split("@")[0]: name for user, (name, _)
                          in self.auditor.smtp_usernames().items()},
                         {"billing": "acsmtp-legacy", MODERN: "acsmtp-modern"})

    def test_two_deployments_in_one_group(self):
        self.apply()
        self.settings.update(communication_service="second", email_service="second-email",
                             managed_identity="second-identity", key_vault="kv-second")
        self.apply()
        self.destroy()
        del self.settings["email_service"], self.settings["managed_identity"]
        del self.settings["key_vault"]
        self.settings["communication_service"] = SERVICE
        self.assert_in_step()
        self.assert_complete()


class Finding(AcsCase):
    def test_an_existing_group_is_used_and_stays(self):
        self.auditor.change("PUT", self.auditor.group, {"location": "westeurope"})
        self.apply()
        self.assertIn("not made by acsmtp", self.provision("plan", "-v").stdout)
        self.destroy()
        self.assertEqual(self.auditor.get(self.auditor.group)["location"], "westeurope")
        self.assertEqual(self.auditor.list(self.auditor.group + "/resources"), [])

    def test_a_group_that_holds_something_else_stays(self):
        self.apply()
        other = self.auditor.resource("Microsoft.Communication/emailServices", "not-ours")
        self.auditor.change("PUT", other, {"location": "global",
                                           "properties": {"dataLocation": "Europe"}})
        kept = {change["id"]: change.get("reason")
                for change in self.document("plan", "--destroy")["changes"]
                if change["change"] == "keep"}
        self.assertEqual(kept, {"resource-group": "holds resources that acsmtp did not make"})
        self.destroy()
        self.assertEqual([resource["name"] for resource
                          in self.auditor.list(self.auditor.group + "/resources")], ["not-ours"])

    def test_what_cannot_move_is_told(self):
        self.apply()
        self.settings["location"] = "westeurope"
        reasons = {change["id"]: change.get("reason", "")
                   for change in self.document("plan")["changes"]}
        for step in ("resource-group", "key-vault", "identity"):
            self.assertIn("stays in eastus", reasons[step])
        self.assert_in_step()

    def test_other_data_location_of_an_existing_service(self):
        self.apply()
        self.settings["data_location"] = "Europe"
        self.refused(CONFIG, "keeps its data in 'United States'", "data_location",
                     operation="plan")

    def test_a_vault_with_access_policies_is_not_switched(self):
        self.auditor.register("Microsoft.KeyVault")
        self.auditor.change("PUT", self.auditor.group, {"location": "eastus"})
        self.auditor.change("PUT", self.auditor.vault, {"location": "eastus", "properties": {
            "tenantId": self.emulator.endpoints["tenant_id"], "accessPolicies": [],
            "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": False}})
        self.refused(CONFIG, "access policies", "key_vault", operation="plan")

    def test_a_vault_of_somebody_else_lends_a_place(self):
        """Our secrets are taken out of it again, and it stays."""
        self.auditor.register("Microsoft.KeyVault")
        self.auditor.change("PUT", self.auditor.group, {"location": "eastus"})
        self.auditor.change("PUT", self.auditor.vault, {"location": "eastus", "properties": {
            "tenantId": self.emulator.endpoints["tenant_id"],
            "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}})
        self.apply()
        self.assert_complete()
        self.destroy()
        self.assertIsNotNone(self.auditor.get(self.auditor.vault))
        self.assertEqual(self.emulator.state("vaults", VAULT, "secrets"), {})

    def test_a_deleted_vault_is_reported_then_recovered(self):
        self.apply()
        self.destroy()
        self.assertIn("recover_key_vault", self.provision("plan", "-v").stdout)
        self.refused(CONFIG, "recover_key_vault", "purge", VAULT)
        self.apply("--recover-key-vault")
        self.assert_complete()
        self.assert_in_step()

    def test_a_domain_with_another_management(self):
        self.apply()
        self.auditor.change("PUT", self.auditor.email + "/domains/mail.contoso.test", {
            "location": "global",
            "properties": {"domainManagement": "CustomerManagedInExchangeOnline"}})
        self.settings["custom_domain"] = "mail.contoso.test"
        self.refused(CONFIG, "exists as 'CustomerManagedInExchangeOnline'", operation="plan")

    def test_purge_protection_is_switched_on_later(self):
        self.apply()
        self.settings["purge_protection"] = True
        change, = [c for c in self.document("plan")["changes"] if c["change"] != "keep"]
        self.assertEqual(change["differences"], [
            {"path": "properties.enablePurgeProtection", "before": False, "after": True}])
        self.apply()
        self.assertIs(self.auditor.get(self.auditor.vault)["properties"]["enablePurgeProtection"],
                      True)
        self.assert_in_step()

    def test_a_user_name_that_is_bound_by_somebody_else(self):
        self.apply()
        bound = {user: name for user, (name, _) in self.auditor.smtp_usernames().items()}
        user = self.emulator.address(LEGACY)
        self.auditor.change("DELETE", f"{self.auditor.service}/smtpUsernames/{bound[user]}")
        self.auditor.change("PUT", f"{self.auditor.service}/smtpUsernames/somebodys", {
            "properties": {"username": user, "tenantId": self.emulator.endpoints["tenant_id"],
                           "entraApplicationId": "11111111-2222-3333-4444-555555555555"}})
        self.refused(CONFIG, "somebodys", "legacy_username")
        self.destroy()


class Applications(AcsCase):
    def test_without_unique_names_they_are_found_by_tag(self):
        self.fault(service="graph", match="uniqueName=", action="status", status=400,
                   body=json.dumps({"error": {"code": "BadRequest", "message":
                                              "Resource not found for the segment."}}))
        self.apply()
        self.assert_complete()
        self.assert_in_step()
        self.assertEqual({application["uniqueName"] for found
                          in self.auditor.applications().values() for application in found},
                         {None})
        self.destroy()
        self.assertEqual(self.auditor.applications(), {})

    def test_a_namesake_is_somebody_elses(self):
        self.auditor.graph("POST", "/applications", {"displayName": SERVICE + "-legacy",
                                                     "signInAudience": "AzureADMyOrg"})
        self.apply()
        self.assert_complete()
        self.destroy()
        left = self.auditor.graph("GET", "/applications").json()["value"]
        self.assertEqual([a["displayName"] for a in left if a["tags"] == []
                          and a["displayName"].startswith(SERVICE)], [SERVICE + "-legacy"])

    def test_only_their_own_tenant_signs_in(self):
        self.apply()
        for (application,) in self.auditor.applications().values():
            self.assertEqual(application["signInAudience"], "AzureADMyOrg")


class Secrets(AcsCase):
    def keys(self, client):
        application, = self.auditor.applications()[client]
        return [credential["keyId"] for credential in application["passwordCredentials"]]

    def test_the_vault_says_whose_it_is_and_when_it_ends(self):
        self.settings["secret_lifetime"] = "2000h"
        self.apply()
        for client in (LEGACY, MODERN):
            bundle = self.auditor.secret(client)
            application, = self.auditor.applications()[client]
            self.assertEqual(bundle["tags"], {"acsmtp": SERVICE, "keyId": self.keys(client)[0],
                                              "applicationId": application["appId"]})
            self.assertAlmostEqual(bundle["attributes"]["exp"], time.time() + 2000 * 3600,
                                   delta=120)
            self.assertEqual(bundle["contentType"], "text/plain")

    def test_rotate(self):
        self.settings["rotate_grace"] = "1s"
        self.apply()
        before = {client: (self.keys(client), self.auditor.secret(client)["value"])
                  for client in (LEGACY, MODERN)}
        output = self.document("rotate")["output"]
        for client, (keys, value) in before.items():
            after = self.keys(client)
            self.assertEqual(len(after), 1)
            self.assertNotEqual(after, keys)
            self.assertEqual(self.auditor.secret(client)["tags"]["keyId"], after[0])
            self.assertNotEqual(self.auditor.secret(client)["value"], value)
        self.assertNotIn("value", json.dumps(output))
        self.assert_complete()
        self.assert_in_step()

    def test_rotate_of_nothing(self):
        self.refused(CONFIG, "run apply first", operation="rotate")

    def test_rotate_that_is_only_tried(self):
        self.apply()
        mark = self.mark()
        changes = {change["id"] for change in self.document("rotate", "--dry-run")["changes"]
                   if change["change"] != "keep"}
        self.assertEqual(changes, {"secret-legacy", "secret-modern"})
        self.assertEqual(self.writes(mark), [])

    def test_the_vault_does_not_take_it(self):
        """A credential whose text nobody has is taken back; the next apply makes one."""
        self.settings["wait"] = "2s"
        self.fault(service="keyvault", method="PUT", match="/secrets/", action="status",
                   status=403, body=json.dumps({"error": {"code": "Forbidden", "message": "no",
                                                          "innererror": {
                                                              "code": "ForbiddenByFirewall"}}}))
        self.refused(DENIED, "ForbiddenByFirewall")
        for client in (LEGACY, MODERN):
            self.assertEqual(self.keys(client), [])
        self.emulator.clear_faults()
        self.apply()
        self.assert_complete()

    def test_a_reply_to_add_password_that_is_lost(self):
        """The credential was made: the next attempt removes it before it makes another."""
        self.fault(service="graph", method="POST", match="/addPassword", action="drop_after",
                   count=1)
        self.apply()
        self.assert_complete()


class Verifying(AcsCase):
    def test_an_azure_managed_domain_needs_none(self):
        self.apply()
        done = self.provision("verify")
        self.assert_code(done, 0)
        self.assertIn("nothing to do", done.stdout)

    def test_a_domain_that_does_not_exist_yet(self):
        self.settings["custom_domain"] = "mail.contoso.test"
        self.refused(CONFIG, "run apply first", operation="verify")

    def test_from_the_records_to_the_link(self):
        self.settings["custom_domain"] = "mail.contoso.test"
        done = self.provision("apply")
        self.assert_code(done, CONFIG)
        self.assertIn("acsmtp provision verify", done.stderr)
        result = self.document("verify", "--format", "json")
        self.assertEqual({record["type"] for record in result["records"]["records"]
                          if not record.get("advice")} if isinstance(result["records"], dict)
                         else {record["type"] for record in result["records"]}, {"TXT", "CNAME"})
        self.auditor.domain = self.auditor.email + "/domains/mail.contoso.test"
        linked = self.auditor.get(self.auditor.service)["properties"]["linkedDomains"]
        self.assertEqual([domain.lower() for domain in linked], [self.auditor.domain.lower()])
        self.apply()
        self.assert_complete()
        self.assert_in_step()

    def test_only_reads_when_it_is_tried(self):
        self.settings["custom_domain"] = "mail.contoso.test"
        self.provision("apply")
        mark = self.mark()
        self.document("verify", "--dry-run")
        self.assertEqual(self.writes(mark), [])


class Removing(AcsCase):
    def test_the_plan_of_destroy_says_what_to_type(self):
        self.apply()
        result = self.document("plan", "--destroy")
        self.assertEqual(result["confirm"], GROUP)
        self.assertEqual({change["id"] for change in result["changes"]},
                         {step for step in STEPS if not step.startswith("provider-")}
                         - {"domain-verified"})
        self.assertEqual({change["change"] for change in result["changes"]}, {"delete"})

    def test_children_go_first(self):
        self.apply()
        order = [event["id"] for event in self.events("destroy")
                 if event["type"] == "step" and event["state"] == "done"]
        for child, parent in (("smtp-username-legacy", "role-legacy"),
                              ("sender-modern", "domain"), ("linked-domain", "domain"),
                              ("domain", "email-service"), ("role-legacy", "principal-legacy"),
                              ("principal-legacy", "application-legacy"),
                              ("secret-legacy", "key-vault"), ("key-vault", "resource-group"),
                              ("communication-service", "resource-group")):
            self.assertLess(order.index(child), order.index(parent), f"{child}, {parent}")

    def test_a_purge_that_comes_later(self):
        self.apply()
        self.destroy()
        self.assertIn(VAULT, self.emulator.state("deleted_vaults"))
        self.assertEqual(len(self.emulator.state("deleted_applications")), 2)
        self.destroy("--purge")
        self.assertEqual(self.emulator.state("deleted_applications"), {})
        self.apply()
        self.assert_complete()


if __name__ == "__main__":
    processes.main()
