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


class Installed:
    """top: a folder of its own; prefix: where acsmtp is installed in it; environment: what the shell of
    an author has."""

    def __init__(self):
        folder = tempfile.TemporaryDirectory(prefix="acsmtp-installed-")
        unittest.addModuleCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        self.prefix = self.top / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix], check=True,
                       stdout=subprocess.DEVNULL)
        self.libdir = next(self.prefix.glob("**/libacsmtp.so")).parent
        self.environment = {
            "HOME": str(self.top), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{self.prefix}/bin:/usr/bin:/bin",
            "PKG_CONFIG_PATH": f"{self.libdir}/pkgconfig",
            "CMAKE_PREFIX_PATH": str(self.prefix), "CMAKE_GENERATOR": "Ninja",
            "ACSMTP_PLUGIN_PATH": f"{self.libdir}/acsmtp/plugins"}


class InstalledCase(unittest.TestCase):
    """work: a folder for one test. acsmtp is installed once for all tests of a file."""

    installed = None

    @classmethod
    def setUpClass(cls):
        if sanitized():
            raise unittest.SkipTest("a plugin built without sanitizers does not fit this build")
        if not InstalledCase.installed:
            InstalledCase.installed = Installed()
        for name, value in vars(InstalledCase.installed).items():
            setattr(cls, name, value)

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

    def install(self, plugin, kind="credential"):
        """Put it where acsmtp looks: whole, for a process may have the old one loaded."""
        folder = self.libdir / "acsmtp/plugins" / kind
        shutil.copy(plugin, folder / ".new")
        os.replace(folder / ".new", folder / pathlib.Path(plugin).name)

    def compile(self, folder, name, *sources, compiler="cc", standard="-std=c11"):
        """Build with the compiler alone; the path of the plugin."""
        flags = self.run_in(folder, "pkg-config", "--cflags", "--libs", "acsmtp-plugin")
        self.run_in(folder, compiler, standard, "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror",
                    "-shared", "-o", f"{name}.so", *sources, *flags.stdout.split())
        return folder / f"{name}.so"
