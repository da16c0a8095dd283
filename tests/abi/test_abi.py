# SPDX-License-Identifier: MIT
"""Plugins built against the frozen headers of ABI 1.0 load and work; no field has moved."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])


def lines(program):
    out = subprocess.run([BUILD / "tests" / program], check=True, capture_output=True, text=True)
    return out.stdout.splitlines()


class Layout(unittest.TestCase):
    def test_every_frozen_field_stands_where_it_stood(self):
        frozen, current = lines("abi-layout-frozen"), lines("abi-layout-current")
        self.assertGreater(len(frozen), 100)
        self.assertEqual([line for line in frozen if line not in current], [])

    def test_what_1_1_added_stands_behind_what_was_there(self):
        current = {line.rsplit(" ", 2)[0]: line.split()[-2:] for line in lines("abi-layout-current")}
        end = sum(map(int, current["acsmtp_plugin.composer"]))
        self.assertEqual(int(current["acsmtp_plugin.provisioner"][0]), end)
        for structure in ("provisioner_ops", "provision_request", "step", "provision_observer"):
            self.assertEqual(current["acsmtp_%s.size" % structure], ["0", "4"])


class FrozenPlugins(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.config = pathlib.Path(self.home.name, "config.json")
        self.config.write_text(json.dumps({"profiles": {"v1": {
            "from": "a@example.com", "username": "u",
            "credentials": [{"plugin": "abi-v1-credential", "prefix": "frozen"}],
            "transports": ["abi-v1-transport"]}}}))

    def run_program(self, *arguments, stdin=""):
        env = {"HOME": self.home.name, "PATH": os.environ["PATH"],
               "ACSMTP_PLUGIN_PATH": str(BUILD / "tests" / "abi")}
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        return subprocess.run([BUILD / "bin" / "acsmtp", "--config", self.config, *arguments],
                              input=stdin, env=env, capture_output=True, text=True, timeout=60)

    def test_a_frozen_credential_plugin_gives_a_token(self):
        done = self.run_program("token", "--scope", "https://a/.default")
        self.assertEqual((done.returncode, done.stdout.strip(), done.stderr),
                         (0, "frozen-1-18", ""))

    def test_a_frozen_transport_plugin_takes_a_mail(self):
        done = self.run_program("send", "--to", "b@example.com", stdin="Subject: x\n\nhello\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("taken 18 bytes for 1", done.stdout)

    def test_its_option_table_is_understood(self):
        done = self.run_program("plugins", "info", "abi-v1-credential")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("prefix", done.stdout)
        self.assertIn("Validity of the token.", done.stdout)


if __name__ == "__main__":
    unittest.main()
