# SPDX-License-Identifier: MIT
"""Microsoft.Communication in Resource Manager: services, email services, domains, links, senders
and SMTP user names, and that SMTP believes in them."""

import json
import threading
import uuid

from arm_case import IDENTITY, ArmCase
from case import main

COMMUNICATION = "/providers/Microsoft.Communication"
GLOBAL = {"location": "Global", "properties": {"dataLocation": "United States"}}
VERIFICATIONS = ("Domain", "SPF", "DKIM", "DKIM2", "DMARC")


class MailCase(ArmCase):
    transcript = True

    def setUp(self):
        super().setUp()
        self.register()
        self.make_group()
        self.service = self.group + COMMUNICATION + "/communicationServices/acs-test"
        self.email = self.group + COMMUNICATION + "/emailServices/mail"
        self.managed = self.email + "/domains/AzureManagedDomain"
        self.custom = self.email + "/domains/acs.contoso.net"

    def make(self, *resources):
        for resource in resources:
            body = GLOBAL
            if "/domains/" in resource:
                kind = "AzureManaged" if resource == self.managed else "CustomerManaged"
                body = {"location": "global", "properties": {"domainManagement": kind}}
            self.finish(self.put(resource, body))

    def link(self, *domains):
        return self.patch(self.service, {"properties": {"linkedDomains": list(domains)}})

    def properties(self, resource):
        return self.good(self.get(resource), 200)["properties"]


class Services(MailCase):
    def test_life(self):
        self.emulator.slow()
        reply = self.put(self.service, GLOBAL | {"tags": {"a": "1"}})
        made = self.good(reply, 201)
        self.assertEqual((made["id"], made["name"], made["location"], made["type"], made["tags"]),
                         (self.service, "acs-test", "global",
                          "microsoft.communication/communicationservices", {"a": "1"}))
        self.assertEqual(made["properties"], {"provisioningState": "Accepted",
                                              "dataLocation": "United States"})
        self.refused(self.link(), 409, "ResourceNotReady")
        self.emulator.let_time_pass()
        self.finish(reply)
        self.emulator.put(1000, "time_scale")
        before = self.properties(self.service)
        self.assertEqual(before["hostName"], "acs-test.unitedstates.communication.azure.com")
        again = self.put(self.service, GLOBAL)
        self.assertEqual((again.status, again.json()["tags"]), (201, {}))
        self.finish(again)
        self.assertEqual(self.properties(self.service), before)
        names = [item["name"] for item in self.pages(
            self.group + COMMUNICATION + "/communicationServices")]
        self.assertEqual(names, ["acs-test"])
        self.finish(self.delete(self.service))
        self.refused(self.get(self.service), 404, "ResourceNotFound")
        self.assertEqual(self.delete(self.service).status, 204)

    def test_bad_bodies(self):
        for body, code in (({"properties": {"dataLocation": "Europe"}}, "LocationRequired"),
                           ({"location": "eastus", "properties": {"dataLocation": "Europe"}},
                            "LocationNotAvailableForResourceType"),
                           ({"location": "global"}, "InvalidRequestContent"),
                           ({"location": "global", "properties": {"dataLocation": "Atlantis"}},
                            "InvalidDataLocation")):
            for resource in (self.service, self.email):
                error = self.refused(self.put(resource, body), 400, code)
                if "dataLocation" in error["message"]:
                    self.assertEqual(error["details"][0]["target"], "dataLocation")

    def test_names(self):
        for name in ("x" * 64, "a.b", "a%20b"):
            self.refused(self.put(self.service[:-8] + name, GLOBAL), 400, "InvalidResourceName")
        self.refused(self.put(self.email + "_x", GLOBAL), 400, "InvalidResourceName")

    def test_data_location_is_for_ever(self):
        self.make(self.service, self.email)
        other = {"location": "global", "properties": {"dataLocation": "Europe"}}
        for resource in (self.service, self.email):
            self.refused(self.put(resource, other), 400, "PropertyChangeNotAllowed")

    def test_names_are_unique_in_the_world(self):
        def free(name, kind="Microsoft.Communication/CommunicationServices"):
            return self.good(self.post(
                self.subscription + COMMUNICATION + "/checkNameAvailability",
                {"name": name, "type": kind}), 200)
        self.assertEqual(free("acs-test"), {"nameAvailable": True})
        self.make(self.service)
        self.assertEqual(free("ACS-Test")["reason"], "AlreadyExists")
        self.assertEqual(free("a b")["reason"], "Invalid")
        self.emulator.put(
            True, "taken_names", "microsoft.communication/communicationservices/contoso")
        self.assertFalse(free("Contoso")["nameAvailable"])
        self.refused(self.put(self.service[:-8] + "Contoso", GLOBAL), 409, "NameReservationTaken")
        self.refused(self.post(self.subscription + COMMUNICATION + "/checkNameAvailability",
                               {"name": "x", "type": "Microsoft.KeyVault/vaults"}), 400,
                     "InvalidRequestContent")

    def test_keys(self):
        self.make(self.service)
        keys = self.good(self.post(self.service + "/listKeys"), 200)
        shown = json.loads(self.emulator.transcript()[-1]["response_body"])
        self.assertEqual(shown, dict.fromkeys(keys, "REDACTED"))
        self.assertEqual(keys["primaryConnectionString"],
                         "endpoint=https://acs-test.unitedstates.communication.azure.com/;"
                         "accesskey=" + keys["primaryKey"])
        fresh = self.good(self.post(self.service + "/regenerateKey", {"keyType": "Secondary"}), 200)
        self.assertEqual(fresh["primaryKey"], keys["primaryKey"])
        self.assertNotEqual(fresh["secondaryKey"], keys["secondaryKey"])
        self.refused(self.post(self.service + "/regenerateKey", {"keyType": "Third"}), 400,
                     "InvalidRequestContent")
        self.refused(self.post(self.service + "/lunch"), 405, "MethodNotAllowed")

    def test_put_without_links_takes_them_away(self):
        self.make(self.service, self.email, self.managed)
        self.good(self.link(self.managed), 200)
        self.make(self.service)
        self.assertNotIn("linkedDomains", self.properties(self.service))


class Domains(MailCase):
    def test_managed(self):
        self.make(self.email)
        self.emulator.slow()
        reply = self.put(self.managed, {"location": "global", "properties": {
            "domainManagement": "AzureManaged"}})
        made = self.good(reply, 201)
        self.assertEqual(made["properties"]["provisioningState"], "Accepted")
        self.assertNotIn("mailFromSenderDomain", made["properties"])
        self.emulator.let_time_pass()
        self.finish(reply)
        self.emulator.put(1000, "time_scale")
        properties = self.properties(self.managed)
        self.assertEqual(properties["mailFromSenderDomain"], self.emulator.domain)
        self.assertEqual({name: state["status"] for name, state in
                          properties["verificationStates"].items()},
                         dict.fromkeys(VERIFICATIONS, "Verified"))
        # A second one has a name of its own.
        second = self.email + "2"
        self.make(second)
        self.finish(self.put(second + "/domains/azuremanageddomain", {
            "location": "global", "properties": {"domainManagement": "AzureManaged"}}))
        self.assertRegex(
            self.properties(second + "/domains/AzureManagedDomain")["fromSenderDomain"],
            r"^[0-9a-f-]{36}\.azurecomm\.net$")

    def test_custom(self):
        self.make(self.email, self.custom)
        properties = self.properties(self.custom)
        self.assertEqual(properties["fromSenderDomain"], "acs.contoso.net")
        self.assertEqual(sorted(properties["verificationStates"]), sorted(VERIFICATIONS))
        records = properties["verificationRecords"]
        self.assertEqual(sorted(records), sorted(VERIFICATIONS[:4]))  # none for DMARC
        self.assertEqual((records["SPF"]["name"], records["SPF"]["type"]),
                         ("acs.contoso.net", "TXT"))
        self.assertEqual(records["DKIM2"], {
            "type": "CNAME", "name": "selector2-azurecomm-prod-net._domainkey", "ttl": 3600,
            "value": "selector2-azurecomm-prod-net._domainkey.azurecomm.net"})

    def test_refusals(self):
        self.make(self.email)
        for domain, management, code in (
                ("other", "AzureManaged", "InvalidDomainName"),
                ("contoso.net", "AzureManaged", "InvalidDomainName"),
                ("AzureManagedDomain", "CustomerManaged", "InvalidDomainName"),
                ("a..b", "CustomerManaged", "InvalidDomainName"),
                ("contoso.net", "Mine", "InvalidDomainManagement"),
                ("contoso.net", None, "InvalidRequestContent"),
                ("a_b.net", "CustomerManaged", "InvalidResourceName")):
            body = {"location": "global", "properties": {"domainManagement": management}}
            self.refused(self.put(f"{self.email}/domains/{domain}", body), 400, code)
        missing = self.email + "-not-there/domains/contoso.net"
        body = {"location": "global", "properties": {"domainManagement": "CustomerManaged"}}
        self.refused(self.put(missing, body), 404, "ParentResourceNotFound")
        self.refused(self.get(missing), 404, "ResourceNotFound")

    def test_parent_must_be_ready(self):
        self.emulator.slow()
        reply = self.put(self.email, GLOBAL)
        body = {"location": "global", "properties": {"domainManagement": "AzureManaged"}}
        self.refused(self.put(self.managed, body), 409, "ParentResourceNotReady")
        self.emulator.let_time_pass()
        self.good(self.put(self.managed, body), 201)

    def test_update(self):
        self.make(self.email, self.custom)
        reply = self.patch(self.custom, {"properties": {"userEngagementTracking": "Enabled"},
                                         "tags": {"a": "b"}})
        self.finish(reply)
        body = self.get(self.custom).json()
        self.assertEqual((body["properties"]["userEngagementTracking"], body["tags"]),
                         ("Enabled", {"a": "b"}))

    def status(self, verification):
        return self.properties(self.custom)["verificationStates"][verification]["status"]

    def ask(self, verification, action="initiateVerification"):
        return self.post(f"{self.custom}/{action}", {"verificationType": verification})

    def test_verification(self):
        self.make(self.email, self.custom)
        self.emulator.slow()
        reply = self.ask("Domain")
        self.assertEqual((reply.status, reply.body), (202, b""))
        self.assertIsNone(reply.headers["Azure-AsyncOperation"])
        self.assertIn("/operationStatuses/", reply.headers["Location"])
        self.assertEqual(self.status("Domain"), "VerificationRequested")
        self.finish(reply)
        self.emulator.let_time_pass()
        state = self.properties(self.custom)["verificationStates"]["Domain"]
        self.assertEqual(state, {"status": "Verified", "errorCode": "None"})
        self.assertEqual(self.status("SPF"), "NotStarted")
        self.assertEqual(self.ask("Domain").status, 202)
        self.assertEqual(self.status("Domain"), "Verified")

    def test_verification_that_fails_or_takes_for_ever(self):
        self.make(self.email, self.custom)
        self.switch(verification="VerificationFailed", verification_ms=0)
        self.ask("SPF")
        state = self.properties(self.custom)["verificationStates"]["SPF"]
        self.assertEqual(state, {"status": "VerificationFailed", "errorCode": "DnsRecordNotFound"})
        self.switch(verification="VerificationInProgress")
        self.ask("SPF")
        self.assertEqual(self.status("SPF"), "VerificationInProgress")
        self.emulator.set_verification(self.custom, "SPF", "Verified")
        self.assertEqual(self.status("SPF"), "Verified")

    def test_cancelled_verification(self):
        self.make(self.email, self.custom)
        self.emulator.slow()
        self.ask("DKIM")
        self.assertEqual(self.ask("DKIM", "cancelVerification").status, 202)
        self.assertEqual(self.status("DKIM"), "CancellationRequested")
        self.emulator.let_time_pass()
        self.assertEqual(self.status("DKIM"), "NotStarted")

    def test_verification_type(self):
        self.make(self.email, self.custom)
        for body in ({}, {"verificationType": "MX"}, {"verificationType": 1}):
            self.refused(self.post(self.custom + "/initiateVerification", body), 400,
                         "InvalidVerificationType")
        self.refused(self.post(self.email + "/domains/b.net/initiateVerification",
                               {"verificationType": "SPF"}), 404, "ResourceNotFound")


class Links(MailCase):
    WORDS = "Requested linked domains are not valid"

    def test_link_and_unlink(self):
        self.make(self.service, self.email, self.managed)
        body = self.good(self.link(self.managed), 200)
        self.assertEqual(body["properties"]["linkedDomains"], [self.managed])
        self.assertEqual(body["properties"]["provisioningState"], "Succeeded")
        self.refused(self.delete(self.managed), 409, "DomainIsLinked")
        self.refused(self.delete(self.email), 409, "CannotDeleteResource")
        self.good(self.link(), 200)
        self.finish(self.delete(self.managed))
        self.finish(self.delete(self.email))
        self.assertEqual(self.get(self.email).status, 404)

    def test_deletions_that_are_let_through(self):
        self.make(self.service, self.email, self.managed)
        self.good(self.link(self.managed), 200)
        self.switch(linked_delete="accept", nonempty_delete="accept")
        self.assertEqual(self.delete(self.managed).status, 202)
        self.assertEqual(self.delete(self.email).status, 202)

    def test_what_cannot_be_linked(self):
        self.make(self.service, self.email, self.custom)
        europe = self.email + "-eu"
        self.finish(self.put(europe, {"location": "global",
                                      "properties": {"dataLocation": "Europe"}}))
        self.finish(self.put(europe + "/domains/AzureManagedDomain", {
            "location": "global", "properties": {"domainManagement": "AzureManaged"}}))
        for domains in ([self.custom], [self.managed], ["x"], [self.email], [1],
                        [europe + "/domains/AzureManagedDomain"]):
            error = self.refused(self.link(*domains), 400, "InvalidLinkedDomains")
            self.assertEqual(error, {"code": "InvalidLinkedDomains", "message": self.WORDS})
        self.emulator.set_verification(self.custom, "Domain", "Verified")
        self.good(self.link(self.custom.upper()), 200)

    def test_managed_domain_that_settles_slowly(self):
        self.switch(domain_linkable_ms=86400000)
        self.make(self.service, self.email, self.managed)
        self.refused(self.link(self.managed), 400, "InvalidLinkedDomains")
        self.emulator.let_time_pass()
        self.good(self.link(self.managed), 200)


class Senders(MailCase):
    def setUp(self):
        super().setUp()
        self.make(self.email, self.managed)
        self.senders = self.managed + "/senderUsernames"

    def add(self, name, username=..., **more):
        username = name if username is ... else username
        return self.put(f"{self.senders}/{name}", {"properties": {"username": username, **more}})

    def test_life(self):
        made = self.good(self.add("NoReply", displayName="No Reply"), 200)
        self.assertEqual((made["name"], made["id"], made["properties"]),
                         ("NoReply", self.senders + "/NoReply",
                          {"username": "NoReply", "displayName": "No Reply",
                           "provisioningState": "Succeeded"}))
        self.assertEqual(made["type"],
                         "microsoft.communication/emailservices/domains/senderusernames")
        got = self.good(self.get(self.senders + "/NoReply"), 200)
        self.assertEqual(got, {"id": (self.senders + "/noreply").lower(), "name": "noreply",
                               "type": "emailservices/domains/senderusernames",
                               "properties": {"username": "NoReply", "displayName": "No Reply"}})
        self.assertEqual([item["name"] for item in self.pages(self.senders)],
                         ["donotreply", "noreply"])
        gone = self.delete(self.senders + "/noreply")
        self.assertEqual((gone.status, gone.body), (200, b"null"))
        self.assertEqual(self.delete(self.senders + "/noreply").status, 204)

    def test_donotreply_is_there_already(self):
        self.assertEqual(self.properties(self.senders + "/donotreply")["username"], "DoNotReply")
        self.good(self.add("donotreply", "DoNotReply", displayName="Contoso"), 200)
        self.assertEqual(len(self.pages(self.senders)), 1)

    def test_refusals(self):
        self.refused(self.add("a", None), 400, "InvalidRequestContent")
        for username in ("a@b.net", "a b", "x" * 65, "a\nb"):
            self.refused(self.add("a", username), 400, "InvalidSenderUserName")
        self.refused(self.put(self.custom + "/senderUsernames/a",
                              {"properties": {"username": "a"}}), 404, "ParentResourceNotFound")

    def test_quota(self):
        self.switch(sender_quota=1)
        self.good(self.add("one"), 200)
        self.refused(self.add("two"), 403, "SenderUsernameQuotaExceeded")
        self.good(self.add("one", displayName="again"), 200)

    def test_pages(self):
        for index in range(5):
            self.good(self.add(f"sender-{index}"), 200)
        self.switch(page_size=2)
        self.assertEqual(len(self.pages(self.senders)), 6)


class Races(MailCase):
    def test_everything_at_once(self):
        self.make(self.service, self.email, self.managed)
        failures = []

        def work(index):
            try:
                for step in range(5):
                    name = f"sender-{index}-{step}"
                    self.good(self.put(f"{self.managed}/senderUsernames/{name}",
                                       {"properties": {"username": name}}), 200)
                    self.good(self.patch(self.service, {"tags": {f"t{index}": str(step)}}), 200)
                    smtp = self.smtp()
                    smtp.secure()
                    self.assertStarts(smtp.login("nobody", "secret"), "535")
                    self.good(self.get(self.service), 200)
            except AssertionError as error:
                failures.append(repr(error))
        threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.pages(self.managed + "/senderUsernames")), 31)


class Usernames(MailCase):
    def setUp(self):
        super().setUp()
        self.make(self.service, self.email, self.managed)
        self.good(self.link(self.managed), 200)
        self.tenant = self.emulator.endpoints["tenant_id"]
        self.app = str(uuid.uuid4())

    def add(self, name, username, app=None, tenant=None):
        return self.put(f"{self.service}/smtpUsernames/{name}", {"properties": {
            "username": username, "entraApplicationId": app or self.app,
            "tenantId": tenant or self.tenant}})

    def test_life(self):
        # 200 even when new, and nobody asks whether the application is there
        made = self.good(self.add("TestName", "Robot"), 200)
        self.assertEqual((made["id"], made["name"], made["type"]),
                         (self.service + "/smtpUsernames/TestName", "TestName",
                          "microsoft.communication/communicationservices/smtpusernames"))
        self.assertIn("systemData", made)
        self.assertNotIn("provisioningState", made["properties"])
        got = self.good(self.get(self.service + "/smtpUsernames/TestName"), 200)
        self.assertEqual(got, {
            "id": self.service.lower() + "/SmtpUsernames/testname", "name": "testname",
            "type": "communicationservices/smtpusernames",
            "properties": {"username": "Robot", "entraApplicationId": self.app,
                           "tenantId": self.tenant}})
        other = str(uuid.uuid4())
        self.good(self.add("testname", "Robot", other), 200)
        listed = self.pages(self.service + "/smtpUsernames")
        self.assertEqual([item["properties"]["entraApplicationId"] for item in listed], [other])
        for _ in range(2):
            gone = self.delete(self.service + "/smtpUsernames/TESTNAME")
            self.assertEqual((gone.status, gone.body), (204, b""))
        self.assertEqual(self.get(self.service + "/smtpUsernames").json(), {"value": []})

    def test_refusals(self):
        for name in ("a.b", "a@b", "a_b", "x" * 254):
            self.refused(self.add(name, "robot"), 400, "InvalidResourceName")
        self.refused(self.add("robot", "Robot"), 400, "InvalidSmtpUsername", "must differ")
        self.refused(self.add("robot", "robot@elsewhere.net"), 400, "InvalidSmtpUsername",
                     "not linked")
        self.refused(self.add("a", "robot", app="x"), 400, "InvalidRequestContent")
        self.refused(self.add("a", "robot", tenant="x"), 400, "InvalidRequestContent")
        for missing in ("username", "entraApplicationId", "tenantId"):
            body = {"properties": {"username": "robot", "entraApplicationId": self.app,
                                   "tenantId": self.tenant}}
            del body["properties"][missing]
            error = self.refused(self.put(self.service + "/smtpUsernames/a", body), 400,
                                 "InvalidRequestContent")
            self.assertEqual(error["target"], missing)

    def test_refusals_that_azure_may_not_make(self):
        self.switch(username_equals_name="accept", username_domain="accept")
        self.good(self.add("robot", "robot"), 200)
        self.good(self.add("other", "robot@elsewhere.net"), 200)


class Delivery(MailCase):
    """From the empty subscription to a delivered mail, step by step."""

    def sign_in(self):
        smtp = self.smtp()
        smtp.secure()
        token = self.emulator.token(client_id=self.client, object_id=self.principal)
        return smtp, smtp.xoauth2(self.username, token)

    def assign(self, scope=None):
        name = str(uuid.uuid4())
        path = f"{scope or self.service}/providers/Microsoft.Authorization/roleAssignments/{name}"
        return path, self.put(path, {"properties": {
            "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/"
                                "09976791-48a7-449e-bb21-39d1a415f350",
            "principalId": self.principal, "principalType": "ServicePrincipal"}}, "2022-04-01")

    def test_from_nothing(self):
        self.make(self.service, self.email, self.managed)
        self.good(self.link(self.managed), 200)
        identity = self.group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uami"
        made = self.good(self.put(identity, {"location": "eastus"}, IDENTITY), 201)["properties"]
        self.client, self.principal = made["clientId"], made["principalId"]
        self.username = f"robot@{self.emulator.domain}"
        self.assertStarts(self.sign_in()[1], "535")
        self.refused_because("no application is bound to the user name")

        self.emulator.slow()
        user = self.service + "/smtpUsernames/robot-smtp"
        self.good(self.put(user, {"properties": {
            "username": self.username, "entraApplicationId": self.client,
            "tenantId": self.emulator.endpoints["tenant_id"]}}), 200)
        self.assertStarts(self.sign_in()[1], "535")
        self.emulator.let_time_pass()
        path, reply = self.assign()
        self.good(reply, 201)
        self.assertStarts(self.sign_in()[1], "535")
        self.refused_because("no role on the communication service")

        self.emulator.let_time_pass()
        smtp, reply = self.sign_in()
        self.assertStarts(reply, "235")
        self.assertStarts(smtp.simple("DoNotReply"), "250")
        self.assertStarts(smtp.envelope("news")[0], "550 5.3.5")
        self.good(self.put(self.managed + "/senderUsernames/news",
                           {"properties": {"username": "news"}}), 200)
        self.assertStarts(smtp.simple("news"), "250")
        self.assertEqual(len(self.emulator.messages()), 2)

        self.good(self.link(), 200)
        smtp.say("RSET")
        self.assertStarts(smtp.envelope("news")[0], "550 5.1.7")
        self.good(self.delete(path, "2022-04-01"), 200)
        self.assertStarts(self.sign_in()[1], "535")

    def test_user_name_of_another_service(self):
        self.make(self.service, self.email, self.managed)
        second = self.service + "2"
        self.make(second)
        self.good(self.link(self.managed), 200)
        operator = self.emulator.endpoints["operator"]
        self.client, self.principal = operator["client_id"], operator["object_id"]
        self.username = "robot"
        self.switch(username_ready_ms=0)
        self.good(self.put(second + "/smtpUsernames/robot-smtp", {"properties": {
            "username": "robot", "entraApplicationId": self.client,
            "tenantId": self.emulator.endpoints["tenant_id"]}}), 200)
        smtp, reply = self.sign_in()
        self.assertStarts(reply, "235")
        # The domain is linked to the other service only.
        self.assertStarts(smtp.envelope("DoNotReply")[0], "550 5.1.7")


if __name__ == "__main__":
    main()
