# SPDX-License-Identifier: MIT
"""acsmtp send as its users see it: envelopes, results, documents, dry runs, signals."""

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import CloudCase

ANN, BOB, EVE = "ann@example.com", "bob@example.com", "eve@example.com"


class Envelope(CloudCase):
    def one(self):
        mail, = self.emulator.messages()
        self.emulator.clear_messages()
        return mail

    def test_recipients_of_the_message(self):
        message = self.message(To="Ann <%s>, team: %s;" % (ANN, BOB), Cc=EVE, Bcc="h@example.com")
        self.assert_code(self.send_login(stdin=message), 0)
        mail = self.one()
        self.assertEqual(mail["recipients"], [ANN, BOB, EVE, "h@example.com"])
        self.assertEqual(mail["from"], self.sender)

    def test_bcc_is_known_to_nobody_else(self):
        message = self.message(Bcc="h@example.com,\r\n h2@example.com", Cc=BOB)
        self.assert_code(self.send_login(stdin=message), 0)
        self.assertEqual(self.landed(), [self.message(Cc=BOB)])

    def test_recipients_of_the_command_line_come_instead_or_besides(self):
        self.assert_code(self.send_login("--to", BOB, "--bcc", EVE, stdin=self.message()), 0)
        self.assertEqual(self.one()["recipients"], [BOB, EVE])
        self.assert_code(self.send_login("-t", "--to", BOB, stdin=self.message()), 0)
        self.assertEqual(self.one()["recipients"], [BOB, ANN])

    def test_each_recipient_once(self):
        done = self.send_login("--to", "%s,%s" % (ANN, BOB), "--cc", "ann@EXAMPLE.com",
                               "--bcc", "Bob <%s>" % BOB, "--to", "Ann@example.com",
                               stdin=self.message())
        self.assert_code(done, 0)
        self.assertEqual(self.one()["recipients"], [ANN, BOB, "Ann@example.com"])

    def test_the_sender(self):
        other = self.emulator.address("legacy-client")
        self.assert_code(self.send_login("--from", "Me <%s>" % other, stdin=self.message()), 0)
        self.assertEqual(self.one()["from"], other)
        profile = self.login()
        del profile["from"]
        for fields, wanted in (({}, self.sender), ({"From": "A <%s>" % other}, other),
                               ({"From": "%s, %s" % (other, self.sender), "Sender": other}, other)):
            done = self.acsmtp("send", chosen=profile, secret=self.password,
                               stdin=self.message(**fields))
            self.assert_code(done, 0)
            self.assertEqual(self.one()["from"], wanted)

    def test_no_clear_sender(self):
        profile = self.login()
        del profile["from"]
        for fields in ({"From": None}, {"From": "a@example.org, b@example.org"}):
            done = self.acsmtp("send", chosen=profile, secret=self.password,
                               stdin=self.message(**fields))
            self.assert_code(done, 65)
            self.assertIn("sender", done.stderr)
        self.assert_nothing_sent()

    def test_no_recipient(self):
        done = self.send_login(stdin=self.message(To=None))
        self.assert_code(done, 65)
        self.assertIn("no recipient", done.stderr)
        self.assert_nothing_sent()


class Composed(CloudCase):
    def test_everything_arrives(self):
        logo = self.program.write("logo.png", b"\x89PNG\r\n")
        page = self.program.write("page.html", '<img src="cid:logo.png">')
        done = self.send_xoauth2("--to", "Änn <%s>" % ANN, "--cc", BOB, "--bcc", EVE, "--subject",
                                 "Grüße", "--text", "@-", "--html", "@" + page, "--inline", logo,
                                 "--attach", logo, stdin="Zeilen ü\n".encode())
        self.assert_code(done, 0)
        self.assertRegex(done.stdout, r"\Asent: 250 2\.\d\.\d .*\n\Z")
        mail, = self.emulator.messages()
        self.assertEqual(mail["recipients"], [ANN, BOB, EVE])
        message = email.message_from_bytes(self.landed()[0], policy=email.policy.default)
        self.assertEqual(message["Subject"], "Grüße")
        self.assertNotIn(EVE, message.as_string())
        self.assertEqual(message.get_body(("plain",)).get_content().strip(), "Zeilen ü")

    def test_no_text_reads_no_input(self):
        reader, writer = os.pipe()
        try:
            profile = self.program.config(self.login())
            done = subprocess.run([self.program.path, "--config", profile, "--cloud",
                                   self.emulator.cloud, "send", "--to", ANN, "--subject", "x"],
                                  stdin=reader, capture_output=True, timeout=30, check=False,
                                  env=dict(self.program.environment,
                                           ACSMTP_TEST_SECRET=self.password))
        finally:
            os.close(reader)
            os.close(writer)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_sender(self):
        profile = self.login()
        del profile["from"]
        done = self.acsmtp("send", "--to", ANN, "--subject", "x", chosen=profile,
                           secret=self.password)
        self.assert_code(done, 65)
        self.assertIn("--from", done.stderr)


class Results(CloudCase):
    def test_one_line_a_message_and_one_connection(self):
        files = [self.program.write("%d.eml" % n, self.message(b"%d\r\n" % n)) for n in range(3)]
        done = self.send_login(*files)
        self.assert_code(done, 0)
        for path, line in zip(files, done.stdout.splitlines(), strict=True):
            self.assertRegex(line, r"\A%s: sent: 250 " % path)

    def test_a_refused_recipient_has_a_line_of_its_own(self):
        self.emulator.fault(service="smtp", step="rcpt", action="reply", count=1, skip=1,
                            reply="550 5.1.1 No such user here")
        done = self.send_login(stdin=self.message(To="%s, %s" % (ANN, BOB)))
        self.assert_code(done, 65)
        self.assertRegex(done.stdout, r"\Asent: 250 ")
        self.assertIn("  %s: refused: 550 5.1.1 No such user here\n" % BOB, done.stdout)
        self.assertEqual(self.emulator.messages()[0]["recipients"], [ANN])

    def test_temporary_beats_refused(self):
        for reply in ("550 5.7.1 no", "451 4.3.0 later"):
            self.emulator.fault(service="smtp", step="dot", action="reply", count=1, reply=reply,
                                store=False)
        files = [self.program.write("%d.eml" % n, self.message(b"%d\r\n" % n)) for n in range(3)]
        done = self.send_login(*files)
        self.assert_code(done, 75)
        words = [line[len(path):].split(" ")[1] for path, line in
                 zip(files, [line for line in done.stdout.splitlines() if line[0] != " "])]
        self.assertEqual(words, ["refused:", "deferred:", "sent:"])

    def test_the_way_out_is_told(self):
        done = self.send_login("--from", self.emulator.address("nobody"), stdin=self.message())
        self.assert_code(done, 65)
        self.assertIn("5.3.5", done.stderr)
        self.assertIn("hint: ", done.stderr)

    def test_throttling(self):
        self.emulator.patch({"per_minute": 1}, "smtp")
        self.assert_code(self.send_login(stdin=self.message()), 0)
        done = self.send_login(stdin=self.message())
        self.assert_code(done, 75)
        self.assertIn("4.5.127", done.stderr)
        self.assertIn("hint: ", done.stderr)

    def test_the_document(self):
        path = self.program.write("a.eml", self.message())
        done = self.send_xoauth2("--json", path)
        self.assert_code(done, 0)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema_version"], 1)
        self.assertEqual(document["profile"], "test")
        self.assertEqual(document["credential"]["winner"], "token")
        self.assertEqual(document["transport"], "smtp-xoauth2")
        self.assertEqual([a["status"] for a in document["credential"]["attempts"]], ["ok"])
        message, = document["messages"]
        self.assertEqual((message["file"], message["from"]), (path, self.sender))
        recipient, = message["recipients"]
        self.assertEqual((recipient["address"], recipient["delivery"], recipient["code"]),
                         (ANN, "sent", 250))
        self.assertNotIn("error", document)

    def test_the_document_of_a_failure(self):
        done = self.send_login("--json", stdin=self.message(), secret="wrong-secret-1")
        self.assert_code(done, 77)
        document = json.loads(done.stdout)
        self.assertEqual(document["error"]["status"], "denied")
        self.assertNotIn("winner", document["credential"])
        self.assertEqual(document["error"]["server_code"], 535)
        self.assertTrue(document["error"]["hint"])
        self.assertEqual(document["messages"][0]["result"]["delivery"], "not sent")
        done = self.send_login("--json", "absent.eml")
        self.assert_code(done, 66)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "NoInput")

    def test_the_document_is_utf_8_whatever_the_message_is(self):
        path = self.program.write("a.eml", self.message(b"Latin-1: \xe4\xf6\xfc\r\n"))
        done = self.send_login("--json", "--dry-run", path)
        self.assert_code(done, 0)
        self.assertNotIn("�", json.loads(done.stdout)["messages"][0]["from"])
        json.loads(done.stdout.encode("utf-8", "strict"))

    def test_verbose_tells_who_won_and_why_not_the_others(self):
        self.emulator.put("absent", "imds", "mode")
        profile = self.xoauth2()
        profile["credentials"] = ["imds", "azcli"] + profile["credentials"]
        done = self.acsmtp("send", "-v", chosen=profile, secret=self.token(),
                           stdin=self.message())
        self.assert_code(done, 0)
        for line in (r"(?m)^  imds +unavailable  .+", r"(?m)^  azcli +unavailable  .+",
                     r"(?m)^  token +won  ", r"(?m)^transport: smtp-xoauth2$"):
            self.assertRegex(done.stderr, line)
        quiet = self.acsmtp("send", chosen=profile, secret=self.token(), stdin=self.message())
        self.assertEqual(quiet.stderr, "")

    def test_a_failed_chain_gives_every_reason_the_likeliest_first(self):
        self.emulator.put("absent", "imds", "mode")
        secret = {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                  "client_id": self.emulator.application("modern-client")["client_id"],
                  "client_secret": {"env": "ACSMTP_TEST_SECRET"}}
        profile = self.xoauth2()
        profile["credentials"] = ["imds", secret]
        done = self.acsmtp("send", chosen=profile, secret="wrong-secret-2", stdin=self.message())
        self.assert_code(done, 77)
        self.assertIn("AADSTS7000215", done.stderr)
        self.assertLess(done.stderr.index("  client-secret"), done.stderr.index("  imds"))
        self.assertIn("hint: ", done.stderr)
        self.assertNotIn("wrong-secret-2", done.stderr)
        self.assert_nothing_sent()


class DryRun(CloudCase):
    def test_it_shows_the_message_and_contacts_nobody(self):
        done = self.send_login("--dry-run", "--bcc", EVE, stdin=self.message())
        self.assert_code(done, 0)
        self.assertEqual(done.stdout.encode(), self.message().replace(b"\r\n", b"\r\n"))
        self.assertIn("<%s>" % EVE, done.stderr)
        self.assertIn("nothing is sent", done.stderr)
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_as_a_document(self):
        done = self.send_login("--dry-run", "--json", stdin=self.message())
        self.assert_code(done, 0)
        document = json.loads(done.stdout)
        self.assertIs(document["dry_run"], True)
        message, = document["messages"]
        self.assertEqual(message["message"].encode(), self.message())
        self.assertEqual(message["result"], {"delivery": "not sent", "text": "dry run"})
        self.assertEqual(self.emulator.requests("smtp"), {})

    def test_it_finds_what_is_wrong_in_the_config(self):
        profile = self.login({"prot": 25})
        done = self.acsmtp("send", "--dry-run", chosen=profile, stdin=self.message())
        self.assert_code(done, 78)
        self.assertIn("'port'", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_into_a_file_and_a_pipe(self):
        target = os.path.join(self.program.home, "out")
        config = self.program.config(self.login())
        for command in ('"$0" --config "$1" send --dry-run - > "$2"',
                        '"$0" --config "$1" send --dry-run - >> "$2"',
                        '"$0" --config "$1" send --dry-run - | cat >> "$2"'):
            subprocess.run(["sh", "-c", command, self.program.path, config, target],
                           input=self.message(), check=True, timeout=30,
                           stderr=subprocess.DEVNULL, env=self.program.environment)
        with open(target, "rb") as file:
            self.assertEqual(file.read(), self.message() * 3)


class Interrupted(CloudCase):
    def start(self, *arguments):
        config = self.program.config(self.login())
        return subprocess.Popen([self.program.path, "--config", config, "--cloud",
                                 self.emulator.cloud, "send", *arguments], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=dict(self.program.environment,
                                         ACSMTP_TEST_SECRET=self.password))

    def test_a_signal_ends_the_work_and_the_process(self):
        self.emulator.fault(service="smtp", step="auth", action="delay", delay_ms=60000)
        path = self.program.write("m.eml", self.message())
        for number in (signal.SIGINT, signal.SIGTERM):
            self.emulator.clear_requests()
            with self.start(path) as process:
                processes.wait_for(lambda: self.emulator.requests("smtp").get("AUTH"))
                begun = time.monotonic()
                process.send_signal(number)
                _, errors = process.communicate(timeout=10)
            self.assertLess(time.monotonic() - begun, 5)
            self.assertEqual(process.returncode, -number, errors)
        self.assert_nothing_sent()

    def test_while_standard_input_is_read(self):
        with self.start() as process:
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
        self.assertEqual(process.returncode, -signal.SIGTERM)

    def test_a_timeout_ends_the_work(self):
        self.emulator.fault(service="smtp", step="ehlo", action="delay", delay_ms=60000)
        begun = time.monotonic()
        done = self.send_login("--timeout", "700ms", stdin=self.message(), timeout=20)
        self.assert_code(done, 75)
        self.assertLess(time.monotonic() - begun, 5)
        self.assert_nothing_sent()


class Many(CloudCase):
    def test_more_than_a_batch(self):
        files = [self.program.write("%d.eml" % n, self.message(b"%d\r\n" % n))
                 for n in range(1203)]
        done = self.send_login(*files)
        self.assert_code(done, 0)
        self.assertEqual(len(done.stdout.splitlines()), 1203)
        mails = self.emulator.messages()
        self.assertEqual(len(mails), 1203)
        self.assertEqual(len({mail["connection"] for mail in mails}), 2)

    def test_one_that_cannot_be_sent_stops_all_before_the_first(self):
        good = [self.program.write("%d.eml" % n, self.message()) for n in range(1001)]
        empty = self.program.write("empty.eml", b"")
        for files, code in (([good[0], empty], 65), ([good[0], "absent.eml"], 66),
                            (good + ["absent.eml"], 66)):
            done = self.send_login(*files)
            self.assert_code(done, code)
            self.assertEqual(done.stdout, "")
            self.assert_nothing_sent()


if __name__ == "__main__":
    processes.main()
