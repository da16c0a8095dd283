# SPDX-License-Identifier: MIT
"""file: .eml files, Maildir, one file, streams; whole or not at all, and nothing overwritten."""

import mailbox
import os
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
import samples
from program import Program

HEAD = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n"


class File(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)
        self.place = os.path.join(self.program.home, "out")

    def send(self, *arguments, stdin=HEAD + b"\r\nHello\r\n", path=None, **options):
        entry = dict({"plugin": "file", "path": path or self.place}, **options)
        return self.program.run("send", *arguments, stdin=stdin,
                                chosen={"from": "a@example.org", "transports": [entry]})

    def good(self, *arguments, **more):
        done = self.send(*arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def content(self, name):
        with open(os.path.join(self.place, name), "rb") as file:
            return file.read()

    def test_a_folder_gets_the_exact_bytes(self):
        os.mkdir(self.place)
        for name, message in samples.SAMPLES.items():
            with self.subTest(name):
                done = self.good("--to", "b@example.org", stdin=message)
                file, = os.listdir(self.place)
                self.assertTrue(file.endswith(".eml"))
                self.assertIn(file, done.stdout)
                self.assertEqual(self.content(file), message)
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.place, file)).st_mode),
                                 0o600)
                os.unlink(os.path.join(self.place, file))

    def test_bcc_is_not_written(self):
        os.mkdir(self.place)
        self.good(stdin=HEAD + b"Bcc: secret@example.org\r\n\r\nHello\r\n")
        self.assertEqual(self.content(os.listdir(self.place)[0]), HEAD + b"\r\nHello\r\n")

    def test_many_messages_get_many_names(self):
        os.mkdir(self.place)
        paths = [self.program.write("%d.eml" % n, HEAD + b"\r\n%d\r\n" % n) for n in range(50)]
        self.good(*paths)
        self.assertEqual({self.content(name) for name in os.listdir(self.place)},
                         {HEAD + b"\r\n%d\r\n" % n for n in range(50)})
        order = [self.content(name) for name in sorted(os.listdir(self.place))]
        self.assertEqual(order, [HEAD + b"\r\n%d\r\n" % n for n in range(50)])

    def test_a_maildir_is_recognised_and_read_by_others(self):
        mailbox.Maildir(self.place, create=True)
        self.good()
        message, = mailbox.Maildir(self.place)
        self.assertEqual(message["Subject"], "x")
        self.assertEqual(os.listdir(os.path.join(self.place, "tmp")), [])
        name, = os.listdir(os.path.join(self.place, "new"))
        self.assertEqual(self.content("new/" + name), HEAD.replace(b"\r", b"") + b"\nHello\n")

    def test_a_maildir_is_made_when_asked_for(self):
        self.good(format="maildir")
        self.assertEqual(len(mailbox.Maildir(self.place)), 1)
        self.assertEqual(stat.S_IMODE(os.stat(self.place).st_mode), 0o700)

    def test_only_crlf_is_changed_for_a_maildir(self):
        body = b"".join(b"x" * (n % 70) + (b"\r\n", b"\n", b"\r\rx", b"\r\r\n")[n % 4]
                        for n in range(20000)) + b"end\r"
        self.good("--to", "b@example.org", stdin=HEAD + b"\r\n" + body, format="maildir")
        name, = os.listdir(os.path.join(self.place, "new"))
        self.assertEqual(self.content("new/" + name), (HEAD + b"\r\n" + body).replace(b"\r\n",
                                                                                      b"\n"))

    def test_one_file_and_never_over_another(self):
        self.good()
        with open(self.place, "rb") as file:
            self.assertEqual(file.read(), HEAD + b"\r\nHello\r\n")
        done = self.send(stdin=HEAD + b"\r\nsecond\r\n")
        self.assertEqual(done.returncode, 71, done.stderr)
        self.assertIn("File exists", done.stderr)
        with open(self.place, "rb") as file:
            self.assertEqual(file.read(), HEAD + b"\r\nHello\r\n")
        self.assertEqual([n for n in os.listdir(self.program.home) if n.endswith(".tmp")], [])

    def test_standard_output_is_written_through(self):
        done = self.good(path="/dev/stdout")
        self.assertTrue(done.stdout.startswith((HEAD + b"\r\nHello\r\n").decode()), done.stdout)

    def test_a_pipe_is_written_through(self):
        os.mkfifo(self.place)
        with subprocess.Popen(["cat", self.place], stdout=subprocess.PIPE) as reader:
            self.good()
            self.assertEqual(reader.communicate(timeout=10)[0], HEAD + b"\r\nHello\r\n")

    def test_what_cannot_be_written(self):
        for path in ("/dev/full", os.path.join(self.program.home, "absent", "file"),
                     os.path.join(self.program.home, "absent") + "/"):
            with self.subTest(path):
                done = self.send(path=path)
                self.assertEqual(done.returncode, 71, done.stderr)
                self.assertIn(path.rstrip("/"), done.stderr)

    def test_a_folder_that_takes_nothing_leaves_nothing(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        os.mkdir(self.place, 0o500)
        self.assertEqual(self.send().returncode, 71)

    def test_the_path_is_needed(self):
        done = self.program.run("send", stdin=HEAD + b"\r\nx\r\n",
                                chosen={"from": "a@example.org", "transports": ["file"]})
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("path", done.stderr)


if __name__ == "__main__":
    processes.main()
