# SPDX-License-Identifier: MIT
"""smtp-xoauth2 against the emulator, with both forms that a refusal can have."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase


class Xoauth2(CloudCase):
    def test_a_mail_arrives(self):
        done = self.send_xoauth2(stdin=self.message())
        self.assert_code(done, 0)
        mail, = self.emulator.messages()
        self.assertEqual(mail["auth"]["mechanism"], "XOAUTH2")
        self.assertEqual(mail["auth"]["username"], self.emulator.address("modern-client"))
        self.assertEqual(self.landed(), [self.message()])

    def test_a_refusal_at_once(self):
        token = self.token("legacy-client")
        done = self.send_xoauth2(stdin=self.message(), secret=token)
        self.assert_code(done, 77)
        self.assertIn("535 5.7.3", done.stderr)
        self.assertIn("hint: ", done.stderr)
        self.assertNotIn(token, done.stderr)
        self.assert_nothing_sent()

    def test_a_refusal_with_its_reason_before(self):
        self.emulator.patch({"xoauth2_refusal": "challenge"}, "smtp")
        token = self.token("legacy-client")
        done = self.send_xoauth2(stdin=self.message(), secret=token)
        self.assert_code(done, 77)
        self.assertIn("535 5.7.3", done.stderr)
        self.assertRegex(done.stderr, r'reason given before: \{.*"status"')
        self.assertNotIn(token, done.stderr)
        self.assert_nothing_sent()

    def test_the_dialogue_of_a_refusal_is_finished(self):
        self.emulator.patch({"xoauth2_refusal": "challenge"}, "smtp")
        done = self.send_xoauth2("--trace", stdin=self.message(), secret=self.token("operator"))
        self.assert_code(done, 77)
        self.assertIn("QUIT", done.stderr)
        self.assertNotIn("eyJhbGciOi", done.stderr)

    def test_an_expired_token_is_not_even_shown(self):
        done = self.send_xoauth2(stdin=self.message(), secret=self.token(expires_in=-60))
        self.assertIn(done.returncode, (69, 77, 78), done.stderr)
        self.assertIn("expire", done.stderr)
        self.assert_nothing_sent()

    def test_it_takes_no_password(self):
        profile = dict(self.login(), transports=["smtp-xoauth2"])
        done = self.acsmtp("send", chosen=profile, secret=self.password, stdin=self.message())
        self.assert_code(done, 78)
        self.assert_nothing_sent()

    def test_the_user_name_cannot_add_fields(self):
        done = self.acsmtp("send", chosen=self.xoauth2(username="a\u0001auth=Bearer x"),
                           secret=self.token(), stdin=self.message())
        self.assert_code(done, 78)
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_host_and_port_come_from_the_cloud_or_the_options(self):
        host, port = self.emulator.smtp_address
        for transport in ({}, {"host": host}, {"host": host, "port": port}):
            with self.subTest(transport):
                self.assert_code(self.send_xoauth2(stdin=self.message(), transport=transport), 0)

    def test_another_host_does_not_inherit_the_clouds_port(self):
        done = self.send_xoauth2("--timeout", "5s", stdin=self.message(),
                                 transport={"host": "127.0.0.1"})
        self.assertIn(done.returncode, (75, 76), done.stderr)
        self.assertIn("587", done.stderr)

    def test_no_host_anywhere(self):
        done = self.program.run("--cloud", self.program.write("cloud.json", "{}"), "send",
                                chosen=self.xoauth2(), secret=self.token(), stdin=self.message())
        self.assert_code(done, 78)
        self.assertIn("host", done.stderr)


if __name__ == "__main__":
    processes.main()
