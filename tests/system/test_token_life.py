# SPDX-License-Identifier: MIT
"""Tokens that end while work goes on: renewed ahead of time without a mail waiting for it, replaced
when the server stops the session, asked for with the claims that a server wants. One deliver() of many
mails, against the emulator."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase, build_folder

ACCEPTED = "1"
# Tokens below 60 s are not shown to a server again; a token this long is renewed after 3 s.
LIFE = 66


class Life(CloudCase):
    def setUp(self):
        super().setUp()
        application = self.emulator.application("modern-client")
        self.environment = {"AZURE_TENANT_ID": self.emulator.endpoints["tenant_id"],
                            "AZURE_CLIENT_ID": application["client_id"],
                            "AZURE_CLIENT_SECRET": application["client_secret"]}

    def send_many(self, count, timeout=120, **environment):
        config = self.program.write("config.json", json.dumps({"profiles": {"p": {
            "from": self.sender, "username": self.emulator.address("modern-client"),
            "credentials": ["client-secret"], "transports": ["smtp-xoauth2"]}}}))
        variables = dict(self.program.environment, **self.environment, **environment)
        done = subprocess.run([os.path.join(build_folder(), "tests", "send-many"), config,
                               self.emulator.cloud, self.sender, str(count)], env=variables,
                              capture_output=True, text=True, timeout=timeout, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])
        self.assertEqual(done.stdout.split(), [ACCEPTED] * count)
        return done.stderr

    def assert_each_arrived_once(self, count):
        subjects = [int(re.search(rb"Subject: (\d+)", raw).group(1)) for raw in self.landed()]
        self.assertEqual(sorted(subjects), list(range(count)))

    def tokens(self):
        return self.emulator.requests("entra").get("token", 0)

    def break_connections(self, *occasions):
        """At these MAIL commands (counted from 0, repeated ones included) the connection ends."""
        for number, at in enumerate(occasions):
            # Occasions at which an earlier fault acts are not seen by the later ones.
            self.emulator.fault(service="smtp", step="mail", action="drop", count=1,
                                skip=at - number)

    # ahead of time

    def test_a_token_is_renewed_while_mails_go_and_no_mail_waits_for_it(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=LIFE)
        self.emulator.fault(service="entra", action="delay", delay_ms=2000, skip=1)
        self.emulator.fault(service="smtp", step="dot", action="delay", delay_ms=900)
        # After 7 mails the first token is below 60 s: who has no newer one now must wait for it.
        self.break_connections(8)
        log = self.send_many(10)
        self.assert_each_arrived_once(10)
        self.assertGreaterEqual(self.tokens(), 2)
        self.assertIn("the token was renewed while mails were being sent", log)
        self.assertLess(max(self.gaps(log)), 1700)

    @staticmethod
    def gaps(log):
        """Milliseconds between the beginnings of mails."""
        times = [int(line.split(" ", 1)[0]) for line in log.splitlines() if "MAIL FROM" in line]
        assert len(times) >= 10, log[-3000:]
        return [after - before for before, after in zip(times, times[1:])]

    def test_without_need_no_token_is_asked_for(self):
        self.send_many(5)
        self.assertEqual(self.tokens(), 1)

    # a session that outlives its token

    def outlive(self, expiry):
        self.emulator.patch({"token_expiry": expiry}, "smtp")
        self.emulator.fault(service="entra", action="expires_in", seconds=3, count=1)
        self.emulator.fault(service="smtp", step="dot", action="delay", delay_ms=700)
        self.send_many(8)
        self.emulator.clear_faults()
        self.assert_each_arrived_once(8)
        self.assertEqual(self.tokens(), 2)
        self.assertEqual(self.emulator.requests("smtp")["authenticated"], 2)
        self.assertIn("the session's token has ended", self.emulator.refusals("smtp"))

    def test_a_server_that_closes_the_session_gets_a_fresh_token(self):
        self.outlive("close")

    def test_a_server_that_hangs_up_gets_a_fresh_token(self):
        self.outlive("drop")

    def test_a_server_that_refuses_each_mail_gets_a_fresh_token(self):
        self.outlive("refuse")

    def test_a_server_that_does_not_look_again_is_not_bothered(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=1, count=1)
        self.emulator.fault(service="smtp", step="dot", action="delay", delay_ms=600)
        self.send_many(4)
        self.assert_each_arrived_once(4)
        self.assertEqual(self.emulator.requests("smtp")["authenticated"], 1)

    def test_across_the_edge_each_mail_arrives_once_whatever_the_second(self):
        self.emulator.patch({"token_expiry": "close"}, "smtp")
        self.emulator.fault(service="entra", action="expires_in", seconds=2)
        self.emulator.fault(service="smtp", step="dot", action="delay", delay_ms=150)
        self.send_many(40)
        self.assert_each_arrived_once(40)

    # claims

    def test_claims_that_the_server_wants_are_asked_for(self):
        self.emulator.patch({"xoauth2_refusal": "challenge", "claims_not_before": 1604106651}, "smtp")
        log = self.send_many(2)
        self.assert_each_arrived_once(2)
        self.assertIn("the server asks for further claims", log)
        self.assertEqual(self.emulator.requests("entra")["claims"], 1)
        self.assertEqual(self.tokens(), 2)

    def test_claims_that_nobody_can_meet_end_in_a_refusal(self):
        self.emulator.patch({"xoauth2_refusal": "challenge", "claims_not_before": 1604106651}, "smtp")
        # A token that is handed over cannot be had again with claims.
        done = self.send_xoauth2(stdin=self.message())
        self.assert_code(done, 77)
        self.assertIn("insufficient_claims", done.stderr)
        self.assert_nothing_sent()

    def test_claims_of_a_vault_are_asked_for(self):
        self.emulator.patch({"claims_not_before": 1604106651}, "keyvault")
        operator = self.emulator.endpoints["operator"]
        profile = {"from": self.sender, "username": "unused@example.com", "credentials": [
            {"plugin": "keyvault-basic", "vault": "kv-acs-smtp-poc",
             "secret": "smtp-legacy-client-secret", "username": self.emulator.address("legacy-client"),
             "credentials": [{"plugin": "client-secret", "client_id": operator["client_id"],
                              "tenant_id": self.emulator.endpoints["tenant_id"],
                              "client_secret": {"env": "ACSMTP_TEST_SECRET"}}]}],
            "transports": ["smtp-login"]}
        done = self.acsmtp("send", "-v", chosen=profile, secret=operator["client_secret"],
                           stdin=self.message())
        self.assert_code(done, 0)
        self.assertEqual(self.emulator.requests("entra"), {"total": 2, "token": 2, "claims": 1})


if __name__ == "__main__":
    processes.main()
