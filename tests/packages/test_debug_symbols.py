# SPDX-License-Identifier: MIT
"""The packages of debug symbols fit the others, and name no folder of the machine that made them."""
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from debian_package import Package, packages_in, run  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = BUILD / "packages"


def unpack(package, folder):
    run("dpkg-deb", "-x", package.path, folder)
    return [path for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and not path.is_symlink()]


def objects(package):
    """build id → the notes and sections of each object in a package, as readelf shows them."""
    with tempfile.TemporaryDirectory() as folder:
        shown = [run("readelf", "-nSW", path).stdout for path in unpack(package, folder)
                 if path.read_bytes().startswith(b"\x7fELF")]
    return {re.search(r"Build ID: (\w+)", text).group(1): text for text in shown}


class DebugSymbols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.symbols = {p.name.removesuffix("-dbgsym"): p for p in map(Package, PACKAGES.glob("*-dbgsym_*.deb"))}
        cls.packages = packages_in(PACKAGES)

    def test_every_object_of_every_package_has_them(self):
        self.assertGreater(len(self.symbols), 7)
        for name, package in self.packages.items():
            stripped = objects(package)
            self.assertEqual(name in self.symbols, bool(stripped), name)
            for text in stripped.values():
                self.assertIn(" .gnu_debuglink ", text, name)
                self.assertNotIn(" .debug_", text, name)
            if stripped:
                symbols = self.symbols[name]
                self.assertEqual(set(symbols.fields["Build-Ids"].split()), set(stripped), name)
                files = [f for f in symbols.files() if f.endswith(".debug")]
                self.assertEqual(set(files), {f"/usr/lib/debug/.build-id/{i[:2]}/{i[2:]}.debug" for i in stripped})

    def test_each_belongs_to_the_very_package(self):
        for name, symbols in self.symbols.items():
            fields, version = symbols.fields, self.packages[name].fields["Version"]
            self.assertEqual(fields["Depends"], f"{name} (= {version})")
            self.assertEqual((fields["Version"], fields["Section"]), (version, "debug"))
            self.assertEqual(fields.get("Multi-Arch") == "same", self.packages[name].fields.get("Multi-Arch") == "same")
            for path, (mode, owner, _) in symbols.files().items():
                self.assertEqual(owner, "root/root", path)
                self.assertIn(mode, ("drwxr-xr-x", "-rw-r--r--", "lrwxrwxrwx"), path)

    def test_lines_are_found_and_folders_of_the_build_are_not(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in unpack(self.symbols["acsmtp"], folder):
                entry = re.search(r"^(\w+) T main$", run("nm", path).stdout, re.M).group(1)
                self.assertRegex(run("addr2line", "-e", path, entry).stdout, r"^build/\./core/cli/main\.c:\d+\n$")
        for package in self.symbols.values():
            with tempfile.TemporaryDirectory() as folder:
                for path in unpack(package, folder):
                    run("objcopy", "--decompress-debug-sections", path)
                    content = path.read_bytes()
                    self.assertNotIn(os.fsencode(SOURCE) + b"/", content, package.name)
                    self.assertNotIn(os.fsencode(BUILD.resolve()), content, package.name)


if __name__ == "__main__":
    unittest.main()
