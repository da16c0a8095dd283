# SPDX-License-Identifier: MIT
"""acsmtp plugins: lists and explanations, and plugins that cannot be used."""

import glob
import json
import os
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from screen import Terminal
from program import Program


class Plugins(unittest.TestCase):
    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)

    def documents(self, *arguments):
        done = self.program.run("plugins", *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["schema_version"], 1)
        return document["plugins"]

    def built(self):
        """kind and name of every plugin file of the build."""
        files = glob.glob(os.path.join(self.program.build, "plugins", "*", "*.so"))
        return {tuple(path[:-3].split(os.sep)[-2:]) for path in files}

    def test_every_plugin_that_was_built_is_listed(self):
        self.assertEqual({(p["kind"], p["name"]) for p in self.documents()}, self.built())
        done = self.program.run("plugins")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("KIND "))
        for kind, name in self.built():
            self.assertRegex(done.stdout, r"(?m)^%s +%s +\d" % (kind, name))
        self.assertEqual(self.program.run("plugins", "list").stdout, done.stdout)

    def test_a_terminal_gets_lines_that_fit(self):
        with Terminal([self.program.path, "plugins"], self.program.environment) as terminal:
            terminal.wait()
        lines = terminal.screen.text().splitlines()
        self.assertRegex(lines[0], r"\AKIND +NAME +SUMMARY\Z")
        self.assertEqual(len(lines), 1 + len(self.built()))
        for kind, name in self.built():
            self.assertTrue(any(re.match(rf"{kind} +{name} +\w", line) for line in lines), name)

    def test_where_there_is_none_is_told(self):
        self.program.environment["ACSMTP_PLUGIN_PATH"] = self.program.home
        done = self.program.run("plugins")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = re.search(r"there is no plugin in ACSMTP_PLUGIN_PATH, .*, or in /.*/plugins", done.stderr)
        # acsmtp may be installed on this machine
        self.assertEqual(told is None, bool(self.documents()), done.stderr)

    def test_each_is_explained_as_its_table_says(self):
        for _, name in self.built():
            plugin, = self.documents("info", name)
            text = self.program.run("plugins", "info", name).stdout
            self.assertIn(plugin["summary"], text)
            for option in plugin["options"]:
                self.assertIn("\n  %s  (%s" % (option["name"], option["type"]), text)
                self.assertIn(option["summary"], text)
                self.assertRegex(option["summary"], r"\A\S.*\S\Z")

    def test_what_stands_in_a_row(self):
        options = {o["name"]: o for o in self.documents("info", "smtp-login")[0]["options"]}
        self.assertEqual(options["tls"]["values"], ["starttls", "implicit"])
        self.assertEqual(options["tls"]["default"], "starttls")
        self.assertEqual((options["port"]["minimum"], options["port"]["maximum"]), (1, 65535))
        self.assertTrue(self.documents("info", "file")[0]["options"][0]["required"])
        self.assertEqual(self.documents("info", "smtp-login")[0]["accepts"], ["password"])
        secret, = [o for o in self.documents("info", "client-secret")[0]["options"] if o["secret"]]
        self.assertEqual(secret["name"], "client_secret")

    def test_every_readme_has_the_options_of_the_plugin(self):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "plugins")
        for kind, name in (("transport", "file"), ("transport", "smtp-login"),
                           ("transport", "smtp-xoauth2"), ("composer", "mime")):
            with open(os.path.join(root, kind, name, "README.md"), encoding="utf-8") as file:
                text = file.read()
            for option in self.documents("info", name)[0]["options"]:
                self.assertIn("`%s`" % option["name"], text, name)

    def test_a_name_that_is_not_there(self):
        done = self.program.run("plugins", "info", "smtp-logn")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("did you mean 'smtp-login'", done.stderr)
        done = self.program.run("plugins", "info", "../../etc/passwd")
        self.assertNotEqual(done.returncode, 0)


class Broken(unittest.TestCase):
    """A copy of the plugin folder in which the file transport is not as it should be."""

    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)
        self.folder = os.path.join(self.program.home, "plugins")
        shutil.copytree(os.path.join(self.program.build, "plugins"), self.folder)
        self.program.environment["ACSMTP_PLUGIN_PATH"] = self.folder
        self.path = os.path.join(self.folder, "transport", "file.so")

    def assert_broken(self, *words):
        """Listed as broken, refused with the reason, and nothing is written."""
        listing = self.program.run("plugins", "list")
        self.assertEqual(listing.returncode, 0, listing.stderr)
        row = [line for line in listing.stdout.splitlines() if self.path in line]
        self.assertTrue(row and row[0].startswith("(broken)"), listing.stdout)
        self.assertIn("smtp-login", listing.stdout)
        target = os.path.join(self.program.home, "target")
        done = self.program.run("send", stdin=b"To: a@example.com\r\n\r\nx\r\n", chosen={
            "from": "a@example.org", "transports": [{"plugin": "file", "path": target}]})
        self.assertIn(done.returncode, (70, 71, 78), done.stderr)
        for word in words:
            self.assertRegex(done.stderr, word)
            self.assertRegex(row[0], word)
        self.assertFalse(os.path.exists(target))
        info = self.program.run("plugins", "info", "file")
        self.assertEqual(info.returncode, 70, info.stderr)

    def test_truncated(self):
        os.truncate(self.path, 3000)
        self.assert_broken(r"(?i)(short|truncated|shared object|ELF)")

    def test_no_library_at_all(self):
        with open(self.path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n")
        self.assert_broken("not a shared object")

    def test_writable_by_everybody(self):
        os.chmod(self.path, 0o666)
        self.assert_broken("can be changed by everybody")

    def test_in_a_folder_that_everybody_writes(self):
        os.chmod(os.path.dirname(self.path), 0o777)
        done = self.program.run("plugins", "info", "file")
        self.assertEqual(done.returncode, 70, done.stderr)
        self.assertIn("can be changed by everybody", done.stderr)

    def test_another_plugins_file_under_this_name(self):
        shutil.copy(os.path.join(self.folder, "transport", "smtp-login.so"), self.path)
        self.assert_broken("file")

    def test_missing(self):
        os.unlink(self.path)
        done = self.program.run("send", stdin=b"To: a@example.com\r\n\r\nx\r\n", chosen={
            "from": "a@example.org", "transports": [{"plugin": "file", "path": "/x"}]})
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("'file'", done.stderr)


if __name__ == "__main__":
    processes.main()
