# SPDX-License-Identifier: MIT
"""acsmtp plugin new: what it writes builds, passes its own tests and keeps to the project's style;
what it cannot write it says, and loses nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

from installed import BUILD, SOURCE, InstalledCase

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
from program import Program

KINDS = ("credential", "transport", "composer", "keyring", "provisioner")
FILES = {"CMakeLists.txt", "README.md", "test.py", "harness.py", ".gitignore"}
OVER_HTTP = {"credential", "transport", "provisioner"}
LINES_MAX = {"credential": 150, "transport": 250, "composer": 320, "keyring": 250, "provisioner": 480}


def files(kind, name):
    return FILES | {f"{name}.c"} | ({"server.py"} if kind in OVER_HTTP else set())


class Written(unittest.TestCase):
    """The command alone."""

    def setUp(self):
        self.program = Program()
        self.addCleanup(self.program.close)

    def new(self, *words, code=0):
        done = subprocess.run([self.program.path, "plugin", "new", *words], cwd=self.program.home,
                              env=self.program.environment, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def refused(self, text, *words, code=64):
        before = sorted(os.listdir(self.program.home))
        done = self.new(*words, code=code)
        self.assertIn(text, done.stderr.splitlines()[0])
        self.assertEqual(sorted(os.listdir(self.program.home)), before)

    def test_every_file_is_there_and_no_placeholder_is_left(self):
        for kind in KINDS:
            name = f"my-{kind}2"
            listed = self.new(kind, name).stdout.split()
            folder = os.path.join(self.program.home, name)
            self.assertEqual(set(os.listdir(folder)), files(kind, name))
            self.assertEqual({f"{name}/{file}" for file in os.listdir(folder)}, set(listed))
            for file in os.listdir(folder):
                with open(os.path.join(folder, file), encoding="utf-8") as text:
                    self.assertNotRegex(text.read(), "@[a-z]+@", f"{kind}: {file}")

    def test_the_document(self):
        document = json.loads(self.new("--json", "-d", "elsewhere", "credential", "desk").stdout)
        self.assertEqual(document["schema_version"], 1)
        self.assertEqual(document["folder"], "elsewhere")
        self.assertEqual(set(document["files"]), files("credential", "desk"))
        self.assertTrue(os.path.exists(os.path.join(self.program.home, "elsewhere", "desk.c")))

    def test_names_that_no_plugin_can_have(self):
        for name in ("", "Desk", "my_desk", "-desk", "desk.so", "../desk", "a/b", "dësk", "a\nb", "a b"):
            with self.subTest(name=name):
                self.refused("is not the name of a plugin", "--", "credential", name)
        self.refused("begins with a digit", "credential", "1password")
        self.refused("65 characters", "credential", "a" * 65)
        self.new("credential", "a" * 64)

    def test_words_that_are_wrong(self):
        self.refused("the kind of the plugin is missing")
        self.refused("the name of the plugin is missing", "credential")
        self.refused("unexpected argument 'more'", "credential", "desk", "more")
        self.refused("did you mean 'credential'?", "credentials", "desk")
        self.refused("unknown kind 'mailer': one of " + "|".join(KINDS), "mailer", "desk")

    def test_every_kind_is_explained(self):
        told = self.new("--help").stdout
        self.assertIn(" " + "|".join(KINDS) + " NAME\n", told)
        for kind in KINDS:
            self.assertRegex(told, rf"(?m)^  {kind} +\w")

    def test_a_name_that_is_taken(self):
        self.refused("a plugin 'imds' is installed already", "credential", "imds")
        self.refused("a plugin 'imds' is installed already", "transport", "imds")

    def test_nothing_is_written_over(self):
        mine = os.path.join(self.program.home, "desk")
        os.mkdir(mine)
        self.refused("is there already", "credential", "desk", code=73)
        self.assertEqual(os.listdir(mine), [])
        os.rmdir(mine)
        os.symlink("nowhere", mine)
        self.refused("is there already", "credential", "desk", code=73)
        self.refused("No such file or directory", "-d", "not/there", "credential", "desk", code=73)

    def test_a_full_disk_leaves_nothing_behind(self):
        done = subprocess.run(
            ["bash", "-c", 'ulimit -f 4; trap "" XFSZ; exec "$0" plugin new credential desk',
             self.program.path], cwd=self.program.home, env=self.program.environment,
            capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("cannot write 'desk/desk.c': File too large", done.stderr)
        self.assertEqual(os.listdir(self.program.home), [])


class Built(InstalledCase):
    """What was written, in the hands of an author."""

    def new(self, kind, name):
        self.run_in(self.work, "acsmtp", "plugin", "new", kind, name)
        return self.work / name

    def test_with_the_compiler_alone(self):
        for kind in KINDS:
            for compiler in ("gcc", "clang"):
                with self.subTest(kind=kind, compiler=compiler):
                    folder = self.new(kind, f"a-{compiler}-{kind}")
                    plugin = self.compile(folder, folder.name, f"{folder.name}.c", compiler=compiler)
                    told = self.run_in(folder, "acsmtp", "--json", "plugin", "dump", plugin).stdout
                    self.assertEqual(json.loads(told)["plugin"]["kind"], kind)

    def test_with_cmake_and_its_own_tests(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                name = f"desk-{kind}"
                folder = self.new(kind, name)
                began = time.monotonic()
                self.run_in(folder, "cmake", "-S", ".", "-B", "build")
                self.run_in(folder, "cmake", "--build", "build")
                self.run_in(folder, "ctest", "--test-dir", "build", "--output-on-failure")
                print(f"{kind}: built and tested in {time.monotonic() - began:.1f} s")
                self.run_in(folder, "cmake", "--install", "build")
                listed = self.run_in(folder, "acsmtp", "--json", "plugin", "info", name).stdout
                self.assertEqual(json.loads(listed)["plugins"][0]["path"],
                                 f"{self.libdir}/acsmtp/plugins/{kind}/{name}.so")

    def test_in_the_style_of_the_project(self):
        for kind in KINDS:
            folder = self.new(kind, f"my-{kind}")
            source = folder / f"my-{kind}.c"
            self.assertLessEqual(source.read_text().count("\n"), LINES_MAX[kind])
            self.run_in(folder, "cppcheck", "--quiet", "--std=c11", "--inline-suppr",
                        "--enable=warning,portability,performance", "--error-exitcode=1",
                        "--suppress=missingIncludeSystem", "--suppress=memleak", "-D__GNUC__=12",
                        "-I", self.prefix / "include", source)
            shutil.copy(SOURCE / ".clang-format", folder)
            self.run_in(folder, "clang-format", "-i", source)
            for line in self.run_in(folder, "pmccabe", source).stdout.splitlines():
                complexity, _, _, _, length = line.split(None, 5)[:5]
                self.assertLessEqual((int(complexity) > 12, int(length)), (False, 40), line)

    def test_what_pkg_config_tells(self):
        def tell(package, variable):
            return self.run_in(self.work, "pkg-config", f"--variable={variable}", package).stdout.strip()

        plugins = os.path.realpath(f"{self.libdir}/acsmtp/plugins")
        for package in ("acsmtp", "acsmtp-plugin"):
            self.assertEqual(os.path.realpath(tell(package, "plugindir")), plugins)
        header = (self.prefix / "include/acsmtp/plugin.h").read_text()
        self.assertIn(f"#define ACSMTP_ABI_MAJOR {tell('acsmtp-plugin', 'abi_major')}\n", header)

    def test_where_libraries_are_is_told_unless_the_system_looks_there(self):
        for package, component in (("acsmtp", "development"), ("acsmtp-plugin", "plugin-dev")):
            done = self.run_in(self.work, "pkg-config", "--libs", package)
            folder = re.search(r"-Wl,-rpath,(\S+)", done.stdout).group(1)
            self.assertEqual(os.path.realpath(folder), os.path.realpath(self.libdir))
            self.run_in(self.work, "cmake", "--install", BUILD, "--prefix", "/usr", "--component", component,
                        DESTDIR=str(self.work / "system"))
            packaged, = (self.work / "system/usr").rglob(f"{package}.pc")
            self.assertNotIn("rpath", packaged.read_text())

    def test_what_the_cmake_package_refuses(self):
        (self.work / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES C)\n"
            "find_package(acsmtp REQUIRED)\nacsmtp_add_plugin(credential ${name})\n")
        for name, told in (("My_Desk", "is not the name of a plugin"),
                           ("desk", "there is no desk.c or desk.cpp")):
            done = self.run_in(self.work, "cmake", "-S", ".", "-B", name, f"-Dname={name}", code=1)
            self.assertIn(told, " ".join(done.stderr.split()))


if __name__ == "__main__":
    unittest.main()
