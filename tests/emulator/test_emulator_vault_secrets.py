# SPDX-License-Identifier: MIT
"""Key Vault's data plane beyond reading: changes, deletion, recovery, purge."""

import time

from case import main
from vault_case import VaultCase


class SecretCase(VaultCase):
    PROPERTIES = {"enableRbacAuthorization": True}

    def setUp(self):
        super().setUp()
        self.emulator.patch({"dns_ms": 0, "deletion_ms": 0, "purge_ms": 0, "recovery_ms": 0},
                            "keyvault_switches")
        self.good(self.put_vault(**self.PROPERTIES), 201)
        self.assign("Key Vault Administrator")


class Set(SecretCase):
    def test_members_and_attributes(self):
        made = self.set_secret(contentType="text/plain", tags={"app": "legacy"},
                               attributes={"exp": 2000000000, "nbf": 1000000000})
        self.assertEqual((made["value"], made["contentType"], made["tags"]),
                         ("x", "text/plain", {"app": "legacy"}))
        attributes = made["attributes"]
        self.assertEqual((attributes["enabled"], attributes["exp"], attributes["nbf"],
                          attributes["recoveryLevel"], attributes["recoverableDays"]),
                         (True, 2000000000, 1000000000, "Recoverable+Purgeable", 90))
        self.assertAlmostEqual(attributes["created"], time.time(), delta=5)
        self.assertEqual(self.good(self.ask("GET", "/secrets/secret"), 200), made)

    def test_letter_case_of_a_name_makes_no_second_secret(self):
        self.set_secret("Secret", "1")
        self.set_secret("sECRET", "2")
        versions = self.good(self.ask("GET", "/secrets/secret/versions"), 200)["value"]
        self.assertEqual(len(versions), 2)

    def test_refused_members(self):
        for members in ({"tags": {"a": 1}}, {"tags": []}, {"contentType": "x" * 256},
                        {"tags": {str(i): "x" for i in range(16)}}):
            self.secret_refused(self.ask("PUT", "/secrets/secret", {"value": "x", **members}),
                                400, "BadParameter")
        self.secret_refused(self.ask("GET", "/secrets/secret"), 404, "SecretNotFound")


class Update(SecretCase):
    def path(self, secret):
        return secret["id"].split(self.emulator.vault_url(self.NAME))[1]

    def test_attributes_of_one_version(self):
        first = self.set_secret(value="1", contentType="a", tags={"a": "b"})
        second = self.set_secret(value="2")
        changed = self.good(self.ask("PATCH", self.path(first), {
            "attributes": {"enabled": False, "exp": 5}, "tags": {"c": "d"}}), 200)
        self.assertNotIn("value", changed)
        self.assertEqual((changed["attributes"]["enabled"], changed["attributes"]["exp"],
                          changed["contentType"], changed["tags"]), (False, 5, "a", {"c": "d"}))
        self.assertGreaterEqual(changed["attributes"]["updated"],
                                first["attributes"]["created"])
        self.secret_refused(self.ask("GET", self.path(first)), 403, "Forbidden", "SecretDisabled")
        self.assertEqual(self.good(self.ask("GET", "/secrets/secret"), 200), second)

    def test_refusals(self):
        made = self.set_secret()
        self.secret_refused(self.ask("PATCH", self.path(made), {"value": "y"}), 400,
                            "BadParameter", words="value")
        self.secret_refused(self.ask("PATCH", self.path(made), []), 400, "BadParameter")
        self.secret_refused(self.ask("PATCH", "/secrets/secret/" + "0" * 32, {}), 404,
                            "SecretNotFound")
        self.secret_refused(self.ask("PATCH", "/secrets/secret", {}), 405, "MethodNotAllowed")
        self.assertEqual(self.good(self.ask("GET", "/secrets/secret"), 200)["value"], "x")


class Lists(SecretCase):
    def pages(self, path):
        while path:
            body = self.good(self.ask("GET", path), 200)
            yield [item["id"].rsplit("/", 1)[1] for item in body["value"]]
            path = body["nextLink"]
            if path:
                path = path.split(self.emulator.vault_url(self.NAME))[1]
                path = path.replace("api-version=7.4&", "")

    def test_pages(self):
        names = [f"secret-{i:02}" for i in range(27)]
        for name in names:
            self.set_secret(name)
        self.assertEqual([len(page) for page in self.pages("/secrets")], [25, 2])
        self.assertEqual(sum(self.pages("/secrets?maxresults=10"), []), names)
        for name in names[:5]:
            self.good(self.ask("DELETE", "/secrets/" + name), 200)
        self.assertEqual(sum(self.pages("/secrets?maxresults=10"), []), names[5:])
        self.assertEqual(list(self.pages("/deletedsecrets?maxresults=3")),
                         [names[:3], names[3:5]])


class Deleted(SecretCase):
    def test_delete_and_look(self):
        made = self.set_secret(contentType="text/plain", tags={"a": "b"})
        gone = self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.assertNotIn("value", gone)
        self.assertEqual((gone["id"], gone["recoveryId"], gone["contentType"], gone["tags"]),
                         (made["id"], self.emulator.vault_url(self.NAME) +
                          "/deletedsecrets/secret", "text/plain", {"a": "b"}))
        self.assertEqual(gone["scheduledPurgeDate"] - gone["deletedDate"], 90 * 24 * 3600)
        self.assertEqual(self.good(self.ask("GET", "/deletedsecrets/secret"), 200), gone)
        for path in ("/secrets/secret", "/secrets/secret/versions"):
            self.secret_refused(self.ask("GET", path), 404, "SecretNotFound")
        self.secret_refused(self.ask("DELETE", "/secrets/secret"), 404, "SecretNotFound")
        self.assertEqual(self.good(self.ask("GET", "/secrets"), 200)["value"], [])

    def test_name_is_kept(self):
        self.set_secret()
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.secret_refused(self.ask("PUT", "/secrets/SECRET", {"value": "y"}), 409, "Conflict",
                            "ObjectIsDeletedButRecoverable", "can only be recovered or purged")

    def test_deletion_takes_its_time(self):
        self.set_secret()
        self.delays(deletion_ms=500)
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.secret_refused(self.ask("PUT", "/secrets/secret", {"value": "y"}), 409, "Conflict",
                            "ObjectIsBeingDeleted")
        self.secret_refused(self.ask("GET", "/deletedsecrets/secret"), 404, "SecretNotFound")
        self.assertEqual(self.good(self.ask("GET", "/deletedsecrets"), 200)["value"], [])
        self.secret_refused(self.ask("DELETE", "/deletedsecrets/secret"), 409, "Conflict",
                            "ObjectIsBeingDeleted")
        refusals = self.until(200, "POST", "/deletedsecrets/secret/recover")
        self.assertEqual(set(refusals), {"ObjectIsBeingDeleted"})

    def test_recover(self):
        first = self.set_secret(value="1")
        self.set_secret(value="2")
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        back = self.good(self.ask("POST", "/deletedsecrets/secret/recover"), 200)
        self.assertNotIn("value", back)
        self.assertEqual(self.good(self.ask("GET", "/secrets/secret"), 200)["value"], "2")
        path = first["id"].split(self.emulator.vault_url(self.NAME))[1]
        self.assertEqual(self.good(self.ask("GET", path), 200)["value"], "1")
        self.secret_refused(self.ask("POST", "/deletedsecrets/secret/recover"), 404,
                            "SecretNotFound")
        self.set_secret(value="3")

    def test_recovery_takes_its_time(self):
        self.set_secret()
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.delays(recovery_ms=500)
        self.good(self.ask("POST", "/deletedsecrets/secret/recover"), 200)
        self.secret_refused(self.ask("GET", "/secrets/secret"), 404, "SecretNotFound")
        self.secret_refused(self.ask("PUT", "/secrets/secret", {"value": "y"}), 409, "Conflict",
                            "ObjectIsBeingRecovered")
        self.until(200, "GET", "/secrets/secret")

    def test_purge(self):
        self.set_secret()
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.delays(purge_ms=500)
        reply = self.ask("DELETE", "/deletedsecrets/secret")
        self.assertEqual((reply.status, reply.body), (204, b""))
        self.secret_refused(self.ask("GET", "/deletedsecrets/secret"), 404, "SecretNotFound")
        refusals = self.until(200, "PUT", "/secrets/secret", {"value": "y"})
        self.assertEqual(set(refusals), {"ObjectIsBeingDeleted"})
        versions = self.good(self.ask("GET", "/secrets/secret/versions"), 200)["value"]
        self.assertEqual(len(versions), 1)

    def test_gone_after_the_retention(self):
        self.set_secret()
        self.emulator.put(60000000, "time_scale")  # ninety days are 130 ms
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.until(200, "PUT", "/secrets/secret", {"value": "y"})
        self.secret_refused(self.ask("GET", "/deletedsecrets/secret"), 404, "SecretNotFound")

    def test_missing(self):
        for method, path in (("DELETE", "/secrets/x"), ("GET", "/deletedsecrets/x"),
                             ("DELETE", "/deletedsecrets/x"),
                             ("POST", "/deletedsecrets/x/recover")):
            self.secret_refused(self.ask(method, path), 404, "SecretNotFound")
        self.secret_refused(self.ask("POST", "/deletedsecrets/x/eat"), 404, "NotFound")
        self.secret_refused(self.ask("DELETE", "/deletedsecrets/a_b"), 400, "BadParameter")


class Protected(SecretCase):
    PROPERTIES = {"enableRbacAuthorization": True, "enablePurgeProtection": True,
                  "softDeleteRetentionInDays": 7}

    def test_no_purge(self):
        made = self.set_secret()
        self.assertEqual((made["attributes"]["recoveryLevel"],
                          made["attributes"]["recoverableDays"]), ("CustomizedRecoverable", 7))
        self.good(self.ask("DELETE", "/secrets/secret"), 200)
        self.secret_refused(self.ask("DELETE", "/deletedsecrets/secret"), 403, "Forbidden",
                            "ForbiddenByPolicy", "purge protection")
        self.good(self.ask("POST", "/deletedsecrets/secret/recover"), 200)


class Rights(SecretCase):
    def test_each_operation_wants_its_own(self):
        self.set_secret()
        self.emulator.revoke(self.emulator.application("operator")["object_id"],
                             self.id.lower())
        self.assign("Key Vault Secrets User")
        for method, path, body, operation in (
                ("PUT", "/secrets/secret", {"value": "y"}, "setSecret/action"),
                ("PATCH", "/secrets/secret/1", {}, "update/action"),
                ("DELETE", "/secrets/secret", None, "delete"),
                ("DELETE", "/deletedsecrets/secret", None, "purge/action"),
                ("POST", "/deletedsecrets/secret/recover", None, "recover/action")):
            self.secret_refused(self.ask(method, path, body), 403, "Forbidden", "ForbiddenByRbac",
                                f"Action: 'Microsoft.KeyVault/vaults/secrets/{operation}'")
        for path in ("/secrets/secret", "/secrets", "/deletedsecrets"):
            self.good(self.ask("GET", path), 200)


if __name__ == "__main__":
    main()
