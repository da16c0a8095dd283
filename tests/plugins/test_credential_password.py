# SPDX-License-Identifier: MIT
"""password: a user name and a password that are handed over, shown to the emulator's mail server."""

from lib.credentials import CONFIG, DENIED, OK, UNAVAILABLE, CredentialTest, main

MESSAGE = b"From: DoNotReply@%s\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n"


class Password(CredentialTest):
    def setUp(self):
        super().setUp()
        self.user = self.emulator.address("legacy-client")
        self.password = self.emulator.application("legacy-client")["client_secret"]
        self.canaries.append(self.password)

    def entry(self, **more):
        return dict({"plugin": "password"}, **more)

    def send(self, *entries, username=None, **more):
        domain = self.emulator.domain
        path = self.program.write("own-message.eml", MESSAGE % domain.encode())
        profile = {"from": "DoNotReply@" + domain, "username": username or self.user,
                   "transports": ["smtp-login"]}
        return self.acsmtp("-vv", "send", path, credentials=list(entries), profile=profile, **more)

    def assert_sent(self, done):
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(self.emulator.messages()[-1]["auth"]["username"], self.user)

    def test_the_environment_is_enough(self):
        self.assert_sent(self.send(self.entry(), ACSMTP_PASSWORD=self.password))

    def test_variable_file_and_command(self):
        path = self.program.write("own-password", self.password + "\n")
        command = self.script("cat '%s'" % path)
        self.assert_sent(self.send(self.entry(password={"env": "OWN"}), OWN=self.password))
        self.assert_sent(self.send(self.entry(password={"file": path})))
        self.assert_sent(self.send(self.entry(password={"command": [command]})))

    def test_standard_input(self):
        for end in (b"", b"\n", b"\r\n", b"\nmore\n"):
            self.assert_sent(self.send(self.entry(stdin=True), stdin=self.password.encode() + end))

    def test_its_user_name_comes_before_the_profiles(self):
        self.assert_sent(self.send(self.entry(username=self.user), username="nobody@example.org",
                                   ACSMTP_PASSWORD=self.password))
        self.assert_sent(self.send(self.entry(), username="nobody@example.org",
                                   ACSMTP_USERNAME=self.user, ACSMTP_PASSWORD=self.password))

    def test_nothing_set_moves_a_chain_on(self):
        done = self.send(self.entry())
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("ACSMTP_PASSWORD", done.stderr)
        self.assert_sent(self.send(self.entry(), self.entry(password={"env": "OWN"}),
                                   OWN=self.password))

    def test_a_user_name_alone_is_nothing(self):
        self.assertEqual(self.send(self.entry(username=self.user)).returncode, UNAVAILABLE)

    def test_two_instances_keep_apart(self):
        done = self.send(self.entry(password={"env": "BAD"}, on_denied="next"),
                         self.entry(password={"env": "OWN"}), BAD="wrong-password", OWN=self.password)
        self.assert_sent(done)

    def test_a_refused_password(self):
        self.canaries.append("wrong-password")
        done = self.send(self.entry(), ACSMTP_PASSWORD="wrong-password")
        self.assertEqual(done.returncode, DENIED, done.stderr)
        self.assertIn("535", done.stderr)

    def test_line_breaks_are_refused(self):
        for text in ("two\nlines", "two\rlines", "end\n\n"):
            done = self.send(self.entry(), ACSMTP_PASSWORD=text)
            self.assertEqual(done.returncode, CONFIG, done.stderr)
            self.assertNotIn("lines", done.stderr)
        path = self.program.write("own-password", "nul\0here")
        self.assertEqual(self.send(self.entry(password={"file": path})).returncode, CONFIG)

    def test_an_empty_one_is_a_mistake(self):
        path = self.program.write("own-password", "\n")
        self.assertEqual(self.send(self.entry(password={"file": path})).returncode, CONFIG)
        self.assertEqual(self.send(self.entry(stdin=True), stdin=b"\n").returncode, CONFIG)
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_the_trace_does_not_show_it(self):
        domain = self.emulator.domain
        path = self.program.write("own-message.eml", MESSAGE % domain.encode())
        done = self.acsmtp("--trace", "send", path, credentials=[self.entry()],
                           profile={"from": "DoNotReply@" + domain, "username": self.user,
                                    "transports": ["smtp-login"]}, ACSMTP_PASSWORD=self.password)
        self.assert_sent(done)
        self.assertIn("AUTH LOGIN", done.stderr)


if __name__ == "__main__":
    main()
