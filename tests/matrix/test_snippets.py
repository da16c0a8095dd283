# SPDX-License-Identifier: MIT
"""A package that brings a plugin enables it with a file in conf.d beside the system's config."""

import json
import os
import shutil
import unittest

from tree import SYSTEM, MatrixCase

# This is no Kubernetes: the chain has nobody to ask.
ADMINISTRATOR = {"profiles": {"acs": {"credentials": ["workload-identity"], "transports": ["file"]}}}
PACKAGE = {"profiles": {"acs": {"credentials+": ["imds"]}}}


class Snippets(MatrixCase):
    def setUp(self):
        super().setUp()
        self.build(plugins="imds;workload-identity;file")
        self.clear()
        self.addCleanup(self.clear)
        (SYSTEM / "conf.d").mkdir(parents=True)
        self.snippet("config.json", ADMINISTRATOR)

    @staticmethod
    def clear():
        shutil.rmtree(SYSTEM, ignore_errors=True)

    @staticmethod
    def snippet(name, content):
        text = content if isinstance(content, str) else json.dumps(content)
        (SYSTEM / name).write_text(text)

    def acsmtp(self, *arguments):
        return self.program.run("--cloud", self.emulator.cloud, *arguments)

    def test_a_package_adds_its_plugin_to_the_chain(self):
        self.assertEqual(self.acsmtp("token").returncode, os.EX_UNAVAILABLE)
        self.snippet("conf.d/50-imds.json", PACKAGE)
        done = self.acsmtp("token")
        self.assertEqual(done.returncode, os.EX_OK, done.stderr)
        self.assertEqual(self.emulator.requests("imds")["token"], 1)
        layers = self.acsmtp("config", "path").stdout
        self.assertLess(layers.index(f"{SYSTEM}/config.json"),
                        layers.index(f"{SYSTEM}/conf.d/50-imds.json"))
        (SYSTEM / "conf.d/50-imds.json").rename(SYSTEM / "conf.d/50-imds.json.dpkg-old")
        self.assertEqual(self.acsmtp("token").returncode, os.EX_UNAVAILABLE)

    def test_a_package_brings_a_profile(self):
        self.snippet("conf.d/10-archive.json", {"profiles": {"archive": {
            "from": "a@example.com", "transports": [{"plugin": "file", "path": self.program.home}]}}})
        message = b"From: a@example.com\r\n\r\nHello\r\n"
        done = self.program.run("--profile", "archive", "send", "--to", "b@example.com", stdin=message)
        self.assertEqual(done.returncode, os.EX_OK, done.stderr)

    def test_later_names_count_and_mistakes_are_pointed_at(self):
        self.snippet("conf.d/50-imds.json", PACKAGE)
        self.snippet("conf.d/60-no-chain.json", {"profiles": {"acs": {"credentials": None}}})
        self.assertIn('profile \'acs\' has no "credentials"', self.acsmtp("token").stderr)
        self.snippet("conf.d/60-no-chain.json",
                     '{ "profiles": { "acs": {\n  "credentials+": [ "imd" ] } } }')
        done = self.acsmtp("config", "check")
        self.assertEqual(done.returncode, os.EX_CONFIG)
        self.assertIn(f"{SYSTEM}/conf.d/60-no-chain.json:2", done.stderr)
        self.assertIn("did you mean 'imds'?", done.stderr)

    def test_what_others_can_write_to_is_refused(self):
        self.snippet("conf.d/50-imds.json", PACKAGE)
        for path in (SYSTEM / "conf.d/50-imds.json", SYSTEM / "conf.d"):
            mode = path.stat().st_mode
            path.chmod(mode | 0o002)
            done = self.acsmtp("token")
            self.assertEqual(done.returncode, os.EX_CONFIG)
            self.assertIn(f"chmod o-w {path}", done.stderr)
            path.chmod(mode)


if __name__ == "__main__":
    unittest.main()
