# SPDX-License-Identifier: MIT
"""Resource Manager's door: tokens, api-versions, subscriptions, permissions, bodies; providers,
resource groups, locations and the list of resources."""

import uuid

from arm_case import ARM, COMMUNICATION, RESOURCES, ArmCase
from case import main

SERVICES = "/providers/Microsoft.Communication/communicationServices"
GLOBAL = {"location": "global", "properties": {"dataLocation": "United States"}}


class Door(ArmCase):
    world = "full"

    def test_subscription_and_tenant(self):
        identifier = self.emulator.endpoints["subscription_id"]
        listed = self.get("/subscriptions", "2019-11-01").json()["value"]
        self.assertEqual([item["subscriptionId"] for item in listed], [identifier])
        self.assertEqual(listed[0]["tenantId"], self.emulator.endpoints["tenant_id"])
        one = self.get(self.subscription, "2022-12-01").json()
        self.assertEqual((one["subscriptionId"], one["state"]), (identifier, "Enabled"))
        tenants = self.get("/tenants", "2019-11-01").json()["value"]
        self.assertEqual([t["tenantId"] for t in tenants], [self.emulator.endpoints["tenant_id"]])

    def test_principal_without_roles_sees_nothing(self):
        token = self.emulator.token(audience=ARM, client_id="x", object_id="y")
        self.assertEqual(self.get("/subscriptions", RESOURCES, token=token).json(), {"value": []})
        self.refused(self.get(self.subscription, RESOURCES, token=token), 404,
                     "SubscriptionNotFound")

    def test_tokens(self):
        cases = ((None, "AuthenticationFailed"), ("x", "InvalidAuthenticationToken"),
                 (self.emulator.token("operator"), "InvalidAuthenticationTokenAudience"),
                 (self.emulator.token("operator", audience=ARM, expires_in=-1),
                  "ExpiredAuthenticationToken"),
                 (self.emulator.token("operator", audience=ARM, tenant_id=str(uuid.uuid4())),
                  "InvalidAuthenticationTokenTenant"))
        for token, code in cases:
            reply = self.get("/subscriptions", RESOURCES, token=token)
            self.refused(reply, 401, code)
            self.assertIn("error=\"invalid_token\"", reply.headers["WWW-Authenticate"])
        for audience in (ARM, ARM[:-1], "https://management.core.windows.net/"):
            token = self.emulator.token("operator", audience=audience)
            self.good(self.get("/subscriptions", RESOURCES, token=token), 200)

    def test_api_versions(self):
        for version, code in ((None, "MissingApiVersionParameter"),
                              ("", "MissingApiVersionParameter"),
                              ("1", "InvalidApiVersionParameter"),
                              ("2021-04-02", "InvalidApiVersionParameter")):
            self.refused(self.get("/subscriptions", version), 400, code)
        service = self.emulator.service
        self.refused(self.get(service, "latest"), 400, "InvalidApiVersionParameter")
        self.refused(self.get(service, "2020-01-01"), 400, "NoRegisteredProviderFound",
                     "The supported api-versions are '2020-08-20, ")
        # SMTP user names are younger than the rest of their namespace.
        for version in ("2023-03-31", "2023-04-01", "2025-05-01"):
            self.good(self.get(service, version), 200)
            self.refused(self.get(service + "/smtpUsernames", version), 400,
                         "NoRegisteredProviderFound")
        for version in ("2024-09-01-preview", "2025-05-01-preview", "2025-09-01", "2026-03-18"):
            self.good(self.get(service + "/smtpUsernames", version), 200)

    def test_paths_and_methods(self):
        for path, code in (("/subscriptions/" + str(uuid.uuid4()) + "/resourcegroups",
                            "SubscriptionNotFound"),
                           ("/lunch", "InvalidResourceType"), ("/", "ResourceNotFound"),
                           ("/subscriptions//x//", "SubscriptionNotFound"),
                           ("/subscriptions/a%2Fb", "ResourceNotFound"),
                           (self.subscription + "/providers/Microsoft.Lunch/menus",
                            "InvalidResourceType")):
            self.refused(self.get(path, RESOURCES), 404, code)
        self.refused(self.get("/%zz", RESOURCES), 400, "InvalidRequestUri")
        self.refused(self.put("/subscriptions", {}, RESOURCES), 405, "MethodNotAllowed")
        self.refused(self.patch(self.emulator.service + "/smtpUsernames/legacy-smtp", {}), 405,
                     "MethodNotAllowed")

    def test_ids_are_found_in_any_case(self):
        plain = self.get(self.emulator.service).json()
        self.assertEqual(self.get(self.emulator.service.upper()).json(), plain)
        self.assertEqual(plain["name"], "acs-smtp-poc")

    def test_headers(self):
        reply = self.get(self.subscription, RESOURCES, headers={
            "x-ms-client-request-id": "abc", "x-ms-return-client-request-id": "true"})
        self.assertEqual(reply.headers["x-ms-client-request-id"], "abc")
        self.assertEqual(reply.headers["x-ms-ratelimit-remaining-subscription-global-reads"],
                         "16499")
        self.assertRegex(reply.headers["x-ms-request-id"], "^[0-9a-f-]{36}$")
        self.assertIsNone(reply.headers["Retry-After"])


class Permissions(ArmCase):
    world = "full"

    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        for scope in (self.emulator.service, self.emulator.vault()):
            self.emulator.revoke(self.client["object_id"], scope)
        self.token = self.emulator.token("modern-client", audience=ARM)

    def may(self, role, scope=None):
        """What the client may do with the role: read, write, delete, assign."""
        name = self.emulator.grant(self.client["object_id"], role, scope or self.subscription)
        group = self.subscription + "/resourceGroups/rg-of-role"
        assignment = (self.emulator.group + "/providers/Microsoft.Authorization/roleAssignments/"
                      + str(uuid.uuid4()))
        body = {"properties": {"principalId": self.client["object_id"],
                               "roleDefinitionId": "/x/" + "acdd72a7-3385-48ef-bd42-f606fba81ae7"}}
        calls = {"read": self.get(self.emulator.service),
                 "write": self.patch(self.emulator.service, {"tags": {}}),
                 "group": self.put(group, {"location": "eastus"}, RESOURCES),
                 "assign": self.put(assignment, body, "2022-04-01"),
                 "unassign": self.delete(assignment, "2022-04-01")}
        self.emulator.remove("role_assignments", name)
        for reply in calls.values():
            if reply.status >= 300:
                self.refused(reply, 403, "AuthorizationFailed")
        return {verb for verb, reply in calls.items() if reply.status < 300}

    def test_refusal_names_everything(self):
        error = self.refused(self.patch(self.emulator.service, {}), 403, "AuthorizationFailed")
        for word in (f"client '{self.client['client_id']}'",
                     f"object id '{self.client['object_id']}'",
                     "action 'Microsoft.Communication/communicationServices/write'",
                     f"scope '{self.emulator.service}'"):
            self.assertIn(word, error["message"])

    def test_actions_of_calls(self):
        group, service = self.emulator.group, self.emulator.service
        for reply, action in (
                (self.get(group + SERVICES), "Microsoft.Communication/communicationServices/read"),
                (self.delete(service + "/smtpUsernames/x"),
                 "Microsoft.Communication/communicationServices/smtpUsernames/delete"),
                (self.post(service + "/listKeys"),
                 "Microsoft.Communication/communicationServices/listKeys/action"),
                (self.post(self.subscription + "/providers/Microsoft.KeyVault/register", None,
                           RESOURCES), "Microsoft.KeyVault/register/action"),
                (self.get(group + "/resources", RESOURCES),
                 "Microsoft.Resources/subscriptions/resourceGroups/resources/read"),
                (self.put(group, {"location": "eastus"}, RESOURCES),
                 "Microsoft.Resources/subscriptions/resourceGroups/write")):
            self.refused(reply, 403, "AuthorizationFailed", f"action '{action}'")

    def test_roles(self):
        everything = {"read", "write", "group", "assign", "unassign"}
        self.assertEqual(self.may("Owner"), everything)
        self.assertEqual(self.may("Contributor"), {"read", "write", "group"})
        self.assertEqual(self.may("Reader"), {"read"})
        self.assertEqual(self.may("User Access Administrator"), {"read", "assign", "unassign"})
        self.assertEqual(self.may("Communication and Email Service Owner"), {"read", "write"})
        self.assertEqual(self.may("Key Vault Secrets Officer"), set())

    def test_scopes(self):
        self.assertEqual(self.may("Owner", self.emulator.group),
                         {"read", "write", "assign", "unassign"})
        self.assertEqual(self.may("Owner", self.emulator.service), {"read", "write"})
        self.assertEqual(self.may("Owner", self.emulator.service + "2"), set())
        self.assertEqual(self.may("Owner", self.emulator.vault()), set())

    def test_role_not_yet_in_effect(self):
        self.emulator.grant(self.client["object_id"], "Owner", self.subscription, 1 << 60)
        self.refused(self.get(self.emulator.service), 403, "AuthorizationFailed",
                     "If access was recently granted")


class Bodies(ArmCase):
    def test_what_is_no_json_object(self):
        for body in (b"", b"{", b"[]", b"null", b"{} {}", b"\xff", b"[" * 100):
            self.refused(self.call("PUT", self.group, body, RESOURCES), 400,
                         "InvalidRequestContent")

    def test_media_type(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            reply = self.call("PUT", self.group, {"location": "eastus"}, RESOURCES,
                              headers={"Content-Type": kind})
            self.refused(reply, 415, "UnsupportedMediaType")
        reply = self.call("PUT", self.group, {"location": "eastus"}, RESOURCES,
                          headers={"Content-Type": "application/json; charset=utf-8"})
        self.good(reply, 201)

    def test_too_large(self):
        body = {"location": "eastus", "tags": {"a": "x" * (1 << 20)}}
        self.assertEqual(self.put(self.group, body, RESOURCES).status, 413)


class Providers(ArmCase):
    def provider(self, name="Microsoft.Communication"):
        return f"{self.subscription}/providers/{name}"

    def state(self):
        return self.get(self.provider(), RESOURCES).json()["registrationState"]

    def test_registration(self):
        self.emulator.slow()
        self.assertEqual(self.state(), "NotRegistered")
        body = self.good(self.post(self.provider() + "/register", None, RESOURCES), 200)
        self.assertEqual((body["namespace"], body["registrationState"]),
                         ("Microsoft.Communication", "Registering"))
        self.assertEqual(self.state(), "Registering")
        self.emulator.let_time_pass()
        self.assertEqual(self.state(), "Registered")
        consent = {"thirdPartyProviderConsent": {"consentToAuthorization": False}}
        again = self.post(self.provider() + "/register", consent, RESOURCES)
        self.assertEqual(again.json()["registrationState"], "Registered")

    def test_types_and_versions(self):
        types = {item["resourceType"]: item
                 for item in self.get(self.provider(), RESOURCES).json()["resourceTypes"]}
        self.assertIn("2026-03-18", types["communicationServices/smtpUsernames"]["apiVersions"])
        self.assertNotIn("2023-04-01", types["communicationServices/smtpUsernames"]["apiVersions"])
        listed = self.get(self.subscription + "/providers", RESOURCES).json()["value"]
        self.assertEqual([item["namespace"] for item in listed],
                         ["Microsoft.Communication", "Microsoft.KeyVault",
                          "Microsoft.ManagedIdentity"])

    def test_unknown(self):
        self.refused(self.get(self.provider("Microsoft.Lunch"), RESOURCES), 404,
                     "InvalidResourceNamespace")
        self.refused(self.post(self.provider("Microsoft.Lunch") + "/register", None, RESOURCES),
                     404, "InvalidResourceNamespace")

    def test_unregistered_namespace(self):
        self.make_group()
        service = self.group + SERVICES + "/acs-x"
        self.refused(self.put(service, GLOBAL), 409, "MissingSubscriptionRegistration",
                     "The subscription is not registered to use namespace "
                     "'Microsoft.Communication'")
        self.register("Microsoft.Communication")
        self.good(self.put(service, GLOBAL), 201)


class Groups(ArmCase):
    def test_life(self):
        self.assertEqual(self.call("HEAD", self.group, None, RESOURCES).status, 404)
        self.refused(self.get(self.group, RESOURCES), 404, "ResourceGroupNotFound")
        body = {"location": "eastus", "tags": {"a": "1"}}
        made = self.good(self.put(self.group, body, RESOURCES), 201)
        self.assertEqual((made["id"], made["name"], made["location"], made["tags"]),
                         (self.group, "rg-test", "eastus", {"a": "1"}))
        self.assertEqual(made["properties"], {"provisioningState": "Succeeded"})
        self.assertEqual(self.call("HEAD", self.group, None, RESOURCES).status, 204)
        # A PUT replaces the tags, even with none.
        again = self.good(self.put(self.group, {"location": "East US"}, RESOURCES), 200)
        self.assertEqual(again["tags"], {})
        patched = self.good(self.patch(self.group, {"tags": {"b": "2"}}, RESOURCES), 200)
        self.assertEqual(patched["tags"], {"b": "2"})
        listed = self.get(self.subscription + "/resourcegroups", RESOURCES).json()["value"]
        self.assertEqual([group["name"] for group in listed], ["rg-test"])

    def test_locations(self):
        self.refused(self.put(self.group, {}, RESOURCES), 400, "LocationRequired")
        for location in ("atlantis", "global", "east-us"):
            self.refused(self.put(self.group, {"location": location}, RESOURCES), 400,
                         "LocationNotAvailableForResourceType", f"'{location}'")
        self.make_group()
        self.refused(self.put(self.group, {"location": "westus"}, RESOURCES), 409,
                     "InvalidResourceGroupLocation", "already exists in location 'eastus'")
        known = self.get(self.subscription + "/locations", "2022-12-01").json()["value"]
        self.assertIn("westeurope", [location["name"] for location in known])
        self.assertNotIn("global", [location["name"] for location in known])

    def test_names(self):
        for name in ("x" * 91, "ends.", "a*b", "a%20b", "%C3%A4"):
            self.refused(self.put(self.subscription + "/resourceGroups/" + name,
                                  {"location": "eastus"}, RESOURCES), 400, "InvalidResourceGroup")
        self.good(self.put(self.subscription + "/resourceGroups/a-_.(b)1",
                           {"location": "eastus"}, RESOURCES), 201)

    def test_deletion_takes_everything(self):
        self.register()
        self.make_group()
        service, kept = self.group + SERVICES + "/acs-x", self.group + "2"
        self.good(self.put(kept, {"location": "eastus"}, RESOURCES), 201)
        self.finish(self.put(service, GLOBAL))
        operator = self.emulator.endpoints["operator"]["object_id"]
        self.emulator.grant(operator, "Reader", service)
        self.emulator.slow()
        reply = self.delete(self.group, RESOURCES)
        self.assertEqual((reply.status, reply.body, reply.headers["Retry-After"]), (202, b"", "15"))
        self.assertIn("/operationresults/", reply.headers["Location"])
        self.assertIsNone(reply.headers["Azure-AsyncOperation"])
        body = self.get(self.group, RESOURCES).json()
        self.assertEqual(body["properties"]["provisioningState"], "Deleting")
        self.refused(self.put(self.group, {"location": "eastus"}, RESOURCES), 409,
                     "ResourceGroupBeingDeleted")
        self.refused(self.put(self.group + SERVICES + "/acs-y", GLOBAL), 409,
                     "ResourceGroupBeingDeleted")
        self.emulator.let_time_pass()
        answer, _ = self.finish(reply)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.refused(self.get(self.group, RESOURCES), 404, "ResourceGroupNotFound")
        self.refused(self.get(service), 404, "ResourceGroupNotFound", "'rg-test'")
        self.refused(self.delete(self.group, RESOURCES), 404, "ResourceGroupNotFound")
        scopes = [a["scope"] for a in self.emulator.state("role_assignments").values()]
        self.assertEqual(scopes, [self.subscription])
        self.good(self.get(kept, RESOURCES), 200)

    def test_missing_group(self):
        self.register()
        self.refused(self.put(self.group + SERVICES + "/acs-x", GLOBAL), 404,
                     "ResourceGroupNotFound")


class Resources(ArmCase):
    world = "full"

    def names(self, path):
        return sorted(item["name"] for item in self.pages(path, RESOURCES))

    def test_lists(self):
        expected = ["acs-smtp-poc", "acs-smtp-poc-email", "kv-acs-smtp-poc", "uami-acs-smtp"]
        self.assertEqual(self.names(self.emulator.group + "/resources"), expected)
        self.assertEqual(self.names(self.subscription + "/resources"), expected)
        first = self.get(self.subscription + "/resources", RESOURCES).json()["value"][0]
        self.assertNotIn("properties", first)

    def test_filters(self):
        path = self.subscription + "/resources?$filter="
        self.assertEqual(self.names(path + "resourceType%20eq%20'Microsoft.KeyVault/vaults'"),
                         ["kv-acs-smtp-poc"])
        self.good(self.patch(self.emulator.service, {"tags": {"made-by": "o'hara"}}), 200)
        self.assertEqual(self.names(
            path + "tagName%20eq%20'made-by'%20and%20tagValue%20eq%20'o''hara'"),
                         ["acs-smtp-poc"])
        self.assertEqual(self.names(path + "tagName%20eq%20'other'"), [])
        self.assertEqual(len(self.names(path + "resourceGroup%20eq%20'RG-acs-smtp'")), 4)
        self.assertEqual(self.names(path + "resourceGroup%20eq%20'rg'"), [])
        self.assertEqual(self.names(
            path + "name%20eq%20'uami-acs-smtp'%20and%20location%20eq%20'eastus'"),
                         ["uami-acs-smtp"])
        for text in ("", "lunch%20eq%20'x'", "resourceType%20eq%20x", "resourceType%20eq%20'x",
                     "tagName%20eq%20'a'%20or%20tagName%20eq%20'b'"):
            self.refused(self.get(path + text, RESOURCES), 400, "InvalidFilter")

    def test_pages(self):
        self.switch(page_size=1)
        self.assertEqual(len(self.names(self.subscription + "/resources")), 4)
        first = self.get(self.subscription + "/resources?$filter=resourceType%20eq%20'x'",
                         RESOURCES).json()
        self.assertEqual(first, {"value": []})
        for token in ("x", "", "c2tpcDo5OTk", "c2tpcDow0"):
            self.refused(self.get(self.subscription + "/resources?$skiptoken=" + token, RESOURCES),
                         400, "InvalidSkipToken")

    def test_the_link_keeps_the_filter_and_needs_the_token(self):
        self.switch(page_size=1)
        for tag in (self.emulator.service, self.emulator.email_domain_id.split("/domains")[0]):
            self.good(self.patch(tag, {"tags": {"a b": "c&d"}}))
        path = (self.subscription + "/resources?$filter="
                "tagName%20eq%20'a%20b'%20and%20tagValue%20eq%20'c%26d'")
        self.assertEqual(len(self.names(path)), 2)
        link = self.get(path, RESOURCES).json()["nextLink"]
        self.refused(self.get(link, token=None), 401, "AuthenticationFailed")
        self.assertIn("api-version=" + RESOURCES, link)
        self.assertNotIn(COMMUNICATION, link)


if __name__ == "__main__":
    main()
