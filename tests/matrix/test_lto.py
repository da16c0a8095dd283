# SPDX-License-Identifier: MIT
"""Optimized over all files at once, as distributions build: what is hidden stays hidden, and mail goes out."""

import os
import re
import subprocess
import unittest

from tree import FEW, MAIN, TREE, MatrixCase


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def shown(path):
    """The symbols of a library or module, with their versions."""
    listing = run("nm", "-D", "--defined-only", "--with-symbol-versions", path)
    return set(re.findall(r" [A-Z] (\S+)$", listing, re.M))


class LinkTimeOptimization(MatrixCase):
    folder = TREE.with_name("matrix-lto")  # none of the others' objects will do

    def test_1_archives(self):
        """CMake's own way: the objects hold no machine code at all. Distributions say -fexceptions, too."""
        self.build(plugins="imds;smtp-xoauth2", shared=False, flags="-O0 -fexceptions",
                   more=["-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON"])
        self.assertEqual(self.listed(), dict.fromkeys(FEW, "(built in)"))
        self.send_as_machine()
        for archive in (self.folder / "lib").glob("libacsmtp*.a"):  # for any compiler
            self.assertNotIn(".gnu.lto_", run("readelf", "-SW", archive), archive.name)

    def test_2_libraries_with_a_plugin_inside_and_one_outside(self):
        """Fedora's and Ubuntu's way: the objects hold machine code, too."""
        self.build("acsmtp-program", "acsmtp-http", "acsmtp-smtp", "acsmtp-jwt", "plugin-smtp-xoauth2",
                   plugins="smtp-xoauth2", static="imds", flags="-O1 -flto=auto -ffat-lto-objects",
                   more=["-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF"])
        self.assertEqual({one: os.path.basename(path) for one, path in self.listed().items()},
                         {("credential", "imds"): "(built in)", ("transport", "smtp-xoauth2"): "smtp-xoauth2.so"})
        self.send_as_machine()
        for path in ("lib/libacsmtp.so", "lib/libacsmtp-http.so", "lib/libacsmtp-smtp.so", "lib/libacsmtp-jwt.so",
                     "plugins/transport/smtp-xoauth2.so"):
            self.assertEqual(shown(self.folder / path), shown(MAIN / path), path)


if __name__ == "__main__":
    unittest.main()
