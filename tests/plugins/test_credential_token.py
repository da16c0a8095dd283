# SPDX-License-Identifier: MIT
"""token: an access token that is handed over."""

import base64
import json
import os
import subprocess
import time

from lib.credentials import (CONFIG, DENIED, OK, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest,
                             main)

MESSAGE = b"From: DoNotReply@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n"


def jwt(**claims):
    """An unsigned token: nothing here verifies signatures."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return ".".join((part({"alg": "PS256", "typ": "at+jwt"}), part(claims), "c2lnbmF0dXJl"))


class Token(CredentialTest):
    needs_emulator = False

    def entry(self, **more):
        return dict({"plugin": "token"}, **more)

    # where it comes from

    def test_the_environment_is_enough(self):
        self.assertEqual(self.good_token(self.entry(), ACSMTP_ACCESS_TOKEN="opaque"), "opaque")

    def test_variable_file_and_command(self):
        path = self.program.write("own-token", "from-the-file\n")
        command = self.script("echo from-the-command")
        self.assertEqual(self.good_token(self.entry(token={"env": "OWN"}), OWN="from-env"), "from-env")
        self.assertEqual(self.good_token(self.entry(token={"file": path})), "from-the-file")
        self.assertEqual(self.good_token(self.entry(token={"command": [command]})),
                         "from-the-command")

    def test_line_ends_are_cut(self):
        for end in ("\n", "\r\n", "\n\n"):
            self.assertEqual(self.good_token(self.entry(), ACSMTP_ACCESS_TOKEN="opaque" + end),
                             "opaque")

    def test_standard_input(self):
        for text in (b"opaque", b"opaque\n", b"opaque\r\n", b"opaque\nand more\n"):
            self.assertEqual(self.good_token(self.entry(stdin=True), stdin=text), "opaque")

    def test_standard_input_is_left_behind_the_first_line(self):
        program = self.program
        config = program.config(self.profile([self.entry(stdin=True)]))
        script = '"$0" --config "$1" token; cat'
        done = subprocess.run(["/bin/sh", "-c", script, program.path, config],
                              input=b"opaque\nthe rest\n", env=program.environment,
                              stdout=subprocess.PIPE, check=True)
        self.assertEqual(done.stdout, b"opaque\nthe rest\n")

    def test_a_token_from_standard_input_is_not_kept(self):
        for name in ("one", "two"):
            token = jwt(exp=int(time.time()) + 3600, name=name)
            self.assertEqual(self.good_token(self.entry(stdin=True), stdin=token.encode()), token)

    # expiry

    def test_the_token_tells_its_expiry(self):
        when = int(time.time()) + 4321
        done = self.token(self.entry(), arguments=("--format", "json"),
                          ACSMTP_ACCESS_TOKEN=jwt(exp=when))
        self.assertEqual(json.loads(done.stdout)["expires_on"], when, done.stderr)

    def test_an_expired_token_is_denied_with_the_time(self):
        token = jwt(exp=1700000000)
        self.canaries.append(token)
        for more in ({"ACSMTP_ACCESS_TOKEN": token}, {"stdin": token.encode()}):
            self.refused(DENIED, "2023-11-14T22:13:20Z",
                         credentials=[self.entry(stdin="stdin" in more)], **more)

    def test_a_new_token_in_the_variable_is_seen(self):
        for name in ("one", "two"):
            token = jwt(exp=int(time.time()) + 3600, name=name)
            self.assertEqual(self.good_token(self.entry(), ACSMTP_ACCESS_TOKEN=token), token)

    # not there

    def test_no_token_moves_a_chain_on(self):
        self.refused(UNAVAILABLE, "ACSMTP_ACCESS_TOKEN", credentials=[self.entry()])
        self.assertEqual(self.good_token(self.entry(), self.entry(token={"env": "OWN"}), OWN="second"),
                         "second")

    def test_a_source_that_fails_is_told(self):
        self.refused(CONFIG, "OWN", credentials=[self.entry(token={"env": "OWN"})])
        self.refused(CONFIG, "/nonexistent", credentials=[self.entry(token={"file": "/nonexistent"})])
        path = self.program.write("own-token", "x", 0o644)
        self.refused(CONFIG, credentials=[self.entry(token={"file": path})])

    def test_an_empty_standard_input(self):
        for text in (b"", b"\n", b"\nsecond\n"):
            self.refused(CONFIG, "standard input", credentials=[self.entry(stdin=True)], stdin=text)

    def test_a_message_from_standard_input_leaves_no_token(self):
        done = self.acsmtp("send", "-t", credentials=[self.entry(stdin=True)], stdin=MESSAGE,
                           profile={"transports": [{"plugin": "smtp-xoauth2", "host": "127.0.0.1",
                                                    "port": 9}]})
        self.assertEqual(done.returncode, CONFIG, done.stderr)
        self.assertIn("FILE", done.stderr)

    def test_a_silent_standard_input_meets_the_deadline(self):
        reader, writer = os.pipe()
        try:
            start = time.monotonic()
            done = subprocess.run(
                [self.program.path, "--config",
                 self.program.config(self.profile([self.entry(stdin=True)])),
                 "--timeout", "1s", "token"], stdin=reader, env=self.program.environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        finally:
            os.close(reader)
            os.close(writer)
        self.assertEqual(done.returncode, TEMPORARY, done.stderr)
        self.assertLess(time.monotonic() - start, 10)

    # what cannot be one

    def test_bad_tokens(self):
        for token in ("with blank", "tab\there", "umlaut-\u00e9", "x" * 70000):
            with self.subTest(token=token[:20]):
                self.canaries = [token]
                self.refused(PROTOCOL, credentials=[self.entry()], ACSMTP_ACCESS_TOKEN=token)
        self.refused(CONFIG, "longer", credentials=[self.entry(stdin=True)], stdin=b"x" * 70000)

    def test_the_trace_does_not_show_it(self):
        self.canaries.append("canary-token-value")
        done = self.acsmtp("--trace", "send", self.program.write("own.eml", MESSAGE), "--timeout",
                           "2s", credentials=[self.entry()], ACSMTP_ACCESS_TOKEN="canary-token-value",
                           profile={"transports": [{"plugin": "smtp-xoauth2", "host": "127.0.0.1",
                                                    "port": 9}]})
        self.assertNotEqual(done.returncode, OK)


if __name__ == "__main__":
    main()
