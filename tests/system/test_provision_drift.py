# SPDX-License-Identifier: MIT
"""What is changed by hand is seen by plan and repaired by apply."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision import (LEGACY, MAIL_OWNER, MODERN, SECRETS, ProvisionCase)

STRANGER = "11111111-2222-3333-4444-555555555555"


class Drift(ProvisionCase):
    def drifted(self, steps):
        """plan names exactly these steps and nothing is touched by it; apply repairs them."""
        mark = self.mark()
        done = self.provision("plan", "--detailed-exitcode")
        self.assert_code(done, 2)
        self.assertEqual(self.changes(), steps)
        self.assertEqual(self.writes(mark), [])
        self.apply()
        self.assert_complete()
        self.assert_in_step()
        return done.stdout

    def setUp(self):
        super().setUp()
        self.apply()

    def test_sender_removed(self):
        self.auditor.change("DELETE", f"{self.auditor.domain}/senderUsernames/{LEGACY}")
        self.assertIn("sender " + LEGACY, self.drifted({"sender-legacy": "create"}))

    def test_user_name_bound_to_another_application(self):
        user, (resource, _) = next(item for item in self.auditor.smtp_usernames().items()
                                   if item[0].startswith(MODERN + "@"))
        self.auditor.change("PUT", f"{self.auditor.service}/smtpUsernames/{resource}", {
            "properties": {"username": user, "entraApplicationId": STRANGER,
                           "tenantId": self.emulator.endpoints["tenant_id"]}})
        shown = self.drifted({"smtp-username-modern": "update"})
        self.assertIn(STRANGER, shown)

    def test_user_name_removed(self):
        for user, (resource, _) in self.auditor.smtp_usernames().items():
            if user.startswith(LEGACY + "@"):
                self.auditor.change("DELETE", f"{self.auditor.service}/smtpUsernames/{resource}")
        self.drifted({"smtp-username-legacy": "create"})

    def test_role_removed(self):
        application, = self.auditor.applications()[MODERN]
        principal = self.auditor.graph(
            "GET", f"/servicePrincipals(appId='{application['appId']}')").json()["id"]
        for role in self.auditor.list(self.auditor.service +
                                      "/providers/Microsoft.Authorization/roleAssignments"):
            if role["properties"]["principalId"] == principal:
                self.auditor.change("DELETE", role["id"])
        self.assertNotIn(principal, self.auditor.role_holders(self.auditor.service, MAIL_OWNER))
        self.drifted({"role-modern": "create"})

    def test_domain_unlinked(self):
        self.auditor.change("PATCH", self.auditor.service, {"properties": {"linkedDomains": []}})
        changes = self.changes()
        self.assertIn("linked-domain", changes)
        self.drifted(changes)

    def test_another_linked_domain_stays(self):
        auditor = self.auditor
        group = auditor.subscription + "/resourceGroups/rg-other"
        email = auditor.resource("Microsoft.Communication/emailServices", "other-email", group)
        other = email + "/domains/AzureManagedDomain"
        auditor.change("PUT", group, {"location": "eastus"})
        auditor.change("PUT", email, {"location": "global",
                                      "properties": {"dataLocation": "United States"}})
        auditor.change("PUT", other, {"location": "global",
                                      "properties": {"domainManagement": "AzureManaged"}})
        auditor.change("PATCH", auditor.service, {"properties": {
            "linkedDomains": [other]}})
        self.drifted({"linked-domain": "create"})
        linked = [d.lower() for d in
                  auditor.get(auditor.service)["properties"]["linkedDomains"]]
        self.assertEqual(sorted(linked), sorted([other.lower(), auditor.domain.lower()]))

    def test_what_has_lost_its_mark_is_used_but_not_removed(self):
        self.auditor.change("PATCH", self.auditor.service, {"tags": {"owner": "somebody"}})
        self.assert_in_step()
        self.assertIn("not made by acsmtp", self.provision("plan").stdout)
        self.destroy()
        self.assertEqual(self.auditor.get(self.auditor.service)["tags"], {"owner": "somebody"})
        self.assertIsNone(self.auditor.get(self.auditor.email))

    def test_tags_of_others_stay(self):
        tags = self.auditor.get(self.auditor.email)["tags"]
        self.auditor.change("PATCH", self.auditor.email, {"tags": {**tags, "owner": "somebody"}})
        self.assert_in_step()
        self.apply()
        self.assertEqual(self.auditor.get(self.auditor.email)["tags"]["owner"], "somebody")

    def test_secret_deleted_from_the_vault(self):
        self.auditor.secrets("DELETE", f"/secrets/{SECRETS[LEGACY]}")
        self.drifted({"secret-legacy": "create"})

    def test_secret_in_the_vault_that_somebody_else_wrote(self):
        name = SECRETS[LEGACY]
        self.auditor.secrets("PUT", f"/secrets/{name}", {"value": "not the secret"})
        self.assertEqual(self.changes(), {"secret-legacy": "update"})
        done = self.provision("apply")
        self.assert_code(done, 78)
        self.assertIn(f"'{name}' that acsmtp did not write", done.stderr)
        self.assertEqual(self.auditor.secret(LEGACY)["value"], "not the secret")
        self.auditor.secrets("DELETE", f"/secrets/{name}")
        self.drifted({"secret-legacy": "create"})

    def test_credential_removed_from_the_application(self):
        application, = self.auditor.applications()[LEGACY]
        key, = application["passwordCredentials"]
        self.auditor.graph("POST", f"/applications/{application['id']}/removePassword",
                           {"keyId": key["keyId"]})
        changes = self.changes()
        self.assertEqual(set(changes), {"secret-legacy"})
        self.drifted(changes)

    def test_second_credential_is_not_ours_to_remove(self):
        application, = self.auditor.applications()[LEGACY]
        self.auditor.graph("POST", f"/applications/{application['id']}/addPassword",
                           {"passwordCredential": {"displayName": "of somebody else"}})
        self.assert_in_step()
        self.apply()
        application, = self.auditor.applications()[LEGACY]
        self.assertEqual(len(application["passwordCredentials"]), 2)

    def test_service_principal_deleted(self):
        application, = self.auditor.applications()[LEGACY]
        self.auditor.graph("DELETE", f"/servicePrincipals(appId='{application['appId']}')")
        changes = self.changes()
        self.assertEqual(changes.get("principal-legacy"), "create")
        self.apply()
        self.assert_in_step()
        self.assertEqual(len(self.auditor.applications()[LEGACY]), 1)

    def test_identity_deleted(self):
        self.auditor.change("DELETE", self.auditor.identity)
        changes = self.changes()
        self.assertEqual(changes.get("identity"), "create")
        self.assertEqual(changes.get("role-identity"), "create")
        self.apply()
        self.assert_in_step()
        identity = self.auditor.get(self.auditor.identity)["properties"]["principalId"]
        self.assertIn(identity, self.auditor.role_holders(self.auditor.service, MAIL_OWNER))

    def test_application_deleted(self):
        application, = self.auditor.applications()[MODERN]
        self.auditor.graph("DELETE", f"/applications/{application['id']}")
        changes = self.changes()
        self.assertEqual(changes.get("application-modern"), "create")
        self.apply()
        again, = self.auditor.applications()[MODERN]
        self.assert_signs_in(again["appId"], self.auditor.secret(MODERN)["value"])
        self.assert_in_step()

    def test_group_deleted_from_under_it(self):
        self.auditor.change("DELETE", self.auditor.group)
        changes = self.changes("--recover-key-vault")
        self.assertEqual(changes.get("resource-group"), "create")
        self.apply("--recover-key-vault")
        self.assert_complete()
        self.assert_in_step()

    def test_secret_near_its_end_is_renewed(self):
        before = self.auditor.secret_versions(LEGACY)
        self.settings.update(renew_before="8600h", secret_lifetime="8700h", rotate_grace="0s")
        self.drifted({"secret-legacy": "update", "secret-modern": "update"})
        self.assertEqual(len(self.auditor.secret_versions(LEGACY)), len(before) + 1)

    def test_renewal_leaves_the_old_secret_a_grace(self):
        application, = self.auditor.applications()[LEGACY]
        old = self.auditor.secret(LEGACY)["value"]
        self.settings.update(renew_before="8600h", secret_lifetime="8700h", rotate_grace="1h")
        self.apply()
        self.assert_signs_in(application["appId"], old)
        self.assert_signs_in(application["appId"], self.auditor.secret(LEGACY)["value"])


if __name__ == "__main__":
    processes.main()
