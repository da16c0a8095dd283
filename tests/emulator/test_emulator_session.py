# SPDX-License-Identifier: MIT
"""SMTP before AUTH: greeting, EHLO, STARTTLS, lines, and the switches that change what is offered."""

import ssl
import warnings

from case import Case, main


class Session(Case):
    """Greeting, EHLO and STARTTLS."""

    def test_offers_before_and_after_tls(self):
        smtp = self.smtp()
        self.assertStarts(smtp.greeting, "220 ")
        before = smtp.say("EHLO client.example").split("\n")
        for word in ("SIZE 10485760", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS",
                     "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8"):
            self.assertIn(word, [line[4:] for line in before])
        self.assertFalse(any(line[4:].startswith("AUTH") for line in before))
        smtp.starttls()
        after = [line[4:] for line in smtp.say("EHLO client.example").split("\n")]
        self.assertIn("AUTH LOGIN XOAUTH2", after)
        self.assertNotIn("STARTTLS", after)

    def test_ehlo_names(self):
        smtp = self.smtp()
        for name in ("client.example", "a", "[127.0.0.1]", "[IPv6:::1]", "x-1.example"):
            self.assertStarts(smtp.say("EHLO " + name), "250")
        for name in ("", "a_b.example", "-a.example", "a..b", "a b", "[]", "ä.example", "a.",
                     "x" * 64 + ".example"):
            self.assertStarts(smtp.say("EHLO " + name), "501 5.5.4")

    def test_old_smtp_gets_no_extensions(self):
        smtp = self.smtp()
        self.assertEqual(len(smtp.say("HELO client.example").split("\n")), 1)
        self.assertStarts(smtp.say("STARTTLS"), "503")

    def test_unknown_command(self):
        self.assertStarts(self.smtp().say("XYZ"), "500 5.5.1")

    def test_small_commands(self):
        smtp = self.smtp()
        for command, code in (("NOOP", "250"), ("RSET", "250"), ("VRFY a", "252"), ("HELP", "214"),
                              ("quit", "221")):
            self.assertStarts(smtp.say(command), code)
        self.assertIsNone(smtp.reply())

    def test_starttls_forgets_the_greeting(self):
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        smtp.starttls()
        self.assertStarts(smtp.say("MAIL FROM:<a@b.example>"), "503")

    def test_starttls_twice_and_with_parameter(self):
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        self.assertStarts(smtp.say("STARTTLS now"), "501")
        smtp.starttls()
        smtp.say("EHLO client.example")
        self.assertStarts(smtp.say("STARTTLS"), "503")

    def test_commands_behind_starttls_are_not_run(self):
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        smtp.send("STARTTLS\r\nNOOP\r\n")
        self.assertIsNone(smtp.reply())
        self.refused_because("STARTTLS injection")

    def test_input_before_the_greeting(self):
        self.emulator.fault(service="smtp", step="connect", action="delay", delay_ms=300)
        smtp = self.smtp(greeting=False)
        smtp.send("EHLO client.example\r\n")
        self.assertStarts(smtp.reply(), "554 5.5.0")
        self.assertIsNone(smtp.reply())

    def test_old_tls_is_refused(self):
        context = self.emulator.tls_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            smtp.starttls(context)
        self.refused_because("TLS handshake failed")

    def test_tls_1_2(self):
        context = self.emulator.tls_context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        smtp.starttls(context)
        self.assertEqual(smtp.sock.version(), "TLSv1.2")

    def test_wrong_certificates(self):
        for name, words in (("other-ca", "unable to get local issuer|self.signed"),
                            ("wrong-name", "Hostname mismatch"), ("expired", "expired")):
            self.emulator.patch({"certificate": name}, "smtp")
            smtp = self.smtp()
            smtp.say("EHLO client.example")
            with self.assertRaisesRegex(ssl.SSLCertVerificationError, words):
                smtp.starttls()

    def test_line_limits(self):
        smtp = self.smtp()
        self.assertStarts(smtp.say("NOOP " + "x" * 505), "250")
        self.assertStarts(smtp.say("NOOP " + "x" * 506), "500 5.5.6")
        self.assertStarts(smtp.say("EHLO " + "x" * 100000), "500 5.5.6")
        self.assertStarts(smtp.say("NOOP"), "250")

    def test_bare_lf_and_nul_in_commands(self):
        for bytes_ in (b"NOOP\n", b"NO\0OP\r\n"):
            smtp = self.smtp()
            smtp.send(bytes_)
            self.assertStarts(smtp.reply(), "500 5.5.2")
            self.assertIsNone(smtp.reply())

    def test_idle_connection(self):
        self.emulator.patch({"idle_timeout_ms": 100}, "smtp")
        smtp = self.smtp()
        self.assertStarts(smtp.reply(), "421 4.4.2")
        smtp = self.smtp()
        smtp.say("EHLO client.example")
        smtp.starttls()
        self.assertStarts(smtp.reply(), "421 4.4.2")

    def test_hidden_starttls(self):
        extensions = [e for e in self.emulator.state("smtp", "extensions") if e != "STARTTLS"]
        self.emulator.patch({"extensions": extensions}, "smtp")
        smtp = self.smtp()
        self.assertNotIn("STARTTLS", smtp.say("EHLO client.example"))
        self.assertStarts(smtp.say("STARTTLS"), "503")

    def test_hidden_auth(self):
        extensions = [e for e in self.emulator.state("smtp", "extensions") if e != "AUTH"]
        self.emulator.patch({"extensions": extensions}, "smtp")
        smtp = self.smtp()
        self.assertNotIn("AUTH", smtp.secure())
        self.assertStarts(smtp.say("AUTH LOGIN"), "503")

    def test_no_extensions_at_all(self):
        self.emulator.patch({"extensions": []}, "smtp")
        self.assertEqual(len(self.smtp().say("EHLO client.example").split("\n")), 1)

    def test_lower_case(self):
        self.emulator.patch({"lower_case": True}, "smtp")
        smtp = self.smtp()
        self.assertIn("250-auth login xoauth2", smtp.secure())

    def test_pipelining_where_it_is_not_offered(self):
        extensions = [e for e in self.emulator.state("smtp", "extensions") if e != "PIPELINING"]
        self.emulator.patch({"extensions": extensions}, "smtp")
        smtp = self.smtp().ready()
        smtp.send("NOOP\r\nNOOP\r\n")
        self.assertStarts(smtp.reply(), "554 5.5.0")
        self.assertIsNone(smtp.reply())


if __name__ == "__main__":
    main()
