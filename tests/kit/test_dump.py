# SPDX-License-Identifier: MIT
"""acsmtp plugin dump: what every plugin says of itself, from its file or by its name."""

import glob
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import battery
import processes

FILES = sorted(glob.glob(os.path.join(battery.BUILD, "plugins", "*", "*.so")))
# Operations without which there is no plugin of a kind, and all that there are.
OPERATIONS = {
    "credential": ({"open", "acquire", "close"}, {"probe", "report", "look", "forget"}),
    "transport": ({"open", "connect", "send", "disconnect", "close"}, {"diagnose"}),
    "composer": ({"open", "compose", "close"}, set()),
    "keyring": ({"open", "get", "set", "remove", "close"}, set()),
    "provisioner": ({"open", "plan", "apply", "show", "close"},
                    {"verify", "rotate", "destroy", "export", "diagnose"}),
}


class Dump(unittest.TestCase):
    def dump(self, *words):
        done = battery.run("dump", *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        document = json.loads(done.stdout)
        self.assertEqual(document["schema_version"], 1)
        return document["plugin"]

    def test_every_plugin_in_a_file(self):
        self.assertGreater(len(FILES), 10)
        for path in FILES:
            with self.subTest(path=path):
                kind, name = path[:-3].split(os.sep)[-2:]
                plugin = self.dump(path, "--json")
                self.assertEqual((plugin["kind"], plugin["name"]), (kind, name))
                self.assertRegex(plugin["abi"], r"\A1\.\d+\Z")
                self.assertIn(plugin["threads"], ("one", "instance", "any"))
                needed, more = OPERATIONS[kind]
                self.assertLessEqual(needed, set(plugin["operations"]))
                self.assertLessEqual(set(plugin["operations"]), needed | more)

    def test_it_says_what_the_source_says(self):
        source = os.path.join(os.path.dirname(__file__), "..", "..", "plugins", "credential",
                              "device-code", "device-code.c")
        with open(source, encoding="utf-8") as file:
            text = file.read()
        plugin = self.dump("device-code")
        self.assertEqual(plugin["threads"],
                         re.search(r"ACSMTP_THREADS_(\w+)", text).group(1).lower())
        self.assertEqual(set(plugin["operations"]), {"open", "acquire", "close", "forget"})

    def test_by_name_it_is_the_same_but_for_the_path(self):
        one, other = self.dump("imds"), self.dump(
            os.path.join(battery.BUILD, "plugins", "credential", "imds.so"))
        self.assertEqual(one, other)

    def test_what_cannot_be_dumped(self):
        for word, code, text in (("no-such", 78, "no-such"), ("./no-such.so", 71, "no-such.so"),
                                 ("/tmp/Upper.so", 78, "small letters")):
            done = battery.run("dump", word)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertIn(text, done.stderr)
        done = battery.run("dump", os.path.join(battery.BROKEN, "later-major.so"))
        self.assertEqual(done.returncode, 71, done.stderr)
        self.assertIn("built for ABI 2", done.stderr)
        self.assertEqual(battery.run("dump").returncode, 64)


if __name__ == "__main__":
    processes.main()
