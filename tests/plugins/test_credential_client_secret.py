# SPDX-License-Identifier: MIT
"""client-secret: the client credentials grant at Entra, its settings, its refusals."""

import json
import os
import time

from lib.credentials import (CONFIG, DENIED, PROTOCOL, SCOPE, TEMPORARY, UNAVAILABLE,
                             CredentialTest, main, unused_port)

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}


class ClientSecret(CredentialTest):
    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.secret = self.client["client_secret"]
        self.canaries.append(self.secret)

    def entry(self, **more):
        entry = {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                 "client_id": self.client["client_id"], "client_secret": {"env": "OWN_SECRET"}}
        entry.update(more)
        return {key: value for key, value in entry.items() if value is not None}

    def get(self, *credentials, **more):
        return self.good_token(*(credentials or (self.entry(),)), OWN_SECRET=self.secret, **more)

    def refuse(self, status, *words, entry=None, secret=None, **more):
        return self.refused(status, *words, credentials=[entry or self.entry()],
                            OWN_SECRET=secret or self.secret, **more)

    # success

    def test_a_token_of_the_application(self):
        claims = self.claims(self.entry(), OWN_SECRET=self.secret)
        self.assertEqual(claims["appid"], self.client["client_id"])
        self.assertEqual(claims["aud"] + "/.default", SCOPE)

    def test_the_environment_is_enough(self):
        self.assertTrue(self.good_token({"plugin": "client-secret"},
                                        AZURE_TENANT_ID=self.emulator.endpoints["tenant_id"],
                                        AZURE_CLIENT_ID=self.client["client_id"],
                                        AZURE_CLIENT_SECRET=self.secret))

    def test_the_clouds_tenant_is_used_when_no_other_is_told(self):
        self.assertTrue(self.get(self.entry(tenant_id=None)))

    def test_the_authority_can_be_given(self):
        host = self.emulator.endpoints["authority_host"]
        self.assertTrue(self.get(self.entry(authority_host=host + "/")))
        self.refuse(TEMPORARY, arguments=("--timeout", "3s"),
                    entry=self.entry(authority_host="https://127.0.0.1:%d" % unused_port()))

    def test_every_character_of_a_secret_arrives(self):
        odd = "p8Q~a.b-c_d+e/f=g&h%i j#k\u00e9\"'\\" + "?" * 200
        self.emulator.put({"value": odd}, "applications", "modern-client", "secrets", "odd")
        self.canaries.append(odd)
        self.assertTrue(self.good_token(self.entry(), OWN_SECRET=odd))

    def test_a_secret_from_a_file_is_read_anew_each_time(self):
        path = self.program.write("own-secret", "wrong-" + self.secret + "\n")
        entry = self.entry(client_secret={"file": path})
        self.refuse(DENIED, "AADSTS7000215", entry=entry)
        self.program.write("own-secret", self.secret + "\n")
        self.assertTrue(self.get(entry))

    def test_two_instances_in_one_chain(self):
        bad = self.entry(client_secret={"env": "BAD_SECRET"}, on_denied="next")
        self.assertTrue(self.get(bad, self.entry(), BAD_SECRET="not-the-secret-of-anybody"))
        self.assertEqual(self.emulator.requests("entra")["token"], 2)

    def test_expiry_and_cache(self):
        done = self.token(self.entry(), arguments=("--format", "json"), OWN_SECRET=self.secret)
        self.assertAlmostEqual(json.loads(done.stdout)["expires_on"], time.time() + 3599, delta=60)
        self.get()
        self.assertEqual(self.emulator.requests("entra")["token"], 1)

    # not configured

    def test_nothing_configured_moves_a_chain_on(self):
        done = self.token({"plugin": "client-secret"}, LAST, LAST_TOKEN="last-resort")
        self.assertEqual(done.stdout, "last-resort\n", done.stderr)
        self.refused(UNAVAILABLE, "AZURE_CLIENT_ID", credentials=[{"plugin": "client-secret"}])

    def test_a_part_in_the_environment_is_not_a_configuration(self):
        done = self.token({"plugin": "client-secret"}, LAST, LAST_TOKEN="last-resort",
                          AZURE_CLIENT_ID=self.client["client_id"],
                          AZURE_TENANT_ID=self.emulator.endpoints["tenant_id"])
        self.assertEqual(done.stdout, "last-resort\n", done.stderr)
        self.assertIn("client_secret", done.stderr)

    def test_a_part_in_the_config_is_a_mistake(self):
        self.refuse(CONFIG, "client_secret", entry=self.entry(client_secret=None))
        self.refuse(CONFIG, "client_id", entry=self.entry(client_id=None))
        self.refuse(CONFIG, "OWN_OTHER", entry=self.entry(client_secret={"env": "OWN_OTHER"}))

    def test_settings_are_checked_before_anything_is_sent(self):
        for entry in ({"tenant_id": "a/b"}, {"tenant_id": "-x"}, {"tenant_id": "t\u00e9"},
                      {"client_id": "a&b=c"}, {"authority_host": "http://localhost:1"},
                      {"authority_host": "ftp://x"}):
            with self.subTest(entry=entry):
                self.refuse(CONFIG, entry=self.entry(**entry))
        self.refuse(CONFIG, "/.default", arguments=("--scope", "https://communication.azure.com"))
        self.assertEqual(self.emulator.requests("entra"), {})

    # refusals

    def test_a_wrong_secret_is_denied_and_stops_the_chain(self):
        error = self.refused(DENIED, "AADSTS7000215", "Correlation ID".lower(),
                             credentials=[self.entry(), LAST], LAST_TOKEN="last-resort",
                             OWN_SECRET="wrong-secret-value")
        self.assertNotIn("wrong-secret-value", error)
        self.assertEqual(self.emulator.requests("entra")["token"], 1)

    def test_an_expired_secret(self):
        secrets = self.emulator.state("applications", "legacy-client", "secrets")
        expired = min(secrets.values(), key=lambda s: s.get("end", 1 << 40))["value"]
        legacy = self.emulator.application("legacy-client")["client_id"]
        self.refuse(DENIED, "AADSTS7000222", entry=self.entry(client_id=legacy), secret=expired)

    def test_an_unknown_application(self):
        self.refuse(DENIED, "AADSTS700016",
                    entry=self.entry(client_id="00000000-1111-2222-3333-444444444444"))

    def test_a_disabled_application(self):
        self.emulator.patch({"enabled": False}, "applications", "modern-client")
        self.refuse(DENIED, "AADSTS7000112")

    def test_an_unknown_tenant_or_resource_is_a_setting(self):
        self.refuse(CONFIG, "AADSTS90002",
                    entry=self.entry(tenant_id="00000000-1111-2222-3333-444444444444"))
        self.refuse(CONFIG, "AADSTS90002", arguments=("--tenant", "nobody.example"))
        self.refuse(CONFIG, "AADSTS500011", arguments=("--scope", "https://nobody/.default"))

    # failures that pass

    def test_throttling_is_waited_out(self):
        self.emulator.fault(service="entra", action="status", status=429, retry_after=2, count=1)
        start = time.monotonic()
        self.get()
        self.assertGreater(time.monotonic() - start, 1.9)

    def test_long_throttling_is_told(self):
        self.emulator.fault(service="entra", action="status", status=429, retry_after=100)
        start = time.monotonic()
        self.refuse(TEMPORARY, "429", "(it asks to wait 100 s)", arguments=("--timeout", "20s"))
        self.assertLess(time.monotonic() - start, 10)

    def test_server_failures_are_tried_four_times(self):
        self.emulator.fault(service="entra", action="status", status=503)
        self.refuse(TEMPORARY, "503")
        self.assertEqual(self.emulator.requests("entra")["fault"], 4)

    def test_a_transient_code_is_temporary_whatever_its_status(self):
        self.emulator.fault(service="entra", action="status", status=400, body=json.dumps(
            {"error": "invalid_grant", "error_description": "AADSTS50033: RetryableError"}))
        self.refuse(TEMPORARY, "AADSTS50033")

    def test_a_lost_connection_is_tried_again(self):
        self.emulator.fault(service="entra", action="drop", count=1)
        self.assertTrue(self.get())

    def test_a_slow_entra_meets_the_deadline(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=6000)
        start = time.monotonic()
        self.refuse(TEMPORARY, arguments=("--timeout", "2s"))
        self.assertLess(time.monotonic() - start, 5)

    # replies that cannot be trusted

    def test_bad_replies(self):
        for action, status in (("garbage", PROTOCOL), ("html", PROTOCOL), ("huge", PROTOCOL)):
            with self.subTest(action=action):
                self.emulator.reset()
                self.emulator.fault(service="entra", action=action)
                self.refuse(status, secret=self.secret)

    def test_a_truncated_reply_is_tried_again(self):
        self.emulator.fault(service="entra", action="truncate", count=1)
        self.assertTrue(self.get())

    def test_a_redirect_is_not_followed(self):
        self.emulator.fault(service="entra", action="html", status=302)
        self.refuse(PROTOCOL, "302")
        self.assertEqual(self.emulator.requests("entra")["fault"], 1)

    def test_refusals_without_sense(self):
        bodies = ['{"error":7}', '{"error":{"code":"x"}}', "[]", '""', '{"error_description":"x"}',
                  '{"error":""}']
        for body in bodies:
            with self.subTest(body=body):
                self.emulator.reset()
                self.emulator.fault(service="entra", action="status", status=400, body=body)
                done = self.token(self.entry(), OWN_SECRET=self.secret)
                self.assertIn(done.returncode, (PROTOCOL, DENIED), done.stderr)

    def test_control_characters_of_a_reply_do_not_reach_the_terminal(self):
        self.emulator.fault(service="entra", action="status", status=400, body=json.dumps(
            {"error": "invalid_client", "error_description": "AADSTS7000215: \x1b[31mred\x07"}))
        error = self.refuse(DENIED, "AADSTS7000215")
        self.assertNotIn("\x1b", error)
        self.assertNotIn("\x07", error)

    def test_the_servers_certificate_is_verified(self):
        cloud = json.loads(json.dumps(self.emulator.endpoints))
        cloud["ca_file"] = "/etc/ssl/certs/ca-certificates.crt"
        path = self.program.write("own-cloud.json", json.dumps(cloud))
        if not os.path.exists(cloud["ca_file"]):
            self.skipTest("no system trust store")
        self.refuse(PROTOCOL, cloud=path)

    # secrets

    def test_the_trace_shows_the_request_but_no_secret(self):
        done = self.acsmtp("--trace", "token", credentials=[self.entry()], OWN_SECRET=self.secret)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("/oauth2/v2.0/token", done.stderr)
        self.assertNotIn(done.stdout.split(".")[1], done.stderr)


if __name__ == "__main__":
    main()
