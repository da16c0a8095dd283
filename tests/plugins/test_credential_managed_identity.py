# SPDX-License-Identifier: MIT
"""managed-identity: each platform's endpoint as it is documented, and what must not be believed."""

import json
import os
import time

from lib.credentials import (CONFIG, DENIED, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest, main,
                             unused_port)

PLUGIN = {"plugin": "managed-identity"}
LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}


class ManagedIdentity(CredentialTest):
    def setUp(self):
        super().setUp()
        self.platform = self.emulator.endpoints["platform"]
        switches = self.emulator.state("platform")  # anew at each reset
        self.header, self.secret = switches["header"], switches["secret"]
        self.canaries += [self.header, self.secret]

    def identity(self, name):
        return self.emulator.state("identities", name)

    def url(self, path):
        return self.platform["endpoint"] + path

    # what the platforms put into the environment

    def app_service(self, **more):
        return dict({"IDENTITY_ENDPOINT": self.url("/msi/token"), "IDENTITY_HEADER": self.header},
                    **more)

    def fabric(self, **more):
        return dict({"IDENTITY_ENDPOINT": self.platform["service_fabric"] + "/metadata/token",
                     "IDENTITY_HEADER": self.header,
                     "IDENTITY_SERVER_THUMBPRINT": self.platform["thumbprint"]}, **more)

    def learning(self):
        return {"MSI_ENDPOINT": self.url("/ml/token"), "MSI_SECRET": self.secret,
                "DEFAULT_IDENTITY_CLIENT_ID": self.identity("uami-acs-smtp")["client_id"]}

    def cloud_shell(self):
        return {"MSI_ENDPOINT": self.url("/oauth2/token")}

    def arc(self, **more):
        url = self.url("/metadata/identity/oauth2/token")
        return dict({"IDENTITY_ENDPOINT": url, "IMDS_ENDPOINT": self.platform["endpoint"]}, **more)

    def arc_plugin(self, **more):
        return dict(PLUGIN, arc_key_folder=self.platform["arc_key_folder"], **more)

    # success

    def test_app_service(self):
        claims = self.claims(PLUGIN, **self.app_service())
        self.assertEqual(claims["oid"], self.identity("system")["object_id"])

    def test_app_services_user_assigned_identity_by_each_of_its_ids(self):
        known = self.identity("uami-acs-smtp")
        for option in ("client_id", "object_id", "resource_id"):
            with self.subTest(option=option):
                claims = self.claims(dict(PLUGIN, **{option: known[option]}), **self.app_service())
                self.assertEqual(claims["appid"], known["client_id"])

    def test_an_endpoint_with_a_query_of_its_own(self):
        self.assertTrue(self.good_token(PLUGIN, **self.app_service(
            IDENTITY_ENDPOINT=self.url("/msi/token?x=y"))))

    def test_machine_learning_with_its_old_date(self):
        done = self.token(PLUGIN, arguments=("--format", "json"), **self.learning())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertAlmostEqual(json.loads(done.stdout)["expires_on"], time.time() + 86399, delta=60)

    def test_cloud_shell(self):
        self.assertTrue(self.good_token(PLUGIN, **self.cloud_shell()))

    def test_arc_answers_the_challenge(self):
        claims = self.claims(self.arc_plugin(), **self.arc())
        self.assertEqual(claims["oid"], self.identity("system")["object_id"])
        self.assertEqual(os.listdir(self.platform["arc_key_folder"]), [])

    def test_arc_with_a_user_assigned_identity(self):
        known = self.identity("uami-acs-smtp")
        for option in ("client_id", "object_id", "resource_id"):
            with self.subTest(option=option):
                claims = self.claims(self.arc_plugin(**{option: known[option]}), **self.arc())
                self.assertEqual(claims["appid"], known["client_id"])

    def test_the_arc_agents_program_is_enough(self):
        agent = self.script("exit 0", "own-himds")
        claims = self.claims(self.arc_plugin(
            arc_agent=agent, arc_endpoint=self.url("/metadata/identity/oauth2/token")))
        self.assertEqual(claims["oid"], self.identity("system")["object_id"])

    def test_service_fabric_by_the_thumbprint(self):
        self.assertTrue(self.good_token(PLUGIN, **self.fabric()))
        spaced = ":".join(self.platform["thumbprint"].lower()[i:i + 2] for i in range(0, 40, 2))
        self.assertTrue(self.good_token(PLUGIN, **self.fabric(IDENTITY_SERVER_THUMBPRINT=spaced)))

    # which one

    def test_more_variables_come_first(self):
        both = dict(self.learning(), **self.app_service())
        self.good_token(PLUGIN, **both)
        self.assertIn("app-service", self.emulator.requests("platform"))
        self.good_token(dict(PLUGIN, source="machine-learning"), **both)
        self.assertIn("machine-learning", self.emulator.requests("platform"))

    def test_nothing_there_moves_a_chain_on_at_once(self):
        start = time.monotonic()
        done = self.token(PLUGIN, LAST, LAST_TOKEN="last-resort")
        self.assertEqual((done.returncode, done.stdout), (0, "last-resort\n"), done.stderr)
        self.assertIn("no managed identity endpoint here", done.stderr)
        self.assertLess(time.monotonic() - start, 2)
        self.refused(UNAVAILABLE, credentials=[PLUGIN])

    def test_a_named_source_must_be_complete(self):
        self.refused(CONFIG, "needs endpoint and header",
                     credentials=[dict(PLUGIN, source="app-service")])
        self.refused(CONFIG, "thumbprint", credentials=[dict(PLUGIN, source="service-fabric")],
                     **self.app_service())

    def test_an_arc_agent_that_does_not_run(self):
        url = "http://127.0.0.1:%d/metadata/identity/oauth2/token" % unused_port()
        done = self.token(self.arc_plugin(), LAST, LAST_TOKEN="last-resort",
                          **self.arc(IDENTITY_ENDPOINT=url))
        self.assertEqual(done.stdout, "last-resort\n", done.stderr)
        self.assertIn("agent does not run", done.stderr)

    # refusals

    def test_selectors_exclude_one_another(self):
        self.refused(CONFIG, "exclude one another", credentials=[
            dict(PLUGIN, client_id="a", object_id="b")], **self.app_service())

    def test_a_source_that_cannot_choose(self):
        for environment in (self.cloud_shell(), self.fabric()):
            with self.subTest(environment=environment):
                self.refused(CONFIG, "cannot choose an identity by client_id",
                             credentials=[dict(PLUGIN, client_id="x")], **environment)
        self.assertEqual(self.emulator.requests("platform"), {})

    def test_an_identity_that_is_not_assigned(self):
        self.refused(DENIED, "is not assigned here", credentials=[
            dict(PLUGIN, client_id="00000000-1111-2222-3333-444444444444")], **self.app_service())

    def test_no_system_assigned_identity(self):
        self.emulator.patch({"assigned": False}, "identities", "system")
        self.refused(UNAVAILABLE, "no system-assigned identity", credentials=[PLUGIN],
                     **self.app_service())

    def test_an_unknown_scope(self):
        self.refused(CONFIG, "scope", arguments=("--scope", "https://nobody/.default"),
                     credentials=[PLUGIN], **self.cloud_shell())

    def test_a_wrong_header(self):
        error = self.refused(DENIED, "401", credentials=[PLUGIN],
                             **self.app_service(IDENTITY_HEADER="not-the-header"))
        self.assertNotIn("not-the-header", error)

    def test_a_header_cannot_smuggle_another(self):
        self.refused(CONFIG, credentials=[dict(PLUGIN, header={"file": self.program.write(
            "own-header", "a\r\nX-Evil: 1")})], IDENTITY_ENDPOINT=self.url("/msi/token"))
        self.assertEqual(self.emulator.requests("platform"), {})

    def test_service_fabrics_certificate_must_be_the_one(self):
        wrong = "0" * 40
        error = self.refused(PROTOCOL, "certificate", credentials=[PLUGIN],
                             **self.fabric(IDENTITY_SERVER_THUMBPRINT=wrong))
        self.assertNotIn(self.header, error)
        self.assertEqual(self.emulator.requests("platform"), {})
        for text in ("", "12", "zz" * 20, "0" * 41):
            if text:
                self.refused(CONFIG, "40 hex digits", credentials=[PLUGIN],
                             **self.fabric(IDENTITY_SERVER_THUMBPRINT=text))

    def test_service_fabric_needs_tls(self):
        self.refused(CONFIG, "https://", credentials=[PLUGIN],
                     **self.fabric(IDENTITY_ENDPOINT=self.url("/metadata/token")))

    def test_arc_may_not_ask_for_any_other_file(self):
        for challenge, word in (("elsewhere", "not a .key file"), ("outside", "not a .key file"),
                                ("ending", "not a .key file"), ("two-equals", "'='"),
                                ("missing", "No such file"), ("large", "4096 bytes")):
            with self.subTest(challenge=challenge):
                self.emulator.patch({"arc_challenge": challenge}, "platform")
                self.emulator.clear_requests()
                self.refused(PROTOCOL, word, credentials=[self.arc_plugin()], **self.arc())
                self.assertEqual(self.emulator.requests("platform")["arc"], 1)

    def test_arcs_key_may_not_be_a_link(self):
        folder = os.path.join(self.program.home, "own-keys")
        os.symlink(self.platform["arc_key_folder"], folder)
        self.refused(PROTOCOL, "not a .key file", credentials=[
            dict(PLUGIN, arc_key_folder=folder)], **self.arc())

    def test_an_old_arc_agent_that_ignores_the_choice(self):
        self.emulator.patch({"arc_selects": False}, "platform")
        self.refused(PROTOCOL, "does not confirm client_id", credentials=[
            self.arc_plugin(client_id=self.identity("uami-acs-smtp")["client_id"])], **self.arc())

    # failures

    def test_throttling_is_waited_out(self):
        self.emulator.fault(service="platform", action="status", status=429, retry_after=1, count=1)
        self.assertTrue(self.good_token(PLUGIN, **self.app_service()))

    def test_failures_by_class(self):
        for fault, status in (({"action": "status", "status": 503}, TEMPORARY),
                              ({"action": "drop"}, TEMPORARY), ({"action": "garbage"}, PROTOCOL),
                              ({"action": "html"}, PROTOCOL), ({"action": "huge"}, PROTOCOL)):
            with self.subTest(fault=fault):
                self.emulator.clear_faults()
                self.emulator.fault(service="platform", **fault)
                self.refused(status, credentials=[PLUGIN], **self.app_service())

    def test_a_slow_endpoint_meets_the_deadline(self):
        self.emulator.fault(service="platform", action="delay", delay_ms=6000)
        start = time.monotonic()
        self.refused(TEMPORARY, credentials=[PLUGIN], arguments=("--timeout", "1s"),
                     **self.app_service())
        self.assertLess(time.monotonic() - start, 4)

    def test_the_trace_shows_no_secret(self):
        for environment in (self.app_service(), self.fabric(), self.learning(), self.arc()):
            done = self.acsmtp("--trace", "token", credentials=[self.arc_plugin()], **environment)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
