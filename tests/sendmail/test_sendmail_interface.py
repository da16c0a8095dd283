# SPDX-License-Identifier: MIT
"""The interface of sendmail, flag by flag, against the emulator, which refuses what ACS refuses."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from sendmail_case import EXAMPLES, SendmailCase, install, write_config
import processes


class Message(SendmailCase):
    def test_what_is_missing_is_filled_in(self):
        about, mail = self.one(self.mail("ann@example.com", stdin=b"Hello\nworld\n"))
        self.assertEqual((about["from"], about["recipients"]), (self.sender, ["ann@example.com"]))
        self.assertEqual(mail["From"].addresses[0].addr_spec, self.sender)
        self.assertLess(abs(mail["Date"].datetime.timestamp() * 1000 - about["received_ms"]), 60e3)
        self.assertRegex(mail["Message-ID"], r"^<[0-9a-f]{32}@" + re.escape(self.emulator.domain))
        self.assertEqual(mail.get_payload(), "Hello\r\nworld\r\n")

    def test_what_is_there_stays(self):
        message = (b"Subject: x\r\nFrom: %s\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\n"
                   b"Message-ID: <1@x.example>\r\nTo: ann@example.com\r\n\r\nHello\r\n" %
                   self.sender.encode())
        self.one(self.mail("-t", stdin=message))
        self.assertEqual(self.landed(), [message])

    def test_an_empty_message_is_sent(self):
        _, mail = self.one(self.mail("ann@example.com", stdin=b""))
        self.assertEqual(mail.get_payload(), "")

    def test_the_lone_dot(self):
        for flags, body in (((), "a\r\n..b\r\n"), (("-i",), "a\r\n..b\r\n.\r\nc\r\n"),
                            (("-oi",), "a\r\n..b\r\n.\r\nc\r\n"), (("-o", "i"), None), (("-oitrue",), None)):
            self.emulator.clear_messages()
            _, mail = self.one(self.mail(*flags, "ann@example.com",
                                         stdin=b"Subject: x\n\na\n..b\n.\nc\n"))
            self.assertEqual(mail.get_payload(), body or "a\r\n..b\r\n.\r\nc\r\n")

    def test_lines_end_in_crlf_on_the_wire(self):
        self.one(self.mail("ann@example.com", stdin=b"Subject: x\n\none\r\ntwo\nthree"))
        self.assertTrue(self.landed()[0].endswith(b"\r\n\r\none\r\ntwo\r\nthree\r\n"))
        self.assertEqual(self.landed()[0].count(b"\n"), self.landed()[0].count(b"\r\n"))

    def test_8_bit_bodies_are_announced(self):
        about, _ = self.one(self.mail("-B8BITMIME", "ann@example.com",
                                      stdin="Subject: x\n\nGr\u00fc\u00dfe\n".encode()))
        self.assertEqual(about["mail_parameters"]["BODY"], "8BITMIME")

    def test_a_header_beyond_ascii_asks_for_smtputf8(self):
        about, _ = self.one(self.mail("ann@example.com", stdin="Subject: \u00e4\n\nx\n".encode()))
        self.assertIn("SMTPUTF8", about["mail_parameters"])

    def test_a_large_message_passes(self):
        line = b"x" * 75 + b"\n"
        self.emulator.put(20 << 20, "smtp", "max_size")
        about, _ = self.one(self.mail("-i", "ann@example.com",
                                      stdin=b"Subject: large\n\n" + line * 100000))
        self.assertGreater(about["size"], 7500000)

    def test_a_message_beyond_the_bound_is_refused(self):
        with subprocess.Popen([self.sendmail, "ann@example.com"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment()) as process:
            block = b"x" * (1 << 20)
            for _ in range(129):
                process.stdin.write(block)
            _, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 65)
        self.assertEqual(told, b"acsmtp: the message has more than 134217728 bytes\n")
        self.assert_nothing_sent()

    def test_a_nul_is_refused(self):
        for message in (b"Subject: x\0\n\n", b"Subject: x\n\nx\0\n"):
            self.assert_refused(self.mail("ann@example.com", stdin=message), 65, "NUL")


class Recipients(SendmailCase):
    def test_fields_name_them_and_bcc_is_not_told(self):
        about, mail = self.one(self.mail("-t", stdin=b"To: A <ann@example.com>,\n bob@example.com\n"
                                         b"Cc: g: carl@example.com;\nBcc: dora@example.com,\n"
                                         b" emil@example.com\nSubject: x\n\nHello\n"))
        self.assertEqual(about["recipients"], [name + "@example.com" for name in
                                               ("ann", "bob", "carl", "dora", "emil")])
        self.assertNotIn("Bcc", mail)
        self.assertNotIn(b"dora", self.landed()[0])

    def test_bcc_is_never_told(self):
        about, mail = self.one(self.mail("ann@example.com", stdin=b"Subject: x\rBCC : secret@x.de\n"
                                         b"Resent-Bcc: secret@x.de\n\nHello\n"))
        self.assertEqual(about["recipients"], ["ann@example.com"])
        self.assertNotIn(b"secret", self.landed()[0])
        self.assertEqual(mail["Subject"], "x")

    def test_arguments_and_fields_are_added_up(self):
        about, _ = self.one(self.mail("-t", "ann@example.com",
                                      stdin=b"To: bob@example.com, ann@EXAMPLE.com\n\nx\n"))
        self.assertEqual(about["recipients"], ["ann@example.com", "bob@example.com"])

    def test_without_t_fields_do_not_count(self):
        about, mail = self.one(self.mail("ann@example.com", stdin=b"To: bob@example.com\n\nx\n"))
        self.assertEqual(about["recipients"], ["ann@example.com"])
        self.assertEqual(mail["To"], "bob@example.com")

    def test_behind_two_dashes_everything_is_one(self):
        about, _ = self.one(self.mail("-i", "--", "-t@example.com", "a@example.com,b@example.com"))
        self.assertEqual(about["recipients"],
                         ["-t@example.com", "a@example.com", "b@example.com"])

    def test_none(self):
        self.assert_refused(self.mail(), 64, "no recipient")
        self.assert_refused(self.mail("-t", stdin=b"Subject: x\n\nx\n"), 65, "no recipient")
        self.assert_refused(self.mail("", " "), 65, "the arguments name no recipient")

    def test_one_that_is_wrong_keeps_the_others_from_being_sent(self):
        """Who calls is told at once; there is no queue that could return a part of it."""
        self.assert_refused(self.mail("-t", stdin=b"To: ann@example.com, bob@@x\n\nx\n"), 65,
                            "field To: address 'bob@@x'")
        self.assert_refused(self.mail("ann@example.com", "bob@@x"), 65, "recipient: address 'bob@@x'")

    def test_what_is_no_address(self):
        self.assert_refused(self.mail("ann@example.com\nRCPT TO:<x@y.z>"), 65, "recipient")
        self.assert_refused(self.mail("ann@@example.com"), 65, "ann@@example.com")

    def test_more_than_a_thousand(self):
        self.assert_refused(self.mail("-t", stdin=b"To: " + b",\n ".join(
            b"u%d@example.com" % n for n in range(1001)) + b"\n\nx\n"), 65, "1001 recipients")


class Names(SendmailCase):
    def test_an_alias(self):
        about, mail = self.one(self.mail("Root", stdin=b"To: root\n\nx\n"))
        self.assertEqual(about["recipients"], ["ops@example.com"])
        self.assertEqual(mail["To"], "root@" + self.emulator.domain)

    def test_a_name_that_is_nobodys(self):
        done = self.mail("www-data")
        self.assert_refused(done, 67, "'www-data' has no domain")
        self.assertIn('"sendmail": {"aliases": {"www-data": ADDRESS}}', done.stderr)

    def test_domain_and_catch_all(self):
        self.configure({"domain": "example.com", "aliases": {"root": "ops@example.com"}})
        about, mail = self.one(self.mail("-t", stdin=b"To: root, ann\n\nx\n"))
        self.assertEqual(about["recipients"], ["ops@example.com", "ann@example.com"])
        self.assertEqual(mail["To"], "root@example.com, ann@example.com")
        self.emulator.clear_messages()
        self.configure({"domain": "example.com", "aliases": {"*": "all@example.com, ops@example.com"}})
        about, _ = self.one(self.mail("ann", "bob@localhost", "carl@example.org"))
        self.assertEqual(about["recipients"],
                         ["all@example.com", "ops@example.com", "carl@example.org"])

    def test_what_the_config_means_is_looked_at_first(self):
        for section, text in (({"aliases": {"root": "ops"}}, "alias 'root' of \"sendmail\": address"),
                              ({"aliases": {"root": "a@b.c, <"}}, "alias 'root'"),
                              ({"aliases": {"root": "()"}}, "no address"),
                              ({"domain": "a b"}, "\"domain\" of \"sendmail\": address"),
                              ({"domain": "x" * 300}, "\"domain\" of \"sendmail\": address")):
            self.configure(section)
            self.assert_refused(self.mail("ann@example.com"), 78, text)
        self.configure({"set_from": True}, **{"from": None})
        self.assert_refused(self.mail("ann@example.com"), 78, "the profile has no \"from\"")

    def test_mistakes_in_the_config(self):
        for section, text in (({"alias": {}}, "unknown key 'alias'; did you mean 'aliases'?"),
                              ({"domain": ""}, "'domain' must be"),
                              ({"aliases": {"root": 1}}, "'aliases' must be"),
                              ({"set_from": "yes"}, "'set_from' must be true or false"),
                              ("x", "'sendmail' must be an object")):
            self.configure(section)
            done = self.mail("ann@example.com")
            self.assert_refused(done, 78, text)
            self.assertIn(self.config + ":", done.stderr)


class Sender(SendmailCase):
    SECTION = {"set_from": True}

    def test_the_profile_says_who(self):
        self.configure({}, **{"from": "News <%s>" % self.sender})
        about, mail = self.one(self.mail("ann@example.com"))
        self.assertEqual(about["from"], self.sender)
        self.assertEqual(mail["From"], "News <%s>" % self.sender)

    def test_f_and_the_full_name(self):
        self.emulator.add_sender("alerts")
        alerts = self.emulator.address("alerts")
        self.configure({})
        for flag in ("-f", "-r"):
            self.emulator.clear_messages()
            about, mail = self.one(self.mail(flag, alerts, "-FJ\u00f6rg \"J\" M\u00fcller", "a@b.de"))
            self.assertEqual(about["from"], alerts)
            self.assertEqual(mail["From"].addresses[0].display_name, "J\u00f6rg \"J\" M\u00fcller")
            self.assertEqual(mail["From"].addresses[0].addr_spec, alerts)
        self.assertTrue(self.landed()[0].isascii())

    def test_set_from_replaces_what_acs_would_refuse(self):
        message = b"From: Ann <ann@example.org>\nSubject: x\n\nx\n"
        about, mail = self.one(self.mail("-fann@example.org", "bob@example.com", stdin=message))
        self.assertEqual(about["from"], self.sender)
        self.assertEqual(mail["From"], "Ann <%s>" % self.sender)
        self.assertEqual(mail["Reply-To"], "Ann <ann@example.org>")
        self.emulator.clear_messages()
        self.configure({})
        done = self.mail("bob@example.com", stdin=message)
        self.assert_refused(done, 65, "5.3.5 Email sender's username is invalid")
        self.assertIn("hint: ", done.stderr)

    def test_without_a_from_in_the_profile_the_message_says_who(self):
        self.configure({}, **{"from": None})
        about, _ = self.one(self.mail("bob@example.com", stdin=b"From: A <%s>\n\nx\n" %
                                      self.sender.encode()))
        self.assertEqual(about["from"], self.sender)

    def test_the_null_sender_stays(self):
        done = self.mail("-f", "", "-v", "ann@example.com")
        self.assertIn("from <> to <ann@example.com>", done.stderr)
        self.emulator.clear_messages()
        self.assertIn("from <> to", self.mail("-f", "<>", "-v", "ann@example.com").stderr)

    def test_no_name_begins_a_field(self):
        self.assert_refused(self.mail("-F", "x\nBcc: y@z.de", "ann@example.com"), 64, "flag -F")
        self.assert_refused(self.mail("-f", "x@y.de\nBcc: y@z.de", "ann@example.com"), 65, "sender")


class Notifications(SendmailCase):
    def parameters(self, *flags):
        self.emulator.clear_messages()
        about, _ = self.one(self.mail(*flags, "a+b@example.com"))
        return about["mail_parameters"], about["recipient_parameters"][0]

    def test_they_reach_the_server(self):
        mail, recipient = self.parameters("-N", "success,delay", "-R", "hdrs", "-V", "job=7")
        self.assertEqual((mail["RET"], mail["ENVID"]), ("HDRS", "job+3D7"))
        self.assertEqual(recipient, {"NOTIFY": "SUCCESS,DELAY", "ORCPT": "rfc822;a+2Bb@example.com"})
        mail, recipient = self.parameters("-Nnever", "-Rfull")
        self.assertEqual((mail["RET"], recipient["NOTIFY"]), ("FULL", "NEVER"))

    def test_a_server_without_them_is_not_asked(self):
        extensions = self.emulator.state("smtp", "extensions")
        self.emulator.put([name for name in extensions if name != "DSN"], "smtp", "extensions")
        mail, recipient = self.parameters("-Nnever", "-Rfull", "-Vx")
        self.assertEqual((mail.get("RET"), mail.get("ENVID"), recipient), (None, None, {}))

    def test_mistakes(self):
        for flags, text in ((("-Nnever,delay",), "flag -N"), (("-N", ""), "flag -N"),
                            (("-Rall",), "flag -R"), (("-V", "a b"), "flag -V"),
                            (("-V", "x" * 101), "flag -V"), (("-BBINARYMIME",), "flag -B")):
            self.assert_refused(self.mail(*flags, "ann@example.com"), 64, text)


class Flags(SendmailCase):
    def test_what_tunes_another_mailer_has_no_effect(self):
        self.one(self.mail("-Am", "-bm", "-oem", "-odb", "-oX", "-o7", "-O", "QueueDirectory=/x",
                           "-em", "-h", "3", "-L", "tag", "-m", "-n", "-p", "smtp", "-s", "-U",
                           "-d0.1", "-X", self.program.home + "/log", "-D", self.program.home + "/d",
                           "ann@example.com"))
        self.assertEqual([name for name in os.listdir(self.program.home) if name in ("log", "d")], [])

    def test_what_is_unknown_is_refused_in_one_line(self):
        for flag in ("-Y", "-iY", "--config=x", "-C/etc/passwd", "-bs", "-bd", "-bt", "-f"):
            done = self.mail(*([flag] if flag == "-f" else [flag, "ann@example.com"]))
            self.assert_refused(done, 64, "flag" if flag[:2] != "-b" else "mode " + flag)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_a_terminal_or_log_is_told_no_control_characters(self):
        for arguments in (("-B\x1b[2J\nfake",), ("-b\x1b]0;x\x07",), ("-N\x1bc",), ("-R\u009b2J",),
                          ("--\x1b[2J",), ("-\x1b",), ("-f", "\x1b[2J\u202e@", "ann@example.com"),
                          ("ann@example.com", "-\x1b\n\u202e"), ("a\u2066@b\x1b[2J.example",)):
            done = self.mail(*arguments)
            self.assertIn(done.returncode, (64, 65))
            self.assertRegex(done.stderr, r"\Aacsmtp: [^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+\n\Z")

    def test_a_stranger_who_writes_recipients_writes_no_flags(self):
        """Some would drop the message (-q), name a sender (-f) or add recipients (-t)."""
        for word in ("-q", "-bp", "-fceo@example.org", "-t", "-v", "--help", "-", "--"):
            done = self.mail("ann@example.com", word, "x", stdin=b"To: bob@example.com\n\nx\n")
            self.assert_refused(done, 64, "'%s' is behind a recipient" % word)
        self.assert_refused(self.mail("-f", "--", "ann@example.com", "-q"), 64, "'-q' is behind")
        self.assertEqual(self.mail("-G", "ann@example.com", "-q").returncode, 75)
        about, _ = self.one(self.mail("-f", self.sender, "--", "-q@example.com", "-t@example.com"))
        self.assertEqual(about["recipients"], ["-q@example.com", "-t@example.com"])

    def test_the_queue_that_there_is_not(self):
        for flag, told in (("-bp", "Mail queue is empty\n"), ("-q", ""), ("-q15m", ""), ("-bi", ""),
                           ("-I", "")):
            done = self.mail(flag)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, told, ""))
        for name, told in (("mailq", "Mail queue is empty\n"), ("newaliases", "")):
            link = os.path.join(self.program.home, name)
            os.symlink(self.program.path, link)
            done = self.call(link)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, told, ""))

    def test_help_and_version(self):
        done = self.mail("--help")
        self.assertEqual(done.returncode, 0)
        for flag in "tifFNRVBGv":
            self.assertIn("\n  -%s" % flag, done.stdout)
        self.assertTrue(self.mail("--version").stdout.startswith("acsmtp "))

    def test_v_tells_what_was_decided(self):
        done = self.mail("-v", "ann@example.com")
        self.assertEqual(done.returncode, 0)
        self.assertIn("password", done.stderr)
        self.assertIn("to <ann@example.com>", done.stderr)
        self.assertNotIn(self.password, done.stderr)

    def test_as_a_subcommand(self):
        done = self.acsmtp("sendmail", "-t", "-i", chosen=self.login(), secret=self.password,
                           stdin=b"To: ann@example.com\n\nx\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.received()
        done = self.acsmtp("--dry-run", "sendmail", "ann@example.com", chosen=self.login(),
                           secret=self.password, stdin=b"Subject: dry\n\nx\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Subject: dry", done.stdout)
        self.received()


class ExitCodes(SendmailCase):
    def test_for_people(self):
        for fault, code in (({"step": "mail", "reply": "451 4.3.0 later"}, 75),
                            ({"step": "rcpt", "reply": "550 5.1.1 nobody"}, 65),
                            ({"step": "credentials", "reply": "535 5.7.3 no"}, 77),
                            ({"step": "dot", "reply": "554 5.6.0 no", "store": False}, 65)):
            self.emulator.clear_faults()
            self.emulator.fault(service="smtp", action="reply", **fault)
            self.assert_refused(self.mail("ann@example.com"), code, fault["reply"][:9])
        self.emulator.clear_faults()
        self.assert_refused(self.call(self.sendmail, "ann@example.com",
                                      ACSMTP_CONFIG="/nowhere/config.json"), 78, "/nowhere")

    def relay(self, code, line, **fault):
        self.emulator.clear_faults()
        if fault:
            self.emulator.fault(service="smtp", action="reply", **fault)
        done = self.mail("-G", "-i", "-f", self.sender, "--", "ann@example.com",
                         stdin=b"From: %s\nDate: x\n\nx\n" % self.sender.encode())
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, line)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_an_mta_keeps_what_an_administrator_can_mend(self):
        self.relay(75, r"^4\.3\.0 .*535 5\.7\.3", step="credentials", reply="535 5.7.3 no")
        self.relay(75, r"^4\.4\.5 .*4\.4\.5 busy", step="mail", reply="451 4.4.5 busy")
        self.configure(transport={"ca_file": "/etc/ssl/certs/ca-certificates.crt"})
        self.relay(75, r"^4\.3\.0 .*certificate")
        self.configure({"wrong": 1})
        self.relay(75, r"^4\.3\.0 .*unknown key 'wrong'")
        self.assertEqual(self.mail("-G", "-Y", "ann@example.com").returncode, 75)

    def test_an_mta_returns_what_was_refused(self):
        self.relay(65, r"^5\.1\.1 .*550 5\.1\.1 nobody", step="rcpt", reply="550 5.1.1 nobody")
        self.relay(65, r"^5\.3\.0 .*: 554 no", step="dot", reply="554 no", store=False)
        self.assertEqual(self.mail("-G", "nobody").stderr[:6], "5.1.1 ")
        self.assertEqual(self.mail("-G", "nobody").returncode, 67)

    def test_an_mta_has_completed_the_header(self):
        message = b"From: %s\r\nTo: root\r\n\r\nx\r\n" % self.sender.encode()
        self.one(self.mail("-G", "-i", "ann@example.com", stdin=message))
        self.assertEqual(self.landed(), [message])


class Example(SendmailCase):
    def test_the_config_of_the_readme_is_one(self):
        with open(os.path.join(EXAMPLES, "README.md"), encoding="utf-8") as file:
            config, = re.findall(r"```json\n(.*?)```", file.read(), re.DOTALL)
        done = self.call(self.program.path, "config", "check",
                         ACSMTP_CONFIG=self.program.write("readme.json", config))
        self.assertEqual(done.returncode, 0, done.stderr)


class OtherUsers(SendmailCase):
    def test_who_may_not_read_the_config_is_told(self):
        processes.need(os.geteuid() == 0, "only root can become somebody else")
        folder = os.path.join(tempfile.mkdtemp(prefix="acsmtp-sendmail-"), "usr")
        self.addCleanup(shutil.rmtree, os.path.dirname(folder))
        os.chmod(os.path.dirname(folder), 0o755)
        install(folder)
        command = [os.path.join(folder, "bin", "sendmail"), "ann@example.com"]
        for owner, code in ((0, 78), (65534, 0)):
            config = write_config(self, folder, owner)
            done = subprocess.run(command, input=b"x", env={"ACSMTP_CONFIG": config}, user=65534,
                                  group=65534, extra_groups=[], timeout=60, capture_output=True,
                                  check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            if code:
                self.assertEqual(done.stderr.decode(), "acsmtp: %s: Permission denied: user 65534 "
                                 "may not read it\n" % config)
        self.received()

    def test_a_writer_is_never_killed(self):
        """More than a pipe holds, to a sendmail that fails before it has read anything."""
        with subprocess.Popen([self.sendmail, "ann@example.com"], stdin=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              env=self.environment(ACSMTP_PROFILE="none")) as process:
            process.stdin.write(b"x" * (1 << 20))  # BrokenPipeError if nobody reads
            _, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 78)
        self.assertIn(b"there is no profile 'none'", told)

    def test_a_writer_who_waits_behind_the_dot_is_answered(self):
        for profile, code in (("none", 78), ("", 0)):
            with subprocess.Popen([self.sendmail, "ann@example.com"], stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE,
                                  env=self.environment(ACSMTP_PROFILE=profile)) as process:
                for line in (b"Subject: x\n\nhi\n", b".", b"\n"):
                    process.stdin.write(line)
                    process.stdin.flush()
                self.assertEqual(process.wait(timeout=60), code, process.stderr)


if __name__ == "__main__":
    processes.main()
