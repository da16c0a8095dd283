# SPDX-License-Identifier: MIT
"""clang-format, cppcheck and shellcheck have nothing to say."""
import os
import pathlib
import shutil
import subprocess
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])


def files(*suffixes):
    return sorted(str(p) for folder in ("include", "core", "plugins", "tests", "examples")
                  for p in (TOP / folder).rglob("*") if p.suffix in suffixes and p.is_file()
                  and "abi/v1" not in str(p))


class Style(unittest.TestCase):
    def run_tool(self, *command):
        if not shutil.which(command[0]):
            if os.environ.get("CI"):
                self.fail(f"{command[0]} is missing")
            self.skipTest(f"{command[0]} is missing")
        done = subprocess.run(command, capture_output=True, text=True, cwd=TOP)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_clang_format(self):
        self.run_tool("clang-format", "--dry-run", "--Werror", *files(".c", ".h", ".cpp"))

    def test_shellcheck(self):
        self.run_tool("shellcheck", "-x", *files(".sh", ".bash"), str(TOP / ".ci" / "run"))

    def test_cppcheck(self):
        self.run_tool("cppcheck", "--quiet", "--std=c11", "--enable=warning,portability,performance",
                      "--inline-suppr", "--error-exitcode=1", "-I", "include", "-I", "core",
                      "--suppress=missingIncludeSystem", "-D_GNU_SOURCE", "-D__GNUC__=12",
                      # cppcheck knows neither the cleanup attribute nor GObject's macros.
                      "--suppress=memleak", "-DG_DEFINE_TYPE(a,b,c)=",
                      "-j2", "core", "plugins", "examples")


if __name__ == "__main__":
    unittest.main()
