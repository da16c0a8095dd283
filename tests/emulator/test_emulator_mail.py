# SPDX-License-Identifier: MIT
"""The envelope, the message and what becomes of it in the inbox."""

import time

from case import Case, main


class Envelope(Case):
    def setUp(self):
        self.mail = self.smtp().ready()
        self.sender = f"<{self.emulator.address('DoNotReply')}>"

    def start(self, parameters=""):
        reply = self.mail.say(f"MAIL FROM:{self.sender}{parameters}")
        self.mail.say("RSET")
        return reply

    def test_senders(self):
        for local in ("DoNotReply", "donotreply", "legacy-client", "modern-client"):
            self.sender = f"<{self.emulator.address(local)}>"
            self.assertStarts(self.start(), "250 2.1.0")

    def test_unregistered_sender(self):
        self.sender = f"<{self.emulator.address('other')}>"
        self.assertEqual(self.start(), "550 5.3.5 Email sender's username is invalid")
        self.emulator.add_sender("other")
        self.assertStarts(self.start(), "250")
        self.emulator.remove_sender("other")
        self.assertStarts(self.start(), "550 5.3.5")

    def test_sender_of_another_domain(self):
        self.sender = "<a@elsewhere.example>"
        self.assertEqual(self.start(), "550 5.1.7 The specified sender domain has not been linked.")

    def test_null_sender(self):
        self.sender = "<>"
        self.assertStarts(self.start(), "550 5.3.5")

    def test_sender_reply_can_be_changed(self):
        self.emulator.patch({"sender_reply": "554 5.3.5 no"}, "smtp")
        self.sender = "<>"
        self.assertEqual(self.start(), "554 5.3.5 no")

    def test_syntax_of_mail(self):
        domain = self.emulator.domain
        for text in ("", "FROM", "FROM:", "FROM:a@" + domain, "FROM: <a@%s>" % domain,
                     "FROM:<a@%s" % domain, "FROM:<a@%s>x" % domain, "FROM:<a b@%s>" % domain,
                     "FROM:<.a@%s>" % domain, "FROM:<a.@%s>" % domain, "FROM:<a..b@%s>" % domain,
                     "FROM:<@a.example:b@%s>" % domain, "FROM:<a@>", "FROM:<@b>", "FROM:<a>",
                     "FROM:<%s@b.example>" % ("x" * 65), "TO:<a@%s>" % domain,
                     "FROM:<a@-b.example>", "FROM:<a@b_c.example>", "FROM:<a@b.example.>",
                     'FROM:<"a@b.example>', 'FROM:<"a"b@b.example>', "FROM:<<a@b.example>>"):
            self.assertStarts(self.mail.say("MAIL " + text), "501 5.5.4")

    def test_forms_of_recipients(self):
        self.start()
        self.mail.say("MAIL FROM:" + self.sender)
        for text in ("a@b.example", '"a b"@b.example', '"\\""@b.example', "a@[127.0.0.1]",
                     "a+b=c@b-c.example", "postmaster", "x" * 64 + "@b.example"):
            self.assertStarts(self.mail.say(f"RCPT TO:<{text}>"), "250 2.1.5")
        for text in ("<>", "a@b.example", "<a>", "<a@b.example>,<c@d.example>",
                     "<%s@%s>" % ("x" * 60, ".".join(["y" * 60] * 4))):
            self.assertStarts(self.mail.say(f"RCPT TO:{text}"), "501")

    def test_size_parameter(self):
        self.assertStarts(self.start(" SIZE=10485760"), "250")
        self.assertStarts(self.start(" SIZE=10485761"), "552 5.3.4")
        for value in ("", "=", "=x", "=-1", "=99999999999999999999"):
            self.assertStarts(self.start(" SIZE" + value), "501")

    def test_body_parameter(self):
        for value in ("7BIT", "8bitmime", "BINARYMIME"):
            self.assertStarts(self.start(" BODY=" + value), "250")
        self.assertStarts(self.start(" BODY=9BIT"), "501")

    def test_dsn_parameters(self):
        self.assertStarts(self.start(" RET=HDRS ENVID=QQ+2B314159"), "250")
        for text in (" RET=X", " RET", " ENVID=", " ENVID=a+2", " ENVID=a+2b", " ENVID=" + "x" * 101):
            self.assertStarts(self.start(text), "501")
        self.mail.say("MAIL FROM:" + self.sender)
        for text in ("NOTIFY=NEVER", "NOTIFY=success,FAILURE,DELAY ORCPT=rfc822;a+2Bb@c.example"):
            self.assertStarts(self.mail.say("RCPT TO:<a@b.example> " + text), "250")
        for text in ("NOTIFY=NEVER,SUCCESS", "NOTIFY=", "NOTIFY=X", "NOTIFY=SUCCESS,", "ORCPT=a",
                     "ORCPT=rfc822;", "ORCPT=;a"):
            self.assertStarts(self.mail.say("RCPT TO:<a@b.example> " + text), "501")

    def test_unknown_and_doubled_parameters(self):
        self.assertStarts(self.start(" X=1"), "555 5.5.4")
        self.assertStarts(self.start(" SIZE=1 SIZE=1"), "501")
        self.assertStarts(self.start("  SIZE=1"), "501")
        self.assertStarts(self.start(" SIZE=1 "), "501")
        self.mail.say("MAIL FROM:" + self.sender)
        self.assertStarts(self.mail.say("RCPT TO:<a@b.example> SIZE=1"), "555")

    def test_parameters_that_are_not_offered(self):
        self.emulator.patch({"extensions": ["STARTTLS", "AUTH"]}, "smtp")
        for text in ("SIZE=1", "BODY=8BITMIME", "SMTPUTF8", "RET=FULL"):
            self.assertStarts(self.mail.say(f"MAIL FROM:{self.sender} {text}"), "555")
        self.assertStarts(self.mail.say("BDAT 0 LAST"), "501")

    def test_utf8_addresses(self):
        self.mail.say("MAIL FROM:" + self.sender)
        self.assertStarts(self.mail.say("RCPT TO:<ä@b.example>"), "553 5.6.7")
        self.mail.say("RSET")
        self.mail.say(f"MAIL FROM:{self.sender} SMTPUTF8")
        self.assertStarts(self.mail.say("RCPT TO:<ä@bücher.example>"), "250")
        self.mail.send(b"RCPT TO:<\xff@b.example>\r\n")
        self.assertStarts(self.mail.reply(), "501")
        self.mail.say("RSET")
        self.assertStarts(self.mail.say(f"MAIL FROM:{self.sender} SMTPUTF8=1"), "501")

    def test_order(self):
        self.assertStarts(self.mail.say("RCPT TO:<a@b.example>"), "503")
        self.assertStarts(self.mail.say("DATA"), "503")
        self.mail.say("MAIL FROM:" + self.sender)
        self.assertStarts(self.mail.say("MAIL FROM:" + self.sender), "503")
        self.assertStarts(self.mail.say("DATA"), "503")
        self.assertStarts(self.mail.say("DATA x"), "501")
        self.assertStarts(self.mail.say("RSET"), "250")
        self.assertStarts(self.mail.say("RCPT TO:<a@b.example>"), "503")

    def test_recipient_limit(self):
        replies = self.mail.envelope(recipients=[f"r{i}@b.example" for i in range(51)])
        self.assertEqual([reply[:3] for reply in replies], ["250"] * 51 + ["452"])
        self.assertIn("4.5.3", replies[-1])
        self.mail.say("DATA")
        self.mail.send(f"From: {self.sender}\r\n\r\n.\r\n")
        self.assertStarts(self.mail.reply(), "250")
        self.assertEqual(len(self.emulator.messages()[0]["recipients"]), 50)


class Message(Case):
    def setUp(self):
        self.mail = self.smtp().ready()
        self.head = f"From: <{self.emulator.address('DoNotReply')}>\r\n"

    def raw(self):
        return self.emulator.raw(self.emulator.messages()[-1]["id"])

    def test_what_the_inbox_tells(self):
        self.mail.say("MAIL FROM:<%s> BODY=8BITMIME SIZE=99" % self.emulator.address("DoNotReply"))
        self.mail.say("RCPT TO:<a@b.example> NOTIFY=NEVER")
        self.mail.say("RCPT TO:<c@d.example>")
        self.mail.say("DATA")
        self.mail.send((self.head + "\r\nä\r\n.\r\n").encode())
        self.assertStarts(self.mail.reply(), "250 2.0.0 OK <")
        entry = self.emulator.messages()[0]
        legacy = self.emulator.application("legacy-client")
        self.assertEqual(entry, self.emulator.control("GET", f"/messages/{entry['id']}"))
        self.assertEqual(entry["from"], self.emulator.address("DoNotReply"))
        self.assertEqual(entry["recipients"], ["a@b.example", "c@d.example"])
        self.assertEqual(entry["mail_parameters"], {"BODY": "8BITMIME", "SIZE": "99"})
        self.assertEqual(entry["recipient_parameters"], [{"NOTIFY": "NEVER"}, {}])
        self.assertEqual(entry["auth"], {
            "mechanism": "LOGIN", "username": self.emulator.address("legacy-client"),
            "client_id": legacy["client_id"], "object_id": legacy["object_id"]})
        self.assertEqual(entry["size"], len(self.raw()))
        self.assertEqual((entry["tls"], entry["ehlo"], entry["verb"]),
                         ("TLSv1.3", "client.example", "DATA"))
        self.assertEqual((entry["eight_bit"], entry["bare_newline"]), (True, False))
        self.assertAlmostEqual(entry["received_ms"] / 1000, time.time(), delta=20)

    def test_bytes_survive(self):
        body = "".join(f".{i} ..{i}\r\n...\r\n\r\n" for i in range(50)) + "\t \r\n" + "x" * 5000
        stuffed = "".join("." + line if line.startswith(".") else line
                          for line in (self.head + "\r\n" + body).splitlines(True))
        self.assertStarts(self.mail.message(stuffed), "250")
        self.assertEqual(self.raw(), (self.head + "\r\n" + body + "\r\n").encode())

    def test_all_bytes_in_any_pieces(self):
        content = bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"")
        wire = self.head.encode() + b"\r\n" + content + b"\r\n..\r\n.\r\n"
        for size in (1, 3, len(wire)):
            self.mail.envelope()
            self.mail.say("DATA")
            for start in range(0, len(wire), size):
                self.mail.send(wire[start:start + size])
            self.assertStarts(self.mail.reply(), "250")
            self.assertEqual(self.raw(), self.head.encode() + b"\r\n" + content + b"\r\n.\r\n")

    def test_only_crlf_dot_crlf_ends_the_data(self):
        self.emulator.patch({"bare_newline": "accept"}, "smtp")
        for fake in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r"):
            self.assertStarts(self.mail.message(self.head.encode() + b"\r\na" + fake + b"QUIT"),
                              "250")
            got = self.raw()
            self.assertIn(b"QUIT", got)
            self.assertTrue(self.emulator.messages()[-1]["bare_newline"])

    def test_bare_newlines_are_refused(self):
        for bad in (b"a\nb", b"a\rb", b"\na", b"a\r\r\nb", b"a\0b"):
            reply = self.mail.message(self.head.encode() + b"\r\n" + bad)
            self.assertStarts(reply, "550 5.6.11")
        self.assertEqual(self.emulator.messages(), [])
        self.assertStarts(self.mail.simple(), "250")

    def test_header_from_must_be_registered(self):
        good = self.emulator.address("DoNotReply")
        for field in (f"From: {good}", f"From: Somebody Else <{good}>", f"FROM:\r\n <{good}>",
                      f'From: "a <x@y.example>, b" <{good}>', f"From: (x@y.example) {good} (c)",
                      f"From: =?utf-8?q?=C3=A4?= <{good}>",
                      f"From: {good}, {self.emulator.address('modern-client')}"):
            self.assertStarts(self.mail.message(f"{field}\r\n\r\nx"), "250")
        for field in ("From: a@b.example", f"From: {good}, a@b.example",
                      f"From: {self.emulator.address('other')}", f'From: "{good}" <a@b.example>',
                      f"From: a@b.example ({good})", f"From: list: {good}, a@b.example;"):
            self.assertStarts(self.mail.message(f"{field}\r\n\r\nx"), "550 5.3.5")

    def test_header_from_must_be_there_once(self):
        for text in ("Subject: x\r\n\r\nFrom: a@b.example", "From: nobody\r\n\r\nx", "\r\nx",
                     self.head + self.head + "\r\nx", "From:\r\n\r\nx"):
            self.assertStarts(self.mail.message(text), "550 5.6.0")

    def test_sender_refused_at_the_end(self):
        self.emulator.patch({"sender_phase": "data"}, "smtp")
        self.assertStarts(self.mail.simple("other"), "550 5.3.5")
        self.assertEqual(self.emulator.messages(), [])

    def test_too_large(self):
        self.emulator.patch({"max_size": 2000}, "smtp")
        room = 2000 - len(self.head) - 4
        self.assertStarts(self.mail.message(self.head + "\r\n" + "x" * room), "250")
        self.assertEqual(self.emulator.messages()[-1]["size"], 2000)
        self.assertStarts(self.mail.message(self.head + "\r\n" + "x" * (room + 1)), "552 5.3.4")
        self.assertStarts(self.mail.message(self.head + "\r\n" + "x" * 3000000), "552 5.3.4")
        self.assertStarts(self.mail.simple(), "250")

    def test_large_message(self):
        body = ("y" * 998 + "\r\n") * 9000
        self.assertStarts(self.mail.message(self.head + "\r\n" + body), "250")
        self.assertEqual(self.raw(), (self.head + "\r\n" + body + "\r\n").encode())

    def test_rate_of_an_azure_managed_domain(self):
        self.emulator.patch({"per_minute": 5, "per_hour": 10}, "smtp")
        replies = [self.mail.simple() for _ in range(6)]
        self.assertEqual([reply[:3] for reply in replies], ["250"] * 5 + ["450"])
        self.assertEqual(replies[-1], "450 4.5.127 Message rejected. Excessive message rate from "
                         "sender. For more information see https://aka.ms/EXOSmtpErrors")
        self.emulator.control("DELETE", "/rate")
        self.assertStarts(self.mail.simple(), "250")

    def test_rate_by_the_hour_and_at_mail(self):
        self.emulator.patch({"per_hour": 2, "rate_phase": "mail"}, "smtp")
        self.assertStarts(self.mail.simple(), "250")
        self.assertStarts(self.mail.simple(), "250")
        self.assertStarts(self.mail.envelope()[0], "450 4.5.127")

    def test_pipelining(self):
        sender = self.emulator.address("DoNotReply")
        self.mail.send(f"MAIL FROM:<{sender}>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<>\r\nDATA\r\n")
        self.assertEqual([self.mail.reply()[:3] for _ in range(4)], ["250", "250", "501", "354"])
        self.mail.send(f"{self.head}\r\none\r\n.\r\nMAIL FROM:<{sender}>\r\n"
                       "RCPT TO:<c@d.example>\r\nDATA\r\n")
        self.assertEqual([self.mail.reply()[:3] for _ in range(4)], ["250", "250", "250", "354"])
        self.mail.send(f"{self.head}\r\ntwo\r\n.\r\nQUIT\r\n")
        self.assertEqual([self.mail.reply()[:3] for _ in range(2)], ["250", "221"])
        self.assertIsNone(self.mail.reply())
        first, second = self.emulator.messages()
        self.assertEqual(first["connection"], second["connection"])

    def test_data_sent_ahead(self):
        self.mail.envelope()
        self.mail.send(f"DATA\r\n{self.head}\r\nx\r\n.\r\n")
        self.assertStarts(self.mail.reply(), "554 5.5.0")
        self.assertIsNone(self.mail.reply())
        self.assertEqual(self.emulator.messages(), [])

    def test_connection_lost_in_the_data(self):
        self.mail.envelope()
        self.mail.say("DATA")
        self.mail.send(self.head + "\r\nx\r\n.")
        self.mail.close()
        self.assertStarts(self.smtp().ready().simple(), "250")
        self.assertEqual(len(self.emulator.messages()), 1)

    def test_chunks(self):
        sender = self.emulator.address("DoNotReply")
        self.mail.say(f"MAIL FROM:<{sender}> BODY=BINARYMIME")
        self.mail.say("RCPT TO:<a@b.example>")
        self.assertStarts(self.mail.say("DATA"), "503")
        text = self.head.encode() + b"\r\n.\r\na\nb\0c"
        self.mail.send(b"BDAT 10\r\n" + text[:10])
        self.assertStarts(self.mail.reply(), "250")
        self.mail.send(b"BDAT %d LAST\r\n" % len(text[10:]) + text[10:])
        self.assertStarts(self.mail.reply(), "250 2.0.0 OK")
        self.assertEqual(self.raw(), text)
        self.assertEqual(self.emulator.messages()[0]["verb"], "BDAT")

    def test_chunks_pipelined_and_without_binary(self):
        sender = self.emulator.address("DoNotReply")
        text = self.head + "\r\na\nb"
        self.mail.send(f"MAIL FROM:<{sender}>\r\nRCPT TO:<a@b.example>\r\n"
                       f"BDAT {len(text)} LAST\r\n{text}NOOP\r\n")
        self.assertEqual([self.mail.reply()[:10] for _ in range(4)],
                         ["250 2.1.0 ", "250 2.1.5 ", "550 5.6.11", "250 2.0.0 "])

    def test_chunk_without_mail_is_thrown_away(self):
        self.mail.send("BDAT 5\r\nQUIT\nNOOP\r\n")
        self.assertEqual([self.mail.reply()[:3] for _ in range(2)], ["503", "250"])

    def test_chunk_too_large(self):
        self.emulator.patch({"max_size": 1024}, "smtp")
        self.mail.envelope()
        self.mail.send(b"BDAT 2000\r\n" + b"x" * 2000)
        self.assertStarts(self.mail.reply(), "552 5.3.4")

    def test_malformed_chunk(self):
        self.assertStarts(self.mail.say("BDAT x"), "501")
        self.assertIsNone(self.mail.reply())

    def test_a_thousand_over_one_connection(self):
        sender = self.emulator.address("DoNotReply")
        envelope = f"MAIL FROM:<{sender}>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n"
        self.mail.send(envelope)
        for index in range(1000):
            self.assertEqual([self.mail.reply()[:3] for _ in range(3)], ["250", "250", "354"])
            self.mail.send(f"{self.head}\r\n{index}\r\n.\r\n" + (envelope if index < 999 else ""))
            self.assertStarts(self.mail.reply(), "250")
        self.assertEqual(len(self.emulator.messages()), 1000)

    def test_delete(self):
        self.mail.simple()
        identifier = self.emulator.messages()[0]["id"]
        self.emulator.clear_messages()
        self.assertEqual(self.emulator.messages(), [])
        self.mail.simple()
        self.assertGreater(self.emulator.messages()[0]["id"], identifier)


if __name__ == "__main__":
    main()
