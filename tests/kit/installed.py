# SPDX-License-Identifier: MIT
"""An acsmtp that is installed in a folder of its own, as the author of a plugin finds it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]


def sanitized():
    return "ACSMTP_SANITIZE:STRING=\n" not in (BUILD / "CMakeCache.txt").read_text()


class InstalledCase(unittest.TestCase):
    """top: a folder for the class, work: one for the test. environment: what an author's shell has."""

    @classmethod
    def setUpClass(cls):
        if sanitized():
            raise unittest.SkipTest("a plugin built without sanitizers does not fit this build")
        folder = tempfile.TemporaryDirectory(prefix="acsmtp-installed-")
        cls.addClassCleanup(folder.cleanup)
        cls.top = pathlib.Path(folder.name)
        cls.prefix = cls.top / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], check=True,
                       stdout=subprocess.DEVNULL)
        cls.libdir = next(cls.prefix.glob("**/libacsmtp.so")).parent
        cls.environment = {
            "HOME": str(cls.top), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{cls.prefix}/bin:/usr/bin:/bin",
            "PKG_CONFIG_PATH": f"{cls.libdir}/pkgconfig",
            "CMAKE_PREFIX_PATH": str(cls.prefix), "CMAKE_GENERATOR": "Ninja",
            "LD_LIBRARY_PATH": str(cls.libdir),
            "ACSMTP_PLUGIN_PATH": f"{cls.libdir}/acsmtp/plugins"}

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.top))

    def run_in(self, folder, *command, code=0, **more):
        """What the command did, as texts, once it has ended with `code`."""
        done = subprocess.run([str(word) for word in command], cwd=folder, timeout=250, text=True,
                              capture_output=True, check=False,
                              env={**self.environment, **more})
        self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}{done.stderr}")
        return done

    def copy(self, example):
        """The folder of an example, outside the source."""
        return pathlib.Path(shutil.copytree(SOURCE / "examples" / example, self.work / example))

    def compile(self, folder, name, *sources, compiler="cc", standard="-std=c11"):
        """Build with the compiler alone; the path of the plugin."""
        flags = self.run_in(folder, "pkg-config", "--cflags", "--libs", "acsmtp-plugin")
        self.run_in(folder, compiler, standard, "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
                    "-shared", "-o", f"{name}.so", *sources, *flags.stdout.split())
        return folder / f"{name}.so"
