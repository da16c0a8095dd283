# SPDX-License-Identifier: MIT
"""acsmtp config: check, show, init, path; and configs that are wrong."""

import json
import os
import stat
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import Program

GOOD = {"from": "a@example.org", "username": "u@example.org",
        "credentials": [{"plugin": "password", "password": {"env": "ACSMTP_TEST_SECRET"}}],
        "transports": [{"plugin": "smtp-login", "host": "localhost", "port": 2525}]}


class Config(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)
        self.user_file = os.path.join(self.program.home, ".config", "acsmtp", "config.json")

    # check

    def test_a_good_one(self):
        done = self.program.run("config", "check", chosen=GOOD)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "profile 'test': ok\n", ""))
        self.assertEqual(self.program.run("config", chosen=GOOD).stdout, done.stdout)
        document = json.loads(self.program.run("config", "check", "--json", chosen=GOOD).stdout)
        self.assertEqual(document, {"schema_version": 1, "profiles": ["test"]})

    def test_every_profile_is_checked_unless_one_is_named(self):
        bad = dict(GOOD, transports=[{"plugin": "smtp-login", "prot": 25}])
        path = self.program.write("two.json", json.dumps(
            {"default_profile": "good", "profiles": {"good": GOOD, "bad": bad}}))
        done = self.program.run("--config", path, "config", "check")
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertIn("profile 'bad'", done.stderr)
        done = self.program.run("--config", path, "--profile", "good", "config", "check")
        self.assertEqual((done.returncode, done.stdout), (0, "profile 'good': ok\n"))

    def assert_wrong(self, text, *words):
        """CONFIG, on one line, with the file's name."""
        path = self.program.write("wrong.json", text if isinstance(text, str)
                                  else json.dumps(text, indent=1))
        for command in (("config", "check"), ("send", "--dry-run")):
            done = self.program.run("--config", path, *command,
                                    stdin=b"To: b@example.com\r\n\r\nx\r\n")
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertEqual(done.stdout, "")
            talk = [line for line in done.stderr.splitlines() if not line.startswith("hint: ")]
            self.assertEqual(len(talk), 1, done.stderr)
            for word in words:
                self.assertIn(word, talk[0])

    def wrong(self, **more):
        return {"profiles": {"test": dict(GOOD, **more)}, "default_profile": "test"}

    def test_what_is_wrong_is_told_with_its_place(self):
        self.assert_wrong('{\n  "profiles": {\n    "a": { "from" "x" }\n } }', "wrong.json", "3")
        self.assert_wrong("", "wrong.json")
        self.assert_wrong("[]", "wrong.json")
        self.assert_wrong(self.wrong(usrname="x"), "wrong.json:", "usrname", "'username'")
        self.assert_wrong(self.wrong(username=5), "wrong.json:", "username")
        self.assert_wrong(self.wrong(transports=5), "transports")
        self.assert_wrong(self.wrong(transports=["smtp-logn"]), "smtp-logn", "'smtp-login'")
        self.assert_wrong(self.wrong(transports=[{"plugin": "smtp-login", "port": "many"}]),
                          "wrong.json:", "port")
        self.assert_wrong(self.wrong(transports=[{"plugin": "smtp-login", "tls": "never"}]),
                          "wrong.json:", "tls", "starttls")
        self.assert_wrong(self.wrong(transports=[{"plugin": "file"}]), "path")
        self.assert_wrong(self.wrong(**{"from": "a@b.c\r\nBcc: x@y.z"}), "from")
        self.assert_wrong(self.wrong(username="u\r\nx"), "username")
        self.assert_wrong({"default_profile": "nope", "profiles": {"test": GOOD}}, "nope")

    def test_a_file_that_is_not_there(self):
        done = self.program.run("--config", "/absent/config.json", "config", "check")
        self.assertIn(done.returncode, (66, 78), done.stderr)
        self.assertIn("/absent/config.json", done.stderr)

    def test_values_of_the_command_line(self):
        done = self.program.run("--set", "transports.0.prot=1", "config", "check", chosen=GOOD)
        self.assertEqual(done.returncode, 78)
        self.assertIn("prot", done.stderr)
        done = self.program.run("--set", "nonsense", "config", "check", chosen=GOOD)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn("nonsense", done.stderr)
        done = self.program.run("config", "show", "--set", "transports.0.port=99", chosen=GOOD)
        self.assertEqual(json.loads(done.stdout)["profiles"]["test"]["transports"][0]["port"], 99)

    # show

    def test_a_literal_secret_is_not_shown(self):
        chosen = dict(GOOD, credentials=[{"plugin": "password", "password": "literal-81-secret"}])
        done = self.program.run("config", "show", chosen=chosen)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("literal-81-secret", done.stdout + done.stderr)
        self.assertEqual(json.loads(done.stdout)["profiles"]["test"]["username"], "u@example.org")

    # init and path

    def test_init_writes_what_check_accepts(self):
        done = self.program.run("config", "init")
        self.assertEqual((done.returncode, done.stdout), (0, self.user_file + "\n"), done.stderr)
        self.assertEqual(stat.S_IMODE(os.stat(self.user_file).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(self.user_file)).st_mode), 0o700)
        done = self.program.run("config", "check")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.user_file, encoding="utf-8") as file:
            text = file.read()
        for name in ("imds", "azcli", "client-secret", "keyvault-basic", "smtp-xoauth2"):
            self.assertIn('"%s"' % name, text)

    def test_each_commented_entry_can_be_switched_on(self):
        self.program.run("config", "init")
        with open(self.user_file, encoding="utf-8") as file:
            lines = file.read().splitlines()
        entries = [n for n, line in enumerate(lines) if line.strip().startswith('// , {')]
        self.assertGreater(len(entries), 3)
        for n in entries:
            with self.subTest(lines[n]):
                changed = list(lines)
                changed[n] = changed[n].replace("// ,", ",", 1).replace('[ "..." ]', '[ "imds" ]')
                path = self.program.write("changed.json", "\n".join(changed))
                done = self.program.run("--config", path, "config", "show")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_init_never_overwrites(self):
        os.makedirs(os.path.dirname(self.user_file))
        with open(self.user_file, "w", encoding="ascii") as file:
            file.write("{}")
        done = self.program.run("config", "init")
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn(self.user_file, done.stderr)
        with open(self.user_file, encoding="ascii") as file:
            self.assertEqual(file.read(), "{}")

    def test_init_where_one_is_told_to(self):
        path = os.path.join(self.program.home, "a", "b", "own.json")
        done = self.program.run("--config", path, "config", "init")
        self.assertEqual((done.returncode, done.stdout), (0, path + "\n"), done.stderr)
        done = self.program.run("--config", "/proc/x/own.json", "config", "init")
        self.assertEqual(done.returncode, 73, done.stderr)

    def test_path_lists_the_layers_in_order(self):
        done = self.program.run("config", "path", chosen=GOOD)
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].endswith("/acsmtp/config.json (absent)"), lines)
        self.assertEqual(lines[-2:], [self.user_file + " (absent)",
                                      os.path.join(self.program.home, "config.json")])
        layers = json.loads(self.program.run("config", "path", "--json", chosen=GOOD).stdout)
        self.assertEqual([layer["exists"] for layer in layers["layers"]][-2:], [False, True])

    def test_no_config_at_all(self):
        done = self.program.run("config", "check")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("acsmtp config init", done.stderr)
        done = self.program.run("token")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("acsmtp config init", done.stderr)


if __name__ == "__main__":
    processes.main()
