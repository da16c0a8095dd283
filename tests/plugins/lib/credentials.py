# SPDX-License-Identifier: MIT
"""What the tests of credential plugins share: one emulator for a class, the real program with a
private home for each test, and a search for secrets in everything that a run leaves behind."""

import json
import os
import stat
import sys
import unittest

TESTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(TESTS, "support"))

# pylint: disable=wrong-import-position
import processes  # noqa: E402
from emulator import Emulator  # noqa: E402
from program import Program, build_folder  # noqa: E402

SCOPE = "https://communication.azure.com/.default"
OK, USAGE, UNAVAILABLE, INTERNAL, SYSTEM, TEMPORARY, PROTOCOL, DENIED, CONFIG = \
    0, 64, 69, 70, 71, 75, 76, 77, 78

main = processes.main


def unused_port():
    """A loopback port that refuses connections."""
    return processes.free_port()


class CredentialTest(unittest.TestCase):
    """emulator: fresh for each test; canaries: texts that no output and no file may hold."""

    needs_emulator = True

    @classmethod
    def setUpClass(cls):
        cls.emulator = None
        if cls.needs_emulator:
            cls.emulator = Emulator(os.path.join(build_folder(), "bin", "acsmtp-emulator")).start()
            cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        if self.emulator:
            self.emulator.reset()
        self.program = Program()
        self.addCleanup(self.program.close)
        self.canaries = []

    # running

    def profile(self, credentials, **more):
        profile = {"from": "DoNotReply@example.org", "username": "someone@example.org",
                   "credentials": list(credentials), "transports": ["file"]}
        profile.update(more)
        return profile

    def acsmtp(self, *arguments, credentials, profile=None, cloud=None, stdin=b"", timeout=120,
               **environment):
        """Run with a profile of these credentials; secrets must not leak, whatever happens."""
        chosen = self.profile(credentials, **(profile or {}))
        if cloud is None and self.emulator:
            cloud = self.emulator.cloud
        options = ["--cloud", cloud] if cloud else []
        done = self.program.run(*options, *arguments, chosen=chosen, stdin=stdin, timeout=timeout,
                                **environment)
        self.check_canaries(done)
        return done

    def token(self, *credentials, arguments=(), **more):
        """acsmtp token with these credentials: the finished process."""
        return self.acsmtp("-vv", "token", *arguments, credentials=credentials, **more)

    def good_token(self, *credentials, **more):
        """The token that comes out."""
        done = self.token(*credentials, **more)
        self.assertEqual(done.returncode, OK, done.stderr)
        return done.stdout.strip()

    def claims(self, *credentials, **more):
        """The claims of the token that comes out."""
        done = self.token(*credentials, arguments=("--claims",), **more)
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)["claims"]

    def refused(self, status, *words, credentials, **more):
        """No token: this exit status and each of the words on standard error."""
        done = self.token(*credentials, **more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    # secrets

    def check_canaries(self, done):
        for canary in self.canaries:
            self.assertNotIn(canary, done.stderr)
            self.assertNotIn(canary, done.stdout)
            for path in self.files():
                with open(path, "rb") as file:
                    self.assertNotIn(canary.encode(), file.read(), path)

    def files(self):
        """What the program left in its home; the test's own config and scripts are not meant."""
        for folder, _, names in os.walk(self.program.home):
            for name in names:
                path = os.path.join(folder, name)
                if not name.startswith(("config", "own-")) and stat.S_ISREG(os.lstat(path).st_mode):
                    yield path

    # other programs

    def script(self, text, name="own-script"):
        """An executable in the home; its path. `text` goes to /bin/sh."""
        return self.program.write(name, "#!/bin/sh\n" + text, 0o700)

    def read(self, name):
        with open(os.path.join(self.program.home, name), encoding="utf-8") as file:
            return file.read()
