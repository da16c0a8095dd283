# SPDX-License-Identifier: MIT
"""acsmtp plugin check --provider: a provisioner lives at a stand-in for its provider. acs has whole
lives at acsmtp-emulator, disturbed at some of its calls; a small server shows what reaches it."""

import http.server
import json
import os
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import battery
import processes
from provider import Provider

ACS = os.path.join(battery.BUILD, "plugins", "provisioner", "acs.so")
SHOWS = os.path.join(battery.BROKEN, "provisioner-shows-secret.so")
SECRET = "Kx9~made-by-the-provider-0123456789"


class Desk(http.server.BaseHTTPRequestHandler):
    """A provider that has a secret in each of its answers."""

    def do_GET(self):
        self.server.seen.append(self.path)
        body = json.dumps({self.server.member: SECRET}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing is told."""


class ProviderCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def describe(self, text):
        path = os.path.join(self.folder, "provider.json")
        with open(path, "w", encoding="ascii") as file:
            file.write(text if isinstance(text, str) else json.dumps(text))
        return path


class StandIn(ProviderCase):
    def serve(self, member):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        server.seen, server.member = [], member
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return server

    def live(self, server, *words):
        """The verdict on a life whose show() asks the server."""
        url = "http://127.0.0.1:%d/desk" % server.server_port
        document = battery.check(SHOWS, "--only", "life.whole", "-o", "url=" + url, *words)
        return document["checks"][0]

    def test_secrets_of_its_replies_are_looked_for(self):
        for member, description in (("secretText", {}), ("pass_phrase", {"secrets": ["pass_phrase"]})):
            with self.subTest(member=member):
                server = self.serve(member)
                verdict = self.live(server, "--provider", self.describe(description))
                self.assertIn("/desk", server.seen)
                self.assertEqual(verdict["verdict"], "fail", verdict)
                self.assertIn("a secret of a server's or program's reply", verdict["detail"])
                self.assertNotIn(SECRET, json.dumps(verdict))
        server = self.serve("name")  # what is no secret may be shown
        verdict = self.live(server, "--provider", self.describe({}))
        self.assertEqual(verdict["verdict"], "pass", verdict)

    def test_without_one_nothing_on_this_machine_is_reached(self):
        server = self.serve("name")
        self.assertEqual(self.live(server)["verdict"], "fail")  # the scripted reply has a canary
        self.assertEqual(server.seen, [])

    def refused(self, path, code, text):
        done = battery.run("check", SHOWS, "--provider", path)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_descriptions_that_are_none(self):
        self.refused(os.path.join(self.folder, "none"), 66, "No such file")
        for text, told in (("[]", "object"), ("{", "provider.json:1:"), ('{"clouds": 1}', "'clouds'"),
                           ('{"tokens": []}', "'tokens'"), ('{"tokens": {"a": 1}}', "'a'"),
                           ('{"secrets": {}}', "'secrets'"), ('{"secrets": [1]}', "'secrets'"),
                           ('{"cloud": "/nonexistent"}', "/nonexistent")):
            with self.subTest(text=text):
                self.refused(self.describe(text), 65, told)

    def test_what_repeats_a_verdict_names_it(self):
        path = self.describe({})
        done = battery.run("check", SHOWS, "--only", "life.whole", "--provider", path,
                           "--samples", "7")
        self.assertIn(" --provider %s --samples 7 " % path, done.stdout)


class Network(ProviderCase):
    def test_connections_end_at_this_machine(self):
        path = os.path.join(battery.BROKEN, "connects-outside.so")
        document = battery.check(path, "--only", "life.whole")
        self.assertEqual(document["checks"][0]["verdict"], "skip", document)
        refused, detail = "Permission denied", document["checks"][0]["detail"]
        for told in ("connect " + refused, "sendto " + refused, "resolver " + refused,
                     "name not looked up", "loopback Connection refused",
                     "library %s and made" % refused):
            self.assertIn(told, detail)


class Deployment(ProviderCase):
    """acs, from an empty subscription to an empty subscription."""

    def assert_passes(self, provider, samples, *checks):
        """Each is run by itself: a sanitizer on a busy machine takes minutes for them all."""
        words = ["--provider", provider.path, "--samples", str(samples)]
        for name, value in provider.options.items():
            words += ["-o", "%s=%s" % (name, value)]
        for check in checks:
            with self.subTest(check=check):
                result, = battery.check(ACS, "--only", check, *words)["checks"]
                self.assertEqual((result["verdict"], result.get("detail")), ("pass", None))

    def test_whole_lives(self):
        if not os.path.exists(ACS):
            self.skipTest("this build has no plugin acs")
        with Provider(self.folder) as provider:
            self.assertEqual(provider.emulator.requests("arm"), {})
            self.assert_passes(provider, 3, "life.whole", "cancel.anywhere", "memory.failures",
                               "replies.lost", "threads.promise")
            self.assertGreater(provider.emulator.requests("arm")["communicationServices"], 50)
            self.assert_passes(provider, 1, "replies.malformed", "replies.refused",
                               "replies.temporary")
            self.assert_empty(provider.emulator)

    def assert_empty(self, emulator):
        self.assertEqual(set(emulator.state("applications")), {"operator"})
        self.assertEqual(emulator.state("vaults"), {})
        kinds = {name.split("/")[-2] for name in emulator.state("arm")}
        self.assertNotIn("communicationservices", kinds)
        self.assertNotIn("resourcegroups", kinds)


if __name__ == "__main__":
    processes.main()
