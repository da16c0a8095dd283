# SPDX-License-Identifier: MIT
"""A vault that says what the test wants: an HTTPS server on the loopback with an authority of its own,
which answers request after request from a list and remembers what it was sent."""

import http.server
import json
import os
import ssl
import threading

from lib import credentials  # noqa: F401  (finds tests/support)
import pki

VAULT = "kv-acs-smtp-poc"


class RogueVault:
    def __init__(self, folder):
        authority = pki.Authority(os.path.join(folder, "own-pki"))
        cert, key = authority.issue(("localhost", "*.vault.localhost", "*.evil.localhost"))
        self.replies = []
        self.requests = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.domain = "vault.localhost:%d" % self.port
        self.url = "https://%s.%s" % (VAULT, self.domain)
        self.cloud = os.path.join(folder, "own-cloud.json")
        with open(self.cloud, "w", encoding="utf-8") as file:
            json.dump({"key_vault_domain": self.domain, "ca_file": authority.ca_file}, file)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def challenge(self, resource=None, authorization="https://localhost/tenant.example", **more):
        """Headers of the 401 that a vault answers a stranger."""
        words = {"authorization": authorization, "resource": resource or "https://" + self.domain}
        words.update(more)
        return {"WWW-Authenticate": "Bearer " + ", ".join(
            '%s="%s"' % pair for pair in words.items() if pair[1] is not None)}

    def answer(self, status, headers=None, body=None):
        """The next request's reply; the last one is repeated."""
        self.replies.append((status, headers or {}, body))

    def secret(self, value, **attributes):
        self.answer(200, {}, {"value": value, "id": self.url + "/secrets/s/0",
                              "attributes": dict({"enabled": True}, **attributes)})

    def _handler(self):
        vault = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                vault.requests.append((self.path, dict(self.headers)))
                status, headers, body = (vault.replies.pop(0) if len(vault.replies) > 1
                                         else vault.replies[0])
                data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        return Handler

    def bearers(self):
        """The Authorization header of each request, None where there was none."""
        return [headers.get("Authorization") for _, headers in self.requests]
