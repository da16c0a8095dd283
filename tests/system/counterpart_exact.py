# SPDX-License-Identifier: MIT
"""acsmtp against aiosmtpd, which repairs nothing: every byte on the wire and the whole dialogue are
looked at, and what must never be said to a server that is not as it should be."""

import base64
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import exact_server
import processes
import program as program_module
import samples
from program import canonical, login_profile, xoauth2_profile

ALICE = "alice@example.org"
PASSWORD = "wonder-land-81"
TOKEN = "opaque-token-" + "k" * 2000
PLAIN = samples.SAMPLES["plain"]


def setUpModule():
    processes.need(exact_server.SMTP is not None, "not installed: python3-aiosmtpd")
    processes.need_programs("openssl")


def stuffed(message):
    """RFC 5321 section 4.5.2, the reference that the wire is compared with."""
    return re.sub(rb"(?m)^\.", b"..", canonical(message).replace(b"\r\n", b"\n")
                  ).replace(b"\n", b"\r\n")


class Case(unittest.TestCase):
    def setUp(self):
        self.program = program_module.Program()
        self.addCleanup(self.program.close)

    def server(self, **options):
        server = exact_server.ExactServer(users={ALICE: PASSWORD}, tokens={ALICE: TOKEN}, **options)
        self.addCleanup(server.stop)
        return server.start()

    def send(self, server, message=PLAIN, *arguments, **transport):
        return self.program.run("send", *arguments, secret=PASSWORD, stdin=message,
                                chosen=login_profile(server, ALICE, **transport))

    def send_token(self, server, token=TOKEN, *arguments, **transport):
        return self.program.run("send", *arguments, stdin=PLAIN, secret=token,
                                chosen=xoauth2_profile(server, ALICE, **transport))

    def assert_sent(self, done, server, count=1):
        self.assertEqual(done.returncode, 0, done.stderr + server.dialogue())
        self.assertEqual(len(server.messages), count)

    def assert_nothing_told(self, server):
        """No credential and no mail has left."""
        self.assertEqual(server.messages, [])
        talk = server.dialogue()
        self.assertNotRegex(talk, r"(?mi)^C: (AUTH|MAIL|RCPT|DATA)\b")
        for secret in (PASSWORD, TOKEN):
            self.assertNotIn(secret, talk)
            self.assertNotIn(base64.b64encode(secret.encode()).decode(), talk)


class Bytes(Case):
    def test_the_wire_byte_for_byte(self):
        server = self.server()
        for name, message in samples.SAMPLES.items():
            with self.subTest(name):
                server.messages.clear()
                self.assert_sent(self.send(server, message, "--to", "bob@example.org"), server)
                self.assertEqual(server.messages[0].wire, stuffed(message))
                self.assertEqual(server.messages[0].content, canonical(message))

    def test_many_scrambled_messages_over_one_connection(self):
        server = self.server()
        messages = [samples.scrambled(seed, 700) for seed in range(10, 40)]
        paths = [self.program.write("%d.eml" % number, message)
                 for number, message in enumerate(messages)]
        done = self.program.run("send", "--to", "bob@example.org", *paths,
                                chosen=login_profile(server, ALICE), secret=PASSWORD)
        self.assert_sent(done, server, len(messages))
        self.assertEqual(server.sessions, 1)
        for message, landed in zip(messages, server.messages):
            self.assertEqual(landed.wire, stuffed(message))

    def test_25_megabytes(self):
        server = self.server()
        message = samples.large()
        self.assert_sent(self.send(server, message), server)
        self.assertTrue(server.messages[0].wire == stuffed(message), "25 MB differ on the wire")
        self.assertIn("SIZE=%d" % len(canonical(message)), server.messages[0].options)

    def test_a_bare_cr_never_reaches_the_wire(self):
        # Servers differ about what ends a line: with "\r.\r" or "\n.\n" in a body, one message
        # can be read as two. Whether it is repaired or refused, it must not be passed on.
        server = self.server()
        for body in (b"a\rb\n", b"a\r.\rMAIL FROM:<x@example.org>\r\n", b"end\r", b"\r\r\n.\r\r\n"):
            with self.subTest(body):
                server.messages.clear()
                done = self.send(server, samples.message("cr", body))
                self.assertIn(done.returncode, (0, 65), done.stderr)
                for message in server.messages:
                    self.assertNotRegex(message.wire, rb"\r(?!\n)|(?<!\r)\n")

    def test_8bitmime_is_said_when_offered_and_needed(self):
        server = self.server()
        self.assert_sent(self.send(server, samples.SAMPLES["8 bit"]), server)
        self.assertIn("BODY=8BITMIME", server.messages[0].options)
        self.assert_sent(self.send(server, PLAIN), server, 2)
        self.assertNotIn("BODY=8BITMIME", server.messages[1].options)


class Dialogue(Case):
    def test_nothing_but_ehlo_and_starttls_in_clear(self):
        server = self.server()
        self.assert_sent(self.send(server), server)
        clear = b"".join(burst.data for burst in server.bursts
                         if burst.direction == "C" and not burst.ciphered)
        self.assertRegex(clear, rb"\AEHLO [^\r\n]+\r\nSTARTTLS\r\n\Z")
        self.assertTrue(server.messages[0].ciphered)
        self.assertEqual(server.messages[0].user, ALICE)
        self.assertRegex(server.dialogue(), r"(?m)^C: QUIT$")

    def test_the_token_goes_in_two_steps(self):
        server = self.server()
        self.assert_sent(self.send_token(server), server)
        response = base64.b64encode(("user=%s\1auth=Bearer %s\1\1" % (ALICE, TOKEN)).encode())
        self.assertIn("C: AUTH XOAUTH2\nS: 334 \nC: %s\nS: 235" % response.decode(),
                      server.dialogue())

    def test_a_refused_token_is_answered_and_its_535_shown(self):
        server = self.server(xoauth2_json='{"status":"400","schemes":"Bearer","scope":"s"}')
        done = self.send_token(server, "wrong-token")
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertEqual(server.messages, [])
        self.assertRegex(server.dialogue(), r"S: 334 eyJ[^\n]+\nC: \nS: 535 ")
        self.assertIn("535 5.7.3 Authentication unsuccessful", done.stderr)
        self.assertIn('"status":"400"', done.stderr.replace('\\"', '"'))
        self.assertNotIn("wrong-token", done.stderr)

    def test_a_token_refused_at_once(self):
        server = self.server()
        done = self.send_token(server, "wrong-token")
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("535 5.7.3 Authentication unsuccessful", done.stderr)
        self.assertEqual(server.messages, [])

    def test_a_refused_password(self):
        server = self.server(refusal="535 5.7.3 Authentication unsuccessful [host 1]")
        done = self.program.run("send", chosen=login_profile(server, ALICE), stdin=PLAIN,
                                secret="wrong-password")
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("535 5.7.3 Authentication unsuccessful [host 1]", done.stderr)
        self.assertNotIn("wrong-password", done.stderr)
        self.assertNotRegex(server.dialogue(), r"(?mi)^C: MAIL")

    def test_envelope_in_one_burst_when_pipelining(self):
        server = self.server()
        self.assert_sent(self.send(server, PLAIN, "--to", "bob@example.org", "--to",
                                   "carl@example.org"), server)
        self.assertRegex(server.dialogue(), r"(?i)C: MAIL [^\n]+\nC: RCPT [^\n]+\n"
                                            r"C: RCPT [^\n]+\nC: DATA\nS: 250")

    def test_one_command_at_a_time_without_pipelining(self):
        server = self.server(extensions=("ENHANCEDSTATUSCODES",))
        self.assert_sent(self.send(server, PLAIN, "--to", "bob@example.org", "--to",
                                   "carl@example.org"), server)
        for burst in server.bursts:
            if burst.direction == "C" and burst.ciphered:
                self.assertLessEqual(burst.data.count(b"\r\n"), 1, burst.data)

    def test_one_refused_recipient_of_three(self):
        for extensions in (("PIPELINING",), ("ENHANCEDSTATUSCODES",)):
            with self.subTest(extensions):
                server = self.server(extensions=extensions,
                                     refuse={"carl@example.org": "550 5.1.1 no such person"})
                done = self.send(server, PLAIN, "--to", "bob@example.org", "--to",
                                 "carl@example.org", "--to", "dora@example.org")
                self.assertEqual(done.returncode, 65, done.stderr)
                self.assertEqual(server.messages[0].recipients,
                                 ["bob@example.org", "dora@example.org"])
                told = done.stdout + done.stderr
                self.assertIn("carl@example.org", told)
                self.assertIn("550 5.1.1 no such person", told)

    def test_all_refused_while_pipelining_leaves_no_message(self):
        # RFC 2920 section 3.1: the server may say 354 all the same; then an empty message is owed.
        server = self.server(refuse={"bob@example.org": "550 5.1.1 no such person"})
        done = self.send(server)
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(server.messages, [])

    def test_a_message_over_the_servers_size(self):
        server = self.server(size_limit=20000)
        done = self.send(server, samples.message("big", b"x" * 70 * 1000 + b"\n"))
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertIn("20000", done.stderr)
        self.assertEqual(server.messages, [])
        self.assertNotRegex(server.dialogue(), r"(?mi)^C: DATA")

    def test_implicit_tls(self):
        server = self.server(tls="implicit")
        self.assert_sent(self.send(server, tls="implicit"), server)
        self.assertEqual(server.messages[0].user, ALICE)
        self.assertNotIn("STARTTLS", server.dialogue())


class Refusal(Case):
    """Servers to which nothing may be told."""

    def both(self, server, **transport):
        for send in (self.send, self.send_token):
            done = send(server, **transport)
            self.assertEqual(done.returncode, 76, done.stderr)
            self.assertNotRegex(done.stdout, r"(?m)^sent")
            self.assert_nothing_told(server)
            yield done

    def test_no_starttls(self):
        for done in self.both(self.server(tls=None)):
            self.assertIn("STARTTLS", done.stderr)

    def test_no_auth(self):
        for done in self.both(self.server(mechanisms=())):
            self.assertIn("offers no authentication", done.stderr)

    def test_another_mechanism(self):
        server = self.server(mechanisms=("LOGIN",))
        done = self.send_token(server)
        self.assertEqual(done.returncode, 76, done.stderr)
        self.assertIn("XOAUTH2", done.stderr)
        self.assert_nothing_told(server)

    def test_an_unknown_authority(self):
        for done in self.both(self.server(), ca_file=None):
            self.assertRegex(done.stderr.lower(), "certificate")

    def test_a_certificate_of_another_name(self):
        for done in self.both(self.server(names=("other.test",), addresses=("127.0.0.9",))):
            self.assertRegex(done.stderr.lower(), "certificate|name")


if __name__ == "__main__":
    processes.main()
