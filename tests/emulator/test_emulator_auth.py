# SPDX-License-Identifier: MIT
"""AUTH LOGIN and XOAUTH2, and each way to be refused."""

import base64
import hashlib
import hmac
import json
import smtplib
import time
import uuid

from case import ACS, Case, b64, main


class Login(Case):
    def setUp(self):
        self.name = self.emulator.address("legacy-client")
        self.legacy = self.emulator.application("legacy-client")
        self.secret = self.legacy["client_secret"]

    def secure(self):
        smtp = self.smtp()
        smtp.secure()
        return smtp

    def test_challenges_and_success(self):
        smtp = self.secure()
        self.assertEqual(smtp.say("AUTH LOGIN"), "334 VXNlcm5hbWU6")
        self.assertEqual(smtp.say(b64(self.name)), "334 UGFzc3dvcmQ6")
        self.assertEqual(smtp.say(b64(self.secret)), "235 2.7.0 Authentication successful")

    def test_user_name_as_initial_response(self):
        smtp = self.secure()
        self.assertEqual(smtp.say("AUTH login " + b64(self.name)), "334 UGFzc3dvcmQ6")
        self.assertStarts(smtp.say(b64(self.secret)), "235")

    def test_smtplib(self):
        with smtplib.SMTP(*self.emulator.smtp_address) as client:
            client.starttls(context=self.emulator.tls_context())
            client.login(self.name, self.secret)

    def test_user_name_has_no_letter_case(self):
        self.assertStarts(self.secure().login(self.name.upper(), self.secret), "235")

    def test_old_forms_of_the_user_name(self):
        tenant = self.emulator.endpoints["tenant_id"]
        for form in ("acs-smtp-poc.{0}.{1}", "acs-smtp-poc|{0}|{1}"):
            name = form.format(self.legacy["client_id"], tenant)
            self.assertStarts(self.secure().login(name, self.secret), "235")
        for form in ("other.{0}.{1}", "acs-smtp-poc.{0}|{1}", "acs-smtp-poc.{1}.{0}",
                     "acs-smtp-poc.{0}", "acs-smtp-poc.{0}.{1}x"):
            name = form.format(self.legacy["client_id"], tenant)
            self.assertStarts(self.secure().login(name, self.secret), "535 5.7.3")

    def refuse(self, reason, name=None, secret=None):
        smtp = self.secure()
        reply = smtp.login(name or self.name, secret or self.secret)
        self.assertStarts(reply, "535 5.7.3 Authentication unsuccessful [emulator ")
        self.refused_because(reason)
        self.assertStarts(smtp.say("MAIL FROM:<a@b.example>"), "530 5.7.57")

    def test_wrong_password(self):
        self.refuse("wrong secret", secret="wrong")
        self.refuse("wrong secret", secret=self.emulator.application("modern-client")[
            "client_secret"])

    def test_unknown_user(self):
        self.refuse("no application", name="nobody")

    def test_expired_secret(self):
        secrets = self.emulator.state("applications", "legacy-client", "secrets").values()
        self.refuse("secret is expired", secret=min(secrets, key=lambda s: s["end"])["value"])

    def test_secret_revoked_at_run_time(self):
        self.emulator.put({}, "applications", "legacy-client", "secrets")
        self.refuse("wrong secret")

    def test_disabled_application(self):
        self.emulator.patch({"enabled": False}, "applications", "legacy-client")
        self.refuse("disabled")

    def test_role_removed(self):
        legacy, service = self.legacy["object_id"], self.emulator.service
        self.emulator.revoke(legacy, service)
        self.refuse("no role")
        self.emulator.grant(legacy, "Reader", service)
        self.refuse("no role")
        self.emulator.grant(legacy, "Contributor", service + "-of-another-name")
        self.refuse("no role")

    def test_role_above_the_service_or_not_yet_in_effect(self):
        legacy, name = self.legacy["object_id"], self.emulator.address("legacy-client")
        self.emulator.revoke(legacy, self.emulator.service)
        later = self.emulator.grant(legacy, "Contributor", self.emulator.group, 1 << 60)
        self.refuse("no role")
        self.emulator.patch({"effective_ms": 0}, "role_assignments", later)
        self.assertStarts(self.secure().login(name, self.legacy["client_secret"]), "235")

    def test_user_name_bound_elsewhere_or_not_ready(self):
        modern = self.emulator.application("modern-client")["client_id"]
        self.emulator.bind(self.name, modern)
        self.refuse("wrong secret")
        self.emulator.bind(self.name, self.legacy["client_id"], ready_ms=1 << 60)
        self.refuse("no application")

    def test_empty_credentials(self):
        smtp = self.secure()
        smtp.say("AUTH LOGIN")
        smtp.say("")
        self.assertStarts(smtp.say(""), "535")

    def test_without_tls(self):
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        self.assertStarts(smtp.say("AUTH LOGIN"), "538 5.7.11")
        self.assertStarts(smtp.say("MAIL FROM:<a@b.example>"), "530 5.7.0 Must issue a STARTTLS")

    def test_without_ehlo(self):
        smtp = self.smtp()
        self.assertStarts(smtp.say("MAIL FROM:<a@b.example>"), "503")

    def test_cancelled(self):
        for answers in ((), (b64("x"),)):
            smtp = self.secure()
            smtp.say("AUTH LOGIN")
            for answer in answers:
                smtp.say(answer)
            self.assertStarts(smtp.say("*"), "501")

    def test_not_base64(self):
        for text in ("!!!", "YQ", "YQ=", "YR==", "YQ== ", "Y Q="):
            smtp = self.secure()
            smtp.say("AUTH LOGIN")
            self.assertStarts(smtp.say(text), "501 5.5.2")

    def test_nul_in_credentials(self):
        smtp = self.secure()
        smtp.say("AUTH LOGIN")
        self.assertStarts(smtp.say(b64(self.name + "\0x")), "501 5.5.2")

    def test_other_mechanisms(self):
        smtp = self.secure()
        for name in ("PLAIN", "CRAM-MD5", "OAUTHBEARER", "x" * 100):
            self.assertStarts(smtp.say("AUTH " + name), "504 5.7.4")
        self.assertStarts(smtp.say("AUTH"), "501")

    def test_only_login_offered(self):
        self.emulator.patch({"mechanisms": ["LOGIN"]}, "smtp")
        smtp = self.smtp()
        self.assertIn("AUTH LOGIN\n", smtp.secure() + "\n")
        self.assertStarts(smtp.say("AUTH XOAUTH2"), "504")
        self.assertStarts(smtp.login(self.name, self.secret), "235")

    def test_auth_twice_and_within_a_mail(self):
        smtp = self.smtp().ready()
        self.assertStarts(smtp.say("AUTH LOGIN"), "503")

    def test_command_line_limit(self):
        smtp = self.secure()
        self.assertStarts(smtp.say("AUTH LOGIN " + b64("x" * 372)), "334")  # 507 octets + CRLF
        self.assertStarts(smtp.say("*"), "501")
        self.assertStarts(smtp.say("AUTH LOGIN " + b64("x" * 375)), "500 5.5.6")

    def test_long_responses(self):
        smtp = self.secure()
        smtp.say("AUTH LOGIN")
        self.assertStarts(smtp.say(b64("x" * 9216)), "334")  # 12288 octets
        self.assertStarts(smtp.say(b64("y")), "535")
        smtp.say("AUTH LOGIN")
        self.assertStarts(smtp.say(b64("x" * 9219)), "500 5.5.6")

    def test_hangs_up_after_three_failures(self):
        smtp = self.secure()
        for _ in range(3):
            self.assertStarts(smtp.login(self.name, "wrong"), "535")
        self.assertIsNone(smtp.reply())

    def test_responses_sent_ahead(self):
        smtp = self.secure()
        smtp.send(f"AUTH LOGIN\r\n{b64(self.name)}\r\n")
        self.assertStarts(smtp.reply(), "554 5.5.0")
        self.assertIsNone(smtp.reply())

    def test_connection_limit(self):
        self.emulator.patch({"max_connections": 2}, "smtp")
        first, second = self.smtp().ready(), self.smtp().ready()
        third = self.secure()
        self.assertStarts(third.login(self.name, self.secret), "421 4.3.2")
        self.assertIsNone(third.reply())
        first.say("QUIT")
        first.reply()
        self.assertStarts(self.secure().login(self.name, self.secret), "235")
        second.say("QUIT")


class XOAuth2(Case):
    def setUp(self):
        self.name = self.emulator.address("modern-client")

    def secure(self):
        smtp = self.smtp()
        smtp.secure()
        return smtp

    def refuse(self, reason, token, name=None):
        smtp = self.secure()
        self.assertStarts(smtp.xoauth2(name or self.name, token), "535 5.7.3")
        self.refused_because(reason)

    def test_two_steps(self):
        smtp = self.secure()
        self.assertEqual(smtp.say("AUTH XOAUTH2"), "334 ")
        token = self.emulator.token("modern-client")
        self.assertEqual(smtp.say(b64(f"user={self.name}\1auth=Bearer {token}\1\1")),
                         "235 2.7.0 Authentication successful")

    def test_initial_response_is_longer_than_a_command_may_be(self):
        token = self.emulator.token("modern-client")
        reply = self.secure().say("AUTH XOAUTH2 " + b64(f"user={self.name}\1auth=Bearer {token}\1\1"))
        self.assertStarts(reply, "500 5.5.6")

    def test_short_initial_response_is_looked_at(self):
        reply = self.secure().say("AUTH XOAUTH2 " + b64(f"user={self.name}\1auth=Bearer x\1\1"))
        self.assertStarts(reply, "535")
        self.refused_because("malformed or its signature")

    def test_audience_with_a_slash(self):
        token = self.emulator.token("modern-client", audience=ACS + "/")
        self.assertStarts(self.secure().xoauth2(self.name, token), "235")

    def test_wrong_audience(self):
        token = self.emulator.token("modern-client", audience="https://outlook.office365.com")
        self.refuse("another audience", token)

    def test_expired(self):
        self.refuse("expired", self.emulator.token("modern-client", expires_in=-1))

    def test_wrong_tenant(self):
        token = self.emulator.token("modern-client", tenant_id=str(uuid.uuid4()))
        self.refuse("another tenant", token)

    def test_other_application(self):
        self.refuse("bound to another application", self.emulator.token("legacy-client"))

    def test_managed_identity_needs_a_user_name_of_its_own(self):
        identity = self.emulator.state("identities", "uami-acs-smtp")
        token = self.emulator.token(client_id=identity["client_id"],
                                    object_id=identity["object_id"])
        self.refuse("bound to another application", token)
        self.emulator.bind("robot", identity["client_id"])
        self.assertStarts(self.secure().xoauth2("robot", token), "235")

    def test_unknown_user_name(self):
        self.refuse("no application", self.emulator.token("modern-client"), "nobody")

    def test_role_removed(self):
        modern = self.emulator.application("modern-client")
        token = self.emulator.token("modern-client")
        self.emulator.revoke(modern["object_id"], self.emulator.service)
        self.refuse("no role", token)

    def test_forged_signature(self):
        head, claims, signature = self.emulator.token("modern-client").split(".")
        self.refuse("signature", f"{head}.{claims}.{signature[:-6]}AAAAAA")

    def test_unsigned_token(self):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
        claims = {"aud": ACS, "exp": int(time.time()) + 60, "nbf": 0,
                  "appid": self.emulator.application("modern-client")["client_id"]}
        self.refuse("signature", part({"alg": "none", "typ": "JWT"}) + "." + part(claims) + ".")

    def test_public_key_as_shared_secret(self):
        authority = self.emulator.endpoints["authority_host"]
        key = self.emulator.get(f"{authority}/common/discovery/keys").json()["keys"][0]
        number = int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="), "big")
        modulus = b"\0" + number.to_bytes(256, "big")
        integer = b"\x02\x82\x01\x01" + modulus + b"\x02\x03\x01\x00\x01"
        sequence = b"\x30\x82\x01\x0a" + integer
        der = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00") + sequence
        pem = b64(der)
        pem = ("-----BEGIN PUBLIC KEY-----\n" +
               "".join(pem[i:i + 64] + "\n" for i in range(0, len(pem), 64)) +
               "-----END PUBLIC KEY-----\n")
        head, claims, _ = self.emulator.token("modern-client").split(".")
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
        digest = hmac.new(pem.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        forged = f"{head}.{claims}." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self.refuse("not signed with RS256", forged)

    def test_malformed_responses(self):
        token = self.emulator.token("modern-client")
        for text in ("", "user=x", f"user={self.name}\1auth=Bearer {token}\1",
                     f"user={self.name}\1auth=Bearer {token}\1\1x",
                     f"user={self.name}\1auth=bearer {token}\1\1",
                     f"n,a={self.name},\1auth=Bearer {token}\1\1"):
            smtp = self.secure()
            smtp.say("AUTH XOAUTH2")
            self.assertStarts(smtp.say(b64(text)), "535")

    def test_not_base64(self):
        smtp = self.secure()
        smtp.say("AUTH XOAUTH2")
        self.assertStarts(smtp.say("user=x"), "501 5.5.2")

    def test_cancelled(self):
        smtp = self.secure()
        smtp.say("AUTH XOAUTH2")
        self.assertStarts(smtp.say("*"), "501")

    def test_refusal_by_challenge(self):
        self.emulator.patch({"xoauth2_refusal": "challenge"}, "smtp")
        smtp = self.secure()
        reply = smtp.xoauth2(self.name, "wrong")
        self.assertStarts(reply, "334 ")
        self.assertEqual(json.loads(base64.b64decode(reply[4:])),
                         {"status": "401", "schemes": "bearer", "scope": ACS + "/.default"})
        self.assertStarts(smtp.say(""), "535 5.7.3")
        smtp.xoauth2(self.name, "wrong")
        self.assertStarts(smtp.say("AQ=="), "501")


if __name__ == "__main__":
    main()
