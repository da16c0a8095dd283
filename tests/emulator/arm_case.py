# SPDX-License-Identifier: MIT
"""What the tests of Resource Manager share: calls with the operator's token, operations polled as
Azure asks for it, and refusals compared by status and code."""

import json
import time

from case import Case, Emulator  # noqa: F401

ARM = "https://management.azure.com/"
RESOURCES = "2021-04-01"
COMMUNICATION = "2025-09-01"
AUTHORIZATION = "2022-04-01"
IDENTITY = "2023-01-31"


class ArmCase(Case):
    """Each test starts with the empty subscription; world = "full" starts with the seed's."""

    world = "empty"

    def setUp(self):
        self.emulator.reset(self.world)
        self.subscription = self.emulator.subscription
        self.group = self.subscription + "/resourceGroups/rg-test"
        self.token = self.emulator.token("operator", audience=ARM)

    # calls

    def call(self, method, path, body=None, version=COMMUNICATION, token=..., headers=None):
        """path: a resource id, or a whole URL that is taken as it is."""
        url = path
        if not path.startswith("https://"):
            url = self.emulator.endpoints["resource_manager"] + path
            if version is not None:
                url += ("&" if "?" in path else "?") + "api-version=" + version
        sent = dict(headers or {})
        token = self.token if token is ... else token
        if token is not None:
            sent.setdefault("Authorization", "Bearer " + token)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.emulator.request(method, url, sent, body)

    def get(self, path, version=COMMUNICATION, **options):
        return self.call("GET", path, None, version, **options)

    def put(self, path, body, version=COMMUNICATION, **options):
        return self.call("PUT", path, body, version, **options)

    def patch(self, path, body, version=COMMUNICATION, **options):
        return self.call("PATCH", path, body, version, **options)

    def post(self, path, body=None, version=COMMUNICATION, **options):
        return self.call("POST", path, body, version, **options)

    def delete(self, path, version=COMMUNICATION, **options):
        return self.call("DELETE", path, None, version, **options)

    # answers

    def good(self, reply, *statuses):
        self.assertIn(reply.status, statuses or (200, 201, 202, 204), reply.body)
        return reply.json() if reply.body else None

    def refused(self, reply, status, code, words=""):
        self.assertIn(reply.headers.get_content_type(), ("application/json",), reply.body)
        error = reply.json()["error"]
        self.assertEqual((reply.status, error["code"]), (status, code), error["message"])
        self.assertIn(words, error["message"])
        return error

    def finish(self, reply, seconds=10):
        """Polls the operation that the reply started, following the newest address: the last
        reply and how many polls it took."""
        url = reply.headers["Azure-AsyncOperation"] or reply.headers["Location"]
        self.assertIsNotNone(url)
        deadline = time.monotonic() + seconds
        for polls in range(1, 1000):
            answer = self.get(url, headers={})
            running = answer.status in (202, 404) or (
                answer.body and answer.json().get("status") == "Accepted")
            if not running:
                return answer, polls
            url = (answer.headers["Azure-AsyncOperation"] or answer.headers["Location"] or url)
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        raise AssertionError("never")

    def pages(self, path, version=COMMUNICATION):
        """All items of a list, following nextLink as it is."""
        items = []
        while path:
            body = self.good(self.get(path, version), 200)
            items += body["value"]
            path = body.get("nextLink")
        return items

    def wait(self, question, seconds=10):
        """Asks until the answer is true; that answer."""
        deadline = time.monotonic() + seconds
        while not (answer := question()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        return answer

    # steps that many tests begin with

    def switch(self, **switches):
        self.emulator.patch(switches, "arm_switches")

    def register(self, *namespaces):
        for name in namespaces or ("Microsoft.Communication", "Microsoft.KeyVault",
                                   "Microsoft.ManagedIdentity"):
            self.emulator.put({"state": "Registered"}, "providers", name)

    def make_group(self, location="eastus"):
        self.good(self.put(self.group, {"location": location}, RESOURCES), 200, 201)
