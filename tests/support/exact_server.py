# SPDX-License-Identifier: MIT
"""A submission server on aiosmtpd that keeps exactly what it got: every byte of each message as it
came over the wire (dots still stuffed, line ends untouched) and the whole dialogue.

Postfix repairs bare CR, bare LF and a missing last line end before one can see them, so what the
program really sends is judged here.

    with ExactServer(users={"alice@example.org": "secret"}) as server:
        ...
        server.messages[0].wire, .content, .sender, .recipients;  server.dialogue()

Standalone: exact_server.py [--user NAME:PASSWORD] [--token TOKEN] prints what arrives.
"""

import argparse
import asyncio
import base64
import collections
import itertools
import logging
import ssl
import tempfile
import threading

import pki

try:
    from aiosmtpd.smtp import AuthResult, LoginPassword, MISSING, SMTP
except ImportError:
    SMTP = None

# sender and recipients as in the envelope; wire: the bytes of DATA, the final dot line left out;
# content: the same without dot-stuffing; options: the parameters of MAIL; ciphered: came over TLS.
Message = collections.namedtuple("Message", "sender recipients wire content options ciphered user")

# One burst of bytes: direction is "C" or "S"; session counts connections from 0.
Burst = collections.namedtuple("Burst", "session direction data ciphered")


def unstuff(wire):
    """RFC 5321 section 4.5.2: a leading dot goes, but only at the start of a CRLF-ended line."""
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in wire.split(b"\r\n"))


if SMTP is not None:
    # A client that hangs up on a wrong certificate is what some tests are about.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)

    class Protocol(SMTP):
        """aiosmtpd's server with the tolerance and the memory that the tests need."""

        line_length_limit = 128 << 20
        AuthLoginUsernameChallenge = "Username:"
        AuthLoginPasswordChallenge = "Password:"

        def __init__(self, owner, number, *arguments, **options):
            self.owner = owner
            self.number = number
            self.in_data = False
            super().__init__(*arguments, **options)

        def note(self, direction, data):
            if not self.in_data or direction == "S":
                self.owner.bursts.append(Burst(self.number, direction, bytes(data),
                                               self.ciphered()))

        def hang_up(self):
            # Under STARTTLS the transport is that of TLS, which a failed handshake leaves broken.
            (self._original_transport or self.transport).abort()

        def ciphered(self):
            return self._tls_protocol is not None or self.owner.tls == "implicit"

        def data_received(self, data):
            self.note("C", data)
            super().data_received(data)

        async def push(self, status):
            self.note("S", (status.encode() if isinstance(status, str) else status) + b"\r\n")
            await super().push(status)

        async def auth_XOAUTH2(self, _, args):
            blob = await self.challenge_auth("") if len(args) == 1 else base64.b64decode(args[1])
            if blob is MISSING:
                return AuthResult(success=False, handled=True)
            fields = dict(part.split("=", 1) for part in blob.decode().split("\x01") if part)
            user, scheme = fields.get("user"), fields.get("auth", "")
            if scheme == "Bearer " + self.owner.tokens.get(user, "\0"):
                return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))
            if self.owner.xoauth2_json:
                # RFC 7628's way, Google's too: the reason first, the refusal after a dummy answer.
                answer = await self.challenge_auth(self.owner.xoauth2_json)
                if answer is MISSING:
                    return AuthResult(success=False, handled=True)
            return AuthResult(success=False, handled=False, message=self.owner.refusal)

        async def smtp_DATA(self, arg):
            if await self.check_auth_needed("DATA") or arg:
                return
            if not self.envelope.rcpt_tos:
                await self.push("503 5.5.1 No valid recipients")
                return
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            self.in_data = True
            wire = bytearray()
            try:
                while not (wire == b".\r\n" or wire.endswith(b"\r\n.\r\n")):
                    wire += await self._reader.readuntil(b"\r\n")
            except asyncio.IncompleteReadError:
                return
            finally:
                self.in_data = False
            reply = self.owner.keep(self, bytes(wire[:-3]))
            self._set_post_data_state()
            await self.push(reply)


class Handler:
    """Hooks that aiosmtpd calls."""

    def __init__(self, owner):
        self.owner = owner

    async def handle_EHLO(self, server, session, _, hostname, responses):
        session.host_name = hostname
        keep = [line for line in responses if "AUTH" not in line and "HELP" not in line]
        if not self.owner.tls:
            keep = [line for line in keep if "STARTTLS" not in line]
        keep += ["250-" + word for word in self.owner.extensions]
        if self.owner.mechanisms and (server.ciphered() or not self.owner.tls):
            keep.append("250-AUTH " + " ".join(self.owner.mechanisms))
        return keep[:-1] + ["250 " + keep[-1][4:]]

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = self.owner.refuse.get(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"


class ExactServer:
    """users: {name: password}; tokens: {name: token}; tls: "starttls", "implicit" or None;
    refuse: {recipient: reply}; refusal: the reply to a bad login; xoauth2_json: the challenge that
    comes before it (None: the refusal at once); cert, key: else made here."""

    host = "localhost"

    def __init__(self, users=None, tokens=None, tls="starttls", mechanisms=("LOGIN", "XOAUTH2"),
                 extensions=("PIPELINING", "ENHANCEDSTATUSCODES"), refuse=None,
                 size_limit=128 << 20, refusal="535 5.7.3 Authentication unsuccessful",
                 xoauth2_json=None, utf8=True, names=("localhost",), addresses=("127.0.0.1",)):
        self.users = dict(users or {})
        self.tokens = dict(tokens or {})
        self.tls = tls
        self.mechanisms = mechanisms
        self.extensions = extensions
        self.refuse = dict(refuse or {})
        self.size_limit = size_limit
        self.refusal = refusal
        self.xoauth2_json = xoauth2_json
        self.utf8 = utf8
        self.names, self.addresses = names, addresses
        self.bursts = []
        self.messages = []
        self.protocols = []
        self.arrived = threading.Condition()

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    def start(self):
        self.folder = tempfile.TemporaryDirectory(prefix="acsmtp-exact-")
        authority = pki.Authority(self.folder.name)
        self.ca_file = authority.ca_file
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.issue(self.names, self.addresses, "EC"))
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        listening = threading.Event()
        self.loop.call_soon(listening.set)
        self.listener = self.loop.run_until_complete(self.loop.create_server(
            self._protocol, "127.0.0.1", 0,
            ssl=self.context if self.tls == "implicit" else None))
        self.port = self.listener.sockets[0].getsockname()[1]
        self.thread.start()
        listening.wait()
        return self

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.folder.cleanup()

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.listener.close()
        for protocol in self.protocols:
            if protocol.transport is not None:
                protocol.hang_up()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def _protocol(self):
        protocol = Protocol(self, self.sessions, Handler(self), loop=self.loop,
                            hostname="exact.test",
                            tls_context=self.context if self.tls == "starttls" else None,
                            data_size_limit=self.size_limit, enable_SMTPUTF8=self.utf8,
                            # It knows of no TLS but STARTTLS.
                            auth_required=bool(self.mechanisms) and self.tls == "starttls",
                            auth_require_tls=self.tls == "starttls",
                            auth_exclude_mechanism=[name for name in ("LOGIN", "PLAIN", "XOAUTH2")
                                                    if name not in self.mechanisms],
                            authenticator=self._check)
        self.protocols.append(protocol)
        return protocol

    @property
    def sessions(self):
        """How many connections there have been."""
        return len(self.protocols)

    def _check(self, server, session, envelope, mechanism, data):
        good = self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=good, handled=False, auth_data=data,
                          message=None if good else self.refusal)

    def keep(self, server, wire):
        envelope, login = server.envelope, server.session.auth_data
        message = Message(envelope.mail_from, list(envelope.rcpt_tos), wire, unstuff(wire),
                          list(envelope.mail_options), server.ciphered(),
                          login.login.decode() if login else None)
        with self.arrived:
            self.messages.append(message)
            self.arrived.notify_all()
            return "250 2.0.0 Ok: kept as %d" % len(self.messages)

    def dialogue(self, session=None):
        """The talk as one text, "C: " and "S: " before each line; message bodies are left out."""
        lines = []
        for number in range(self.sessions) if session is None else (session,):
            mine = (burst for burst in list(self.bursts) if burst.session == number)
            for direction, bursts in itertools.groupby(mine, lambda burst: burst.direction):
                text = b"".join(burst.data for burst in bursts).decode("latin-1")
                lines += ["%s: %s" % (direction, line)
                          for line in text.removesuffix("\r\n").split("\r\n")]
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--user", metavar="NAME:PASSWORD", default="alice@example.org:wonder-land")
    parser.add_argument("--token", default="a-token")
    options = parser.parse_args()
    name, password = options.user.split(":", 1)
    with ExactServer(users={name: password}, tokens={name: options.token}) as server:
        print("host %s\nport %d\nca_file %s\nuser %s" %
              (server.host, server.port, server.ca_file, name), flush=True)
        seen = 0
        try:
            while True:
                with server.arrived:
                    server.arrived.wait(1)
                for message in server.messages[seen:]:
                    seen += 1
                    print("from %s to %s, %d bytes\n%r" % (message.sender,
                          ", ".join(message.recipients), len(message.wire), message.wire[:2000]),
                          flush=True)
        except KeyboardInterrupt:
            print(server.dialogue())


if __name__ == "__main__":
    main()
