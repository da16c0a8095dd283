# SPDX-License-Identifier: MIT
"""What the emulator answers fits Azure's documents, operation by operation, by hand from an empty
subscription and back. What a deployment does not touch is asked for here."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import openapi  # noqa: E402
import provision  # noqa: E402
from emulator import Emulator  # noqa: E402
from openapi_document import documents  # noqa: E402
from processes import wait_for  # noqa: E402
from program import build_folder  # noqa: E402

ASSIGNMENT = "/providers/Microsoft.Authorization/roleAssignments"
SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
GLOBAL = {"location": "global", "properties": {"dataLocation": "United States"}}


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(f"{build_folder()}/bin/acsmtp-emulator", transcript=True,
                                empty=True).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        self.auditor = provision.Auditor(self.emulator)
        self.beginning = self.emulator.transcript_end()

    def good(self, reply, *statuses):
        self.assertIn(reply.status, statuses or (200, 201, 204), reply.body)
        return reply.json() if reply.body else None

    def get(self, path):
        return self.good(self.auditor.arm("GET", path))

    def change(self, method, path, body=None):
        self.auditor.change(method, path, body)

    def assert_answers_fit(self, *seen):
        """And these operations were among those that were asked for."""
        checker = openapi.Checker()
        findings = checker.check(self.emulator.transcript(self.beginning))
        self.assertEqual([str(finding) for finding in findings], [])
        self.assertLessEqual(set(seen), set(checker.seen))

    def make_group(self):
        a = self.auditor
        a.register("Microsoft.Communication", "Microsoft.KeyVault", "Microsoft.ManagedIdentity")
        self.change("PUT", a.group, {"location": "eastus", "tags": {"made-by": "hand"}})

    def test_subscription_and_groups(self):
        a = self.auditor
        self.get(a.subscription)
        self.get("/subscriptions")
        self.get("/tenants")
        self.get(a.subscription + "/locations")
        self.get(a.subscription + "/providers")
        self.make_group()
        self.change("PATCH", a.group, {"tags": {"made-by": "somebody"}})
        self.good(a.arm("HEAD", a.group))
        self.get(a.subscription + "/resourcegroups")
        self.get(a.group + "/resources")
        self.change("DELETE", a.group)
        self.good(a.arm("GET", a.group), 404)
        self.assert_answers_fit("Subscriptions_Get", "Subscriptions_List", "Tenants_List",
                                "Subscriptions_ListLocations", "Providers_List",
                                "Providers_Register", "ResourceGroups_Update",
                                "ResourceGroups_CheckExistence", "ResourceGroups_List",
                                "ResourceGroups_Delete", "Resources_ListByResourceGroup")

    def test_mail(self):
        a = self.auditor
        self.make_group()
        self.good(a.arm("POST", a.subscription + "/providers/Microsoft.Communication"
                        "/checkNameAvailability",
                        {"name": "x", "type": "Microsoft.Communication/CommunicationServices"}))
        self.change("PUT", a.service, GLOBAL)
        self.change("PUT", a.email, GLOBAL)
        self.change("PATCH", a.email, {"tags": {"made-by": "hand"}})
        self.change("PUT", a.domain, {"location": "global",
                                      "properties": {"domainManagement": "AzureManaged"}})
        self.change("PATCH", a.domain, {"properties": {"userEngagementTracking": "Enabled"}})
        self.change("PATCH", a.service, {"properties": {"linkedDomains": [a.domain]}})
        domain = self.get(a.domain)["properties"]["fromSenderDomain"]
        sender, user = a.domain + "/senderUsernames/news", a.service + "/smtpUsernames/news-smtp"
        self.change("PUT", sender, {"properties": {"username": "news", "displayName": "News"}})
        self.change("PUT", user, {"properties": {
            "username": "news@" + domain, "entraApplicationId": provision.MAIL_OWNER,
            "tenantId": self.emulator.endpoints["tenant_id"]}})
        for path in (a.service, a.email, a.domain, sender, user):
            self.get(path)
            self.get(path.rsplit("/", 1)[0])
        for kind in ("communicationServices", "emailServices"):
            self.get(f"{a.subscription}/providers/Microsoft.Communication/{kind}")
        for path in (user, sender):
            self.change("DELETE", path)
        self.change("PATCH", a.service, {"properties": {"linkedDomains": []}})
        for path in (a.domain, a.email, a.service):
            self.change("DELETE", path)
        self.assert_answers_fit("Domains_Update", "EmailServices_Update", "SmtpUsernames_Delete",
                                "SenderUsernames_Delete", "CommunicationServices_Update")

    def test_domain_of_the_customer(self):
        a = self.auditor
        self.make_group()
        self.change("PUT", a.email, GLOBAL)
        domain = a.email + "/domains/mail.contoso.test"
        self.change("PUT", domain, {"location": "global",
                                    "properties": {"domainManagement": "CustomerManaged"}})
        for action, kind in (("initiate", "Domain"), ("initiate", "SPF"), ("cancel", "SPF"),
                             ("initiate", "DKIM")):
            self.change("POST", f"{domain}/{action}Verification", {"verificationType": kind})
            self.get(domain)
        time.sleep(0.2)
        self.get(domain)
        self.assert_answers_fit("Domains_InitiateVerification", "Domains_CancelVerification")

    def test_identity_and_roles(self):
        a = self.auditor
        self.make_group()
        self.change("PUT", a.service, GLOBAL)
        self.change("PUT", a.identity, {"location": "eastus"})
        self.change("PATCH", a.identity, {"tags": {"made-by": "hand"}})
        principal = self.get(a.identity)["properties"]["principalId"]
        role = f"{a.service}{ASSIGNMENT}/11111111-2222-3333-4444-555555555555"
        self.change("PUT", role, {"properties": {
            "roleDefinitionId": f"{a.subscription}/providers/Microsoft.Authorization"
                                f"/roleDefinitions/{provision.MAIL_OWNER}",
            "principalId": principal, "principalType": "ServicePrincipal"}})
        self.get(role)
        self.get(f"{a.service}{ASSIGNMENT}?$filter=principalId%20eq%20'{principal}'")
        definitions = a.service + "/providers/Microsoft.Authorization/roleDefinitions"
        self.get(f"{definitions}?$filter=roleName%20eq%20'Owner'")
        self.get(f"{definitions}/{provision.MAIL_OWNER}")
        kind = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        self.get(a.group + kind)
        self.get(a.subscription + kind)
        self.change("DELETE", role)
        self.change("DELETE", a.identity)
        self.assert_answers_fit("RoleDefinitions_List", "RoleDefinitions_Get",
                                "RoleAssignments_Delete", "UserAssignedIdentities_Update")

    def make_vault(self):
        a = self.auditor
        self.change("PUT", a.vault, {"location": "eastus", "properties": {
            "tenantId": self.emulator.endpoints["tenant_id"], "enableRbacAuthorization": True,
            "sku": {"family": "A", "name": "standard"}}})
        role = f"{a.vault}{ASSIGNMENT}/11111111-2222-3333-4444-666666666666"
        self.change("PUT", role, {"properties": {
            "roleDefinitionId": f"{a.subscription}/providers/Microsoft.Authorization"
                                f"/roleDefinitions/{SECRETS_OFFICER}",
            "principalId": self.emulator.endpoints["operator"]["object_id"],
            "principalType": "ServicePrincipal"}})
        wait_for(lambda: a.secrets("GET", "/secrets").status == 200, 10, "the role at the vault")

    def test_vault(self):
        a = self.auditor
        self.make_group()
        provider = a.subscription + "/providers/Microsoft.KeyVault"
        self.good(a.arm("POST", provider + "/checkNameAvailability",
                        {"name": "x", "type": "Microsoft.KeyVault/vaults"}))
        self.make_vault()
        self.get(a.vault)
        self.get(a.vault.rsplit("/", 1)[0])
        self.get(provider + "/vaults")
        self.change("PATCH", a.vault, {"tags": {"made-by": "hand"}})
        self.change("PUT", a.vault + "/accessPolicies/add", {"properties": {"accessPolicies": [{
            "tenantId": self.emulator.endpoints["tenant_id"], "objectId": provision.MAIL_OWNER,
            "permissions": {"secrets": ["get"]}}]}})
        self.change("DELETE", a.vault)
        self.get(provider + "/deletedVaults")
        bin_entry = f"{provider}/locations/eastus/deletedVaults/{provision.VAULT}"
        self.get(bin_entry)
        self.change("POST", bin_entry + "/purge")
        self.assert_answers_fit("Vaults_CheckNameAvailability", "Vaults_UpdateAccessPolicy",
                                "Vaults_GetDeleted", "Vaults_ListDeleted", "Vaults_PurgeDeleted")

    def test_secrets(self):
        a = self.auditor
        self.make_group()
        self.make_vault()
        made = self.good(a.secrets("PUT", "/secrets/x", {
            "value": "v", "contentType": "text/plain", "tags": {"a": "b"},
            "attributes": {"enabled": True, "exp": 4102444800}}))
        version = made["id"].rsplit("/", 1)[1]
        self.good(a.secrets("PATCH", f"/secrets/x/{version}", {"tags": {"a": "c"}}))
        for path in ("/secrets/x", f"/secrets/x/{version}", "/secrets/x/versions", "/secrets"):
            self.good(a.secrets("GET", path))
        self.good(a.secrets("DELETE", "/secrets/x"))
        wait_for(lambda: a.secrets("GET", "/deletedsecrets/x").status == 200, 10, "the deletion")
        self.good(a.secrets("GET", "/deletedsecrets"))
        self.good(a.secrets("POST", "/deletedsecrets/x/recover"))
        wait_for(lambda: a.secrets("GET", "/secrets/x").status == 200, 10, "the recovery")
        self.good(a.secrets("DELETE", "/secrets/x"))
        wait_for(lambda: a.secrets("DELETE", "/deletedsecrets/x").status == 204, 10, "the purge")
        self.assert_answers_fit("SetSecret", "UpdateSecret", "GetSecretVersions", "DeleteSecret",
                                "GetDeletedSecret", "GetDeletedSecrets", "RecoverDeletedSecret",
                                "PurgeDeletedSecret")

    def test_graph(self):
        graph = self.auditor.graph
        content = {"displayName": "x", "signInAudience": "AzureADMyOrg", "tags": ["a"]}
        self.good(graph("PATCH", "/applications(uniqueName='x')", content,
                        Prefer="create-if-missing"), 201)
        self.good(graph("PATCH", "/applications(uniqueName='x')", content,
                        Prefer="create-if-missing"), 204)
        made = self.good(graph("GET", "/applications(uniqueName='x')"))
        other = self.good(graph("POST", "/applications", content), 201)
        one, by_app = f"/applications/{made['id']}", f"/applications(appId='{made['appId']}')"
        self.good(graph("PATCH", one, {"notes": "by hand"}))
        for path in (one, by_app, "/applications?$filter=displayName%20eq%20'x'&$top=1"):
            self.good(graph("GET", path))
        principal = wait_for(lambda: self.principal(made["appId"]), 10, "the replication")
        for path in ("/servicePrincipals", f"/servicePrincipals/{principal['id']}",
                     f"/servicePrincipals(appId='{made['appId']}')"):
            self.good(graph("GET", path))
        for path in (one, by_app):
            secret = self.good(graph("POST", path + "/addPassword", {"passwordCredential": {
                "displayName": "x", "endDateTime": "2027-01-01T00:00:00Z"}}))
            self.good(graph("POST", path + "/removePassword", {"keyId": secret["keyId"]}), 204)
        self.good(graph("DELETE", f"/servicePrincipals/{principal['id']}"))
        for application in (made, other):
            self.good(graph("DELETE", f"/applications/{application['id']}"))
        bin_entries = "/directory/deletedItems"
        self.good(graph("GET", bin_entries + "/microsoft.graph.application"))
        self.good(graph("GET", f"{bin_entries}/{made['id']}"))
        self.good(graph("POST", f"{bin_entries}/{made['id']}/restore"), 200)
        self.good(graph("DELETE", f"{bin_entries}/{other['id']}"))
        self.assert_answers_fit("Applications_Upsert", "Applications_AddPasswordByAppId",
                                "ServicePrincipals_Create", "DeletedItems_Restore")

    def principal(self, client_id):
        reply = self.auditor.graph("POST", "/servicePrincipals", {"appId": client_id})
        return reply.json() if reply.status == 201 else None

    def test_no_document_is_left_out(self):
        services = {document.service for document in documents().all if document.service}
        self.assertEqual(services, set(openapi.SERVICES))


if __name__ == "__main__":
    unittest.main()
