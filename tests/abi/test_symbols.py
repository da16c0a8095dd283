# SPDX-License-Identifier: MIT
"""Symbol versions: every function has a node, no node changes, and who needs a newer one is told so."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import frozen

MAP = frozen.SOURCE / "core" / "acsmtp.map"
SHARED = unittest.skipUnless(frozen.is_shared(), "the libraries are archives here")


@SHARED
class Nodes(unittest.TestCase):
    def test_every_symbol_has_a_node_and_the_newest_is_the_minor(self):
        for name in frozen.LIBRARIES:
            for line in frozen.run("nm", "-D", "--defined-only", frozen.library(name)).splitlines():
                if re.search(r" [TDR] acsmtp_", line):
                    self.assertRegex(line, r"@@ACSMTP_(1\.\d+|PRIVATE)$", name)
        nodes = re.findall(r"^ACSMTP_([\d.]+) \{", MAP.read_text(), re.M)
        self.assertEqual(nodes, list(frozen.MINORS))
        self.assertEqual(nodes[-1], frozen.current_minor())

    def test_a_node_never_changes(self):
        now = frozen.exports_of_build()
        for minor, folder in frozen.MINORS.items():
            released, then = frozen.frozen_symbols(folder)
            self.assertGreater(len(then), 20)
            lost = sorted(then - now[f"ACSMTP_{minor}"])
            self.assertEqual(lost, [], f"ABI {minor} has them: they stay, in that library and that node")
            if released:
                self.assertEqual(sorted(now[f"ACSMTP_{minor}"] - then), [],
                                 f"ABI {minor} is released: what is new belongs into the next node")

    def test_a_program_may_come_between(self):
        # acsmtp-plugin-check does: -Bsymbolic in a plugin or of data would blind it.
        for path in [*map(frozen.library, frozen.LIBRARIES),
                     *(frozen.BUILD / "tests" / "abi").glob("*/*.so")]:
            self.assertNotRegex(frozen.run("readelf", "-d", path), r"\(SYMBOLIC\)|FLAGS.*SYMBOLIC", path.name)


@SHARED
class Refusal(unittest.TestCase):
    """A library of ABI 1.0, which has the functions of 1.0 and nothing else, meets plugins."""

    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.folder = pathlib.Path(made.name)
        symbols = [row.split() for row in frozen.frozen_symbols(frozen.MINORS["1.0"])[1]]
        version = cls.folder / "map"
        version.write_text("ACSMTP_1.0 { global: acsmtp_*; local: *; };\n")
        for name in frozen.LIBRARIES:
            source = cls.folder / f"{name}.c"
            source.write_text("".join(f"void {symbol}(void);\nvoid {symbol}(void) {{}}\n"
                                      for library, symbol in sorted(symbols) if library == name))
            frozen.run("cc", "-shared", "-fPIC", "-o", cls.folder / f"{name}.so.0", source,
                       f"-Wl,-soname,{name}.so.0", f"-Wl,--version-script={version}")

    def load(self, path):
        code = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], os.RTLD_NOW)"
        return subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True,
                              env=dict(os.environ, LD_LIBRARY_PATH=str(self.folder)))

    def build(self, source, headers):
        out = self.folder / f"{source.stem}.so"
        frozen.run("cc", "-std=c11", "-shared", "-fPIC", "-D_GNU_SOURCE", "-I", headers, "-o", out, source,
                   "-L", frozen.BUILD / "lib", "-Wl,--as-needed", "-lacsmtp", "-lacsmtp-http")
        return out

    @unittest.skipIf(frozen.is_sanitized(), "a plugin without sanitizers is not linked with such a library")
    def test_a_plugin_of_1_1_that_needs_1_1_is_refused_by_1_0(self):
        v1_1 = frozen.MINORS["1.1"]
        done = self.load(self.build(v1_1 / "credential.c", v1_1 / "include"))
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"version [`']ACSMTP_1\.1' not found")

    @unittest.skipIf(frozen.is_sanitized(), "a plugin without sanitizers is not linked with such a library")
    def test_a_plugin_of_1_1_that_needs_1_0_alone_is_not(self):
        for source in (frozen.MINORS["1.1"] / "keyring.c", frozen.MINORS["1.0"] / "http.c"):
            done = self.load(self.build(source, frozen.MINORS["1.1"] / "include"))
            self.assertEqual((done.returncode, done.stderr), (0, ""))


class Deprecation(unittest.TestCase):
    SOURCE = ("#include <acsmtp/abi.h>\n"
              "int old(void) ACSMTP_DEPRECATED(\"since ABI 1.2: use fresh()\");\n"
              "int use(void);\nint use(void) { return old(); }\n")

    def test_who_compiles_is_told_and_who_treats_warnings_as_errors_can_say_no(self):
        for compiler, language in (("cc", "c"), ("c++", "c++")):
            for extra, status in (("-Wall", 0), ("-Werror", 1), ("-Werror=deprecated-declarations", 1),
                                  ("-Werror -Wno-error=deprecated-declarations", 0),
                                  ("-Wno-deprecated-declarations", 0)):
                with self.subTest(compiler=compiler, extra=extra):
                    done = subprocess.run([compiler, "-x", language, *extra.split(), "-fsyntax-only", "-I",
                                           frozen.SOURCE / "include", "-"], input=self.SOURCE, text=True,
                                          capture_output=True)
                    self.assertEqual(done.returncode, status, done.stderr)
                    self.assertEqual("use fresh()" in done.stderr, not extra.startswith("-Wno"))


if __name__ == "__main__":
    unittest.main()
