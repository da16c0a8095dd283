# SPDX-License-Identifier: MIT
"""Key Vault: the challenge, who may read, what is disabled, expired or missing, paging."""

import json
import re
import time
import uuid

from case import VAULT, Case, main


class KeyVault(Case):
    def setUp(self):
        self.token = self.emulator.token("modern-client", audience=VAULT)

    def ask(self, path, token=..., version="7.4", method="GET", body=None, vault=None, headers=None):
        url = self.emulator.vault_url(vault or "kv-acs-smtp-poc") + path
        if version is not None:
            url += ("&" if "?" in path else "?") + "api-version=" + version
        sent = dict(headers or {})
        token = self.token if token is ... else token
        if token is not None:
            sent["Authorization"] = "Bearer " + token
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        return self.emulator.request(method, url, sent, body)

    def refused(self, reply, status, code, inner=None, words=""):
        error = reply.json()["error"]
        self.assertEqual((reply.status, error["code"]), (status, code))
        self.assertEqual(error.get("innererror", {}).get("code"), inner)
        self.assertIn(words, error["message"])

    def challenged(self, reply, words):
        self.refused(reply, 401, "Unauthorized", words=words)
        return re.fullmatch(r'Bearer authorization="(\S+)", resource="(\S+)"',
                            reply.headers["WWW-Authenticate"])

    def test_challenge_names_tenant_and_resource(self):
        match = self.challenged(self.ask("/secrets/smtp-legacy-client-secret", None), "AKV10000")
        endpoints = self.emulator.endpoints
        self.assertEqual(match[1], f"{endpoints['authority_host']}/{endpoints['tenant_id']}")
        self.assertEqual(match[2], "https://" + endpoints["key_vault_domain"])

    def test_token_for_the_resource_of_the_challenge_is_good(self):
        match = self.challenged(self.ask("/secrets/x", None), "AKV10000")
        modern = self.emulator.application("modern-client")
        token = self.emulator.post_form(match[1] + "/oauth2/v2.0/token", {
            "grant_type": "client_credentials", "client_id": modern["client_id"],
            "client_secret": modern["client_secret"], "scope": match[2] + "/.default"}).json()
        reply = self.ask("/secrets/smtp-legacy-client-secret", token["access_token"])
        self.assertEqual(reply.status, 200)

    def test_other_schemes_are_no_token(self):
        reply = self.ask("/secrets/x", None, headers={"Authorization": "Basic eDp5"})
        self.challenged(reply, "AKV10000")

    def test_secret(self):
        body = self.ask("/secrets/smtp-legacy-client-secret").json()
        self.assertEqual(body["value"],
                         self.emulator.application("legacy-client")["client_secret"])
        current = self.emulator.state("vaults", "kv-acs-smtp-poc", "secrets",
                                      "smtp-legacy-client-secret", "current")
        self.assertEqual(body["id"], self.emulator.vault_url() +
                         "/secrets/smtp-legacy-client-secret/" + current)
        self.assertTrue(body["attributes"]["enabled"])
        self.assertEqual(body["contentType"], "text/plain")

    def test_trailing_slash_and_letter_case(self):
        for path in ("/secrets/smtp-legacy-client-secret/", "/Secrets/SMTP-Legacy-Client-Secret"):
            self.assertEqual(self.ask(path).status, 200, path)

    def test_older_version(self):
        versions = self.emulator.state("vaults", "kv-acs-smtp-poc", "secrets",
                                       "smtp-legacy-client-secret", "versions")
        self.assertEqual(len(versions), 2)
        for identifier, version in versions.items():
            body = self.ask("/secrets/smtp-legacy-client-secret/" + identifier).json()
            self.assertEqual(body["value"], version["value"])

    def test_unknown_version_and_name(self):
        self.refused(self.ask("/secrets/smtp-legacy-client-secret/" + "0" * 32), 404,
                     "SecretNotFound")
        self.refused(self.ask("/secrets/no-such-secret"), 404, "SecretNotFound",
                     words="(name/id) no-such-secret")

    def test_disabled(self):
        self.refused(self.ask("/secrets/disabled-secret"), 403, "Forbidden", "SecretDisabled")

    def test_expired_and_future_secrets_are_returned(self):
        expired = self.ask("/secrets/expired-secret").json()
        self.assertLess(expired["attributes"]["exp"], time.time())
        future = self.ask("/secrets/future-secret").json()
        self.assertGreater(future["attributes"]["nbf"], time.time())

    def test_bad_names(self):
        for name in ("a_b", "a.b", "a%20b", "x" * 128):
            self.refused(self.ask("/secrets/" + name), 400, "BadParameter")

    def test_api_version(self):
        self.refused(self.ask("/secrets/x", version=None), 400, "BadParameter", words="api-version")
        self.refused(self.ask("/secrets/x", version="1.0"), 400, "BadParameter")

    def test_caller_without_a_role(self):
        token = self.emulator.token("legacy-client", audience=VAULT)
        reply = self.ask("/secrets/smtp-legacy-client-secret", token)
        client = self.emulator.application("legacy-client")["client_id"]
        self.refused(reply, 403, "Forbidden", "ForbiddenByRbac", "appid=" + client)

    def test_role_is_needed_even_for_what_is_not_there(self):
        token = self.emulator.token("legacy-client", audience=VAULT)
        self.refused(self.ask("/secrets/no-such-secret", token), 403, "Forbidden",
                     "ForbiddenByRbac")

    def test_role_given_and_taken(self):
        legacy = self.emulator.application("legacy-client")["object_id"]
        token = self.emulator.token("legacy-client", audience=VAULT)
        for role, status in (("Key Vault Secrets User", 200), ("Key Vault Reader", 403)):
            self.emulator.revoke(legacy, self.emulator.vault())
            self.emulator.grant(legacy, role, self.emulator.vault())
            self.assertEqual(self.ask("/secrets/expired-secret", token).status, status, role)
        self.assertEqual(self.ask("/secrets", token).status, 200)

    def test_wrong_audience(self):
        self.challenged(self.ask("/secrets/x", self.emulator.token("modern-client")), "AKV10022")

    def test_wrong_tenant(self):
        token = self.emulator.token("modern-client", audience=VAULT, tenant_id=str(uuid.uuid4()))
        self.challenged(self.ask("/secrets/x", token), "AKV10032: Invalid issuer")

    def test_expired_token(self):
        token = self.emulator.token("modern-client", audience=VAULT, expires_in=-1)
        self.challenged(self.ask("/secrets/x", token), "expired")

    def test_forged_token(self):
        head, claims, signature = self.token.split(".")
        forged = signature[:-8] + ("AAAAAAAA" if signature[-8:] != "AAAAAAAA" else "BBBBBBBB")
        self.challenged(self.ask("/secrets/x", f"{head}.{claims}.{forged}"), "signature")
        self.challenged(self.ask("/secrets/x", "nonsense"), "malformed")

    def test_unknown_vault(self):
        self.refused(self.ask("/secrets/x", vault="kv-other"), 404, "VaultNotFound")

    def test_list_has_no_values_and_pages(self):
        names, url = [], "/secrets?maxresults=2"
        while url:
            body = self.ask(url).json()
            self.assertLessEqual(len(body["value"]), 2)
            self.assertFalse(any("value" in item for item in body["value"]))
            names += [item["id"].rsplit("/", 1)[1] for item in body["value"]]
            link = body["nextLink"]
            url = link and link.split(self.emulator.vault_url(), 1)[1].replace("api-version=7.4&", "")
        self.assertEqual(names, ["smtp-legacy-client-secret", "smtp-modern-client-secret",
                                 "disabled-secret", "expired-secret", "future-secret"])

    def test_list_of_versions(self):
        body = self.ask("/secrets/smtp-legacy-client-secret/versions").json()
        self.assertEqual(len(body["value"]), 2)
        self.assertIsNone(body["nextLink"])
        self.refused(self.ask("/secrets/no-such-secret/versions"), 404, "SecretNotFound")

    def test_page_size(self):
        for size in ("0", "26", "-1", "x"):
            self.refused(self.ask("/secrets?maxresults=" + size), 400, "BadParameter")

    def test_set_makes_a_new_version(self):
        owner = self.emulator.token("operator", audience=VAULT)
        first = self.ask("/secrets/fresh", owner, method="PUT", body={"value": "one\n"}).json()
        second = self.ask("/secrets/fresh", owner, method="PUT", body={
            "value": "two", "contentType": "x", "attributes": {"enabled": True, "exp": 5}}).json()
        self.assertNotEqual(first["id"], second["id"])
        latest = self.ask("/secrets/fresh").json()
        self.assertEqual((latest["id"], latest["value"], latest["attributes"]["exp"]),
                         (second["id"], "two", 5))
        older = self.ask("/secrets/fresh/" + first["id"].rsplit("/", 1)[1]).json()
        self.assertEqual(older["value"], "one\n")

    def test_set_needs_the_officer_and_a_value(self):
        self.refused(self.ask("/secrets/fresh", method="PUT", body={"value": "x"}), 403,
                     "Forbidden", "ForbiddenByRbac")
        owner = self.emulator.token("operator", audience=VAULT)
        for body in ({}, {"value": 1}, {"value": "x" * 25601}, []):
            self.refused(self.ask("/secrets/fresh", owner, method="PUT", body=body), 400,
                         "BadParameter")

    def test_too_large_a_body(self):
        owner = self.emulator.token("operator", audience=VAULT)
        reply = self.ask("/secrets/fresh", owner, method="PUT", body={"value": "x" * (1 << 20)})
        self.assertEqual(reply.status, 413)

    def test_other_methods_and_paths(self):
        self.assertEqual(self.ask("/secrets/x", method="PATCH", body={}).status, 405)
        self.assertEqual(self.ask("/secrets", method="DELETE").status, 405)
        self.assertEqual(self.ask("/keys/x").status, 404)

    def test_throttled(self):
        self.emulator.fault(service="keyvault", action="status", status=429, retry_after=7, count=1)
        reply = self.ask("/secrets/expired-secret")
        self.assertEqual((reply.status, reply.headers["Retry-After"]), (429, "7"))
        self.assertEqual(self.ask("/secrets/expired-secret").status, 200)


if __name__ == "__main__":
    main()
