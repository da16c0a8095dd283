# SPDX-License-Identifier: MIT
"""What the emulator's tests share: one emulator per test class, reset after each test, and a raw
SMTP client that says exactly what it is told to say."""

import base64
import os
import signal
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from emulator import ROLES, ControlError, Emulator  # noqa: E402
from processes import wait_for  # noqa: E402

ACS = "https://communication.azure.com"
VAULT = "https://vault.azure.net"


__all__ = ["ACS", "ROLES", "VAULT", "Case", "ControlError", "Emulator", "Smtp", "b64", "main"]


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


class Smtp:
    """A connection to the emulator's SMTP port."""

    def __init__(self, emulator, greeting=True):
        self.emulator = emulator
        self.sock = socket.create_connection(("127.0.0.1", emulator.smtp_address[1]), 20)
        self.buffer = b""
        self.greeting = self.reply() if greeting else None

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        """One line without CRLF, or None when the connection is closed."""
        while b"\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def reply(self):
        """A whole reply as a list of lines joined by newlines; None when closed."""
        lines = []
        while True:
            line = self.line()
            if line is None:
                return None
            lines.append(line)
            if len(line) < 4 or line[3] != "-":
                return "\n".join(lines)

    def say(self, command):
        self.send(command + "\r\n")
        return self.reply()

    def starttls(self, context=None):
        reply = self.say("STARTTLS")
        if not reply or not reply.startswith("220"):
            raise AssertionError(reply)
        self.wrap(context)

    def wrap(self, context=None):
        context = context or self.emulator.tls_context()
        self.sock = context.wrap_socket(self.sock, server_hostname="localhost")

    def secure(self):
        """EHLO, STARTTLS, EHLO: the last reply."""
        self.say("EHLO client.example")
        self.starttls()
        return self.say("EHLO client.example")

    def login(self, username, password):
        self.say("AUTH LOGIN")
        self.say(b64(username))
        return self.say(b64(password))

    def xoauth2(self, username, token):
        self.say("AUTH XOAUTH2")
        return self.say(b64(f"user={username}\x01auth=Bearer {token}\x01\x01"))

    def ready(self):
        """Signed in as the legacy client."""
        self.secure()
        reply = self.login(self.emulator.address("legacy-client"),
                           self.emulator.application("legacy-client")["client_secret"])
        if not reply.startswith("235"):
            raise AssertionError(reply)
        return self

    def envelope(self, sender="DoNotReply", recipients=("a@example.com",)):
        replies = [self.say(f"MAIL FROM:<{self.emulator.address(sender)}>")]
        replies += [self.say(f"RCPT TO:<{recipient}>") for recipient in recipients]
        return replies

    def message(self, text, sender="DoNotReply"):
        """Envelope and data; text comes without the final dot."""
        self.envelope(sender)
        reply = self.say("DATA")
        if not reply.startswith("354"):
            return reply
        self.send(text + b"\r\n.\r\n" if isinstance(text, bytes) else text + "\r\n.\r\n")
        return self.reply()

    def simple(self, sender="DoNotReply", body="hello"):
        return self.message(f"From: <{self.emulator.address(sender)}>\r\n\r\n{body}", sender)


class Case(unittest.TestCase):
    transcript = False

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(BINARY, transcript=cls.transcript).start()

    @classmethod
    def tearDownClass(cls):
        cls.emulator.process.send_signal(signal.SIGTERM)
        cls.emulator.process.wait(30)
        errors = cls.emulator.errors()
        status = cls.emulator.stop()
        if status != 0 or errors.count("\n") != 1:
            raise AssertionError(f"the emulator ended with {status}: {errors}")

    def tearDown(self):
        self.emulator.reset()

    def assertStarts(self, text, prefix):
        self.assertTrue(text is not None and text.startswith(prefix), f"{text!r} is not {prefix!r}…")

    def refused_because(self, reason, service="smtp"):
        """The client may know it before the emulator's thread has noted it."""
        wait_for(lambda: reason in " | ".join(self.emulator.refusals(service)), 30,
                 f"{service} refused something: {reason}")

    def smtp(self, **options):
        connection = Smtp(self.emulator, **options)
        self.addCleanup(connection.close)
        return connection


BINARY = None


def main():
    """The program under test is the first argument, or $ACSMTP_EMULATOR."""
    global BINARY
    arguments = sys.argv[1:]
    if arguments and os.path.isfile(arguments[0]):
        BINARY = arguments.pop(0)
    unittest.main(module="__main__", argv=sys.argv[:1] + arguments)
