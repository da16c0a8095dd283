# SPDX-License-Identifier: MIT
"""Programs of Debian that call sendmail: git send-email, s-nail, mutt, PHP's mail() and cron itself.
The emulator has what they sent; what it refuses, they must notice."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from sendmail_case import SendmailCase, install, write_config
from namespace import Daemon, need_namespace
import processes


def text_of(part):
    """The decoded text of a message or a part of one, as it was before its lines ended in CRLF."""
    return part.get_content().replace("\r\n", "\n")


class Git(SendmailCase):
    def setUp(self):
        super().setUp()
        processes.need(os.access("/usr/lib/git-core/git-send-email", os.X_OK), "no git send-email")
        self.program.write(".gitconfig", self.example(
            "gitconfig", "[user]", "name = J\u00f6rg", "email = " + self.sender,
            "[init]", "defaultBranch = main"))
        self.git("init", "-q", ".")
        self.program.write("file", ".\nGr\u00fc\u00dfe\n")
        self.git("add", "file")
        self.git("commit", "-qm", "add a file\n\nIts first line is a dot.")

    def git(self, *arguments, code=0):
        done = self.call("git", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def send(self, code=0):
        return self.git("send-email", "--confirm=never", "--quiet",
                        "--envelope-sender", self.sender, "--to", "ann@example.com", "--cc",
                        "Bob <bob@example.com>", "--bcc", "carl@example.com", "-1", code=code)

    def test_a_patch(self):
        self.send()
        (about, mail), = self.received()
        self.assertEqual(about["from"], self.sender)
        self.assertCountEqual(about["recipients"], ["ann@example.com", "bob@example.com",
                                                    "carl@example.com", self.sender])
        self.assertEqual(mail["Subject"], "[PATCH] add a file")
        self.assertNotIn("Bcc", mail)
        self.assertIn("\n+.\n+Gr\u00fc\u00dfe\n", text_of(mail))

    def test_a_refusal(self):
        self.emulator.fault(service="smtp", step="rcpt", action="reply", reply="550 5.1.1 nobody")
        self.assertIn("550 5.1.1 nobody", self.send(code=65).stderr)


class Snail(SendmailCase):
    def send(self, *arguments):
        processes.need_programs("s-nail")
        # Its home is that of passwd(5), whatever HOME says.
        rc = self.program.write(".mailrc", self.example("mailrc", "set ttycharset=utf-8", "set DEAD=%s"
                                                        % os.path.join(self.program.home, "dead")))
        return self.call("s-nail", "-:u", *arguments, stdin="Gr\u00fc\u00dfe\n.\nend\n".encode(),
                         MAILRC=rc)

    def test_an_attachment_and_a_hidden_copy(self):
        path = self.program.write("a.bin", bytes(range(256)))
        done = self.send("-r", self.sender, "-s", "T\u00e4st", "-a", path, "-b", "bob@example.com",
                         "ann@example.com")
        self.assertEqual(done.returncode, 0, done.stderr)
        (about, mail), = self.received()
        self.assertEqual(about["recipients"], ["ann@example.com", "bob@example.com"])
        self.assertEqual(mail["Subject"], "T\u00e4st")
        self.assertNotIn(b"bob@", self.landed()[0])
        text, attachment = mail.iter_parts()
        self.assertEqual(text_of(text), "Gr\u00fc\u00dfe\n.\nend\n")
        self.assertEqual(attachment.get_content(), bytes(range(256)))

    def test_a_local_name(self):
        done = self.send("-s", "x", "root")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.received()[0][0]["recipients"], ["ops@example.com"])

    def test_a_refusal(self):
        self.emulator.fault(service="smtp", step="credentials", action="reply", reply="535 5.7.3 no")
        done = self.send("-r", self.sender, "-s", "x", "ann@example.com")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("535 5.7.3", done.stderr)


class Mutt(SendmailCase):
    def send(self, *arguments):
        processes.need_programs("mutt")
        rc = self.program.write("muttrc", self.example(
            "muttrc", 'set from="%s"' % self.sender, 'set realname="J\u00f6rg"', "set copy=no",
            'set charset="utf-8"', 'set send_charset="utf-8"'))
        return self.call("mutt", "-n", "-F", rc, *arguments, stdin="Gr\u00fc\u00dfe\n.\nend\n".encode(),
                         TERM="dumb")

    def test_an_attachment_and_a_hidden_copy(self):
        path = self.program.write("a.bin", bytes(range(256)))
        done = self.send("-s", "T\u00e4st", "-b", "bob@example.com", "-a", path, "--", "ann@example.com")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        (about, mail), = self.received()
        self.assertCountEqual(about["recipients"], ["ann@example.com", "bob@example.com"])
        self.assertEqual(about["from"], self.sender)
        self.assertEqual((about["mail_parameters"]["RET"], about["mail_parameters"]["BODY"]),
                         ("HDRS", "8BITMIME"))
        self.assertEqual(about["recipient_parameters"][0]["NOTIFY"], "FAILURE,DELAY")
        self.assertNotIn("Bcc", mail)
        self.assertEqual(mail["From"].addresses[0].display_name, "J\u00f6rg")
        text, attachment = mail.iter_parts()
        self.assertEqual(text_of(text), "Gr\u00fc\u00dfe\n.\nend\n")
        self.assertEqual(attachment.get_content(), bytes(range(256)))

    def test_a_refusal(self):
        self.emulator.fault(service="smtp", step="mail", action="reply", reply="451 4.3.0 later")
        done = self.send("-s", "x", "--", "ann@example.com")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("exited 75", done.stdout + done.stderr)


class Php(SendmailCase):
    SECTION = {"aliases": {"root": "ops@example.com"}, "set_from": True}

    def mail_function(self, script):
        processes.need_programs("php")
        return self.call("php", "-c", self.program.write("php.ini", self.example("php.ini")),
                         "-r", script)

    def test_mail(self):
        done = self.mail_function(
            'var_dump(mail("ann@example.com, root", "T\u00e4st", "Gr\u00fc\u00dfe\\r\\n.\\r\\nend", '
            '["From" => "Shop <shop@example.org>", "Bcc" => "bob@example.com", '
            '"Content-Type" => "text/plain; charset=utf-8"], "-fshop@example.org"));')
        self.assertEqual((done.returncode, done.stdout), (0, "bool(true)\n"), done.stderr)
        (about, mail), = self.received()
        self.assertEqual(about["from"], self.sender)
        self.assertEqual(about["recipients"],
                         ["ann@example.com", "ops@example.com", "bob@example.com"])
        self.assertEqual(mail["From"], "Shop <%s>" % self.sender)
        self.assertEqual(mail["Reply-To"], "Shop <shop@example.org>")
        self.assertNotIn("Bcc", mail)
        self.assertEqual(text_of(mail), "Gr\u00fc\u00dfe\n.\nend\n")

    def test_false_when_it_was_not_sent(self):
        self.emulator.fault(service="smtp", step="mail", action="reply", reply="550 5.1.0 no")
        done = self.mail_function('var_dump(mail("ann@example.com", "x", "x"));')
        self.assertEqual(done.stdout, "bool(false)\n")
        self.assertIn("550 5.1.0 no", done.stderr)

    def test_flags_of_a_stranger_reach_no_file(self):
        trap = os.path.join(self.program.home, "trap")
        config = self.program.write("evil.json", '{"profiles": {"x": {"credentials": [{"plugin": '
                                    '"password", "password": {"command": ["touch", "%s"]}}]}}}' % trap)
        for flags in ("-C" + config, "-X" + trap, "-OQueueDirectory=/tmp -X" + trap, "-D" + trap):
            self.mail_function('mail("ann@example.com", "x", "<?php", "", "%s");' % flags)
            self.assertFalse(os.path.exists(trap), flags)


class Cron(SendmailCase):
    """The daemon itself; a job that runs when it starts, as on a boot."""

    MOUNTS = """
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/spool
mkdir -p /var/spool/cron/crontabs /run/empty
cp "$0/crontab" /var/spool/cron/crontabs/nobody
chown nobody /var/spool/cron/crontabs/nobody
chmod 600 /var/spool/cron/crontabs/nobody
: > /run/crontab
mount --bind /run/crontab /etc/crontab
mount --bind /run/empty /etc/cron.d
mount --bind "$0/sendmail" /usr/sbin/sendmail
"""

    def test_the_output_of_a_job(self):
        processes.need_programs("cron")
        need_namespace()
        daemon = Daemon(self.MOUNTS, processes.find_program("cron"), "-f",
                        environment={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"})
        self.addCleanup(daemon.stop)
        install(daemon.path("usr"))
        config = write_config(self, daemon.path("usr"), 65534, sendmail=self.SECTION)
        # cron calls /usr/sbin/sendmail, as the user whose job it is.
        daemon.write('#!/bin/sh\nexport ACSMTP_CONFIG=%s\nexec %s "$@"\n' % (
            config, daemon.path("usr", "bin", "sendmail")), "sendmail", mode=0o755)
        daemon.write("MAILTO=root\n@reboot printf 'disk full\\n.\\nreally\\n'\n", "crontab")
        daemon.start()
        about, = processes.wait_for(self.emulator.messages, 60, "cron's mail")
        self.assertEqual(about["recipients"], ["ops@example.com"])
        (_, mail), = self.received()
        self.assertIn(b"From: %s (Cron Daemon)\r\n" % self.sender.encode(), self.landed()[0])
        self.assertEqual(mail["To"], "root@" + self.emulator.domain)
        self.assertRegex(mail["Subject"], "^Cron <nobody@.*> printf")
        self.assertEqual(text_of(mail), "disk full\n.\nreally\n")


if __name__ == "__main__":
    processes.main()
