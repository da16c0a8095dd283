# SPDX-License-Identifier: MIT
"""The metadata service: strict requests, identities, and its ways of not being there."""

import base64
import http.client
import json
import time
import urllib.parse

from case import ACS, VAULT, Case, main


class Imds(Case):
    def ask(self, headers=None, path="/metadata/identity/oauth2/token", method="GET", **query):
        fields = {"api-version": "2018-02-01", "resource": ACS}
        fields.update({name.replace("api_version", "api-version"): value
                       for name, value in query.items()})
        text = urllib.parse.urlencode({k: v for k, v in fields.items() if v is not None})
        url = f"{self.emulator.endpoints['imds']}{path}?{text}"
        return self.emulator.request(method, url,
                                     {"Metadata": "true"} if headers is None else headers)

    def claims(self, reply):
        return json.loads(base64.urlsafe_b64decode(
            reply.json()["access_token"].split(".")[1] + "=="))

    def refused(self, reply, words, error="invalid_request", status=400):
        self.assertEqual((reply.status, reply.json()["error"]), (status, error))
        self.assertIn(words, reply.json()["error_description"])

    def test_numbers_are_strings(self):
        body = self.ask().json()
        for name in ("expires_in", "expires_on", "not_before"):
            self.assertIsInstance(body[name], str)
        self.assertAlmostEqual(int(body["expires_on"]), time.time() + 86399, delta=10)
        self.assertEqual((body["resource"], body["token_type"]), (ACS, "Bearer"))
        self.assertEqual(body["refresh_token"], "")

    def test_system_identity_is_the_default(self):
        identity = self.emulator.state("identities", "system")
        claims = self.claims(self.ask())
        self.assertEqual((claims["appid"], claims["oid"], claims["xms_mirid"]),
                         (identity["client_id"], identity["object_id"], identity["resource_id"]))

    def test_each_selector_finds_the_user_assigned_identity(self):
        identity = self.emulator.state("identities", "uami-acs-smtp")
        for query, member in (("client_id", "client_id"), ("object_id", "object_id"),
                              ("msi_res_id", "resource_id"), ("mi_res_id", "resource_id")):
            claims = self.claims(self.ask(**{query: identity[member]}))
            self.assertEqual(claims["appid"], identity["client_id"], query)

    def test_two_selectors(self):
        identity = self.emulator.state("identities", "uami-acs-smtp")
        self.refused(self.ask(client_id=identity["client_id"], object_id=identity["object_id"]),
                     "Identity not found")

    def test_identity_that_is_not_assigned(self):
        self.refused(self.ask(client_id="00000000-0000-0000-0000-000000000000"),
                     "Identity not found")
        self.emulator.patch({"assigned": False}, "identities", "system")
        self.refused(self.ask(), "Identity not found")

    def test_header_must_be_exact(self):
        for headers in ({}, {"Metadata": "True"}, {"Metadata": "1"}, {"Metadata": ""}):
            self.refused(self.ask(headers), "metadata header", "bad_request_102")

    def test_probe_is_counted_apart(self):
        self.ask({})
        self.ask()
        self.assertEqual(self.emulator.requests("imds"), {"total": 2, "probe": 1, "token": 1})

    def test_forwarded_request(self):
        self.refused(self.ask({"Metadata": "true", "X-Forwarded-For": "10.0.0.1"}),
                     "X-Forwarded-For")

    def test_api_version(self):
        for version in (None, "", "2018", "9999-01-01"):
            reply = self.ask(api_version=version)
            self.assertEqual(reply.status, 400)
            self.assertIn("api-version", reply.json()["error"])

    def test_resource_is_needed(self):
        self.refused(self.ask(resource=None), "audience")

    def test_unknown_resource(self):
        self.refused(self.ask(resource="https://nowhere.example"), "AADSTS500011",
                     "invalid_resource")

    def test_post_is_refused(self):
        self.assertEqual(self.ask(method="POST").status, 405)

    def test_other_path(self):
        self.assertEqual(self.ask(path="/metadata/instance").status, 404)

    def test_audience_is_written_as_asked(self):
        self.assertEqual(self.claims(self.ask(resource=VAULT + "/"))["aud"], VAULT + "/")

    def test_absent_and_back_on_the_same_port(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        with self.assertRaises(ConnectionRefusedError):
            self.ask()
        self.emulator.patch({"mode": "on"}, "imds")
        self.assertEqual(self.ask().status, 200)

    def test_reset_brings_it_back(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        self.emulator.reset()
        self.assertEqual(self.ask().status, 200)

    def test_slow(self):
        self.emulator.patch({"mode": "slow", "delay_ms": 300}, "imds")
        before = time.monotonic()
        self.assertEqual(self.ask().status, 200)
        self.assertGreaterEqual(time.monotonic() - before, 0.3)

    def test_unreachable(self):
        self.emulator.patch({"mode": "unreachable"}, "imds")
        reply = self.ask({})
        self.assertEqual(reply.status, 403)
        self.assertIn(b"unreachable network", reply.body)

    def test_an_update_lasts_seventy_seconds(self):
        self.emulator.put(35, "time_scale")
        self.addCleanup(self.emulator.reset)
        self.emulator.patch({"mode": "updating"}, "imds")
        before = time.monotonic()
        self.assertEqual(self.ask().status, 410)
        while self.ask().status == 410:
            time.sleep(0.05)
        self.assertGreaterEqual(time.monotonic() - before, 2)
        self.assertLess(time.monotonic() - before, 20)
        self.assertEqual(self.ask().status, 200)

    def test_lifetime_fault(self):
        self.emulator.fault(service="imds", action="expires_in", seconds=60)
        self.assertEqual(self.ask().json()["expires_in"], "60")

    def test_updating(self):
        self.emulator.fault(service="imds", action="status", status=410, count=1)
        self.assertEqual(self.ask().status, 410)
        self.assertEqual(self.ask().status, 200)

    def test_dropped(self):
        self.emulator.fault(service="imds", action="drop", count=1)
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
            self.ask()


if __name__ == "__main__":
    main()
