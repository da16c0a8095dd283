# SPDX-License-Identifier: MIT
"""The words of the command line: help, versions, slips, closed descriptors, exit codes."""

import os
import pty
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import Program

COMMANDS = ("send", "token", "plugin", "config", "provision")


class Usage(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)

    def assert_usage(self, arguments, *words, command="acsmtp"):
        """One line that says what is wrong, one that says where help is; nothing else."""
        done = self.program.run(*arguments)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 2, done.stderr)
        self.assertTrue(lines[0].startswith("acsmtp: "), lines[0])
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(lines[1], "Try '%s --help'." % command)

    def test_version(self):
        for arguments in (("--version",), ("-V",), ("send", "--version"), ("--json", "-V")):
            done = self.program.run(*arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"\Aacsmtp \d+\.\d+\.\d+\nCopyright .*\n(.*\n)+")
            self.assertIn("NO WARRANTY", done.stdout)

    def test_help_lists_every_command(self):
        for arguments in (("--help",), ("-h",), ("help",)):
            done = self.program.run(*arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            for command in COMMANDS:
                self.assertRegex(done.stdout, r"(?m)^  %s +\w" % command)

    def test_each_command_explains_itself(self):
        for command in COMMANDS:
            for arguments in ((command, "--help"), ("--help", command), (command, "x", "-h")):
                done = self.program.run(*arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.startswith("Usage: acsmtp " + command), done.stdout)
                self.assertIn("--profile PROFILE", done.stdout)
                self.assertEqual(done.stderr, "")
                lines = [line for line in done.stdout.splitlines() if self.program.build not in line]
                self.assertLessEqual(max(map(len, lines)), 100)

    def test_the_help_of_send_says_what_one_needs(self):
        text = self.program.run("send", "--help").stdout
        for word in ("--to", "--subject", "--attach", "--inline", "cid:", "@FILE", "@-", "Examples:",
                     "Exit codes", "75  temporary", "--dry-run", "acsmtp config"):
            self.assertIn(word, text)

    def test_help_needs_no_config_and_no_home(self):
        del self.program.environment["HOME"]
        self.assertEqual(self.program.run("send", "--help").returncode, 0)

    def test_slips_are_answered_with_what_was_meant(self):
        self.assert_usage((), "no command")
        self.assert_usage(("sned",), "sned", "did you mean 'send'")
        self.assert_usage(("xyzzy",), "unknown command 'xyzzy'")
        self.assert_usage(("--profil-name", "send"), "--profile")
        self.assert_usage(("send", "--subjct", "x"), "did you mean '--subject'",
                          command="acsmtp send")
        self.assert_usage(("send", "--re"), "ambiguous", command="acsmtp send")
        self.assert_usage(("send", "-Q"), "unknown option '-Q'", command="acsmtp send")
        self.assert_usage(("send", "--to"), "needs a value", "ADDRESS", command="acsmtp send")
        self.assert_usage(("token", "--json=yes"), "takes no value", command="acsmtp token")
        self.assert_usage(("config", "chekc"), "did you mean 'check'", command="acsmtp config")
        self.assert_usage(("config", "show", "more"), "'more'", command="acsmtp config")
        self.assert_usage(("plugins", "inof"), "did you mean 'info'", command="acsmtp plugin")
        self.assert_usage(("plugins", "info"), "name of a plugin",
                          command="acsmtp plugin info")
        self.assert_usage(("plugins", "info", "a", "b"), "'b'",
                          command="acsmtp plugin info")
        self.assert_usage(("token", "extra"), "'extra'", command="acsmtp token")
        self.assert_usage(("token", "--format", "xml"), "xml", "json", command="acsmtp token")

    def test_durations(self):
        for good in ("250ms", "10s", "5m", "1h", "30"):
            self.assertEqual(self.program.run("--timeout", good, "help").returncode, 0)
        for bad in ("", "soon", "10 s", "-1", "1d", "99999999999999999999", "1.5s"):
            self.assert_usage(("--timeout", bad, "help"), "duration")

    def test_what_send_cannot_do_together(self):
        for arguments, word in (
                (("--subject", "x"), "no recipient"),
                (("--to", "a@b.c", "--subject", "x", "file.eml"), "--attach"),
                (("--to", "a@b.c", "--text", "@-", "--html", "@-"), "standard input"),
                (("-", "-"), "standard input")):
            self.assert_usage(("send",) + arguments, word, command="acsmtp send")

    def test_a_terminal_is_not_waited_for(self):
        master, slave = pty.openpty()
        try:
            done = subprocess.run([self.program.path, "send", "--to", "a@example.com"], stdin=slave,
                                  capture_output=True, timeout=20, check=False,
                                  env=self.program.environment)
        finally:
            os.close(master)
            os.close(slave)
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"no message", done.stderr)

    def shell(self, command):
        return subprocess.run(["sh", "-c", command, self.program.path], capture_output=True,
                              timeout=20, env=self.program.environment, check=False)

    def test_output_that_cannot_be_written(self):
        for command, words in (('"$0" --version > /dev/full', b"No space left"),
                               ('"$0" --help >&-', b"standard output"),
                               ('"$0" plugins --json > /dev/full', b"No space left")):
            with self.subTest(command):
                done = self.shell(command)
                self.assertEqual(done.returncode, 74, done.stderr)
                self.assertIn(words, done.stderr)

    def test_a_reader_that_left_is_no_news(self):
        done = self.shell('{ "$0" send --help; echo $? >&2; } | true; sleep 0.2')
        self.assertIn(done.stderr, (b"74\n", b"0\n"))

    def test_closed_descriptors_do_not_mix_with_files(self):
        done = self.shell('exec <&- >&- 2>&-; "$0" send --to a@b.c')
        self.assertNotIn(done.returncode, (0, -11, 134), "closed descriptors")

    def test_start_up_loads_no_curl_and_no_gmime(self):
        for arguments in (("--version",), ("send", "--help"), ("config", "path")):
            done = self.program.run(*arguments, LD_DEBUG="libs")
            self.assertIn("libacsmtp.so", done.stderr)
            for library in ("libcurl", "libgmime", "libacsmtp-http", "libacsmtp-smtp", "libjwt"):
                self.assertNotIn(library, done.stderr, arguments)


if __name__ == "__main__":
    processes.main()
