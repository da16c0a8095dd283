# SPDX-License-Identifier: MIT
"""smtp-login against the emulator and against servers that ask in their own way."""

import base64
import os
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import pki
import processes
from program import CloudCase, login_profile


class AskingServer:
    """Speaks just enough SMTP to ask for a login with the given challenges; keeps the answers."""

    host = "localhost"

    def __init__(self, case, challenges):
        folder = os.path.join(case.program.home, "asking")
        authority = pki.Authority(folder)
        self.ca_file = authority.ca_file
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.issue(kind="EC"))
        self.challenges = challenges
        self.answers = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        case.addCleanup(self.listener.close)

    def _serve(self):
        plain, _ = self.listener.accept()
        plain.settimeout(20)
        try:
            with self.context.wrap_socket(plain, server_side=True) as tls:
                self._talk(tls)
        except OSError:
            pass

    def _talk(self, tls):
        with tls.makefile("rwb", buffering=0) as file:
            self._dialogue(file)

    def _dialogue(self, file):
        file.write(b"220 asking ESMTP\r\n")
        file.readline()
        file.write(b"250-asking\r\n250 AUTH LOGIN\r\n")
        if file.readline() != b"AUTH LOGIN\r\n":
            return
        for challenge in self.challenges:
            file.write(b"334 " + base64.b64encode(challenge) + b"\r\n")
            self.answers.append(base64.b64decode(file.readline()))
        file.write(b"535 5.7.8 enough\r\n")
        file.readline()


class Login(CloudCase):
    def test_a_mail_arrives(self):
        done = self.send_login(stdin=self.message())
        self.assert_code(done, 0)
        mail, = self.emulator.messages()
        self.assertEqual(mail["auth"]["mechanism"], "LOGIN")
        self.assertEqual(mail["auth"]["username"], self.emulator.address("legacy-client"))
        self.assertTrue(mail["tls"])
        self.assertEqual(self.landed(), [self.message()])

    def test_a_refused_password_is_denied_and_not_shown(self):
        done = self.send_login(stdin=self.message(), secret="wrong-secret-81")
        self.assert_code(done, 77)
        self.assertIn("535 5.7.3", done.stderr)
        self.assertIn("hint: ", done.stderr)
        self.assertNotIn("wrong-secret-81", done.stdout + done.stderr)
        self.assert_nothing_sent()

    def test_it_takes_no_token(self):
        profile = dict(self.xoauth2(), transports=["smtp-login"])
        done = self.acsmtp("send", chosen=profile, secret=self.token(), stdin=self.message())
        self.assert_code(done, 78)
        self.assert_nothing_sent()

    def test_no_user_name_is_a_matter_of_the_config(self):
        profile = self.login()
        del profile["username"]
        done = self.acsmtp("send", chosen=profile, secret=self.password, stdin=self.message())
        self.assert_code(done, 78)
        self.assertIn("username", done.stderr)
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_the_transports_user_name_comes_before_the_profiles(self):
        profile = self.login({"username": self.emulator.address("legacy-client")},
                             username="nobody@example.org")
        done = self.acsmtp("send", chosen=profile, secret=self.password, stdin=self.message())
        self.assert_code(done, 0)

    def test_a_line_break_in_the_user_name_goes_nowhere(self):
        for bad in ("a\r\nMAIL FROM:<x@y>", "a\nb", "a\u0000b", "a\u0001b"):
            with self.subTest(repr(bad)):
                done = self.acsmtp("send", chosen=self.login(username=bad), secret=self.password,
                                   stdin=self.message())
                self.assert_code(done, 78)
                self.assertEqual(self.emulator.requests("smtp"), {})

    def test_wrong_options_name_the_right_ones(self):
        for option, value, word in (("prot", 25, "port"), ("tls", "none", "starttls"),
                                    ("port", 70000, "port"), ("timeout", "soon", "timeout")):
            with self.subTest(option):
                done = self.send_login(stdin=self.message(), transport={option: value})
                self.assert_code(done, 78)
                self.assertIn(word, done.stderr)
                self.assertEqual(self.emulator.requests("smtp"), {})

    def test_a_timeout_ends_the_waiting(self):
        self.emulator.fault(service="smtp", step="auth", action="delay", delay_ms=20000)
        done = self.send_login(stdin=self.message(), transport={"timeout": "300ms"}, timeout=15)
        self.assert_code(done, 75)

    def test_several_messages_share_a_connection(self):
        paths = [self.program.write("%d.eml" % n, self.message(b"number %d\r\n" % n))
                 for n in range(5)]
        self.assert_code(self.send_login(*paths), 0)
        self.assertEqual(len({mail["connection"] for mail in self.emulator.messages()}), 1)
        self.assertEqual(self.landed(), [self.message(b"number %d\r\n" % n) for n in range(5)])


class Asking(CloudCase):
    """The order and the words of the questions differ; the answers must fit them."""

    def answers(self, *challenges):
        server = AskingServer(self, challenges)
        done = self.program.run("send", chosen=login_profile(server, "user@x.org", tls="implicit"),
                                secret="secret-of-mine", stdin=self.message())
        server.thread.join(20)
        self.assertNotEqual(done.returncode, 0)
        return server.answers, done

    def test_user_name_then_password(self):
        for challenges in ((b"Username:", b"Password:"), (b"User Name\0", b"Password\0"),
                           (b"username", b"PASSWORD"), (b"", b""), (b"Benutzer:", b"Kennwort:")):
            with self.subTest(challenges):
                self.assertEqual(self.answers(*challenges)[0], [b"user@x.org", b"secret-of-mine"])

    def test_password_first(self):
        self.assertEqual(self.answers(b"Password:", b"Username:")[0],
                         [b"secret-of-mine", b"user@x.org"])

    def test_a_third_question_ends_it(self):
        answers, done = self.answers(b"Username:", b"Password:")
        self.assertEqual(len(answers), 2)
        self.assertEqual(done.returncode, 77, done.stderr)
        server = AskingServer(self, (b"Username:", b"Password:", b"Anything else?"))
        done = self.program.run("send", chosen=login_profile(server, "user@x.org", tls="implicit"),
                                secret="secret-of-mine", stdin=self.message())
        self.assertEqual(done.returncode, 76, done.stderr)


if __name__ == "__main__":
    processes.main()
