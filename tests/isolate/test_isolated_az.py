# SPDX-License-Identifier: MIT
"""The real Azure CLI, run by an isolated azcli: it reads its login, writes its logs and its token
cache, and gives what it gives without isolation."""

import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import azure_cli  # noqa: E402
import processes  # noqa: E402
from program import CloudCase  # noqa: E402

SCOPE = "https://communication.azure.com/.default"
RUNS = {"mode": "process", "allow": ["exec"]}


class IsolatedAz(CloudCase):
    def setUp(self):
        super().setUp()
        processes.need(azure_cli.find() is not None, "not installed: azure-cli")
        self.az = azure_cli.AzureCli(self.emulator).__enter__()
        self.addCleanup(self.az.__exit__)

    def token(self, *arguments, isolation=None, **environment):
        entry = {"plugin": "azcli"}
        if isolation:
            entry["isolation"] = isolation
        return self.program.run("token", "--refresh", *arguments,
                                chosen={"credentials": [entry], "scope": SCOPE},
                                **dict(self.az.environment, **environment))

    def written(self):
        """The files of az's folder, and when each was written."""
        return {os.path.join(folder, name): os.stat(os.path.join(folder, name)).st_mtime_ns
                for folder, _, names in os.walk(self.az.config_dir) for name in names}

    @staticmethod
    def claims(done):
        payload = done.stdout.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "==="))
        return {name: claims.get(name) for name in ("aud", "appid", "oid", "tid", "roles")}

    def test_not_logged_in(self):
        here, there = self.token(), self.token(isolation=RUNS)
        self.assertEqual((there.returncode, there.stderr), (here.returncode, here.stderr))
        self.assertIn("az login", there.stderr)

    def test_a_token(self):
        self.az.login("operator")
        # az's own cache has no token for this scope yet: it asks, and keeps what it gets.
        before = self.written()
        there = self.token(isolation=RUNS)
        self.assertEqual(there.returncode, 0, there.stderr)
        changed = {path for path, when in self.written().items() if before.get(path) != when}
        self.assertIn("msal_token_cache.json", map(os.path.basename, changed))
        self.assertTrue([path for path in changed if "/commands/" in path], changed)
        here = self.token()
        self.assertEqual(here.returncode, 0, here.stderr)
        self.assertEqual(self.claims(there), self.claims(here))
        self.assertEqual(there.stderr, here.stderr)

    def test_programs_that_may_not_be_run(self):
        done = self.token(isolation="process")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn('"allow": ["exec"]', done.stderr)


if __name__ == "__main__":
    processes.main()
