# SPDX-License-Identifier: MIT
"""kernel-keyring: the user keyring, written and read by keyctl(1) as well."""

import shutil
import subprocess
import unittest

from lib.credentials import OK, CredentialTest, main
from lib.keyrings import Keyring


def keyctl(*arguments, secret=None):
    return subprocess.run(["keyctl", *arguments], input=secret, capture_output=True, check=False)


class KernelKeyring(Keyring, CredentialTest):
    plugin = "kernel-keyring"

    @classmethod
    def setUpClass(cls):
        if not shutil.which("keyctl") or keyctl("show", "@u").returncode != 0:
            raise unittest.SkipTest("no keyctl, or a kernel or container without keyrings")
        super().setUpClass()

    def put(self, name, secret):
        # A shell of a test has no session keyring that leads to the user keyring, as a login has;
        # so the key has to let the user in.
        script = ("keyctl link @u @s; key=$(keyctl padd user 'acsmtp:%s' @u) && "
                  "keyctl setperm $key 0x3f3f0000" % name)
        done = subprocess.run(["keyctl", "session", "-", "sh", "-c", script],
                              input=secret.encode(), capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.addCleanup(lambda: keyctl("purge", "-s", "user", "acsmtp:" + name))

    def keep(self, name, secret):
        script = "keyctl link @u @s; key=$(keyctl padd user '%s' @u) && keyctl setperm $key 0x3f3f0000"
        done = subprocess.run(["keyctl", "session", "-", "sh", "-c", script % name],
                              input=secret.encode(), capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.addCleanup(lambda: keyctl("purge", "-s", "user", name))

    def look(self, name):
        key = keyctl("search", "@u", "user", name)
        if key.returncode != 0:
            return None
        self.addCleanup(lambda: keyctl("unlink", key.stdout.decode().strip(), "@u"))
        return keyctl("pipe", key.stdout.decode().strip()).stdout.decode()

    def test_what_is_written_has_an_end_when_the_settings_say_so(self):
        keyring = {"plugin": self.plugin, "lifetime": "1h"}
        self.assertEqual(self.run_with("token", keyring=keyring, cache=self.plugin).returncode, OK)
        name, = self.names("tokens")
        self.assertIsNotNone(self.look(name))
        # By its number: what an earlier test has removed is there until the kernel tidies up.
        number = "%08x " % int(keyctl("search", "@u", "user", name).stdout)
        with open("/proc/keys", encoding="utf-8") as file:
            line, = [line for line in file if line.startswith(number)]
        self.assertRegex(line, r" (59m|60m|1h) ")


if __name__ == "__main__":
    main()
