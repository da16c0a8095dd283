# SPDX-License-Identifier: MIT
"""What the tests of Microsoft Graph share: calls as the operator, and applications ready to use."""

import json
import time
import uuid

from case import Case

GRAPH = "https://graph.microsoft.com"


class GraphCase(Case):
    def setUp(self):
        self.token = self.emulator.token("operator", audience=GRAPH)
        self.switch(replication_ms=0, principal_replication_ms=0, secret_replication_ms=0)

    def switch(self, **switches):
        """Delays are the emulator's own milliseconds here, not Azure's."""
        scale = self.emulator.state("time_scale")
        for name, value in switches.items():
            if name.endswith("_ms"):
                value *= scale
            self.emulator.put(value, "graph_switches", name)

    def call(self, method, path, body=None, token=..., headers=None):
        url = path if path.startswith("https:") else \
            self.emulator.endpoints["graph"] + "/v1.0" + path
        sent = dict(headers or {})
        token = self.token if token is ... else token
        if token is not None:
            sent["Authorization"] = "Bearer " + token
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.emulator.request(method, url.replace(" ", "%20"), sent, body)

    def good(self, status, method, path, body=None, **options):
        """The parsed body of a call that must answer with the status."""
        reply = self.call(method, path, body, **options)
        self.assertEqual(reply.status, status, reply.body)
        return reply.json() if reply.body else None

    def refused(self, status, code, method, path, body=None, words="", detail=None, **options):
        reply = self.call(method, path, body, **options)
        error = reply.json()["error"]
        self.assertEqual((reply.status, error["code"]), (status, code), error)
        self.assertIn(words, error["message"])
        details = [entry["code"] for entry in error.get("details", [])]
        self.assertEqual(details, [] if detail is None else [detail])
        self.assertEqual(error["innerError"]["request-id"], reply.headers["request-id"])
        return error

    def until(self, status, *call, **options):
        """Repeats the call until it answers with the status: how many others came before."""
        deadline = time.monotonic() + 10
        others = 0
        while (reply := self.call(*call, **options)).status != status:
            self.assertLess(time.monotonic(), deadline, reply.body)
            others += 1
            time.sleep(0.01)
        return others

    def application(self, name="acs-smtp", **members):
        return self.good(201, "POST", "/applications", {"displayName": name, **members})

    def principal(self, application):
        return self.good(201, "POST", "/servicePrincipals", {"appId": application["appId"]})

    def password(self, application, **credential):
        return self.good(200, "POST", f"/applications/{application['id']}/addPassword",
                         {"passwordCredential": credential})

    def sign_in(self, client_id, secret, scope="https://communication.azure.com/.default"):
        endpoints = self.emulator.endpoints
        return self.emulator.post_form(
            f"{endpoints['authority_host']}/{endpoints['tenant_id']}/oauth2/v2.0/token",
            {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret,
             "scope": scope})

    def sign_in_refused(self, number, client_id, secret):
        reply = self.sign_in(client_id, secret)
        self.assertEqual(reply.json()["error_codes"], [number], reply.body)
        return reply.json()

    def somebody(self, *permissions):
        """The token of another application, with these permissions of Graph."""
        application = self.application("somebody else")
        principal = self.principal(application)
        self.emulator.put(list(permissions), "applications", application["id"],
                          "graph_permissions")
        return self.emulator.token(client_id=application["appId"], object_id=principal["id"],
                                   audience=GRAPH)


def guid():
    return str(uuid.uuid4())
