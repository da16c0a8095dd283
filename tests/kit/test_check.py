# SPDX-License-Identifier: MIT
"""acsmtp plugin check as a person meets it: both forms of the result, exit codes, what repeats a
verdict, and bad words."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import battery
import processes

SOUND = os.path.join(battery.BROKEN, "sound.so")
PRINTS = os.path.join(battery.BROKEN, "prints.so")


class Check(unittest.TestCase):
    def test_people_see_a_line_for_each_and_the_sum(self):
        done = battery.run("check", SOUND, "--only", "descriptor")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 5, done.stdout)
        for line in lines[:4]:
            self.assertRegex(line, r"\APASS  descriptor\.\w+ +\w")
        self.assertRegex(lines[4], r"\Asound: 4 checks, 4 passed, 0 failed, 0 skipped, \d+\.\d s\Z")

    def test_a_verdict_quotes_the_sentence_and_can_be_repeated(self):
        done = battery.run("check", PRINTS, "--only", "life.whole")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn('contract (acsmtp/plugin.h): "Plugins never print and never exit;', done.stdout)
        again = re.search(r"again: acsmtp plugin (check .*)", done.stdout).group(1)
        repeated = battery.run(*again.split())
        self.assertEqual(repeated.returncode, 1, repeated.stderr)
        self.assertEqual(repeated.stdout.splitlines()[:3], done.stdout.splitlines()[:3])

    def test_every_check_can_be_chosen(self):
        listed = battery.run("check", "--list-checks")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        names = [line.split()[0] for line in listed.stdout.splitlines()]
        self.assertGreater(len(names), 20)
        self.assertEqual(len(set(names)), len(names))
        document = battery.check(SOUND, "--only", names[0], "--only", names[-1])
        self.assertEqual([c["check"] for c in document["checks"]], [names[0], names[-1]])

    def test_an_installed_plugin_is_found_by_its_name(self):
        self.assertEqual(battery.check("imds", "--only", "entry")["plugin"], "imds")
        done = battery.run("check", "no-such-plugin")
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("no-such-plugin", done.stderr)

    def assert_refused(self, words, code, *texts):
        """One line that says what is wrong; nothing was checked."""
        done = battery.run("check", *words)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        return done.stderr

    def test_bad_words(self):
        self.assert_refused((), 64, "the file of a plugin is missing")
        self.assert_refused((SOUND, "more"), 64, "'more'")
        self.assert_refused((SOUND, "-o", "key"), 64, "'key' is not of the form NAME=VALUE")
        self.assert_refused((SOUND, "--only", "life.hole"), 64, "did you mean 'life.whole'")
        self.assert_refused((SOUND, "--limit", "soon"), 64, "'soon'")
        self.assert_refused((SOUND, "--seed", "x"), 64, "'x'")
        self.assert_refused((SOUND, "--challenge", "a\r\nb"), 64, "line break")
        self.assert_refused((SOUND, "--reply", "/nonexistent"), 66, "/nonexistent")

    def test_options_that_the_plugin_does_not_take(self):
        self.assert_refused((SOUND, "-o", "keys=1"), 64, "no option 'keys'; did you mean 'key'?")
        login = os.path.join(battery.BUILD, "plugins", "transport", "smtp-login.so")
        self.assert_refused((login, "-o", "port=99999"), 64, "option 'port'", "99999")
        vault = os.path.join(battery.BUILD, "plugins", "credential", "keyvault-basic.so")
        self.assert_refused((vault, "-o", 'credentials=["imds"]'), 64, "option 'credentials' is a chain",
                            "--provider")

    def test_a_plugin_that_cannot_be_loaded_is_told_once(self):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "lost.c")
            with open(source, "w", encoding="ascii") as file:
                file.write("int elsewhere(void); int lost(void); int lost(void) { return elsewhere(); }\n")
            library = os.path.join(folder, "libelsewhere.so")
            subprocess.run(["cc", "-shared", "-o", library, "-xc", "-"], check=True, text=True,
                           input="int elsewhere(void); int elsewhere(void) { return 7; }\n")
            plugin = os.path.join(folder, "lost.so")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", plugin, source, library,
                            "-Wl,-soname,lost.so"], check=True)
            os.rename(library, library + ".gone")
            done = battery.run("check", plugin)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("libelsewhere.so: cannot open shared object file", done.stdout)
        self.assertIn("-Wl,-rpath,FOLDER", done.stdout)
        self.assertIn("lost: 1 checks, 0 passed, 1 failed", done.stdout)

    def test_files_that_are_no_plugins(self):
        self.assert_refused(("/nonexistent/x.so",), 66, "No such file")
        with tempfile.TemporaryDirectory() as folder:
            named = shutil.copy(SOUND, os.path.join(folder, "Sound.so"))
            self.assert_refused((named,), 65, "NAME.so")
            text = os.path.join(folder, "text.so")
            with open(text, "w", encoding="ascii") as file:
                file.write("no plugin\n" * 20)
            self.assert_refused((text,), 65, text)
            renamed = shutil.copy(SOUND, os.path.join(folder, "other.so"))
            libraries = {"LD_LIBRARY_PATH": os.path.join(battery.BUILD, "lib")}
            document = battery.check(renamed, "--only", "entry.harmless", environment=libraries)
            self.assertIn("other_LTX_acsmtp_plugin", document["checks"][0]["detail"])
            os.chmod(renamed, 0o666)
            self.assert_refused((renamed,), 65, "can be changed by everybody")

    def test_a_reply_of_ones_own(self):
        with tempfile.TemporaryDirectory() as folder:
            reply = os.path.join(folder, "reply.json")
            with open(reply, "w", encoding="ascii") as file:
                file.write('{"access_token": "@CANARY@", "expires_on": "@EXPIRY@"}')
            document = battery.check(SOUND, "--reply", reply)
            self.assertEqual((document["failed"], document["skipped"]), (0, 0), document)
            with open(reply, "w", encoding="ascii") as file:
                file.write('{"nothing": 1}')
            document = battery.check(SOUND, "--reply", reply, "--only", "life.whole")
            self.assertEqual(document["checks"][0]["verdict"], "skip")

    def test_nothing_stays_behind(self):
        before = set(os.listdir("/tmp"))
        battery.run("check", os.path.join(battery.BROKEN, "crashes.so"), "--only", "life.whole")
        left = [name for name in set(os.listdir("/tmp")) - before if name.startswith("acsmtp-plugin-")]
        # Another run may be at work at the same time: its folders go away with it.
        processes.wait_for(lambda: not any(os.path.exists("/tmp/" + name) for name in left), 120,
                           "folders of checks to be removed")

    def test_the_environment_stays_outside(self):
        os.environ["AZURE_CLIENT_SECRET"] = "from outside"
        try:
            document = battery.check(os.path.join(battery.BUILD, "plugins", "credential",
                                                  "client-secret.so"), "--only", "life.whole")
        finally:
            del os.environ["AZURE_CLIENT_SECRET"]
        self.assertIn("AZURE_CLIENT_SECRET", document["checks"][0]["detail"])


if __name__ == "__main__":
    processes.main()
