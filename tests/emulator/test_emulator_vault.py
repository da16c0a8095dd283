# SPDX-License-Identifier: MIT
"""Key Vault's control plane: vaults are made, changed, deleted softly, recovered and purged."""

from arm_case import ARM, AUTHORIZATION
from case import VAULT, main
from vault_case import KEYVAULT, OFFICER, ROLES, VaultCase


class Make(VaultCase):
    def test_registers_its_name_without_headers_of_an_operation(self):
        self.delays(dns_ms=400)
        reply = self.put_vault(tags={"made-by": "acsmtp"}, enableRbacAuthorization=True)
        made = self.good(reply, 201)
        for header in ("Azure-AsyncOperation", "Location", "Retry-After"):
            self.assertIsNone(reply.headers[header], header)
        properties = made["properties"]
        self.assertEqual((made["id"], made["name"], made["type"], made["location"], made["tags"]),
                         (self.id, self.NAME, "Microsoft.KeyVault/vaults", "eastus",
                          {"made-by": "acsmtp"}))
        self.assertEqual(properties["provisioningState"], "RegisteringDns")
        self.assertEqual(properties["vaultUri"], self.emulator.vault_url(self.NAME) + "/")
        self.assertEqual((properties["enableSoftDelete"], properties["softDeleteRetentionInDays"],
                          properties["publicNetworkAccess"], properties["accessPolicies"]),
                         (True, 90, "Enabled", []))
        self.assertNotIn("enablePurgeProtection", properties)
        # Its name cannot be resolved yet.
        self.secret_refused(self.ask("GET", "/secrets"), 404, "VaultNotFound")
        self.wait(lambda: self.properties()["provisioningState"] == "Succeeded")
        self.secret_refused(self.ask("GET", "/secrets"), 403, "Forbidden", "ForbiddenByRbac")

    def test_roles_are_the_default_of_new_versions_only(self):
        for version, expected in (("2026-02-01", True), ("2023-07-01", False)):
            path = f"{self.group}/providers/Microsoft.KeyVault/vaults/kv-of-{version[:4]}"
            self.good(self.put_vault(path, version, accessPolicies=[]), 201)
            self.assertIs(self.properties(path)["enableRbacAuthorization"], expected)
            self.good(self.put_vault(path, version), 200)
            self.assertIs(self.properties(path)["enableRbacAuthorization"], expected)

    def test_update_keeps_the_way_of_access(self):
        self.make_vault(enableRbacAuthorization=False, accessPolicies=[self.policy("get")])
        self.good(self.put_vault(version="2026-02-01"), 200)
        properties = self.properties()
        self.assertIs(properties["enableRbacAuthorization"], False)
        self.assertEqual(len(properties["accessPolicies"]), 1)
        self.good(self.put_vault(enableRbacAuthorization=True), 200)
        self.assertIs(self.properties()["enableRbacAuthorization"], True)

    def test_refused_bodies(self):
        tenant = self.emulator.endpoints["subscription_id"]
        for options, words in (
                ({"tenantId": None}, "tenantId"), ({"tenantId": tenant}, "tenantId"),
                ({"sku": None}, "sku"), ({"sku": {"family": "A", "name": "golden"}}, "sku"),
                ({"sku": {"family": "B", "name": "standard"}}, "sku"),
                ({"softDeleteRetentionInDays": 6}, "softDeleteRetentionInDays"),
                ({"softDeleteRetentionInDays": 91}, "softDeleteRetentionInDays"),
                ({"softDeleteRetentionInDays": "7"}, "softDeleteRetentionInDays"),
                ({"enablePurgeProtection": False}, "enablePurgeProtection"),
                ({"enableSoftDelete": False}, "enableSoftDelete"),
                ({"enableRbacAuthorization": False}, "accessPolicies"),
                ({"accessPolicies": {}}, "accessPolicies"),
                ({"accessPolicies": [{}]}, "tenant"),
                ({"accessPolicies": [{**self.policy("get"), "objectId": "x"}]}, "objectId"),
                ({"accessPolicies": [{**self.policy("get"), "permissions": []}]}, "permissions"),
                ({"accessPolicies": [self.policy("fly")]}, "permissions"),
                ({"enabledForDeployment": "yes"}, "true or false")):
            self.refused(self.put_vault(**options), 400, "BadRequest", words)
        self.refused(self.put(self.id, {"location": "eastus"}, KEYVAULT), 400, "BadRequest",
                     "properties")
        self.refused(self.put(self.id, {"properties": {}}, KEYVAULT), 400, "LocationRequired")
        self.refused(self.put_vault(location="atlantis"), 400,
                     "LocationNotAvailableForResourceType")
        self.assertEqual(self.emulator.state("vaults"), {})

    def test_names(self):
        for name in ("ab", "a" * 25, "1abc", "abc-", "a--b", "a_b", "a.b"):
            path = f"{self.group}/providers/Microsoft.KeyVault/vaults/{name}"
            self.refused(self.put_vault(path), 400, "VaultNameNotValid")

    def test_name_is_taken(self):
        self.emulator.put(True, "taken_names", "microsoft.keyvault/vaults/" + self.NAME)
        self.refused(self.put_vault(), 409, "VaultAlreadyExists", "globally unique")

    def test_name_is_used_in_another_group(self):
        self.make_vault()
        other = self.subscription + "/resourceGroups/rg-other"
        self.good(self.put(other, {"location": "eastus"}, "2021-04-01"), 201)
        path = f"{other}/providers/Microsoft.KeyVault/vaults/{self.NAME.upper()}"
        self.refused(self.put_vault(path), 409, "VaultAlreadyExists")

    def test_location_cannot_change(self):
        self.make_vault()
        self.refused(self.put_vault(location="westus"), 409, "InvalidResourceLocation")

    def test_one_way_streets(self):
        self.make_vault(softDeleteRetentionInDays=7)
        self.refused(self.put_vault(softDeleteRetentionInDays=8), 400, "BadRequest",
                     "has been set already")
        self.good(self.put_vault(softDeleteRetentionInDays=7), 200)
        self.good(self.put_vault(), 200)
        self.assertEqual(self.properties()["softDeleteRetentionInDays"], 7)
        self.good(self.patch(self.id, {"properties": {"enablePurgeProtection": True}}, KEYVAULT),
                  200)
        self.refused(self.patch(self.id, {"properties": {"enablePurgeProtection": False}},
                                KEYVAULT), 400, "BadRequest")
        self.assertIs(self.properties()["enablePurgeProtection"], True)

    def test_patch(self):
        self.make_vault(tags={"a": "1"}, enableRbacAuthorization=True)
        changed = self.good(self.patch(self.id, {"tags": {"b": "2"}}, KEYVAULT), 200)
        self.assertEqual((changed["tags"], changed["properties"]["enableRbacAuthorization"]),
                         ({"b": "2"}, True))
        # What is refused leaves no trace.
        self.refused(self.patch(self.id, {"properties": {
            "enablePurgeProtection": True, "accessPolicies": "x"}}, KEYVAULT), 400, "BadRequest")
        self.assertNotIn("enablePurgeProtection", self.properties())
        self.refused(self.patch(self.id + "9", {}, KEYVAULT), 404, "ResourceNotFound")

    def test_lists(self):
        self.make_vault()
        for scope in (self.group, self.subscription):
            listed = self.good(self.get(scope + "/providers/Microsoft.KeyVault/vaults", KEYVAULT))
            self.assertEqual([item["name"] for item in listed["value"]], [self.NAME])

    def test_versions(self):
        for version in ("2016-10-01", "2019-09-01", "2023-07-01", "2026-02-01"):
            self.refused(self.get(self.id, version), 404, "ResourceNotFound")
        self.refused(self.get(self.id, "2027-01-01"), 400, "NoRegisteredProviderFound")

    def test_permissions(self):
        token = self.emulator.token(client_id="x", object_id="y", audience=ARM)
        self.refused(self.get(self.id, KEYVAULT, token=token), 403, "AuthorizationFailed",
                     "Microsoft.KeyVault/vaults/read")
        self.refused(self.put(self.id, self.body(), KEYVAULT, token=token), 403,
                     "AuthorizationFailed", "Microsoft.KeyVault/vaults/write")
        self.refused(self.get(f"{self.bin}/deletedVaults", KEYVAULT, token=token), 403,
                     "AuthorizationFailed", "Microsoft.KeyVault/deletedVaults/read")
        self.refused(self.get(f"{self.bin}/locations/eastus/deletedVaults/x", KEYVAULT,
                              token=token), 403, "AuthorizationFailed",
                     "Microsoft.KeyVault/locations/deletedVaults/read")

    def test_subscription_must_be_registered(self):
        self.emulator.put({"state": "NotRegistered"}, "providers", "Microsoft.KeyVault")
        self.refused(self.put_vault(), 409, "MissingSubscriptionRegistration")


class CheckName(VaultCase):
    def check(self, name, kind="Microsoft.KeyVault/vaults"):
        return self.post(f"{self.bin}/checkNameAvailability", {"name": name, "type": kind},
                         KEYVAULT)

    def test_free_taken_invalid(self):
        self.assertEqual(self.good(self.check(self.NAME), 200), {"nameAvailable": True})
        self.assertEqual(self.good(self.check("a--b"), 200)["reason"], "AccountNameInvalid")
        self.make_vault()
        for name in (self.NAME, self.NAME.upper()):
            answer = self.good(self.check(name), 200)
            self.assertEqual((answer["nameAvailable"], answer["reason"]), (False, "AlreadyExists"))
            self.assertIn("in use", answer["message"])
        self.good(self.delete(self.id, KEYVAULT), 200)
        self.assertEqual(self.good(self.check(self.NAME), 200)["reason"], "AlreadyExists")

    def test_bad_question(self):
        self.refused(self.check(self.NAME, "Microsoft.KeyVault/lunch"), 400, "BadRequest")
        self.refused(self.check(None), 400, "BadRequest")


class Policies(VaultCase):
    def change(self, kind, *policies):
        return self.put(f"{self.id}/accessPolicies/{kind}",
                        {"properties": {"accessPolicies": list(policies)}}, KEYVAULT)

    def test_they_decide(self):
        self.make_vault(enableRbacAuthorization=False, accessPolicies=[self.policy("set")])
        self.set_secret()
        self.secret_refused(self.ask("GET", "/secrets/secret"), 403, "Forbidden", "AccessDenied",
                            "does not have secrets get permission on key vault")
        reply = self.good(self.change("add", self.policy("get")), 200)
        self.assertEqual(reply["properties"]["accessPolicies"][0]["permissions"]["secrets"],
                         ["get", "set"])
        self.assertEqual(reply["id"], self.id + "/accessPolicies/")
        self.good(self.ask("GET", "/secrets/secret"), 200)
        self.secret_refused(self.ask("GET", "/secrets"), 403, "Forbidden", "AccessDenied",
                            "secrets list permission")
        nothing = {**self.policy(), "permissions": {"keys": None, "secrets": None}}
        self.good(self.change("add", nothing), 200)
        self.good(self.ask("GET", "/secrets/secret"), 200)
        self.good(self.change("replace", self.policy("all")), 200)
        self.good(self.ask("GET", "/secrets"), 200)
        self.good(self.change("remove", self.policy()), 200)
        self.assertEqual(self.properties()["accessPolicies"], [])
        self.secret_refused(self.ask("GET", "/secrets"), 403, "Forbidden", "AccessDenied")

    def test_roles_do_not_count_where_policies_do(self):
        self.make_vault(enableRbacAuthorization=False, accessPolicies=[])
        self.assign()
        self.secret_refused(self.ask("GET", "/secrets"), 403, "Forbidden", "AccessDenied")

    def test_others_keep_theirs(self):
        self.make_vault(enableRbacAuthorization=False,
                        accessPolicies=[self.policy("get"), {**self.policy("list"),
                                                             "objectId": self.emulator.endpoints[
                                                                 "subscription_id"]}])
        self.good(self.change("replace", self.policy("delete")), 200)
        self.assertEqual([p["permissions"]["secrets"]
                          for p in self.properties()["accessPolicies"]], [["list"], ["delete"]])

    def test_refusals(self):
        self.refused(self.change("add", self.policy("get")), 404, "ParentResourceNotFound")
        self.make_vault(accessPolicies=[])
        self.refused(self.change("mix", self.policy("get")), 400, "BadRequest", "'mix'")
        self.refused(self.change("add", self.policy("fly")), 400, "BadRequest")
        self.refused(self.change("add", {**self.policy("get"), "permissions": {"keys": "x"}}),
                     400, "BadRequest")
        self.refused(self.put(f"{self.id}/accessPolicies/add", {}, KEYVAULT), 400, "BadRequest")


class Deleted(VaultCase):
    def remove(self):
        self.good(self.delete(self.id, KEYVAULT), 200)

    def test_lies_in_the_bin(self):
        self.make_vault(tags={"a": "b"}, softDeleteRetentionInDays=7)
        self.remove()
        self.refused(self.get(self.id, KEYVAULT), 404, "ResourceNotFound")
        self.assertEqual(self.delete(self.id, KEYVAULT).status, 204)
        self.secret_refused(self.ask("GET", "/secrets"), 404, "VaultNotFound")
        found = self.good(self.deleted(), 200)
        self.assertEqual(found["id"], f"{self.bin}/locations/eastus/deletedVaults/{self.NAME}")
        properties = found["properties"]
        self.assertEqual((properties["vaultId"], properties["location"], properties["tags"]),
                         (self.id, "eastus", {"a": "b"}))
        self.assertLess(properties["deletionDate"], properties["scheduledPurgeDate"])
        self.assertNotIn("purgeProtectionEnabled", properties)
        listed = self.good(self.get(f"{self.bin}/deletedVaults", KEYVAULT), 200)["value"]
        self.assertEqual([item["name"] for item in listed], [self.NAME])
        self.refused(self.deleted("westus"), 404, "DeletedVaultNotFound")

    def test_keeps_its_name(self):
        self.make_vault()
        self.remove()
        self.refused(self.put_vault(), 409, "ConflictError", "recover or purge existing key vault")
        self.refused(self.put_vault(createMode="default"), 409, "ConflictError")
        self.refused(self.put_vault(location="westus"), 409, "VaultAlreadyExists")

    def test_recovered_with_its_secrets_but_without_roles(self):
        self.make_vault(enableRbacAuthorization=True)
        self.assign()
        self.set_secret(value="kept")
        self.remove()
        self.assertEqual([a for a in self.emulator.state("role_assignments").values()
                          if a["scope"].endswith(self.NAME)], [])
        self.delays(dns_ms=100)
        back = self.good(self.put_vault(createMode="recover"), 201)
        self.assertEqual(back["properties"]["provisioningState"], "RegisteringDns")
        self.assertNotIn("createMode", back["properties"])
        self.wait(lambda: self.properties()["provisioningState"] == "Succeeded")
        self.secret_refused(self.ask("GET", "/secrets/secret"), 403, "Forbidden",
                            "ForbiddenByRbac")
        self.assign()
        self.assertEqual(self.good(self.ask("GET", "/secrets/secret"), 200)["value"], "kept")
        self.refused(self.deleted(), 404, "DeletedVaultNotFound")

    def test_recovered_in_its_own_group_only(self):
        self.make_vault()
        self.remove()
        other = self.subscription + "/resourceGroups/rg-other"
        self.good(self.put(other, {"location": "eastus"}, "2021-04-01"), 201)
        path = f"{other}/providers/Microsoft.KeyVault/vaults/{self.NAME}"
        self.refused(self.put_vault(path, createMode="recover"), 409, "ConflictError")

    def test_nothing_to_recover(self):
        self.refused(self.put_vault(createMode="recover"), 404, "DeletedVaultNotFound")

    def test_purged(self):
        self.make_vault()
        self.remove()
        self.delays(vault_purge_ms=600)
        reply = self.purge()
        self.good(reply, 202)
        self.assertGreater(len(reply.headers["Location"]), 3000)
        self.assertIn("Microsoft.KeyVault", reply.headers["Location"])
        self.refused(self.put_vault(), 409, "ConflictError")
        self.refused(self.put_vault(createMode="recover"), 409, "ConflictError")
        answer, polls = self.finish(reply)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertGreater(polls, 1)
        self.refused(self.deleted(), 404, "DeletedVaultNotFound")
        self.refused(self.purge(), 404, "DeletedVaultNotFound")
        self.make_vault()

    def test_protected_from_purge(self):
        self.make_vault(enablePurgeProtection=True)
        self.remove()
        self.assertIs(self.good(self.deleted())["properties"]["purgeProtectionEnabled"], True)
        self.refused(self.purge(), 405, "MethodNotAllowed", "DeletedVaultPurge")

    def test_gone_after_its_retention(self):
        self.make_vault(softDeleteRetentionInDays=7)
        self.emulator.put(5000000, "time_scale")  # seven days are 121 ms
        self.remove()
        self.wait(lambda: self.deleted().status == 404)
        self.good(self.put_vault(), 201)

    def test_deletion_of_the_group(self):
        self.make_vault(enableRbacAuthorization=True)
        self.assign()
        self.finish(self.delete(self.group, "2021-04-01"))
        self.wait(lambda: self.deleted().status == 200)
        self.secret_refused(self.ask("GET", "/secrets"), 404, "VaultNotFound")
        self.make_group()
        self.refused(self.put_vault(), 409, "ConflictError")
        self.good(self.put_vault(createMode="recover"), 201)


class Propagation(VaultCase):
    def test_role_takes_its_time(self):
        self.make_vault(enableRbacAuthorization=True)
        self.switch(role_propagation_ms=400 * self.emulator.state("time_scale"))
        name = "0f0e0d0c-0b0a-4908-8706-050403020100"
        path = f"{self.id}/providers/Microsoft.Authorization/roleAssignments/{name}"
        body = {"properties": {
            "roleDefinitionId": f"{self.subscription}/providers/Microsoft.Authorization/"
                                "roleDefinitions/b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
            "principalId": self.emulator.application("operator")["object_id"],
            "principalType": "ServicePrincipal"}}
        reply = self.put(path, body, AUTHORIZATION)
        self.good(reply, 201)
        refusals = self.until(200, "PUT", "/secrets/secret", {"value": "x"})
        self.assertEqual(set(refusals), {"ForbiddenByRbac"})

    def test_role_above_and_role_taken_away(self):
        self.make_vault(enableRbacAuthorization=True)
        operator = self.emulator.application("operator")["object_id"]
        self.emulator.grant(operator, OFFICER, self.group.lower())
        self.set_secret()
        self.emulator.revoke(operator, self.group.lower())
        self.secret_refused(self.ask("GET", "/secrets/secret"), 403, "Forbidden",
                            "ForbiddenByRbac", "Microsoft.KeyVault/vaults/secrets/getSecret/action")

    def test_owner_is_not_enough(self):
        self.make_vault(enableRbacAuthorization=True)
        self.secret_refused(self.ask("GET", "/secrets"), 403, "Forbidden", "ForbiddenByRbac")
        self.assertIn("Owner", self.roles_of("operator"))

    def roles_of(self, who):
        names = {identifier: name for name, identifier in ROLES.items()}
        principal = self.emulator.application(who)["object_id"]
        return [names[a["role"]] for a in self.emulator.state("role_assignments").values()
                if a["principal_id"] == principal]


class Door(VaultCase):
    def test_token_of_another_audience(self):
        reply = self.get(self.id, KEYVAULT, token=self.emulator.token("operator", audience=VAULT))
        self.refused(reply, 401, "InvalidAuthenticationTokenAudience")


if __name__ == "__main__":
    main()
