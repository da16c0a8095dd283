# SPDX-License-Identifier: MIT
"""acsmtp doctor: each of its checks where things are well and where they are not, on the emulator."""

import json
import os
import pty
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase

GOOD, UNKNOWN, WARNING, BAD = "good", "unknown", "warning", "bad"
NO_SUCH_NAME = "a" * 70 + ".invalid"  # no resolver is asked for a label that long


class DoctorCase(CloudCase):
    def application(self, name="modern-client", secret="ACSMTP_TEST_SECRET", **more):
        return dict({"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                     "client_id": self.emulator.application(name)["client_id"],
                     "client_secret": {"env": secret}}, **more)

    def profile(self, *credentials, transport=None, looks=True, **more):
        """looks: with an identity that may look at what Azure has."""
        if looks:
            more["provision"] = {"subscription": self.emulator.endpoints["subscription_id"],
                                 "credentials": [self.application("operator", "OPERATOR")]}
        return dict(self.xoauth2(transport), credentials=list(credentials or [self.application()]),
                    **more)

    def doctor(self, *arguments, chosen=None, **more):
        more.setdefault("secret", self.emulator.application("modern-client")["client_secret"])
        more.setdefault("OPERATOR", self.emulator.application("operator")["client_secret"])
        return self.acsmtp("doctor", *arguments, chosen=chosen or self.profile(), **more)

    def findings(self, *arguments, code=0, **more):
        done = self.doctor("--json", *arguments, **more)
        self.assert_code(done, code)
        self.assert_nothing_sent()
        return json.loads(done.stdout)["findings"]

    def finding(self, check, grade, *words, code=0, subject=None, **more):
        """The first finding of that check (and subject) has that grade and those words."""
        found = [item for item in self.findings(code=code, **more) if item["check"] == check and
                 (subject is None or subject in item.get("subject", ""))]
        self.assertTrue(found, f"no finding '{check}'")
        self.assertEqual(found[0]["grade"], grade, found[0])
        for word in words:
            self.assertIn(word, found[0]["detail"])
        return found[0]


class Well(DoctorCase):
    def test_everything_is_well(self):
        found = {item["check"]: item["grade"] for item in self.findings()}
        for check in ("config", "plugin", "dns", "tls", "ehlo", "auth", "credential", "chain",
                      "token-audience", "token-identity", "token-expiry", "login", "smtp-username",
                      "role", "domain-linked", "domain-verified", "sender", "clock"):
            self.assertEqual(found[check], GOOD, check)
        self.assertEqual(found["quota"], UNKNOWN)

    def test_a_password_goes_the_same_way(self):
        chosen = dict(self.login(), provision=self.profile()["provision"])
        found = {item["check"]: item for item in self.findings(chosen=chosen, secret=self.password)}
        self.assertEqual(found["auth"]["detail"], "the server offers LOGIN")
        self.assertEqual(found["login"]["grade"], GOOD)
        self.assertIn("bound to application", found["smtp-username"]["detail"])
        self.assertEqual(found["role"]["grade"], GOOD)  # Graph told the principal
        self.assertNotIn("token-audience", found)

    def test_nobody_gets_a_mail(self):
        self.findings()
        self.assertNotIn("MAIL", self.emulator.requests("smtp"))


class Bad(DoctorCase):
    def test_a_config_that_cannot_be_read(self):
        path = self.program.write("broken.json", "{ nonsense")
        done = self.program.run("--config", path, "doctor", "--json")
        self.assert_code(done, 78)
        found = json.loads(done.stdout)["findings"]
        self.assertEqual([(item["check"], item["grade"]) for item in found], [("config", BAD)])
        self.assertIn("broken.json:1", found[0]["detail"])

    def test_a_plugin_that_is_not_there_stops_nothing(self):
        found = self.findings(code=78, chosen=self.profile("no-such", self.application()))
        grades = {(item["check"], item.get("subject")): item["grade"] for item in found}
        self.assertEqual(grades["plugin", "no-such"], BAD)
        self.assertEqual(grades["plugin", "client-secret"], GOOD)
        self.assertIn(GOOD, [item["grade"] for item in found if item["check"] == "tls"])

    def test_a_name_that_does_not_resolve(self):
        self.finding("dns", BAD, code=75, chosen=self.profile(transport={"host": NO_SUCH_NAME}))

    def test_a_closed_port(self):
        port = processes.free_port()
        found = self.finding("tcp", BAD, "refused", code=75, subject=str(port), chosen=self.profile(
            transport={"host": "127.0.0.1", "port": port}))
        self.assertEqual(found["code"], "connect_refused")

    def test_submission_and_relay_ports_are_looked_at_too(self):
        subjects = [item["subject"] for item in self.findings() if item["check"] == "tcp"]
        self.assertTrue({"localhost:587", "localhost:25"} <= set(subjects), subjects)

    def test_certificates(self):
        for kind, words in (("expired", "expired"), ("other-ca", "self-signed|local issuer"),
                            ("wrong-name", "hostname mismatch|wrong.example")):
            with self.subTest(kind):
                self.emulator.put(kind, "smtp", "certificate")
                found = self.finding("tls", BAD, "does not verify", "valid until", code=76)
                self.assertRegex(found["detail"], words)
                # What comes behind a bad certificate is looked at all the same.
                self.finding("auth", GOOD, code=76)

    def test_no_starttls(self):
        extensions = [extension for extension in self.emulator.state("smtp", "extensions")
                      if not extension.startswith("STARTTLS")]
        self.emulator.put(extensions, "smtp", "extensions")
        self.finding("tls", BAD, "STARTTLS", code=76)

    def test_a_mechanism_that_is_not_offered(self):
        self.emulator.put(["LOGIN"], "smtp", "mechanisms")
        self.finding("auth", BAD, "offers AUTH LOGIN, but not XOAUTH2", code=76)

    def test_a_server_that_hangs_up(self):
        self.emulator.fault(service="smtp", step="connect", action="drop")
        self.finding("tls", BAD, "lost", code=75)

    def test_a_refused_secret(self):
        found = self.finding("credential", BAD, "AADSTS7000215", code=77, secret="wrong")
        self.assertIn("Use the secret's value", found["hint"])
        self.finding("login", UNKNOWN, code=77, secret="wrong")

    def test_a_refused_secret_behind_one_that_answers_is_to_be_watched(self):
        token = {"plugin": "token", "token": {"env": "OTHER"}}
        self.finding("credential", WARNING, subject="client-secret", secret="wrong",
                     OTHER=self.token(), chosen=self.profile(token, self.application()))

    def test_sources_that_do_not_exist_here(self):
        self.emulator.put("absent", "imds", "mode")
        self.finding("credential", UNKNOWN, subject="imds",
                     chosen=self.profile("imds", self.application()))
        found = self.findings(code=69, chosen=self.profile("imds", looks=False))
        self.assertEqual([item["grade"] for item in found if item["check"] == "chain"], [BAD])

    def handed(self, **claims):
        return {"chosen": self.profile({"plugin": "token", "token": {"env": "HANDED"}}),
                "HANDED": self.token(**claims)}

    def test_a_token_for_another_service(self):
        for audience, name in (("https://outlook.office365.com", "Exchange Online"),
                               ("https://graph.microsoft.com", "Microsoft Graph")):
            self.finding("token-audience", BAD, name, code=77, **self.handed(audience=audience))

    def test_an_audience_that_nobody_knows(self):
        self.finding("token-audience", WARNING, code=77,
                     **self.handed(audience="https://example.com"))

    def test_tokens_near_and_behind_their_end(self):
        self.finding("token-expiry", WARNING, "minutes", **self.handed(expires_in=120))
        self.finding("credential", BAD, "expired", code=77, **self.handed(expires_in=-60))
        self.emulator.fault(service="entra", action="expires_in", seconds=-3600)
        self.finding("token-expiry", BAD, "expired", code=77)

    def test_an_opaque_token(self):
        more = self.handed()
        more["HANDED"] = "opaque-token"
        self.finding("token-audience", UNKNOWN, "opaque", code=77, **more)

    def test_a_login_that_is_refused(self):
        chosen = self.profile(username=self.emulator.address("legacy-client"))
        found = self.finding("login", BAD, "535", code=77, chosen=chosen)
        self.assertIn("SMTP user name", found["hint"])


class Provider(DoctorCase):
    def test_a_user_name_of_another_application(self):
        other = self.emulator.application("legacy-client")["client_id"]
        self.emulator.bind(self.emulator.address("modern-client"), other)
        self.finding("smtp-username", BAD, f"bound to application {other}", code=77)

    def test_a_user_name_that_nobody_knows(self):
        chosen = self.profile(username=self.emulator.address("nobody"))
        self.finding("smtp-username", BAD, "no communication service", code=77, chosen=chosen)

    def test_the_older_form_of_user_names(self):
        client_id = self.emulator.application("modern-client")["client_id"]
        for sign in ".|":
            name = sign.join(("acs-smtp-poc", client_id, self.emulator.endpoints["tenant_id"]))
            self.finding("smtp-username", GOOD, "acs-smtp-poc", chosen=self.profile(username=name))

    def test_no_role(self):
        principal = self.emulator.application("modern-client")["object_id"]
        self.emulator.revoke(principal, self.emulator.service)
        found = self.finding("role", BAD, "no role", code=77)
        self.assertIn("Communication and Email Service Owner", found["hint"])

    def test_a_role_further_up_and_one_that_does_not_do(self):
        principal = self.emulator.application("modern-client")["object_id"]
        self.emulator.revoke(principal, self.emulator.service)
        self.emulator.grant(principal, "Contributor", self.emulator.group)
        self.finding("role", GOOD, "Contributor")
        self.emulator.revoke(principal, self.emulator.group)
        self.emulator.grant(principal, "Reader", self.emulator.service)
        self.finding("role", WARNING, "none of the roles that are known to do", code=77)

    def test_a_sender_that_is_not_registered(self):
        self.emulator.remove_sender("DoNotReply")
        found = self.finding("sender", BAD, "not among the 2 MailFrom", code=77)
        self.assertIn("MailFrom", found["hint"])

    def test_a_domain_that_is_not_linked(self):
        chosen = dict(self.profile(), **{"from": "someone@example.com"})
        self.finding("domain-linked", BAD, "not linked", self.emulator.domain, code=77,
                     chosen=chosen)
        self.emulator.patch({"resource": {"properties": {"linkedDomains": []}}}, "arm",
                            self.emulator.service)
        self.finding("domain-linked", BAD, "nothing", code=77)

    def custom_domain(self, state):
        """Makes the seed's domain one of a customer's, whose SPF is in that state."""
        states = {purpose: {"status": "Verified"} for purpose in ("Domain", "SPF", "DKIM", "DKIM2")}
        states["SPF"]["status"] = state
        self.emulator.patch({"resource": {"properties": {
            "domainManagement": "CustomerManaged", "verificationStates": states}}}, "arm",
                            self.emulator.email_domain_id)

    def test_a_custom_domain(self):
        self.custom_domain("Verified")
        self.finding("domain-verified", GOOD, "SPF")
        self.finding("quota", UNKNOWN, "30 mails a minute")
        self.custom_domain("VerificationFailed")
        self.finding("domain-verified", BAD, "SPF is VerificationFailed", code=77)

    def test_the_limits_of_a_managed_domain(self):
        self.finding("quota", UNKNOWN, "5 mails a minute and 10 an hour", "cannot be read")

    def test_without_a_subscription(self):
        self.finding("provider", UNKNOWN, "subscription", chosen=self.profile(looks=False))

    def test_an_identity_that_may_not_look(self):
        chosen = self.profile()
        del chosen["provision"]["credentials"]
        self.finding("provider", UNKNOWN, "communicationServices/read", chosen=chosen)

    def test_settings_that_are_wrong(self):
        chosen = self.profile()
        chosen["provision"]["subscripion"] = "x"
        self.finding("provider", BAD, "subscripion", code=78, chosen=chosen)

    def test_only_reads(self):
        self.emulator.fault(service="arm", method="PUT", action="status", status=500)
        before = self.emulator.state("arm")
        self.findings()
        self.assertEqual(self.emulator.state("arm"), before)


class Clock(DoctorCase):
    def test_a_clock_that_is_behind_or_ahead(self):
        for seconds, words in ((600, "clock is 6[01][0-9] s behind|clock is 599 s behind"),
                               (-7200, "clock is 7[12][0-9][0-9] s ahead")):
            with self.subTest(seconds):
                self.emulator.clear_faults()
                for service in ("entra", "arm", "graph"):
                    self.emulator.fault(service=service, action="clock", seconds=seconds)
                found = self.finding("clock", BAD, code=78)
                self.assertRegex(found["detail"], words)
                self.assertIn("timedatectl", found["hint"])

    def test_seconds_do_not_matter(self):
        self.emulator.fault(service="entra", action="clock", seconds=15)
        self.finding("clock", GOOD)

    def test_nobody_has_told_the_time(self):
        self.finding("clock", UNKNOWN, chosen=self.profile(
            {"plugin": "token", "token": {"env": "HANDED"}}, looks=False), HANDED=self.token())

    def refused(self, code, **more):
        self.emulator.fault(service="entra", action="error", code=code, **more)
        return self.acsmtp("token", chosen=self.profile(), secret="x", OPERATOR="x").stderr

    def test_a_refusal_that_a_clock_can_cause_says_so(self):
        self.assertRegex(self.refused("700024", seconds=600),
                         r"AADSTS700024.* \(this machine's clock is \d+ s behind\)")

    def test_other_refusals_and_a_good_clock_do_not(self):
        self.assertNotIn("this machine's clock is", self.refused("7000215", seconds=600))
        self.emulator.clear_faults()
        self.assertNotIn("this machine's clock is", self.refused("700024"))

    def test_a_token_that_is_expired_when_it_comes(self):
        self.emulator.fault(service="entra", action="clock", seconds=-7200)
        self.emulator.fault(service="entra", action="expires_in", seconds=-3600)
        done = self.acsmtp("send", "--to", "a@example.com", "--text", "x", chosen=self.profile(),
                           secret=self.emulator.application("modern-client")["client_secret"],
                           OPERATOR="x")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"expired .*this machine's clock is \d+ s ahead")


class Shown(DoctorCase):
    CANARIES = ("canary-of-a-literal", "canary-of-the-environment")

    def test_for_people(self):
        done = self.doctor(secret="wrong")
        self.assert_code(done, 77)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^ok    config +test +/")
        self.assertTrue(any(line.startswith("BAD   credential") for line in lines), done.stdout)
        self.assertTrue(any(line.startswith("      hint: ") for line in lines))
        self.assertRegex(lines[-1], r"^\d+ good, \d+ not looked at, \d+ to be watched, \d+ bad$")
        self.assertNotIn("\x1b", done.stdout)

    def colours(self, **environment):
        """Standard output of a terminal."""
        leader, follower = pty.openpty()
        variables = dict(self.program.environment, TERM="xterm", ACSMTP_TEST_SECRET="wrong",
                         OPERATOR="x", **environment)
        process = subprocess.Popen(
            [self.program.path, "--cloud", self.emulator.cloud, "--config",
             self.program.config(self.profile(looks=False)), "doctor"], env=variables,
            stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.DEVNULL)
        os.close(follower)
        text = b""
        try:
            while piece := os.read(leader, 65536):
                text += piece
        except OSError:  # the other side is closed
            pass
        process.wait(60)
        os.close(leader)
        return text.decode()

    def test_colours_on_a_terminal_only(self):
        self.assertIn("\x1b[", self.colours())
        self.assertNotIn("\x1b[", self.colours(NO_COLOR="1"))

    def test_json(self):
        done = self.doctor("--json", secret="wrong")
        document = json.loads(done.stdout)
        self.assertEqual(set(document), {"schema_version", "summary", "findings"})
        self.assertEqual(sum(document["summary"].values()), len(document["findings"]))
        bad = [item for item in document["findings"] if item["grade"] == BAD][0]
        self.assertEqual((bad["check"], bad["status"]), ("credential", "denied"))
        self.assertIn("hint", bad)

    def report(self, **more):
        path = os.path.join(self.program.home, "report.json")
        done = self.doctor("--report", path, **more)
        with open(path, encoding="utf-8") as file:
            return done, path, file.read()

    def test_a_report_has_everything_but_secrets(self):
        chosen = self.profile({"plugin": "password", "password": self.CANARIES[0]},
                              self.application())
        done, path, text = self.report(chosen=chosen, secret=self.CANARIES[1])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertIn("report.json", done.stderr)
        for canary in self.CANARIES + (self.emulator.application("operator")["client_secret"],):
            self.assertNotIn(canary, text + done.stdout + done.stderr)
        self.assertNotIn("eyJ", text)  # what every token begins with
        document = json.loads(text)
        self.assertEqual(set(document), {"schema_version", "acsmtp", "system", "config", "plugins",
                                         "findings", "summary", "trace"})
        self.assertTrue(any("oauth2/v2.0/token" in line for line in document["trace"]))
        self.assertIn("client-secret", [plugin["name"] for plugin in document["plugins"]])

    def test_a_report_of_a_config_that_cannot_be_read(self):
        path = os.path.join(self.program.home, "report.json")
        broken = self.program.write("broken.json", "{ nonsense")
        done = self.program.run("--config", broken, "doctor", "--report", path)
        self.assert_code(done, 78)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["summary"]["bad"], 1)

    def test_a_report_that_cannot_be_written_is_told_before_the_work(self):
        began = time.monotonic()
        done = self.doctor("--report", "/nowhere/report.json")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nowhere", done.stderr)
        self.assertLess(time.monotonic() - began, 2)
        self.assertNotIn("smtp", self.emulator.requests())

    def test_a_timeout_ends_each_wait(self):
        self.emulator.fault(service="smtp", step="ehlo", action="delay", delay_ms=60000)
        began = time.monotonic()
        done = self.doctor("--timeout", "3s")
        self.assertEqual(done.returncode, 75, done.stdout + done.stderr)
        self.assertLess(time.monotonic() - began, 8)

    def test_wrong_usage(self):
        self.assert_code(self.doctor("x"), 64)


if __name__ == "__main__":
    processes.main()
