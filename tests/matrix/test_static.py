# SPDX-License-Identifier: MIT
"""Plugins inside the program: all of them, and the few that one machine needs."""

import os
import subprocess
import unittest

from tree import FEW, MAIN, TOP, TREE, MatrixCase, known_plugins


class Static(MatrixCase):
    def libraries(self):
        return subprocess.run(["ldd", TREE / "bin" / "acsmtp"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def inside(self, plugins):
        """These plugins are in the program, and no folder of modules plays a part."""
        self.program.environment["ACSMTP_PLUGIN_PATH"] = str(MAIN / "plugins")
        self.assertEqual(self.listed(), dict.fromkeys(plugins, "(built in)"))

    def visible(self):
        """Names that the archives show to whoever links them."""
        listing = subprocess.run(["nm", "-g", "--defined-only", *(TREE / "lib").glob("libacsmtp*.a")],
                                 check=True, text=True, stdout=subprocess.PIPE).stdout
        return {line.split()[2] for line in listing.splitlines() if len(line.split()) == 3}

    def test_1_all_in_one_program(self):
        self.build(shared=False)
        self.assertNotIn("libacsmtp", self.libraries())
        self.inside(known_plugins())
        entries = {name for name in self.visible() if not name.startswith("acsmtp_")}
        self.assertEqual(entries, {f"{name.replace('-', '_')}_LTX_acsmtp_plugin"
                                   for _, name in known_plugins()})
        self.send_as_machine("--subject", "composed", "--text", "Hello")
        done = self.program.run("plugins", "info", "client-secrets")
        self.assertEqual(done.returncode, os.EX_UNAVAILABLE)
        self.assertIn("did you mean 'client-secret'?", done.stderr)

    def test_2_a_program_that_embeds_the_archives(self):
        self.build(shared=False)
        prefix = os.path.join(self.program.home, "prefix")
        subprocess.run(["cmake", "--install", TREE, "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        packages = next(os.path.join(folder, "pkgconfig") for folder, below, _ in os.walk(prefix)
                        if "pkgconfig" in below)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "acsmtp"], check=True, text=True,
                               stdout=subprocess.PIPE,
                               env=dict(os.environ, PKG_CONFIG_PATH=packages)).stdout.split()
        embed = os.path.join(self.program.home, "embed")
        subprocess.run(["cc", "-o", embed, TOP / "examples" / "embed.c", *flags], check=True)
        done = subprocess.run([embed, "https://vault.azure.net/.default"], check=False, text=True,
                              env=dict(self.program.environment, ACSMTP_CLOUD=self.emulator.cloud),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.emulator.requests("imds")["token"], 1)

    def test_3_a_few_in_one_program(self):
        self.build(plugins="imds;smtp-xoauth2", shared=False)
        self.assertNotIn("libacsmtp", self.libraries())
        self.inside(FEW)
        self.send_as_machine()

    def test_4_none_in_one_program(self):
        self.build(plugins="none", shared=False)
        self.inside(())
        done = self.program.run("plugins", "info", "imds")
        self.assertEqual(done.returncode, os.EX_UNAVAILABLE, done.stderr)

    def test_5_a_few_in_a_program_with_shared_libraries(self):
        self.build(plugins="none", static="imds;smtp-xoauth2")
        self.assertIn("libacsmtp.so", self.libraries())
        self.assertEqual(list((TREE / "plugins").glob("*/*.so")), [])
        self.program.environment["ACSMTP_PLUGIN_PATH"] = ""
        self.assertEqual(self.listed(), dict.fromkeys(FEW, "(built in)"))
        self.send_as_machine()

    def test_6_modules_beside_those_inside(self):
        self.build(plugins="file", static="imds;smtp-xoauth2")
        found = self.listed()
        self.assertEqual(set(found), FEW | {("transport", "file")})
        self.assertTrue(found["transport", "file"].endswith("/transport/file.so"))
        self.assertEqual(found["credential", "imds"], "(built in)")


if __name__ == "__main__":
    unittest.main()
