# SPDX-License-Identifier: MIT
"""acsmtp token: raw, as a document, what is inside; never the signature with the claims."""

import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase


class Token(CloudCase):
    def run_token(self, *arguments, **more):
        application = self.emulator.application("modern-client")
        entry = {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                 "client_id": application["client_id"],
                 "client_secret": {"env": "ACSMTP_TEST_SECRET"}}
        chosen = dict(self.xoauth2(), credentials=["imds", entry])
        self.emulator.put("absent", "imds", "mode")
        more.setdefault("secret", application["client_secret"])
        return self.acsmtp("token", *arguments, chosen=chosen, **more)

    def test_the_token_alone(self):
        done = self.run_token()
        self.assert_code(done, 0)
        self.assertRegex(done.stdout, r"\AeyJ[\w-]+\.[\w-]+\.[\w-]+\n\Z")
        self.assertEqual(done.stderr, "")

    def test_a_document(self):
        for arguments in (("--format", "json"), ("--json",)):
            document = json.loads(self.run_token(*arguments).stdout)
            self.assertEqual(set(document), {"schema_version", "token", "expires_on", "expires_at",
                                             "source"})
            self.assertEqual(document["source"], "client-secret")
            self.assertRegex(document["expires_at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")

    def test_what_is_inside_without_the_signature(self):
        token = self.run_token().stdout.strip()
        done = self.run_token("--claims")
        self.assert_code(done, 0)
        document = json.loads(done.stdout)
        claims = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        self.assertEqual(document["claims"], claims)
        self.assertEqual(document["header"]["alg"], "RS256")
        self.assertNotIn(token.split(".")[2][:20], done.stdout)
        self.assertNotIn(token[:40], done.stdout)

    def test_refresh_asks_again(self):
        first = self.run_token().stdout
        self.assertEqual(self.run_token().stdout, first)
        self.assertNotEqual(self.run_token("--refresh").stdout, first)

    def test_another_scope(self):
        done = self.run_token("--claims", "--scope", "https://vault.azure.net/.default")
        self.assert_code(done, 0)
        self.assertIn("vault.azure.net", json.loads(done.stdout)["claims"]["aud"])

    def test_the_cache_needs_no_curl(self):
        self.run_token()
        done = self.run_token(LD_DEBUG="libs")
        self.assert_code(done, 0)
        self.assertIn("libacsmtp.so", done.stderr)
        self.assertNotIn("libcurl", done.stderr)

    def test_a_password_is_no_token(self):
        done = self.acsmtp("token", chosen=self.login(), secret=self.password)
        self.assert_code(done, 78)
        self.assertIn("password", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertNotIn(self.password, done.stderr)

    def test_an_opaque_token_has_no_claims(self):
        chosen = self.xoauth2()
        chosen["credentials"] = [{"plugin": "token", "token": {"env": "ACSMTP_TEST_SECRET"}}]
        done = self.acsmtp("token", "--claims", chosen=chosen, secret="opaque-token-17-opaque")
        self.assertIn(done.returncode, (76, 78), done.stderr)
        self.assertNotIn("opaque-token-17-opaque", done.stdout + done.stderr)

    def test_a_refused_secret(self):
        done = self.run_token(secret="wrong-secret-3")
        self.assert_code(done, 77)
        self.assertIn("AADSTS7000215", done.stderr)
        self.assertIn("hint: ", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_failure_as_a_document(self):
        done = self.run_token("--json", secret="wrong-secret-4")
        self.assert_code(done, 77)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "AADSTS7000215")

    def test_nothing_applies_here(self):
        self.emulator.put("absent", "imds", "mode")
        done = self.acsmtp("token", chosen=dict(self.xoauth2(), credentials=["imds", "azcli"]))
        self.assert_code(done, 69)
        self.assertRegex(done.stderr, r"(?m)^  imds +unavailable")
        self.assertRegex(done.stderr, r"(?m)^  azcli +unavailable")

    def test_a_dry_run_asks_nobody(self):
        done = self.run_token("--dry-run")
        self.assert_code(done, 0)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.emulator.requests("entra"), {})



if __name__ == "__main__":
    processes.main()
