# SPDX-License-Identifier: MIT
"""Ordered failures, of HTTP services and at each SMTP step."""

import email.utils
import http.client
import json
import time

from case import ACS, Case, ControlError, main


class Orders(Case):
    """The list of faults itself."""

    def test_nonsense_is_refused(self):
        for fault in ({}, [], {"service": "smtp"}, {"service": "smtp", "action": "drop"},
                      {"service": "entra", "action": "drop", "step": "mail"},
                      {"service": "smtp", "step": "lunch", "action": "drop"},
                      {"service": "smtp", "step": "mail", "action": "huge"},
                      {"service": "smtp", "step": "mail", "action": "reply"},
                      {"service": "entra", "action": "reply", "reply": "x"},
                      {"service": "entra", "action": "status"},
                      {"service": "entra", "action": "delay"},
                      {"service": "entra", "action": "error"},
                      {"service": "entra", "action": "error", "code": "ForbiddenByFirewall"},
                      {"service": "smtp", "step": "mail", "action": "clock", "seconds": 60},
                      {"service": "entra", "action": "drop", "count": 0},
                      {"service": "entra", "action": "drop", "count": "1"},
                      {"service": "entra", "action": "drop", "colour": "red"},
                      {"service": "entra", "action": "drop", "match": "x" * 300}):
            with self.assertRaises(ControlError, msg=fault) as caught:
                self.emulator.control("POST", "/faults", fault)
            self.assertEqual(caught.exception.status, 400)
        self.assertEqual(self.emulator.faults(), [])

    def test_list_and_delete(self):
        self.emulator.fault(service="entra", action="drop", count=3)
        self.emulator.fault(service="smtp", step="quit", action="drop")
        listed = self.emulator.faults()
        self.assertEqual([(f["service"], f["action"], f.get("count")) for f in listed],
                         [("entra", "drop", 3), ("smtp", "drop", None)])
        self.emulator.clear_faults()
        self.assertEqual(self.emulator.faults(), [])

    def test_no_more_than_64(self):
        for _ in range(64):
            self.emulator.fault(service="graph", action="drop")
        with self.assertRaises(ControlError):
            self.emulator.fault(service="graph", action="drop")


class Http(Case):
    def ask(self):
        tenant = self.emulator.endpoints["tenant_id"]
        modern = self.emulator.application("modern-client")
        return self.emulator.post_form(
            f"{self.emulator.endpoints['authority_host']}/{tenant}/oauth2/v2.0/token",
            {"grant_type": "client_credentials", "client_id": modern["client_id"],
             "client_secret": modern["client_secret"], "scope": ACS + "/.default"})

    def test_status_with_retry_after_and_count(self):
        self.emulator.fault(service="entra", action="status", status=429, retry_after=2, count=2)
        for _ in range(2):
            reply = self.ask()
            self.assertEqual((reply.status, reply.headers["Retry-After"]), (429, "2"))
            self.assertIn("error_codes", reply.json())
        self.assertEqual(self.ask().status, 200)
        self.assertEqual(self.emulator.requests("entra"), {"total": 3, "fault": 2, "token": 1})

    def test_status_without_retry_after(self):
        self.emulator.fault(service="entra", action="status", status=503)
        self.assertNotIn("Retry-After", self.ask().headers)

    def test_own_body(self):
        self.emulator.fault(service="entra", action="status", status=400, body='{"error":"x"}')
        self.assertEqual(self.ask().json(), {"error": "x"})

    def test_refusals_by_their_code(self):
        self.emulator.fault(service="entra", action="error", code="7000222", count=1)
        reply = self.ask()
        self.assertEqual((reply.status, reply.json()["error"], reply.json()["error_codes"]),
                         (401, "invalid_client", [7000222]))
        self.assertRegex(reply.json()["error_description"], r"\AAADSTS7000222: ")
        for service, key, code, status, inner in (
                ("arm", "resource_manager", "RoleAssignmentExists", 409, None),
                ("graph", "graph", "Authorization_RequestDenied", 403, None),
                ("keyvault", None, "ForbiddenByFirewall", 403, "ForbiddenByFirewall")):
            self.emulator.fault(service=service, action="error", code=code, count=1)
            url = self.emulator.endpoints[key] if key else self.emulator.vault_url()
            reply = self.emulator.get(url + "/")
            error = reply.json()["error"]
            self.assertEqual((reply.status, error["code"]), (status, "Forbidden" if inner else code))
            self.assertEqual(error.get("innererror", {}).get("code"), inner)

    def test_a_clock_that_is_off(self):
        for action, more in (("clock", {}), ("error", {"code": "700024"})):
            self.emulator.fault(service="entra", action=action, seconds=-3600, count=1, **more)
            date = email.utils.parsedate_to_datetime(self.ask().headers["Date"]).timestamp()
            self.assertAlmostEqual(date, time.time() - 3600, delta=5)
        date = email.utils.parsedate_to_datetime(self.ask().headers["Date"]).timestamp()
        self.assertAlmostEqual(date, time.time(), delta=5)

    def test_redirect(self):
        self.emulator.fault(service="entra", action="status", status=302)
        self.assertEqual(self.ask().status, 302)

    def test_skip(self):
        self.emulator.fault(service="entra", action="status", status=500, skip=1, count=1)
        self.assertEqual([self.ask().status for _ in range(3)], [200, 500, 200])

    def test_match(self):
        self.emulator.fault(service="entra", action="status", status=500, match="/keys")
        self.assertEqual(self.ask().status, 200)
        authority = self.emulator.endpoints["authority_host"]
        self.assertEqual(self.emulator.get(authority + "/common/discovery/keys").status, 500)

    def test_drop(self):
        self.emulator.fault(service="entra", action="drop", count=1)
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.ask()
        self.assertEqual(self.ask().status, 200)

    def test_delay(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=300, count=1)
        before = time.monotonic()
        self.assertEqual(self.ask().status, 200)
        self.assertGreaterEqual(time.monotonic() - before, 0.3)

    def test_garbage(self):
        self.emulator.fault(service="entra", action="garbage", count=1)
        with self.assertRaises((json.JSONDecodeError, UnicodeDecodeError)):
            self.ask().json()

    def test_html(self):
        self.emulator.fault(service="entra", action="html", count=1)
        reply = self.ask()
        self.assertEqual((reply.status, reply.headers.get_content_type()), (200, "text/html"))

    def test_truncate(self):
        self.emulator.fault(service="entra", action="truncate", count=1)
        with self.assertRaises((http.client.IncompleteRead, OSError)):
            self.ask()

    def test_huge(self):
        self.emulator.fault(service="imds", action="huge", count=1)
        host, port = self.emulator.endpoints["imds"][7:].split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.request("GET", "/")
        reply = connection.getresponse()
        self.assertEqual(int(reply.headers["Content-Length"]), 256 << 20)
        self.assertEqual(reply.read(3 << 20).strip(), b"")
        connection.close()


class Smtp(Case):
    def order(self, step, action, **more):
        self.emulator.fault(service="smtp", step=step, action=action, **more)

    def legacy(self):
        return (self.emulator.address("legacy-client"),
                self.emulator.application("legacy-client")["client_secret"])

    def reach(self, step):
        """The reply at the step, None for a closed connection."""
        smtp = self.smtp(greeting=False)
        secure = [("connect", smtp.reply), ("ehlo", lambda: smtp.say("EHLO client.example")),
                  ("starttls", lambda: smtp.say("STARTTLS"))]
        for name, action in secure:
            reply = action()
            if name == step:
                return reply
        if step == "tls":
            try:
                smtp.wrap()
            except OSError:
                return None
            return "220"
        smtp.wrap()
        smtp.say("EHLO client.example")
        if step == "auth":
            return smtp.say("AUTH LOGIN")
        reply = smtp.login(*self.legacy())
        if step == "credentials":
            return reply
        sender = self.emulator.address("DoNotReply")
        data = f"From: <{sender}>\r\n\r\nx\r\n.\r\n"
        commands = {"noop": "NOOP", "rset": "RSET", "quit": "QUIT"}
        if step in commands:
            return smtp.say(commands[step])
        for name, command in (("mail", f"MAIL FROM:<{sender}>"), ("rcpt", "RCPT TO:<a@b.example>"),
                              ("data", "DATA")):
            reply = smtp.say(command)
            if name == step:
                return reply
        smtp.send(data)
        return smtp.reply()

    STEPS = ("connect", "ehlo", "starttls", "tls", "auth", "credentials", "mail", "rcpt", "data",
             "body", "dot", "rset", "noop", "quit")

    def test_drop_at_every_step(self):
        for step in self.STEPS:
            self.order(step, "drop", count=1)
            self.assertIsNone(self.reach(step), step)
            self.assertEqual(self.emulator.faults(), [], step)

    def test_reply_at_every_step(self):
        for step in self.STEPS:
            if step in ("tls", "body"):
                continue
            for line in ("450 4.7.1 later", "554 5.0.0 never"):
                self.order(step, "reply", reply=line, count=1)
                self.assertEqual(self.reach(step), line, step)

    def test_421_closes(self):
        self.order("mail", "reply", reply="421 4.3.2 going down", count=1)
        smtp = self.smtp().ready()
        self.assertEqual(smtp.say("MAIL FROM:<a@b.example>"), "421 4.3.2 going down")
        self.assertIsNone(smtp.reply())

    def test_other_replies_do_not_close(self):
        self.order("rcpt", "reply", reply="451 4.7.1 greylisted", count=1)
        smtp = self.smtp().ready()
        self.assertEqual([reply[:3] for reply in smtp.envelope(recipients=("a@b.c", "a@b.c"))],
                         ["250", "451", "250"])

    def test_reply_of_several_lines(self):
        self.order("noop", "reply", reply="250-one\n250 two", count=1)
        self.assertEqual(self.smtp().say("NOOP"), "250-one\n250 two")

    def test_garbage_at_every_step(self):
        for step in self.STEPS:
            if step in ("tls", "body"):
                continue
            self.order(step, "garbage", count=1)
            self.assertIn("not a reply", self.reach(step), step)

    def test_garbage_for_a_handshake(self):
        self.order("tls", "garbage", count=1)
        self.assertIsNone(self.reach("tls"))

    def test_delay(self):
        for step in ("connect", "mail", "dot"):
            self.order(step, "delay", delay_ms=200, count=1)
            before = time.monotonic()
            self.assertStarts(self.reach(step), "2")
            self.assertGreaterEqual(time.monotonic() - before, 0.2, step)

    def test_lost_reply_leaves_the_message(self):
        self.order("dot", "drop", count=1)
        self.assertIsNone(self.reach("dot"))
        self.assertEqual(len(self.emulator.messages()), 1)

    def test_lost_message(self):
        self.order("dot", "drop", count=1, store=False)
        self.assertIsNone(self.reach("dot"))
        self.order("dot", "reply", reply="451 4.3.0 try again", count=1, store=False)
        self.assertEqual(self.reach("dot"), "451 4.3.0 try again")
        self.assertEqual(self.emulator.messages(), [])

    def test_refused_for_good_is_not_stored(self):
        self.order("dot", "reply", reply="554 5.7.1 spam", count=1, store=False)
        self.assertEqual(self.reach("dot"), "554 5.7.1 spam")
        self.assertEqual(self.emulator.messages(), [])

    def test_second_ehlo(self):
        self.order("ehlo", "drop", skip=1, count=1)
        smtp = self.smtp()
        self.assertStarts(smtp.say("EHLO client.example"), "250")
        smtp.starttls()
        self.assertIsNone(smtp.say("EHLO client.example"))

    def test_temporary_failure_of_auth(self):
        self.order("credentials", "reply", reply="454 4.7.0 Temporary authentication failure",
                   count=1)
        self.assertStarts(self.reach("credentials"), "454")
        self.assertStarts(self.reach("credentials"), "235")


if __name__ == "__main__":
    main()
