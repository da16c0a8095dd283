# SPDX-License-Identifier: MIT
"""acsmtp as delivery agent of the real Postfix, through pipe(8), configured as in examples/postfix:
what may work later waits in its queue, what is refused for good is returned to the sender."""

import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from sendmail_case import SendmailCase, install, write_config
from postfix_queue import DOMAIN, PostfixQueue
import processes

SENDER = "alice@" + DOMAIN
NOBODY = 65534


class Postfix(SendmailCase):
    """One Postfix for all tests; its queue is empty before each."""

    @classmethod
    def setUpClass(cls):
        processes.need_programs("postfix")
        processes.need(os.geteuid() == 0, "Postfix can only be started by root")
        super().setUpClass()
        parent = tempfile.mkdtemp(prefix="acsmtp-installed-")
        cls.addClassCleanup(shutil.rmtree, parent)
        os.chmod(parent, 0o755)
        cls.folder = os.path.join(parent, "usr")
        program = install(cls.folder)
        cls.mta = PostfixQueue(program, os.path.join(cls.folder, "config.json"))
        cls.addClassCleanup(cls.mta.stop)
        cls.mta.start()

    def setUp(self):
        super().setUp()
        self.write()
        self.mta.forget()

    def write(self, password=None):
        write_config(self, self.folder, NOBODY, sendmail={"set_from": True})
        if password is not None:
            with open(os.path.join(self.folder, "password"), "w", encoding="utf-8") as file:
                file.write(password)

    def submit(self, *recipients, body="Hello\r\n.\r\nend\r\n", sender=SENDER):
        self.mta.submit(sender, recipients, "From: Alice <%s>\r\nTo: ann@example.com\r\n"
                        "Subject: queued\r\n\r\n%s" % (SENDER, body))

    def wait(self, condition, what):
        try:
            return processes.wait_for(condition, 90, what, pause=0.1)
        except TimeoutError as problem:
            raise AssertionError("%s\n%s" % (problem, self.mta.log())) from problem

    def deferred(self):
        """The reason why the only recipient in the queue waits."""
        def reason():
            return [text for _, text in self.mta.queue() if text]
        text, = self.wait(reason, "a deferred recipient")
        self.assertEqual(self.emulator.messages(), [])
        self.assertEqual(self.mta.returned(), [])
        return text

    def sent(self, count=1):
        self.wait(lambda: len(self.emulator.messages()) == count and not self.mta.queue(),
                  "the delivery")
        return self.received(count)

    def test_a_mail_is_delivered(self):
        self.submit("ann@example.com", "bob@example.com")
        mails = self.sent(2)
        self.assertCountEqual([about["recipients"] for about, _ in mails],
                              [["ann@example.com"], ["bob@example.com"]])
        self.assertEqual({about["from"] for about, _ in mails}, {self.sender})
        self.assertEqual(mails[0][1]["From"], "Alice <%s>" % self.sender)
        self.assertEqual(mails[0][1]["Reply-To"], "Alice <%s>" % SENDER)
        self.assertTrue(self.landed()[0].endswith(b"\r\n\r\nHello\r\n.\r\nend\r\n"))
        self.assertIn("dsn=2.0.0, status=sent", self.mta.log())

    def test_a_temporary_failure_stays_in_the_queue_and_is_delivered_later(self):
        self.emulator.fault(service="smtp", step="mail", action="reply",
                            reply="450 4.5.127 Message rejected. Excessive message rate")
        self.submit("ann@example.com")
        self.assertIn("450 4.5.127 Message rejected", self.deferred())
        self.assertIn("dsn=4.5.127, status=deferred", self.mta.log())
        self.emulator.clear_faults()
        self.mta.flush()
        self.sent()
        self.assertEqual(self.mta.returned(), [])

    def test_what_an_administrator_can_mend_returns_no_mail(self):
        self.write(password="not-the-password")
        self.submit("ann@example.com")
        self.assertIn("535 5.7.3 Authentication unsuccessful", self.deferred())
        self.assertIn("dsn=4.3.0, status=deferred", self.mta.log())
        self.write()
        self.mta.flush()
        self.sent()

    def test_a_permanent_failure_is_returned_and_the_others_are_sent_once(self):
        self.emulator.fault(service="smtp", step="rcpt", action="reply", count=1,
                            reply="550 5.1.1 nobody of that name")
        self.submit("ann@example.com", "bob@example.com")
        text, = self.wait(self.mta.returned, "the returned mail")
        refused = "ann" if "Final-Recipient: rfc822; ann@" in text else "bob"
        (about, _), = self.sent()
        self.assertEqual(about["recipients"], ["bob@example.com" if refused == "ann"
                                               else "ann@example.com"])
        self.assertIn("Status: 5.1.1", text)
        self.assertIn("550 5.1.1 nobody of", " ".join(text.split()))
        self.assertIn("Subject: queued", text)

    def test_a_notification_keeps_its_null_sender(self):
        """The emulator knows no such sender (of ACS that is UNVERIFIED): "set_from" did not make one
        up, and nothing is returned to nobody."""
        self.submit("ann@example.com", sender="")
        self.wait(lambda: "status=bounced" in self.mta.log() and not self.mta.queue(), "the end")
        self.assertIn("from=<>", self.mta.log())
        self.assertIn("sender not registered", self.emulator.refusals("smtp"))
        self.assertEqual(self.mta.returned(), [])


if __name__ == "__main__":
    processes.main()
