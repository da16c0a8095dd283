# SPDX-License-Identifier: MIT
"""imds: the managed identity of a virtual machine, and everything that can stand in its place."""

import json
import time

from lib.credentials import (CONFIG, DENIED, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest, main,
                             unused_port)

IMDS = {"plugin": "imds"}
# Comes after imds in a chain and always answers.
LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}


class Imds(CredentialTest):
    def identity(self, name):
        return self.emulator.state("identities", name)

    def chain(self, *first, **more):
        """What the chain of imds and a last resort says; the last resort's token is 'last-resort'."""
        return self.token(*(first or (IMDS,)), LAST, LAST_TOKEN="last-resort", **more)

    def assert_moved_on(self, done, *words):
        self.assertEqual((done.returncode, done.stdout), (0, "last-resort\n"), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    # success

    def test_the_system_identity_is_the_default(self):
        claims = self.claims(IMDS)
        self.assertEqual(claims["oid"], self.identity("system")["object_id"])
        self.assertEqual(claims["aud"], "https://communication.azure.com")

    def test_a_user_assigned_identity_by_each_of_its_ids(self):
        known = self.identity("uami-acs-smtp")
        for option in ("client_id", "object_id", "resource_id"):
            with self.subTest(option=option):
                claims = self.claims(dict(IMDS, **{option: known[option]}))
                self.assertEqual(claims["appid"], known["client_id"])

    def test_the_environment_does_not_choose_an_identity(self):
        claims = self.claims(IMDS, AZURE_CLIENT_ID="00000000-1111-2222-3333-444444444444")
        self.assertEqual(claims["oid"], self.identity("system")["object_id"])

    def test_two_instances_in_one_chain_keep_apart(self):
        absent = dict(IMDS, endpoint="http://127.0.0.1:%d" % unused_port())
        claims = self.claims(absent, IMDS)
        self.assertEqual(claims["oid"], self.identity("system")["object_id"])

    def test_expiry_is_read_from_strings(self):
        self.emulator.fault(service="imds", action="expires_in", seconds=4000)
        done = self.token(IMDS, arguments=("--format", "json"))
        self.assertAlmostEqual(json.loads(done.stdout)["expires_on"], time.time() + 4000, delta=60)

    def test_the_environment_names_another_endpoint(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        port = unused_port()
        error = self.refused(UNAVAILABLE, credentials=[IMDS],
                             AZURE_POD_IDENTITY_AUTHORITY_HOST="http://127.0.0.1:%d/" % port)
        self.assertIn(str(port), error)

    def test_a_proxy_of_the_environment_is_not_used(self):
        proxy = "http://127.0.0.1:%d" % unused_port()
        self.assertTrue(self.good_token(IMDS, http_proxy=proxy, HTTP_PROXY=proxy, ALL_PROXY=proxy))

    def test_in_a_chain_it_is_probed_once_without_the_header(self):
        self.assertNotEqual(self.chain().stdout, "last-resort\n")
        self.assertEqual(self.emulator.requests("imds").get("probe"), 1)

    def test_alone_it_is_not_probed(self):
        self.good_token(IMDS)
        self.assertNotIn("probe", self.emulator.requests("imds"))

    # absence

    def test_nobody_there_is_unavailable_at_once(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        start = time.monotonic()
        self.refused(UNAVAILABLE, "metadata service", credentials=[IMDS])
        self.assert_moved_on(self.chain(), "imds")
        self.assertLess(time.monotonic() - start, 8)

    def test_silence_costs_a_chain_about_a_second(self):
        self.emulator.patch({"mode": "slow", "delay_ms": 6000}, "imds")
        start = time.monotonic()
        self.assert_moved_on(self.chain(), "imds")
        self.assertLess(time.monotonic() - start, 5)

    def test_alone_it_waits_longer_than_a_second(self):
        self.emulator.patch({"mode": "slow", "delay_ms": 2500}, "imds")
        self.assertTrue(self.good_token(IMDS))

    def test_the_deadline_ends_the_waiting(self):
        self.emulator.patch({"mode": "slow", "delay_ms": 6000}, "imds")
        start = time.monotonic()
        self.refused(TEMPORARY, credentials=[IMDS], arguments=("--timeout", "2s"))
        self.assertLess(time.monotonic() - start, 5)

    def test_a_proxy_that_says_unreachable_is_unavailable(self):
        self.emulator.patch({"mode": "unreachable"}, "imds")
        self.assert_moved_on(self.chain(), "unreachable")
        self.refused(UNAVAILABLE, "unreachable", credentials=[IMDS])

    def test_another_clouds_page_moves_a_chain_on(self):
        for status in (200, 401, 404):
            with self.subTest(status=status):
                self.emulator.reset()
                self.emulator.fault(service="imds", action="html", status=status)
                self.assert_moved_on(self.chain())

    def test_another_clouds_page_is_an_error_alone(self):
        self.emulator.fault(service="imds", action="html")
        self.refused(PROTOCOL, credentials=[IMDS])

    # refusals

    def test_no_system_identity_moves_a_chain_on(self):
        self.emulator.patch({"assigned": False}, "identities", "system")
        self.emulator.patch({"assigned": False}, "identities", "uami-acs-smtp")
        self.assert_moved_on(self.chain(), "no system-assigned identity")

    def test_an_identity_that_is_not_assigned_stops_a_chain(self):
        chosen = dict(IMDS, client_id="00000000-1111-2222-3333-444444444444")
        error = self.refused(DENIED, "not assigned", chosen["client_id"], "client_id",
                             credentials=[chosen, LAST], LAST_TOKEN="last-resort")
        self.assertIn("Identity not found", error)

    def test_an_unknown_scope_is_a_setting(self):
        self.refused(CONFIG, "AADSTS500011", credentials=[IMDS],
                     arguments=("--scope", "https://nobody.example/.default"))

    def test_a_scope_with_odd_characters_is_refused_before_anything_is_sent(self):
        for scope in ("https://x/.default&client_id=y", "a b", "\u00e9/.default", "-x"):
            with self.subTest(scope=scope):
                self.refused(CONFIG, credentials=[IMDS], arguments=("--scope=" + scope,))
        self.assertEqual(self.emulator.requests("imds"), {})

    def test_the_three_ids_exclude_one_another(self):
        self.refused(CONFIG, "exclude", credentials=[dict(IMDS, client_id="a", object_id="b")])

    def test_an_endpoint_elsewhere_must_be_https(self):
        self.refused(CONFIG, credentials=[dict(IMDS, endpoint="http://192.0.2.1")])

    # failures that pass

    def test_failures_that_pass_are_tried_again(self):
        for status in (404, 429, 500, 503):
            with self.subTest(status=status):
                self.emulator.reset()
                self.emulator.fault(service="imds", action="status", status=status, count=1)
                self.assertTrue(self.good_token(IMDS, arguments=("--refresh",)))
                self.assertEqual(self.emulator.requests("imds")["fault"], 1)

    def test_retry_after_is_honoured_and_told(self):
        self.emulator.fault(service="imds", action="status", status=429, retry_after=2, count=1)
        start = time.monotonic()
        self.assertTrue(self.good_token(IMDS))
        self.assertGreater(time.monotonic() - start, 1.9)

    def test_a_retry_after_beyond_the_deadline_ends_it_at_once(self):
        self.emulator.fault(service="imds", action="status", status=429, retry_after=60)
        start = time.monotonic()
        self.refused(TEMPORARY, "429", credentials=[IMDS], arguments=("--timeout", "20s"))
        self.assertLess(time.monotonic() - start, 10)

    def test_an_update_is_waited_for(self):
        self.emulator.fault(service="imds", action="status", status=410, count=1)
        start = time.monotonic()
        self.assertTrue(self.good_token(IMDS))
        self.assertGreater(time.monotonic() - start, 7)

    def test_an_update_of_seventy_seconds_is_waited_out(self):
        """Ten times faster: the service answers 410 for seven seconds."""
        self.emulator.put(10, "time_scale")
        self.addCleanup(self.emulator.reset)
        self.emulator.patch({"mode": "updating"}, "imds")
        self.assertTrue(self.good_token(IMDS))
        self.assertGreaterEqual(self.emulator.requests("imds")["token"], 2)

    def test_an_update_ends_at_the_deadline(self):
        self.emulator.fault(service="imds", action="status", status=410)
        start = time.monotonic()
        self.refused(TEMPORARY, credentials=[IMDS], arguments=("--timeout", "3s"))
        self.assertLess(time.monotonic() - start, 10)

    def test_a_lost_connection_is_tried_again(self):
        self.emulator.fault(service="imds", action="drop", count=1)
        self.assertTrue(self.good_token(IMDS))

    def test_a_forbidden_request_is_not_repeated(self):
        self.emulator.fault(service="imds", action="status", status=401,
                            body='{"error":"unauthorized_client","error_description":"no"}')
        self.refused(DENIED, "401", credentials=[IMDS])
        self.assertEqual(self.emulator.requests("imds")["fault"], 1)

    # replies that cannot be trusted

    def test_bad_replies(self):
        for action, status in (("garbage", PROTOCOL), ("huge", PROTOCOL), ("truncate", TEMPORARY)):
            with self.subTest(action=action):
                self.emulator.reset()
                self.emulator.fault(service="imds", action=action)
                self.refused(status, credentials=[IMDS])

    def test_json_without_a_token_stops_a_chain(self):
        self.emulator.fault(service="imds", action="status", status=200, skip=1,
                            body='{"token_type":"Bearer"}')
        done = self.chain()
        self.assertEqual(done.returncode, PROTOCOL, done.stderr)

    def test_the_trace_shows_the_request_but_no_token(self):
        done = self.acsmtp("--trace", "token", credentials=[IMDS])
        self.assertIn("/metadata/identity/oauth2/token", done.stderr)
        self.assertNotIn(done.stdout.strip(), done.stderr)
        self.assertNotIn(done.stdout.split(".")[1], done.stderr)


if __name__ == "__main__":
    main()
