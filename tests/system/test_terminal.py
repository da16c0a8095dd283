# SPDX-License-Identifier: MIT
"""What others choose (servers their replies, senders the names of files, a web server's guests the words
of a command line) never moves a cursor, forges a line or shows text in another order."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase

# A screen cleared, a title set, C1's CSI, an override and an isolate, a bell, a backspace.
HOSTILE = "\x1b[2J\x1b]0;x\x07\u009b2J\u202etxt\u2066\u2028\x07\x08"
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Terminal(CloudCase):
    def assert_plain(self, done, *codes):
        self.assertIn(done.returncode, codes, done.stderr)
        for text in (done.stdout, done.stderr):
            self.assertIsNone(CONTROLS.search(text), text)

    def test_what_a_server_says(self):
        for step, reply in (("mail", "451 4.3.0 "), ("rcpt", "550 5.1.1 "), ("dot", "554 5.6.0 "),
                            ("credentials", "535 5.7.3 ")):
            self.emulator.clear_faults()
            self.emulator.fault(service="smtp", action="reply", step=step, reply=reply + HOSTILE)
            for options in ((), ("--trace",), ("--json",), ("-vv",)):
                with self.subTest(step=step, options=options):
                    self.assert_plain(self.send_login(*options, stdin=self.message()), 65, 75, 77)
        report = os.path.join(self.program.home, "report.json")
        for options in ((), ("--trace",), ("--json",), ("--report", report)):
            self.assert_plain(self.acsmtp("doctor", *options, chosen=self.login(),
                                          secret=self.password), 0, 69, 77)
        with open(report, encoding="utf-8") as file:
            self.assertIsNone(CONTROLS.search(file.read()))

    def test_what_a_log_holds(self):
        for options in ((), ("--json",)):
            self.assert_plain(self.program.run("explain", *options,
                                               stdin=b"535 5.7.3 " + HOSTILE.encode()), 0)

    def test_names_of_files(self):
        path = self.program.write(HOSTILE + ".eml", self.message())
        for files, options in (((path,), ()), ((path,), ("-v",)), ((path, path), ("-v",)),
                               ((path + "x",), ()), ((path, path + "x"), ("-v",))):
            self.assert_plain(self.send_login(*options, *files), 0, 66)

    def test_words_of_the_command_line(self):
        for words in ((HOSTILE,), ("--" + HOSTILE,), ("-" + HOSTILE,), ("send", "--to", HOSTILE + "@x"),
                      ("--profile", HOSTILE, "config", "check"), ("--set", HOSTILE, "config", "show"),
                      ("--timeout", HOSTILE, "send"), ("token", "--format", HOSTILE),
                      ("plugin", "info", HOSTILE), ("plugin", "new", "credential", HOSTILE),
                      ("plugin", "dump", HOSTILE + ".so"), ("explain", HOSTILE)):
            self.assert_plain(self.program.run(*words), 1, 64, 65, 69, 78)


if __name__ == "__main__":
    processes.main()
