# SPDX-License-Identifier: MIT
"""secret-service: a real GNOME Keyring on a bus of its own, written and read by secret-tool(1) as well."""

import os
import time
import unittest

from lib.credentials import OK, UNAVAILABLE, CredentialTest, build_folder, main
from lib.keyrings import Keyring
from secret_service import SecretService


class SecretServiceKeyring(Keyring, CredentialTest):
    plugin = "secret-service"

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(os.path.join(build_folder(), "plugins/keyring/secret-service.so")):
            raise unittest.SkipTest("built without libsecret")
        if SecretService.missing():
            raise unittest.SkipTest("not installed: " + ", ".join(SecretService.missing()))
        super().setUpClass()
        cls.service = SecretService()
        cls.addClassCleanup(cls.service.stop)
        cls.service.start()

    def environment(self):
        return self.service.environment

    def put(self, name, secret):
        self.service.store(name, secret)

    keep = put

    def look(self, name):
        return self.service.lookup(name)

    def reference(self):
        return self.entry(client_secret={"keyring": self.name})

    def test_without_a_session_bus(self):
        done = self.acsmtp("token", credentials=[self.reference()],
                           profile={"keyring": self.plugin})
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("there is no session bus", done.stderr)

    def test_a_bus_without_the_service(self):
        self.service.stop_keyring()
        try:
            done = self.run_with("--timeout", "10s", "token", entry=self.reference())
            self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
            self.assertIn("entry '%s'" % self.name, done.stderr)
        finally:
            self.service.start_keyring(b"a password")

    def test_a_keyring_that_is_locked_asks_nobody(self):
        self.put(self.name, self.client["client_secret"])
        self.service.stop_keyring()
        self.service.start_keyring(None)
        try:
            begun = time.monotonic()
            done = self.run_with("token", entry=self.reference())
            self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
            self.assertIn("is locked", done.stderr)
            done = self.run_with("token", cache=self.plugin)
            self.assertEqual(done.returncode, OK, done.stderr)
            self.assertLess(time.monotonic() - begun, 20)
        finally:
            self.service.stop_keyring()
            self.service.start_keyring(b"a password")

    def test_a_collection_that_does_not_exist(self):
        keyring = {"plugin": self.plugin, "collection": "nowhere"}
        done = self.run_with("token", keyring=keyring, cache=self.plugin)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("has no collection 'nowhere' to write to", done.stderr)
        done = self.run_with("token", keyring={"plugin": self.plugin, "collections": "x"},
                             cache=self.plugin)
        self.assertIn("did you mean 'collection'?", done.stderr)


if __name__ == "__main__":
    main()
