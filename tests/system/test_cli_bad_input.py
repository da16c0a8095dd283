# SPDX-License-Identifier: MIT
"""Bad input: one clear line, the right exit code, nothing sent and nothing lost. What is wrong with
configs and plugin files stands in test_cli_config.py and test_cli_plugins.py."""

import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase

BREAKS = ("\r\n", "\n", "\r")


class BadInput(CloudCase):
    def assert_refused(self, done, code, *words):
        """One line of talk, a hint at most, and nothing has arrived."""
        self.assert_code(done, code)
        talk = [line for line in done.stderr.splitlines() if line.startswith("acsmtp: ")]
        self.assertEqual(len(talk), 1, done.stderr)
        for word in words:
            self.assertRegex(talk[0], word)
        self.assert_nothing_sent()

    def compose(self, *arguments):
        return self.send_login("--subject", "x", "--text", "y", *arguments)

    # line breaks and NUL

    def test_a_line_break_in_an_address(self):
        for end in BREAKS:
            evil = "a@example.com>%sRCPT TO:<victim@example.com" % end
            for option in ("--to", "--cc", "--bcc", "--from", "--reply-to"):
                with self.subTest(option=option, end=end):
                    more = () if option == "--to" else ("--to", "b@example.com")
                    self.assert_refused(self.compose(option, evil, *more), 65)
            self.assert_refused(self.send_login("--to", evil, stdin=self.message()), 65, "--to")
            self.assert_refused(self.send_login("--from", evil, stdin=self.message()), 65,
                                "--from")
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_a_line_break_in_a_field(self):
        for end in BREAKS:
            for option in ("--subject", "--header", "--date", "--message-id"):
                with self.subTest(option=option, end=end):
                    self.assert_refused(self.compose("--to", "b@example.com", option,
                                                     "X-A: b%sBcc: victim@example.com" % end), 65)
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_a_nul(self):
        self.assert_refused(self.send_login(stdin=self.message(b"a\0b\r\n")), 65, "NUL")
        self.assert_refused(self.send_login(stdin=self.message(To="a@b.c\0")), 65, "NUL")
        path = self.program.write("text", b"a\0b")
        self.assert_refused(self.send_login("--to", "a@b.c", "--text", "@" + path), 65, "NUL")

    # messages

    def test_what_is_no_message(self):
        for message in (b"", b"no header here\r\n"):
            with self.subTest(message):
                self.assert_refused(self.send_login("--to", "a@example.com", stdin=message), 65)

    def test_files_that_cannot_be_read(self):
        for arguments in (("absent.eml",), (self.program.home,), ("/proc/1/mem/x",)):
            self.assert_refused(self.send_login(*arguments), 66, arguments[0])
        for option in ("--text", "--html"):
            self.assert_refused(self.compose("--to", "a@b.c", option, "@/absent"), 66, "/absent")
        for option in ("--attach", "--inline"):
            self.assert_refused(self.compose("--to", "a@b.c", option, "/absent"), 66, "/absent")

    def test_a_message_over_the_servers_size(self):
        self.emulator.patch({"max_size": 100000}, "smtp")
        done = self.send_login(stdin=self.message(b"0123456789" * 7 + b"\r\n") * 2000)
        self.assert_refused(done, 65, "(?i)size|large|100000")
        self.assertNotIn("DATA", self.emulator.requests("smtp"))

    def test_more_recipients_than_the_server_takes(self):
        people = ",".join("p%d@example.com" % n for n in range(51))
        done = self.send_login("--to", people, stdin=self.message())
        self.assertIn(done.returncode, (65, 75), done.stderr)

    # servers

    def test_no_starttls(self):
        self.emulator.patch({"extensions": ["PIPELINING", "SIZE 10485760"]}, "smtp")
        self.assert_refused(self.send_login(stdin=self.message()), 76, "STARTTLS")
        self.assertNotIn("AUTH", self.emulator.requests("smtp"))

    def test_no_auth(self):
        extensions = [word for word in self.emulator.state("smtp", "extensions")
                      if word != "AUTH"]
        self.emulator.patch({"extensions": extensions}, "smtp")
        self.assert_refused(self.send_login(stdin=self.message()), 76, "no authentication")
        self.assertNotIn("MAIL", self.emulator.requests("smtp"))

    def test_not_the_mechanism(self):
        self.emulator.patch({"mechanisms": ["XOAUTH2"]}, "smtp")
        self.assert_refused(self.send_login(stdin=self.message()), 76, "LOGIN")
        self.assertNotIn("AUTH", self.emulator.requests("smtp"))

    def test_a_wrong_certificate(self):
        for certificate in ("other-ca", "wrong-name", "expired"):
            with self.subTest(certificate):
                self.emulator.patch({"certificate": certificate}, "smtp")
                self.assert_refused(self.send_login(stdin=self.message()), 76, "(?i)certificate")
                self.assertNotIn("AUTH", self.emulator.requests("smtp"))

    def test_hosts_that_are_not_there(self):
        done = self.send_login(stdin=self.message(),
                               transport={"host": "127.0.0.1", "port": processes.free_port()})
        self.assert_refused(done, 75, "127.0.0.1")
        done = self.send_login(stdin=self.message(), transport={"host": "absent.invalid"})
        self.assert_refused(done, 75, "absent.invalid")

    def test_a_host_that_does_not_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            begun = time.monotonic()
            done = self.send_login("--timeout", "1s", stdin=self.message(),
                                   transport={"host": "127.0.0.1",
                                              "port": silent.getsockname()[1]})
            self.assertLess(time.monotonic() - begun, 4)
        self.assert_refused(done, 75)

    def test_the_line_breaks_before_the_message_was_taken(self):
        for step in ("connect", "ehlo", "auth", "mail", "rcpt", "data", "body"):
            with self.subTest(step):
                self.emulator.clear_faults()
                self.emulator.fault(service="smtp", step=step, action="drop")
                done = self.send_login("--timeout", "20s", stdin=self.message())
                self.assert_refused(done, 75)

    # tokens

    def test_a_token_for_another_service(self):
        token = self.token(audience="https://outlook.office365.com")
        done = self.send_xoauth2(stdin=self.message(), secret=token)
        self.assertIn(done.returncode, (77, 78), done.stderr)
        self.assertIn("outlook.office365.com", done.stderr)
        self.assertIn("communication.azure.com", done.stderr)
        self.assert_nothing_sent()

    def test_broken_tokens(self):
        for token in ("a b", "tok\u00e9n", "line\nbreak", "x" * 70000):
            with self.subTest(token[:10]):
                done = self.send_xoauth2(stdin=self.message(), secret=token)
                self.assertNotEqual(done.returncode, 0)
                self.assertNotIn(token[:8], done.stderr)
                self.assert_nothing_sent()


if __name__ == "__main__":
    processes.main()
