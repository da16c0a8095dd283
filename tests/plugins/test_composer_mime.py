# SPDX-License-Identifier: MIT
"""mime: what the composer makes, read by Python's email package, which knows nothing of it."""

import email
import email.policy
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import Program

TO = ("--to", "ann@example.com")
PICTURE = b"\x89PNG\r\n\x1a\n\r\r\n\0.\r\n.\r\n" + bytes(range(256)) * 3


def shape(part):
    """The tree as nested lists of content types."""
    if not part.is_multipart():
        return part.get_content_type()
    return [part.get_content_subtype()] + [shape(inner) for inner in part.iter_parts()]


class Composer(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)

    def run_send(self, *arguments, sender="Jürgen Groß <jg@example.org>", stdin=b"", **environment):
        profile = {"transports": [{"plugin": "file", "path": "/dev/stdout"}], "from": sender}
        command = [self.program.path, "--config", self.program.config(profile), "send",
                   "--dry-run", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False,
                              env=dict(self.program.environment, **environment))

    def raw(self, *arguments, **more):
        done = self.run_send(*TO, *arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def compose(self, *arguments, **more):
        raw = self.raw(*arguments, **more)
        self.check_form(raw)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for part in message.walk():
            self.assertEqual(part.defects, [], part.get_content_type())
            for name, value in part.items():
                self.assertEqual(value.defects, (), name)
        return message

    def check_form(self, raw):
        """ASCII, CRLF only, no line above 998 bytes and no header line above 78."""
        self.assertTrue(raw.isascii())
        self.assertTrue(raw.endswith(b"\r\n"))
        self.assertNotRegex(raw, rb"\r(?!\n)|(?<!\r)\n")
        self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), 998)
        header = raw[:raw.index(b"\r\n\r\n")]
        self.assertLessEqual(max(map(len, header.split(b"\r\n"))), 78, header)

    # fields

    def test_the_fields_that_every_message_has(self):
        message = self.compose("--subject", "Hello", "--text", "there")
        self.assertEqual(message["To"], "ann@example.com")
        self.assertEqual(message["Subject"], "Hello")
        self.assertEqual(message["MIME-Version"], "1.0")
        self.assertIsNotNone(message["Date"].datetime.tzinfo)
        self.assertRegex(message["Message-ID"], r"\A<[0-9a-f]{32}@example\.org>\Z")
        self.assertEqual(message.get_content().replace("\r\n", "\n"), "there\n")

    def test_names_and_texts_in_any_language(self):
        subject = "Grüße 你好 emoji 🎉 " + "sehr lang " * 20
        message = self.compose("--subject", subject, "--text", "日本語 Ünïcödé 🎉\n" * 40,
                               "--cc", "\"Müller, Ö\" <m@example.com>, \"Doe, J.\" <d@example.com>",
                               "--reply-to", "Büro <office@example.org>")
        self.assertEqual(message["Subject"], subject.strip())
        self.assertEqual(message["From"].addresses[0].display_name, "Jürgen Groß")
        self.assertEqual(message["Reply-To"].addresses[0].display_name, "Büro")
        self.assertEqual([(a.display_name, a.addr_spec) for a in message["Cc"].addresses],
                         [("Müller, Ö", "m@example.com"), ("Doe, J.", "d@example.com")])
        self.assertEqual(message.get_content().replace("\r\n", "\n"), "日本語 Ünïcödé 🎉\n" * 40)
        self.assertEqual(message.get_content_charset(), "utf-8")

    def test_many_recipients_are_folded(self):
        people = ["person.number.%d@example.com" % n for n in range(45)]
        message = self.compose("--subject", "x", "--text", "x", "--cc", ", ".join(people))
        self.assertEqual([a.addr_spec for a in message["Cc"].addresses], people)

    def test_bcc_is_in_the_envelope_only(self):
        done = self.run_send(*TO, "--bcc", "hidden@example.com", "--subject", "x", "--text", "y")
        self.assertNotIn(b"hidden", done.stdout)
        self.assertIn(b"<hidden@example.com>", done.stderr)

    def test_further_fields(self):
        message = self.compose("--subject", "x", "--text", "y", "--header", "X-Job: 17 äöü",
                               "--header", "List-Unsubscribe: <mailto:u@example.org>",
                               "--header", "References: <a@example.org> <b@example.org>",
                               "--date", "Tue, 3 Mar 2026 10:00:00 +0100",
                               "--message-id", "own.id-1@example.org")
        self.assertEqual(message["X-Job"], "17 äöü")
        self.assertEqual(message["List-Unsubscribe"], "<mailto:u@example.org>")
        self.assertEqual(message["References"], "<a@example.org> <b@example.org>")
        self.assertEqual(message["Message-ID"], "<own.id-1@example.org>")
        self.assertEqual(message["Date"].datetime.isoformat(), "2026-03-03T10:00:00+01:00")

    # injection

    def test_no_field_takes_a_line_break(self):
        evil = "x\r\nBcc: victim@example.com"
        for number, end in enumerate((evil, evil.replace("\r", ""), evil.replace("\n", ""))):
            for option, value in (("--subject", end), ("--header", "X-A: " + end),
                                  ("--reply-to", "A <a@example.org>" + end), ("--date", end),
                                  ("--message-id", "a@b" + end), ("--cc", "c@example.com" + end),
                                  ("--bcc", "c@example.com" + end),
                                  ("--from", "a@example.org" + end)):
                with self.subTest(option=option, number=number):
                    done = self.run_send(*TO, "--text", "x", option, value)
                    self.assertEqual(done.returncode, 65, done.stderr.decode())
                    self.assertEqual(done.stdout, b"")

    def test_a_file_name_with_a_line_break(self):
        path = self.program.write("a\r\nX-Evil: yes.txt", "x")
        for option in ("--attach", "--inline"):
            done = self.run_send(*TO, "--html", "x", option, path)
            self.assertEqual(done.returncode, 65, done.stderr.decode())
            self.assertEqual(done.stdout, b"")

    def test_fields_of_the_composer_cannot_be_given_twice(self):
        for field in ("Bcc: a@example.com", "to: a@example.com", "Content-Type: text/evil",
                      "MIME-Version: 2.0", "no colon", ": empty", "Sp ace: x", "X-Empty:", "Ü: x"):
            with self.subTest(field):
                done = self.run_send(*TO, "--subject", "x", "--header", field)
                self.assertEqual(done.returncode, 65, done.stderr.decode())
                self.assertEqual(done.stdout, b"")

    def test_what_is_not_a_message(self):
        for arguments in (("--date", "yesterday"), ("--message-id", "no-at"),
                          ("--message-id", "<a@b>"), ("--reply-to", "not an address"),
                          ("--from", "a@example.org, b@example.org"),
                          ("--text", b"\xff\xfe"), ("--subject", b"\xff"),
                          ("--header", "References: <%s@x>" % ("a" * 1200))):
            with self.subTest(arguments):
                done = self.run_send(*TO, "--subject", "x", *arguments)
                self.assertEqual(done.returncode, 65, done.stderr.decode())
                self.assertEqual(done.stdout, b"")

    # texts

    def test_texts_survive(self):
        for text in ("", "x", "no end", "end\n", ".\n..\n.x\n", "From me\nFrom: you\n", "tab\there\n",
                     "trailing  \nblanks\t\n", "a\n\n\n\nb\n", "= =3D =?utf-8?q?x?=\n", "L" * 5000,
                     "ü" * 3000, "--=_0000\n--=_0000--\n", "\x01\x02\x1b[31m\n", "€" + "x" * 998):
            with self.subTest(text[:20]):
                wanted = text if not text or text.endswith("\n") else text + "\n"
                message = self.compose("--subject", "x", "--text", text)
                self.assertEqual(message.get_content().replace("\r\n", "\n").rstrip("\n"),
                                 wanted.rstrip("\n"))

    def test_line_ends_of_the_input_do_not_matter(self):
        for text in ("a\r\nb\r\n", "a\rb\r", "a\nb\n"):
            message = self.compose("--subject", "x", "--text", text)
            self.assertEqual(message.get_content(), "a\r\nb\r\n")

    def test_text_from_files_and_standard_input(self):
        path = self.program.write("text", "from a file\n")
        self.assertIn("from a file", self.compose("--text", "@" + path).get_content())
        self.assertIn("piped", self.compose("--text", "@-", stdin=b"piped\n").get_content())
        self.assertIn("@literal", self.compose("--text", "@@literal").get_content())

    # structure

    def test_each_level_is_there_only_when_needed(self):
        png = self.program.write("logo.png", PICTURE)
        pdf = self.program.write("report.pdf", b"%PDF")
        text, html = ("--text", "t"), ("--html", "<p>h</p>")
        plain, hyper = "text/plain", "text/html"
        alternative = ["alternative", plain, hyper]
        for arguments, wanted in (
                (text, plain), (html, hyper), (text + html, alternative),
                (("--subject", "only"), plain),
                (text + ("--attach", pdf), ["mixed", plain, "application/pdf"]),
                (html + ("--inline", png), ["related", hyper, "image/png"]),
                (text + html + ("--inline", png), ["related", alternative, "image/png"]),
                (text + html + ("--inline", png, "--attach", pdf),
                 ["mixed", ["related", alternative, "image/png"], "application/pdf"]),
                (text + ("--inline", png), ["mixed", plain, "image/png"])):
            with self.subTest(arguments):
                self.assertEqual(shape(self.compose(*arguments)), wanted)

    def test_inline_images_are_found_by_the_html(self):
        path = self.program.write("logo.png", PICTURE)
        message = self.compose("--html", '<img src="cid:logo.png">', "--inline", path)
        _, image = message.iter_parts()
        self.assertEqual(image["Content-ID"], "<logo.png>")
        self.assertEqual(image.get_content_disposition(), "inline")
        self.assertEqual(image.get_content(), PICTURE)
        self.assertEqual(message.get_param("type"), "text/html")

    def test_attachments_arrive_byte_for_byte(self):
        names = ["plain.txt", "Ünïcödé 日本.pdf", 'quo"te.bin', "semi;colon=.csv", "no-extension",
                 "x" * 180 + ".zip", "nested.eml"]
        content = {name: (name.encode() + PICTURE) * 7 for name in names}
        arguments = []
        for name in names:
            arguments += ["--attach", self.program.write(name, content[name])]
        message = self.compose("--text", "see there", *arguments)
        found = {part.get_filename(): part.get_payload(decode=True)
                 for part in message.iter_attachments()}
        self.assertEqual(found, content)
        types = {part.get_filename(): part.get_content_type()
                 for part in message.iter_attachments()}
        self.assertEqual(types["Ünïcödé 日本.pdf"], "application/pdf")
        self.assertEqual(types["no-extension"], "application/octet-stream")
        self.assertEqual(types["nested.eml"], "application/octet-stream")

    def test_an_attachment_from_a_pipe(self):
        command = ('"$0" --config "$1" send --dry-run --to a@example.com --text x '
                   '--attach <(printf "from a pipe")')
        profile = {"from": "a@example.org", "transports": [{"plugin": "file", "path": "/x"}]}
        done = subprocess.run(["bash", "-c", command, self.program.path,
                               self.program.config(profile)], capture_output=True, timeout=30,
                              env=self.program.environment, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        message = email.message_from_bytes(done.stdout, policy=email.policy.default)
        part, = message.iter_attachments()
        self.assertEqual(part.get_content(), b"from a pipe")

    def test_two_inline_files_of_one_name(self):
        os.mkdir(os.path.join(self.program.home, "two"))
        first, second = (self.program.write(name, "x") for name in ("a.png", "two/a.png"))
        done = self.run_send(*TO, "--html", "x", "--inline", first, "--inline", second)
        self.assertEqual(done.returncode, 65, done.stderr.decode())
        self.assertIn(b"a.png", done.stderr)

    def test_files_that_cannot_be_attached(self):
        for path in (self.program.home, os.path.join(self.program.home, "absent")):
            done = self.run_send(*TO, "--text", "x", "--attach", path)
            self.assertEqual(done.returncode, 66, done.stderr.decode())
            self.assertIn(path.encode(), done.stderr)

    # the same bytes again

    def test_source_date_epoch_makes_the_same_bytes(self):
        path = self.program.write("a.bin", PICTURE)
        arguments = ("--subject", "x", "--text", "ü", "--html", "y", "--attach", path)
        first = self.raw(*arguments, SOURCE_DATE_EPOCH="1700000000")
        self.assertEqual(self.raw(*arguments, SOURCE_DATE_EPOCH="1700000000", TZ="Asia/Tokyo"),
                         first)
        self.assertIn(b"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n", first)
        other = self.raw("--subject", "z", *arguments[2:], SOURCE_DATE_EPOCH="1700000000")
        pattern = rb"(?i)Message-ID: (.*)\r"
        self.assertNotEqual(re.findall(pattern, first), re.findall(pattern, other))
        later = self.raw(*arguments, SOURCE_DATE_EPOCH="1700000001")
        self.assertNotEqual(re.findall(pattern, first), re.findall(pattern, later))

    def test_without_it_nothing_repeats(self):
        first, second = (self.raw("--text", "x", "--html", "y") for _ in range(2))
        for pattern in (rb"(?i)Message-ID: (.*)\r", rb'boundary="(.*)"'):
            self.assertNotEqual(re.findall(pattern, first), re.findall(pattern, second))

    def test_a_broken_source_date_epoch(self):
        for value in ("tomorrow", "-5", "99999999999999999999"):
            done = self.run_send(*TO, "--text", "x", SOURCE_DATE_EPOCH=value)
            self.assertEqual(done.returncode, 78, done.stderr.decode())

    # size

    def test_a_large_attachment_is_not_held_in_memory(self):
        def peak(size):
            path = self.program.write("big.bin", os.urandom(1 << 20) * size)
            code = ("import os,resource,subprocess,sys;"
                    "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);"
                    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
            profile = {"from": "a@example.org", "transports": [{"plugin": "file", "path": "/x"}]}
            done = subprocess.run([sys.executable, "-c", code, self.program.path, "--config",
                                   self.program.config(profile), "send", "--dry-run", *TO,
                                   "--text", "x", "--attach", path], capture_output=True,
                                  env=self.program.environment, check=True, timeout=120)
            return int(done.stdout)

        self.assertLess(peak(25) - peak(1), 4096, "KiB more for 24 MiB more")


if __name__ == "__main__":
    processes.main()
