# SPDX-License-Identifier: MIT
"""People who sign in with a device code, and what their refresh tokens are good for."""

import base64
import json
import time

from case import ACS, VAULT, Case, main

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


class SignInCase(Case):
    def setUp(self):
        self.client = self.emulator.state("applications", "public-client")["client_id"]

    def post(self, rest, fields, tenant="organizations"):
        url = f"{self.emulator.endpoints['authority_host']}/{tenant}/oauth2/v2.0/{rest}"
        return self.emulator.post_form(url, {k: v for k, v in fields.items() if v is not None})

    def begin(self, scope=ACS + "/.default offline_access", **fields):
        return self.post("devicecode", dict({"client_id": self.client, "scope": scope}, **fields))

    def poll(self, code, **fields):
        return self.post("token", dict({"grant_type": GRANT, "client_id": self.client,
                                        "device_code": code["device_code"]}, **fields))

    def refresh(self, token, scope=ACS + "/.default offline_access", **fields):
        return self.post("token", dict({"grant_type": "refresh_token", "client_id": self.client,
                                        "refresh_token": token, "scope": scope}, **fields))

    def judge(self, code, status, **more):
        self.emulator.patch(dict({"status": status}, **more), "device_codes", code["user_code"])

    def signed_in(self, **fields):
        code = self.begin(**fields).json()
        self.judge(code, "approved")
        reply = self.poll(code)
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json()

    def refused(self, reply, error, code, status=400):
        body = reply.json()
        self.assertEqual((reply.status, body["error"], body["error_codes"]), (status, error, [code]))
        return body


class DeviceCode(SignInCase):
    def test_a_code_has_all_that_a_client_shows(self):
        body = self.begin().json()
        self.assertEqual((body["expires_in"], body["interval"]), (900, 5))
        self.assertRegex(body["user_code"], r"^[0-9A-Z]{9}$")
        self.assertTrue(body["verification_uri"].startswith("https://"))
        self.assertIn(body["user_code"], body["message"])
        self.assertNotIn("verification_uri_complete", body)
        self.assertNotIn(body["device_code"], body["message"])

    def test_pending_then_approved_then_used(self):
        code = self.begin().json()
        self.refused(self.poll(code), "authorization_pending", 70016)
        self.judge(code, "approved")
        body = self.poll(code).json()
        claims = claims_of(body["access_token"])
        self.assertEqual((claims["upn"], claims["idtyp"], claims["appidacr"], claims["aud"]),
                         ("ann@contoso.example", "user", "0", ACS))
        self.assertIn("refresh_token", body)
        self.refused(self.poll(code), "bad_verification_code", 70018)

    def test_no_refresh_token_unless_it_is_asked_for(self):
        self.assertNotIn("refresh_token", self.signed_in(scope=ACS + "/.default"))

    def test_who_asks_too_soon_is_told_to_slow_down_each_time_more(self):
        code = self.begin().json()
        self.refused(self.poll(code), "authorization_pending", 70016)
        self.refused(self.poll(code), "slow_down", 70016)
        self.assertEqual(self.emulator.state("device_codes", code["user_code"])["interval"], 10)
        self.emulator.patch({"polled_ms": 1}, "device_codes", code["user_code"])
        self.refused(self.poll(code), "authorization_pending", 70016)

    def test_declined_expired_and_unknown(self):
        code = self.begin().json()
        self.judge(code, "declined")
        self.refused(self.poll(code), "authorization_declined", 65004)
        self.judge(code, "pending", expires_on=int(time.time()) - 1)
        self.refused(self.poll(code), "expired_token", 70019)
        self.refused(self.poll({"device_code": "no-such-code"}), "bad_verification_code", 70018)

    def test_a_code_is_its_clients_own(self):
        self.emulator.patch({"public": True}, "applications", "modern-client")
        code = self.begin().json()
        other = self.emulator.application("modern-client")["client_id"]
        self.refused(self.poll(code, client_id=other), "bad_verification_code", 70018)

    def test_a_client_that_must_prove_itself_is_refused(self):
        other = self.emulator.application("modern-client")["client_id"]
        self.refused(self.begin(client_id=other), "invalid_client", 7000218, status=401)
        self.refused(self.begin(client_id="nobody"), "unauthorized_client", 700016)

    def test_scopes(self):
        for scope in ("offline_access", "mail.send", ACS + "/.default " + VAULT + "/.default", ""):
            with self.subTest(scope):
                self.assertEqual(self.begin(scope=scope).status, 400)
        self.refused(self.begin(scope="https://nowhere.example/.default"), "invalid_resource", 500011)

    def test_missing_parameters_and_tenants(self):
        self.refused(self.begin(client_id=None), "invalid_request", 900144)
        self.refused(self.begin(scope=None), "invalid_request", 900144)
        self.refused(self.poll({"device_code": ""}), "invalid_request", 900144)
        fields = {"client_id": self.client, "scope": ACS + "/.default"}
        self.refused(self.post("devicecode", fields, tenant="nowhere.example"), "invalid_request",
                     90002)
        own = self.emulator.endpoints["tenant_id"]
        self.assertEqual(self.post("devicecode", fields, tenant=own).status, 200)


class RefreshToken(SignInCase):
    def setUp(self):
        super().setUp()
        self.token = self.signed_in()["refresh_token"]

    def change(self, **change):
        self.emulator.patch(change, "refresh_tokens", self.token)

    def test_it_brings_a_token_of_any_scope_and_its_successor(self):
        body = self.refresh(self.token, scope=VAULT + "/.default offline_access").json()
        self.assertEqual(claims_of(body["access_token"])["aud"], VAULT)
        self.assertNotEqual(body["refresh_token"], self.token)
        self.assertEqual(self.refresh(body["refresh_token"]).status, 200)
        self.assertEqual(self.refresh(self.token).status, 200)  # Entra lets the old one live

    def test_good_once(self):
        self.emulator.patch({"refresh_once": True}, "entra")
        body = self.refresh(self.token).json()
        self.refused(self.refresh(self.token), "invalid_grant", 70000)
        self.assertEqual(self.refresh(body["refresh_token"]).status, 200)

    def test_ends(self):
        self.change(status="revoked")
        self.refused(self.refresh(self.token), "invalid_grant", 50173)
        self.change(status="inactive")
        self.refused(self.refresh(self.token), "invalid_grant", 700082)
        self.change(status="good", expires_on=1)
        self.refused(self.refresh(self.token), "invalid_grant", 70008)
        self.refused(self.refresh("1.unknown"), "invalid_grant", 70000)

    def test_conditional_access(self):
        self.emulator.patch({"conditional_access": "mfa"}, "entra")
        body = self.refused(self.refresh(self.token), "interaction_required", 50076)
        self.assertNotIn("claims", body)
        self.emulator.patch({"conditional_access": "claims"}, "entra")
        body = self.refused(self.refresh(self.token), "interaction_required", 50076)
        self.assertIn("capolids", json.loads(body["claims"])["access_token"])
        self.assertEqual(self.refresh(self.token, claims=body["claims"]).status, 200)

    def test_lifetime(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=7, count=1)
        self.assertEqual(self.refresh(self.token).json()["expires_in"], 7)


if __name__ == "__main__":
    main()
