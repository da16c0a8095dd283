# SPDX-License-Identifier: MIT
"""acsmtp against the real thing: Postfix, with Dovecot for AUTH LOGIN and XOAUTH2 (Dovecot checks
the JWT itself). What lands in the Maildir is compared with what was sent, byte for byte."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import emulator as emulator_module
import pki
import postfix_dovecot
import processes
import program as program_module
import samples
from program import canonical, login_profile, xoauth2_profile

ALICE = "alice@example.org"
PASSWORD = "Wonder: l\u00e4nd \"quoted\" \\ 7"
SERVER = None


def setUpModule():
    global SERVER
    reason = postfix_dovecot.PostfixDovecot.missing()
    processes.need(reason is None, str(reason))
    SERVER = postfix_dovecot.PostfixDovecot(users={ALICE: PASSWORD}, implicit_tls=True).start()


def tearDownModule():
    if SERVER is not None:
        SERVER.stop()


class Case(unittest.TestCase):
    def setUp(self):
        self.program = program_module.Program()
        self.addCleanup(self.program.close)
        SERVER.forget()
        self.log_before = len(SERVER.log("postfix.log"))

    def log(self):
        return SERVER.log("postfix.log")[self.log_before:]

    def password_profile(self, **transport):
        return login_profile(SERVER, ALICE, **transport)

    def token_profile(self, **transport):
        return xoauth2_profile(SERVER, ALICE, **transport)

    def send(self, chosen, secret, message=samples.SAMPLES["plain"], *arguments, **more):
        return self.program.run("send", *arguments, chosen=chosen, secret=secret, stdin=message,
                                **more)

    def assert_sent(self, done):
        self.assertEqual(done.returncode, 0, done.stderr + self.log())
        self.assertRegex(done.stdout, r"^sent: 250 2\.0\.0 Ok: queued as \w+\n$")

    def assert_refused(self, done, code, secret):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertNotRegex(done.stdout, r"(?m)^sent")
        self.assertNotIn(secret, done.stderr)
        self.assertEqual(SERVER.messages(), [])


class Login(Case):
    def test_sends(self):
        self.assert_sent(self.send(self.password_profile(), PASSWORD))
        message, = SERVER.messages(1)
        self.assertEqual(message.content, canonical(samples.SAMPLES["plain"]))
        self.assertEqual((message.sender, message.recipient), (ALICE, "bob@example.org"))
        self.assertIn("with ESMTPSA", message.received)
        self.assertIn("sasl_method=LOGIN, sasl_username=" + ALICE, self.log())

    def test_wrong_password_shows_the_servers_words(self):
        done = self.send(self.password_profile(), "not-the-password")
        self.assert_refused(done, 77, "not-the-password")
        self.assertIn("535 5.7.8 Error: authentication failed", done.stderr)

    def test_unknown_user(self):
        done = self.send(login_profile(SERVER, "mallory@example.org"), PASSWORD)
        self.assert_refused(done, 77, PASSWORD)
        self.assertIn("535 5.7.8", done.stderr)

    def test_implicit_tls(self):
        self.assert_sent(self.send(self.password_profile(port=SERVER.implicit_port, tls="implicit"),
                                   PASSWORD))
        self.assertEqual(len(SERVER.messages(1)), 1)


class Xoauth2(Case):
    def test_sends(self):
        self.assert_sent(self.send(self.token_profile(), SERVER.token(ALICE)))
        message, = SERVER.messages(1)
        self.assertEqual(message.content, canonical(samples.SAMPLES["plain"]))
        self.assertIn("sasl_method=XOAUTH2, sasl_username=" + ALICE, self.log())

    def test_a_token_of_9000_bytes(self):
        token = SERVER.token(ALICE, groups=["g" * 36] * 155)
        self.assertGreater(len(token), 8000)
        self.assert_sent(self.send(self.token_profile(), token))

    def test_anothers_token_shows_json_and_535(self):
        token = SERVER.token("mallory@example.org")
        done = self.send(self.token_profile(), token)
        self.assert_refused(done, 77, token)
        self.assertIn("535 5.7.8 Error: authentication failed", done.stderr)
        self.assertIn('"status":"401"', done.stderr.replace('\\"', '"'))

    def test_a_token_of_an_unknown_key(self):
        issuer = pki.TokenIssuer(os.path.join(self.program.home, "other"), "EC")
        token = issuer.token({"sub": ALICE})
        done = self.send(self.token_profile(), token)
        self.assert_refused(done, 77, token)
        self.assertIn("535 5.7.8", done.stderr)

    def test_a_token_signed_with_es256(self):
        issuer = pki.TokenIssuer(os.path.join(self.program.home, "other"), "EC", "elliptic")
        SERVER.trust_key("ES256", "elliptic", issuer.public_key)
        self.assert_sent(self.send(self.token_profile(), issuer.token({"sub": ALICE})))


class Bytes(Case):
    def test_what_lands_is_what_was_sent(self):
        for name, message in samples.SAMPLES.items():
            with self.subTest(name):
                SERVER.forget()
                self.assert_sent(self.send(self.password_profile(), PASSWORD, message,
                                           "--to", "bob@example.org"))
                landed, = SERVER.messages(1)
                self.assertEqual(landed.content, canonical(message))

    def test_25_megabytes(self):
        message = samples.large()
        path = self.program.write("large.eml", message)
        done = self.program.run("send", path, chosen=self.token_profile(),
                                secret=SERVER.token(ALICE))
        self.assert_sent(done)
        landed, = SERVER.messages(1, seconds=60)
        self.assertTrue(landed.content == canonical(message), "25 MB differ")

    def test_bcc_is_not_told(self):
        message = (b"From: alice@example.org\nTo: bob@example.org\nBcc: carl@example.org,\n"
                   b" dora@example.org\nSubject: hidden\n\nHello\n")
        self.assert_sent(self.send(self.password_profile(), PASSWORD, message))
        landed = SERVER.messages(3)
        self.assertEqual(sorted(mail.recipient for mail in landed),
                         ["bob@example.org", "carl@example.org", "dora@example.org"])
        for mail in landed:
            self.assertEqual(mail.content, b"From: alice@example.org\r\nTo: bob@example.org\r\n"
                                           b"Subject: hidden\r\n\r\nHello\r\n")


class Envelope(Case):
    def test_several_messages_share_a_connection(self):
        names = ["plain", "dots", "no last newline", "8 bit", "long line"]
        paths = [self.program.write("%d.eml" % number, samples.SAMPLES[name])
                 for number, name in enumerate(names)]
        done = self.program.run("send", *paths, chosen=self.password_profile(), secret=PASSWORD)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("sent: 250 2.0.0"), len(names), done.stdout)
        self.assertCountEqual([mail.content for mail in SERVER.messages(len(names))],
                              [canonical(samples.SAMPLES[name]) for name in names])
        processes.wait_for(lambda: "disconnect from" in self.log(), 10, "the end of the session")
        self.assertEqual(self.log().count(": connect from"), 1, self.log())
        self.assertRegex(self.log(), r"starttls=1 auth=1 mail=5 rcpt=5 data=5 (rset=\d+ )?quit=1")

    def three(self, refused):
        return self.send(self.password_profile(), PASSWORD, samples.SAMPLES["plain"],
                         "--to", "bob@example.org", "--to", refused, "--to", "dora@example.org")

    def test_one_refused_recipient_of_three(self):
        done = self.three("unknown.person@example.org")
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(sorted(mail.recipient for mail in SERVER.messages(2)),
                         ["bob@example.org", "dora@example.org"])
        told = done.stdout + done.stderr
        self.assertIn("unknown.person@example.org", told)
        self.assertIn("550 5.1.1", told)
        self.assertIn("User unknown in virtual mailbox table", told)

    def test_one_deferred_recipient_of_three(self):
        done = self.three("later.person@example.org")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertEqual(len(SERVER.messages(2)), 2)
        self.assertIn("450 4.2.1", done.stdout + done.stderr)

    def test_json_tells_each_recipient(self):
        done = self.send(self.password_profile(), PASSWORD, samples.SAMPLES["plain"], "--json",
                         "--to", "bob@example.org", "--to", "unknown@example.org")
        self.assertEqual(done.returncode, 65, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema_version"], 1)
        message, = document["messages"]
        self.assertEqual([(entry["address"], entry["code"]) for entry in message["recipients"]],
                         [("bob@example.org", 250), ("unknown@example.org", 550)])

    def test_no_recipient_left(self):
        done = self.send(self.password_profile(), PASSWORD, samples.SAMPLES["plain"],
                         "--to", "unknown1@example.org", "--to", "unknown2@example.org")
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertIn("550 5.1.1", done.stdout + done.stderr)
        self.assertEqual(SERVER.messages(), [])

    def test_a_refused_message_does_not_stop_the_others(self):
        good = self.program.write("good.eml", samples.SAMPLES["plain"])
        bad = self.program.write("bad.eml", samples.SAMPLES["plain"].replace(b"bob@", b"unknown@"))
        last = self.program.write("last.eml", samples.SAMPLES["dots"])
        done = self.program.run("send", good, bad, last, chosen=self.password_profile(),
                                secret=PASSWORD)
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(len(SERVER.messages(2)), 2)
        self.assertEqual(done.stdout.count("sent: 250 2.0.0"), 2, done.stdout)

    def test_an_address_in_unicode(self):
        message = samples.SAMPLES["plain"].replace(b"bob@", "b\u00f6b@".encode())
        self.assert_sent(self.send(self.password_profile(), PASSWORD, message))
        landed, = SERVER.messages(1)
        self.assertEqual(landed.recipient, "b\u00f6b@example.org")
        self.assertEqual(landed.content, canonical(message))


class Trust(Case):
    def test_a_certificate_of_another_authority(self):
        other = pki.Authority(os.path.join(self.program.home, "ca"), "another CA")
        done = self.send(self.password_profile(ca_file=other.ca_file), PASSWORD)
        self.assert_refused(done, 76, PASSWORD)
        self.assertRegex(done.stderr.lower(), "certificate")
        self.assertNotIn("sasl_method", self.log())
        self.assertNotIn("auth=", self.log())

    def test_the_systems_store_does_not_know_the_test_ca(self):
        done = self.send(self.password_profile(ca_file=None), PASSWORD)
        self.assert_refused(done, 76, PASSWORD)


class WithEmulator(Case):
    """A token that the program fetches from (emulated) Entra, judged by the real Dovecot."""

    def test_client_secret_then_dovecot(self):
        binary = os.path.join(self.program.build, "bin", "acsmtp-emulator")
        processes.need(os.access(binary, os.X_OK), "no acsmtp-emulator in the build folder")
        with emulator_module.Emulator(binary) as cloud:
            client = cloud.application("modern-client")
            keys = cloud.get("%s/%s/discovery/v2.0/keys" % (
                cloud.endpoints["authority_host"], cloud.endpoints["tenant_id"])).json()["keys"]
            public_keys = [("RS256", key["kid"], pki.rsa_public_key(key["n"], key["e"]))
                           for key in keys]
            with postfix_dovecot.PostfixDovecot(users={}, public_keys=public_keys,
                                                username_attribute="appid") as server:
                chosen = xoauth2_profile(server, client["client_id"])
                chosen["from"] = ALICE
                chosen["credentials"] = [{
                    "plugin": "client-secret", "tenant_id": cloud.endpoints["tenant_id"],
                    "client_id": client["client_id"],
                    "client_secret": {"env": "ACSMTP_TEST_SECRET"}}]
                done = self.send(chosen, client["client_secret"], samples.SAMPLES["plain"],
                                 "--cloud", cloud.cloud)
                self.assertEqual(done.returncode, 0, done.stderr + server.log())
                landed, = server.messages(1)
                self.assertEqual(landed.content, canonical(samples.SAMPLES["plain"]))


if __name__ == "__main__":
    processes.main()
