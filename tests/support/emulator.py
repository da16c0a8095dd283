# SPDX-License-Identifier: MIT
"""Starts acsmtp-emulator in a private folder and speaks to its control API.

    with Emulator("build/bin/acsmtp-emulator") as emulator:
        emulator.fault(service="entra", action="status", status=429, retry_after=1, count=1)
        ... run something with --cloud emulator.cloud ...
        assert len(emulator.messages()) == 1

Only the standard library is used. The control API itself is described in tests/emulator/README.md.
ConnectProxy leads unmodified tools, which know Azure's real names only, to the emulator.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import uuid

from processes import wait_for

# The GUIDs of Azure's built-in roles.
ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Communication and Email Service Owner": "09976791-48a7-449e-bb21-39d1a415f350",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
}


class ControlError(Exception):
    """The control API refused a call."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Reply:
    """An HTTP reply: status, headers (an email.message.Message), body (bytes)."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class _LoopbackHTTPS(http.client.HTTPSConnection):
    """HTTPS to a name under .localhost, which not every resolver knows."""

    def __init__(self, host, port, context, timeout):
        super().__init__(host, port, context=context, timeout=timeout)
        self._tls = context

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        # Else the body waits for the acknowledgement of the headers, 40 ms.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def find_binary():
    """$ACSMTP_EMULATOR, or the build folder's program next to the sources."""
    given = os.environ.get("ACSMTP_EMULATOR")
    if given:
        return given
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.join(here, "..", "..", "build", "bin", "acsmtp-emulator")


class Emulator:
    def __init__(self, binary=None, directory=None, transcript=False, environment=None, timeout=30,
                 empty=False):
        self.binary = binary or find_binary()
        self._own_directory = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="acsmtp-emulator-")
        self.cloud = os.path.join(self.directory, "endpoints.json")
        self.transcript_file = os.path.join(self.directory, "transcript") if transcript else None
        self.errors_file = os.path.join(self.directory, "stderr")
        self.environment = environment
        self.timeout = timeout
        self.empty = empty
        self.process = None
        self.endpoints = None

    # life

    def start(self):
        command = [self.binary, "--state-dir", self.directory]
        if self.transcript_file:
            command += ["--transcript", self.transcript_file]
        if self.empty:
            command.append("--empty")
        with open(self.errors_file, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors,
                                            env=self.environment)
        deadline = time.monotonic() + self.timeout
        while ": ready, " not in self.errors():  # a file of an earlier run may still be there
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("the emulator did not start: " + self.errors())
            time.sleep(0.01)
        with open(self.cloud, encoding="utf-8") as file:
            self.endpoints = json.load(file)
        return self

    def stop(self):
        """SIGTERM; the exit status, which is 0 after a clean stop."""
        status = None
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            try:
                status = self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            self.process = None
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)
        return status

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def errors(self):
        with open(self.errors_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    # addresses

    @property
    def smtp_address(self):
        return self.endpoints["smtp"]["host"], self.endpoints["smtp"]["port"]

    @property
    def domain(self):
        return self.endpoints["email_domain"]

    def address(self, local):
        return f"{local}@{self.domain}"

    def vault_url(self, name="kv-acs-smtp-poc"):
        return f"https://{name}.{self.endpoints['key_vault_domain']}"

    def tls_context(self):
        return ssl.create_default_context(cafile=self.endpoints["ca_file"])

    # resources of the seed; ids are keys of the state's "arm"

    @property
    def subscription(self):
        return "/subscriptions/" + self.endpoints["subscription_id"]

    @property
    def group(self):
        return self.subscription + "/resourcegroups/rg-acs-smtp"

    @property
    def service(self):
        """The communication service: the scope of roles that let an application send."""
        return self.group + "/providers/microsoft.communication/communicationservices/acs-smtp-poc"

    @property
    def email_domain_id(self):
        return (self.group + "/providers/microsoft.communication/emailservices/acs-smtp-poc-email"
                "/domains/azuremanageddomain")

    def vault(self, name="kv-acs-smtp-poc"):
        return self.group + "/providers/microsoft.keyvault/vaults/" + name

    def grant(self, principal, role, scope, effective_ms=0):
        """Gives a role, effective at once: the id of the assignment."""
        name = str(uuid.uuid4())
        self.put({"scope": scope, "principal_id": principal, "principal_type": "ServicePrincipal",
                  "role": ROLES[role], "effective_ms": effective_ms}, "role_assignments", name)
        return name

    def revoke(self, principal, scope):
        """Takes the principal's roles on exactly this scope away."""
        for name, assignment in self.state("role_assignments").items():
            if (assignment["principal_id"], assignment["scope"].lower()) == (principal, scope):
                self.remove("role_assignments", name)

    def bind(self, username, client_id, ready_ms=0):
        """An SMTP user name of the seed's service for the application; replaces what is there."""
        name = self.smtp_username_key(username) or (
            self.service + "/smtpusernames/" + re.sub("[^a-z0-9]", "-", username.lower()))
        self.put({"resource": {
            "id": name, "name": name.rsplit("/", 1)[1],
            "type": "microsoft.communication/communicationservices/smtpusernames",
            "properties": {"username": username, "entraApplicationId": client_id,
                           "tenantId": self.endpoints["tenant_id"]}},
                  "ready_ms": ready_ms}, "arm", name)

    def smtp_username_key(self, username):
        """The key of the resource in "arm" that has the user name, or None."""
        for key, entry in self.state("arm").items():
            if ("/smtpusernames/" in key and
                    entry["resource"]["properties"]["username"].lower() == username.lower()):
                return key
        return None

    def sender_key(self, local):
        return f"{self.email_domain_id}/senderusernames/{local.lower()}"

    def add_sender(self, local):
        """A MailFrom address of the seed's domain."""
        key = self.sender_key(local)
        self.put({"resource": {
            "id": key, "name": local, "properties": {"username": local},
            "type": "microsoft.communication/emailservices/domains/senderusernames"}}, "arm", key)

    def remove_sender(self, local):
        self.remove("arm", self.sender_key(local))

    def slow(self):
        """Everything takes as long as in Azure; see let_time_pass."""
        self.put(1, "time_scale")

    def let_time_pass(self):
        """All that somebody waits for has happened."""
        def over(node):
            found = {}
            for key, value in node.items():
                if key.endswith("_ms"):
                    found[key] = 0
                elif isinstance(value, dict) and (below := over(value)):
                    found[key] = below
            return found
        state = self.state()
        del state["arm_switches"]
        self.patch({member: over(state[member]) for member in (
            "arm", "arm_operations", "role_assignments", "providers", "identities",
            "applications")})

    def set_verification(self, domain, verification, status):
        """Decides a verification of a domain, whatever was asked for before."""
        self.patch({"private": {"verifications": {verification: None}}, "resource": {
            "properties": {"verificationStates": {verification: {"status": status}}}}},
                   "arm", domain.lower())

    # control

    def control(self, method, path, body=None):
        """One call of the control API: parsed JSON, bytes of a message, or None."""
        url = self.endpoints["inbox"] + path
        data = None if body is None else json.dumps(body).encode()
        reply = self.request(method, url, {}, data)
        if reply.status >= 300:
            raise ControlError(reply.status, reply.body.decode(errors="replace"))
        if reply.status == 204:
            return None
        kind = reply.headers.get_content_type()
        return reply.json() if kind == "application/json" else reply.body

    @staticmethod
    def _path(members):
        return "/state" + "".join("/" + urllib.parse.quote(m, safe="") for m in members)

    def state(self, *members):
        return self.control("GET", self._path(members))

    def put(self, value, *members):
        self.control("PUT", self._path(members), value)

    def patch(self, value, *members):
        self.control("PATCH", self._path(members), value)

    def remove(self, *members):
        self.control("DELETE", self._path(members))

    def fault(self, **fault):
        return self.control("POST", "/faults", fault)["id"]

    def faults(self):
        return self.control("GET", "/faults")

    def clear_faults(self):
        self.control("DELETE", "/faults")

    def requests(self, service=None):
        counts = self.control("GET", "/requests")
        return counts if service is None else counts.get(service, {})

    def clear_requests(self):
        self.control("DELETE", "/requests")

    def wait_until_idle(self):
        """What clients that are gone have asked for is done."""
        wait_for(lambda: not any(self.control("GET", "/connections").values()), 60,
                 "the end of every connection to the emulator")

    def refusals(self, service=None):
        """The true reasons of what was refused, oldest first."""
        return [entry["reason"] for entry in self.control("GET", "/refusals")
                if service is None or entry["service"] == service]

    def messages(self):
        return self.control("GET", "/messages")

    def raw(self, identifier):
        return self.control("GET", f"/messages/{identifier}/raw")

    def clear_messages(self):
        self.control("DELETE", "/messages")

    def reset(self, world=None):
        """Back to the start; world: "full" or "empty", that of the start when None."""
        self.control("POST", "/reset", world and {"world": world})

    def token(self, application=None, **claims):
        """A well signed token of any audience, tenant_id, client_id, object_id, expires_in."""
        if application is not None:
            known = self.state("applications", application)
            claims.setdefault("client_id", known["client_id"])
            claims.setdefault("object_id", known["object_id"])
        return self.control("POST", "/tokens", claims)["access_token"]

    def application(self, name):
        """client_id, object_id and client_secret, the secret that is valid the longest."""
        known = self.state("applications", name)
        newest = max(known["secrets"].values(), key=lambda secret: secret.get("end", 1 << 40))
        return {"client_id": known["client_id"], "object_id": known["object_id"],
                "client_secret": newest["value"]}

    def transcript_end(self):
        """Where the next exchange will begin, for transcript()."""
        with open(self.transcript_file, "rb") as file:
            return file.read().rfind(b"\n") + 1

    def transcript(self, offset=0):
        """The exchanges from there on; one that is being written is left out."""
        with open(self.transcript_file, "rb") as file:
            file.seek(offset)
            written = file.read()  # at once: what is being written grows between two reads
        return [json.loads(line) for line in written[:written.rfind(b"\n") + 1].splitlines()]

    # plain HTTP client, for tests of the services themselves

    def request(self, method, url, headers=None, body=None, timeout=30):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "https":
            connection = _LoopbackHTTPS(parts.hostname, parts.port, self.tls_context(), timeout)
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
        try:
            target = parts.path + ("?" + parts.query if parts.query else "")
            connection.request(method, target or "/", body, headers or {})
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def get(self, url, headers=None):
        return self.request("GET", url, headers)

    def post_form(self, url, fields, headers=None):
        sent = {"Content-Type": "application/x-www-form-urlencoded"}
        sent.update(headers or {})
        return self.request("POST", url, sent, urllib.parse.urlencode(fields).encode())


class ConnectProxy:
    """An HTTP proxy that knows CONNECT only and leads each name to a loopback port.

    routes: {"login.microsoftonline.com": port, ...}; ".vault.azure.net" fits what ends in it.
    Any other name is refused with 403.
    """

    def __init__(self, routes):
        self.routes = routes
        self.refused = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @classmethod
    def for_emulator(cls, emulator):
        def port(key):
            return int(emulator.endpoints[key].rsplit(":", 1)[1])
        return cls({"login.microsoftonline.com": port("authority_host"),
                    "login.windows.net": port("authority_host"),
                    "management.azure.com": port("resource_manager"),
                    "graph.microsoft.com": port("graph"),
                    ".vault.azure.net": port("key_vault_domain")})

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _route(self, name):
        for known, port in self.routes.items():
            if name == known or (known.startswith(".") and name.endswith(known)):
                return port
        return None

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 16384:
            data = client.recv(4096)
            if not data:
                client.close()
                return
            head += data
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        name = words[1].rsplit(":", 1)[0] if len(words) > 1 else ""
        port = self._route(name) if words[0] == "CONNECT" else None
        if port is None:
            self.refused.append(" ".join(words[:2]))
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        other = threading.Thread(target=self._copy, args=(server, client), daemon=True)
        other.start()
        self._copy(client, server)
        other.join()
        client.close()
        server.close()

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
