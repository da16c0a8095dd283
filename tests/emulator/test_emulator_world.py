# SPDX-License-Identifier: MIT
"""From an empty subscription to a mail, and back, over all services of the emulator: what Graph,
Resource Manager and Key Vault make works at the token endpoint and at SMTP, after its delays."""

import json
import uuid

from arm_case import ARM, AUTHORIZATION
from case import ACS, VAULT, main
from graph_case import GRAPH
from vault_case import KEYVAULT, OFFICER, ROLES, VaultCase

SENDER_ROLE = "Communication and Email Service Owner"


class World(VaultCase):
    def setUp(self):
        super().setUp()
        self.graph_token = self.emulator.token("operator", audience=GRAPH)

    def graph(self, status, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        reply = self.emulator.request(
            method, self.emulator.endpoints["graph"] + "/v1.0" + path,
            {"Authorization": "Bearer " + self.graph_token, "Content-Type": "application/json"},
            data)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json() if reply.body else None

    def eventually(self, status, call):
        """Repeats the call until it answers with the status: its last reply, the codes before."""
        codes = set()

        def good():
            reply = call()
            if reply.status != status:
                codes.add(reply.json()["error"]["code"])
            return reply if reply.status == status else None
        return self.wait(good), codes

    def assign_role(self, scope, role, principal, kind=None):
        properties = {"principalId": principal,
                      "roleDefinitionId": f"{self.subscription}/providers/Microsoft.Authorization/"
                                          f"roleDefinitions/{ROLES[role]}"}
        if kind:
            properties["principalType"] = kind
        name = uuid.uuid5(uuid.NAMESPACE_URL, scope + role + principal)
        return self.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
                        {"properties": properties}, AUTHORIZATION)

    def make_client(self):
        """An application, its service principal and a secret: ids and text."""
        application = self.graph(201, "POST", "/applications", {
            "displayName": "legacy", "signInAudience": "AzureADMyOrg"})

        def principal():
            return self.emulator.request(
                "POST", self.emulator.endpoints["graph"] + "/v1.0/servicePrincipals",
                {"Authorization": "Bearer " + self.graph_token,
                 "Content-Type": "application/json"},
                json.dumps({"appId": application["appId"]}).encode())
        reply, codes = self.eventually(201, principal)
        self.assertLessEqual(codes, {"Request_BadRequest"})
        secret = self.graph(200, "POST", f"/applications/{application['id']}/addPassword", {})
        return application, reply.json(), secret["secretText"]

    def make_service(self):
        """A communication service with a linked domain and the sender DoNotReply."""
        base = f"{self.group}/providers/Microsoft.Communication"
        email, service = f"{base}/emailServices/mail", f"{base}/communicationServices/acs"
        domain = f"{email}/domains/AzureManagedDomain"
        place = {"location": "global", "properties": {"dataLocation": "United States"}}
        for path, body in ((email, place), (service, place), (domain, {
                "location": "global", "properties": {"domainManagement": "AzureManaged"}})):
            reply = self.put(path, body)
            self.good(reply, 201)
            self.finish(reply)
        self.eventually(200, lambda: self.patch(service, {"properties": {
            "linkedDomains": [domain]}}))
        mail = self.good(self.get(domain), 200)["properties"]["mailFromSenderDomain"]
        return service, mail

    def bind(self, service, mail, application):
        username = "legacy@" + mail
        self.good(self.put(f"{service}/smtpUsernames/legacy", {"properties": {
            "username": username, "entraApplicationId": application["appId"],
            "tenantId": self.emulator.endpoints["tenant_id"]}}), 200, 201)
        return username

    def try_login(self, username, secret):
        smtp = self.smtp()
        smtp.secure()
        return smtp, smtp.login(username, secret)

    def login(self, username, secret):
        return self.wait(lambda: (found := self.try_login(username, secret))[1].startswith("235")
                         and found)[0]

    def test_first_mail(self):
        service, mail = self.make_service()
        application, principal, secret = self.make_client()
        self.good(self.assign_role(service, SENDER_ROLE, principal["id"], "ServicePrincipal"), 201)
        username = self.bind(service, mail, application)
        smtp = self.login(username, secret)
        self.assertStarts(smtp.say(f"MAIL FROM:<donotreply@{mail}>"), "250")
        self.assertStarts(smtp.say("RCPT TO:<a@example.com>"), "250")
        self.assertStarts(smtp.say("DATA"), "354")
        smtp.send(f"From: <donotreply@{mail}>\r\n\r\nhello\r\n.\r\n")
        self.assertStarts(smtp.reply(), "250")
        self.assertEqual(self.emulator.messages()[0]["auth"]["client_id"], application["appId"])

    def test_each_deletion_shuts_the_door(self):
        service, mail = self.make_service()
        application, principal, secret = self.make_client()
        self.good(self.assign_role(service, SENDER_ROLE, principal["id"], "ServicePrincipal"), 201)
        username = self.bind(service, mail, application)
        self.login(username, secret)
        second = self.graph(200, "POST", f"/applications/{application['id']}/addPassword", {})
        self.login(username, second["secretText"])
        self.graph(204, "POST", f"/applications/{application['id']}/removePassword",
                   {"keyId": second["keyId"]})
        self.assertStarts(self.try_login(username, second["secretText"])[1], "535")
        self.assertStarts(self.try_login(username, secret)[1], "235")
        self.graph(204, "DELETE", f"/servicePrincipals/{principal['id']}")
        self.assertStarts(self.try_login(username, secret)[1], "535")
        self.graph(200, "POST", f"/directory/deletedItems/{principal['id']}/restore", {})
        self.login(username, secret)
        self.graph(204, "DELETE", f"/applications/{application['id']}")
        self.assertStarts(self.try_login(username, secret)[1], "535")

    def test_principal_is_new(self):
        service, _ = self.make_service()
        self.emulator.put(400 * self.emulator.state("time_scale"), "graph_switches",
                          "principal_replication_ms")
        _, principal, _ = self.make_client()
        reply = self.assign_role(service, SENDER_ROLE, principal["id"])
        self.refused(reply, 400, "PrincipalNotFound")
        _, codes = self.eventually(201, lambda: self.assign_role(service, SENDER_ROLE,
                                                                 principal["id"]))
        self.assertEqual(codes, {"PrincipalNotFound"})
        _, principal, _ = self.make_client()
        self.good(self.assign_role(service, SENDER_ROLE, principal["id"], "ServicePrincipal"), 201)

    def test_secret_by_way_of_the_vault(self):
        self.make_vault(enableRbacAuthorization=True)
        application, principal, secret = self.make_client()
        operator = self.emulator.application("operator")["object_id"]
        self.good(self.assign_role(self.id, OFFICER, operator, "ServicePrincipal"), 201)
        self.until(200, "PUT", "/secrets/legacy-secret", {"value": secret})
        self.good(self.assign_role(self.id, "Key Vault Secrets User", principal["id"],
                                   "ServicePrincipal"), 201)
        endpoints = self.emulator.endpoints

        def token():
            return self.emulator.post_form(
                f"{endpoints['authority_host']}/{endpoints['tenant_id']}/oauth2/v2.0/token",
                {"grant_type": "client_credentials", "client_id": application["appId"],
                 "client_secret": secret, "scope": VAULT + "/.default"})
        answer = self.wait(lambda: (reply := token()).status == 200 and reply)
        bearer = answer.json()["access_token"]
        reply, codes = self.eventually(200, lambda: self.ask("GET", "/secrets/legacy-secret",
                                                             token=bearer))
        self.assertEqual(reply.json()["value"], secret)
        self.assertLessEqual(codes, {"Forbidden"})

    def test_new_application_provisions_too(self):
        """An operator made through Graph may do what a role gives it, and nothing before."""
        application, principal, secret = self.make_client()
        endpoints = self.emulator.endpoints
        token = self.wait(lambda: self.emulator.post_form(
            f"{endpoints['authority_host']}/{endpoints['tenant_id']}/oauth2/v2.0/token",
            {"grant_type": "client_credentials", "client_id": application["appId"],
             "client_secret": secret, "scope": ARM + "/.default"}).json().get("access_token"))
        self.refused(self.put(self.id, self.body(), KEYVAULT, token=token), 403,
                     "AuthorizationFailed", application["appId"])
        self.good(self.assign_role(self.group, "Contributor", principal["id"],
                                   "ServicePrincipal"), 201)
        self.eventually(201, lambda: self.put(self.id, self.body(), KEYVAULT, token=token))

    def test_token_for_mail(self):
        application, principal, _ = self.make_client()
        token = self.emulator.token(client_id=application["appId"], object_id=principal["id"],
                                    audience=ACS)
        service, mail = self.make_service()
        username = self.bind(service, mail, application)
        self.good(self.assign_role(service, SENDER_ROLE, principal["id"], "ServicePrincipal"), 201)

        def reply():
            smtp = self.smtp()
            smtp.secure()
            return smtp.xoauth2(username, token).startswith("235")
        self.wait(reply)


if __name__ == "__main__":
    main()
