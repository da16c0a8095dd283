# SPDX-License-Identifier: MIT
"""Role assignments, role definitions and managed identities in Resource Manager."""

import threading
import uuid

from arm_case import ARM, AUTHORIZATION, IDENTITY, ArmCase
from case import ROLES, VAULT, main

OWNER = "Communication and Email Service Owner"


class RoleCase(ArmCase):
    world = "full"

    def setUp(self):
        super().setUp()
        self.roles = ROLES
        self.principal = self.emulator.application("modern-client")["object_id"]
        self.scope = self.emulator.group

    def path(self, name=None, scope=None):
        return ((scope or self.scope) + "/providers/Microsoft.Authorization/roleAssignments/"
                + (name or str(uuid.uuid4())))

    def assign(self, role="Reader", path=None, principal=None, kind="ServicePrincipal", **more):
        properties = {"roleDefinitionId": self.subscription +
                      "/providers/Microsoft.Authorization/roleDefinitions/" +
                      self.roles.get(role, role),
                      "principalId": principal or self.principal, **more}
        if kind is not None:
            properties["principalType"] = kind
        return self.put(path or self.path(), {"properties": properties}, AUTHORIZATION)

    def listed(self, text="", scope=None):
        path = (scope or self.scope) + "/providers/Microsoft.Authorization/roleAssignments"
        return self.pages(path + (text and "?$filter=" + text.replace(" ", "%20")), AUTHORIZATION)


class Assignments(RoleCase):
    def test_life(self):
        path = self.path()
        made = self.good(self.assign(path=path, description="for tests"), 201)
        self.assertEqual((made["id"], made["name"], made["type"]),
                         (path, path.rsplit("/", 1)[1], "Microsoft.Authorization/roleAssignments"))
        properties = made["properties"]
        self.assertEqual((properties["scope"], properties["principalId"],
                          properties["principalType"], properties["description"]),
                         (self.scope, self.principal, "ServicePrincipal", "for tests"))
        # PUT answers without the subscription, GET with it.
        role = "/providers/Microsoft.Authorization/roleDefinitions/" + self.roles["Reader"]
        self.assertEqual(properties["roleDefinitionId"], role)
        got = self.good(self.get(path, AUTHORIZATION), 200)["properties"]
        self.assertEqual(got["roleDefinitionId"], self.subscription + role)
        self.assertEqual(got["createdBy"], self.emulator.endpoints["operator"]["object_id"])
        self.good(self.assign(path=path), 200)
        gone = self.good(self.delete(path, AUTHORIZATION), 200)
        self.assertEqual(gone["id"], path)
        self.assertEqual(self.delete(path, AUTHORIZATION).status, 204)
        self.refused(self.get(path, AUTHORIZATION), 404, "RoleAssignmentNotFound")

    def test_same_name_other_content(self):
        path = self.path()
        self.good(self.assign(path=path), 201)
        self.refused(self.assign("Owner", path), 400, "RoleAssignmentUpdateNotPermitted",
                     "are not allowed to be updated")
        other = self.emulator.application("legacy-client")["object_id"]
        self.refused(self.assign(path=path, principal=other), 400,
                     "RoleAssignmentUpdateNotPermitted")
        elsewhere = self.path(path.rsplit("/", 1)[1], self.subscription)
        self.refused(self.assign(path=elsewhere), 400, "RoleAssignmentUpdateNotPermitted")
        self.refused(self.get(elsewhere, AUTHORIZATION), 404, "RoleAssignmentNotFound")

    def test_same_content_other_name(self):
        self.good(self.assign(), 201)
        self.refused(self.assign(), 409, "RoleAssignmentExists",
                     "The role assignment already exists.")

    def test_bad_requests(self):
        self.refused(self.assign(path=self.path("x")), 400, "InvalidRoleAssignmentId")
        self.refused(self.assign(str(uuid.uuid4())), 404, "RoleDefinitionDoesNotExist")
        self.refused(self.assign(principal="x"), 400, "InvalidPrincipalId")
        self.refused(self.put(self.path(), {"properties": {"principalId": self.principal}},
                              AUTHORIZATION), 400, "InvalidRequestContent")
        self.refused(self.assign(kind="User"), 400, "UnmatchedPrincipalType")
        self.refused(self.assign(path=self.path(scope=self.emulator.service + "x")), 404,
                     "ResourceNotFound")
        self.refused(self.assign(path=self.path(scope=self.scope + "x")), 404,
                     "ResourceGroupNotFound")

    def test_principals(self):
        self.refused(self.assign(principal=str(uuid.uuid4())), 400, "PrincipalNotFound",
                     "might be related to a replication delay")
        self.good(self.assign(kind=None), 201)
        self.emulator.patch({"principal_ready_ms": 1 << 60}, "applications", "legacy-client")
        fresh = self.emulator.application("legacy-client")["object_id"]
        self.refused(self.assign(principal=fresh, kind=None), 400, "PrincipalNotFound")
        self.switch(principal_check="strict")
        self.refused(self.assign(principal=fresh), 400, "PrincipalNotFound")
        self.switch(principal_check="trusting")
        self.good(self.assign(principal=fresh), 201)

    def test_race_for_one_assignment(self):
        statuses = []

        def work():
            statuses.append(self.assign("Contributor").status)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [201] + [409] * 7)

    def test_filters(self):
        above = self.path(scope=self.subscription)
        below = self.path(scope=self.emulator.service)
        for path in (above, below):
            self.good(self.assign(path=path), 201)
        self.good(self.assign(), 201)
        own = f"principalId eq '{self.principal}'"
        readers = {item["properties"]["scope"] for item in self.listed(own)
                   if item["properties"]["roleDefinitionId"].endswith(self.roles["Reader"])}
        self.assertEqual(readers, {self.subscription, self.scope, self.emulator.service})
        self.assertEqual({item["properties"]["principalId"] for item in self.listed(own)},
                         {self.principal})
        at_scope = [item["properties"]["scope"] for item in self.listed("atScope() and " + own)]
        self.assertEqual(sorted(at_scope), sorted([self.subscription, self.scope]))
        self.assertEqual(len(self.listed(f"assignedTo('{self.principal}')")),
                         len(self.listed(own)))
        self.assertGreater(len(self.listed()), len(self.listed(own)))
        nobody = self.listed(f"principalId eq '{uuid.uuid4()}'")
        self.assertEqual(nobody, [])
        self.switch(page_size=1)
        self.assertEqual(len(self.listed(own)), 5)
        for text in ("lunch()", "principalId eq", "principalId eq 'x' and", "atScope(",
                     "principalId ne 'x'", "principalId  eq 'x' or atScope()"):
            self.refused(self.get(self.scope + "/providers/Microsoft.Authorization/roleAssignments"
                                  "?$filter=" + text.replace(" ", "%20"), AUTHORIZATION), 400,
                         "InvalidFilter")

    def test_propagation_to_the_vault(self):
        legacy = self.emulator.application("legacy-client")["object_id"]
        token = self.emulator.token("legacy-client", audience=VAULT)
        url = self.emulator.vault_url() + "/secrets/expired-secret?api-version=7.4"

        def status():
            return self.emulator.get(url, {"Authorization": "Bearer " + token}).status
        self.assertEqual(status(), 403)
        self.emulator.slow()
        path = self.path(scope=self.emulator.vault())
        self.good(self.assign("Key Vault Secrets User", path, legacy), 201)
        self.assertEqual(status(), 403)
        self.emulator.let_time_pass()
        self.assertEqual(status(), 200)
        self.good(self.delete(path, AUTHORIZATION), 200)
        self.assertEqual(status(), 403)

    def test_owner_has_no_data_role(self):
        token = self.emulator.token("operator", audience=VAULT)
        self.emulator.revoke(self.emulator.endpoints["operator"]["object_id"],
                             self.emulator.vault())
        reply = self.emulator.get(
            self.emulator.vault_url() + "/secrets/expired-secret?api-version=7.4",
            {"Authorization": "Bearer " + token})
        error = reply.json()["error"]
        self.assertEqual((reply.status, error["innererror"]["code"]), (403, "ForbiddenByRbac"))
        self.assertIn(f"Resource: '{self.emulator.vault()}/secrets/expired-secret'",
                      error["message"])


class Definitions(RoleCase):
    def look_up(self, text, scope=None):
        return self.pages((scope or self.scope) + "/providers/Microsoft.Authorization/"
                          "roleDefinitions?$filter=" + text.replace(" ", "%20"), AUTHORIZATION)

    def test_by_name(self):
        for name, identifier in self.roles.items():
            role, = self.look_up(f"roleName eq '{name}'")
            self.assertEqual((role["name"], role["properties"]["roleName"]), (identifier, name))
        self.assertEqual(self.look_up("roleName eq 'Cook'"), [])
        role, = self.look_up(f"roleName eq '{OWNER}' and type eq 'BuiltInRole'")
        self.assertEqual(role["properties"]["type"], "BuiltInRole")
        self.assertIn("Microsoft.Communication/*", role["properties"]["permissions"][0]["actions"])

    def test_by_id(self):
        path = "/providers/Microsoft.Authorization/roleDefinitions/"
        role = self.good(self.get(path + self.roles["Contributor"], AUTHORIZATION), 200)
        self.assertIn("Microsoft.Authorization/*/Write",
                      role["properties"]["permissions"][0]["notActions"])
        self.refused(self.get(path + str(uuid.uuid4()), AUTHORIZATION), 404,
                     "RoleDefinitionDoesNotExist")


class Identities(ArmCase):
    def setUp(self):
        super().setUp()
        self.register()
        self.make_group()
        self.identity = (self.group + "/providers/Microsoft.ManagedIdentity/"
                         "userAssignedIdentities/uami-test")

    def test_life(self):
        body = {"location": "eastus", "tags": {"a": "b"}}
        made = self.good(self.put(self.identity, body, IDENTITY), 201)
        self.assertIn("/resourcegroups/rg-test/", made["id"])
        self.assertEqual((made["name"], made["location"], made["tags"], made["type"]),
                         ("uami-test", "eastus", {"a": "b"},
                          "Microsoft.ManagedIdentity/userAssignedIdentities"))
        self.assertEqual(sorted(made["properties"]), ["clientId", "principalId", "tenantId"])
        again = self.good(self.put(self.identity, body, IDENTITY), 200)
        self.assertEqual(again["properties"], made["properties"])
        patched = self.good(self.patch(self.identity, {"tags": {}}, IDENTITY), 200)
        self.assertEqual(patched["tags"], {})
        self.assertEqual(self.delete(self.identity, IDENTITY).status, 200)
        self.assertEqual(self.delete(self.identity, IDENTITY).status, 204)
        self.refused(self.get(self.identity, IDENTITY), 404, "ResourceNotFound")
        self.assertEqual(self.emulator.state("identities"), {})
        # A new one of the same name is another principal.
        fresh = self.good(self.put(self.identity, body, IDENTITY), 201)
        self.assertNotEqual(fresh["properties"]["principalId"], made["properties"]["principalId"])

    def test_names_and_locations(self):
        for name in ("ab", "-abc", "a.bc", "x" * 129):
            self.refused(self.put(self.identity[:-9] + name, {"location": "eastus"}, IDENTITY), 400,
                         "InvalidResourceName")
        self.refused(self.put(self.identity, {}, IDENTITY), 400, "LocationRequired")

    def test_same_name_in_two_groups(self):
        second = self.group + "-2"
        self.good(self.put(second, {"location": "eastus"}, "2021-04-01"), 201)
        other = self.identity.replace(self.group, second)
        for path in (self.identity, other):
            self.good(self.put(path, {"location": "eastus"}, IDENTITY), 201)
        self.assertEqual(len(self.emulator.state("identities")), 2)
        self.assertEqual(self.delete(other, IDENTITY).status, 200)
        self.assertEqual(list(self.emulator.state("identities")), ["uami-test"])

    def test_role_of_a_new_identity(self):
        self.emulator.slow()
        made = self.good(self.put(self.identity, {"location": "eastus"}, IDENTITY), 201)
        path = (self.group + "/providers/Microsoft.Authorization/roleAssignments/"
                + str(uuid.uuid4()))
        body = {"properties": {"principalId": made["properties"]["principalId"],
                               "roleDefinitionId": "/x/acdd72a7-3385-48ef-bd42-f606fba81ae7"}}
        self.refused(self.put(path, body, AUTHORIZATION), 400, "PrincipalNotFound")
        self.emulator.let_time_pass()
        self.good(self.put(path, body, AUTHORIZATION), 201)
        # The assignment outlives the identity, as in Azure.
        self.delete(self.identity, IDENTITY)
        self.good(self.get(path, AUTHORIZATION), 200)

    def test_metadata_service_gives_its_token_once_assigned(self):
        made = self.good(self.put(self.identity, {"location": "eastus"}, IDENTITY), 201)
        url = (self.emulator.endpoints["imds"] + "/metadata/identity/oauth2/token?"
               f"api-version=2018-02-01&resource={ARM}&client_id={made['properties']['clientId']}")
        self.assertEqual(self.emulator.get(url, {"Metadata": "true"}).status, 400)
        self.emulator.patch({"assigned": True}, "identities", "uami-test")
        reply = self.emulator.get(url, {"Metadata": "true"})
        self.assertEqual(reply.status, 200)
        self.refused(self.get(self.group, "2021-04-01", token=reply.json()["access_token"]), 403,
                     "AuthorizationFailed", made["properties"]["principalId"])


if __name__ == "__main__":
    main()
