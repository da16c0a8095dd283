# SPDX-License-Identifier: MIT
"""The example plugin builds outside the tree against an installed acsmtp, with CMake and plain cc."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]


class OutsideTheTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.top = pathlib.Path(cls.folder.name)
        cls.prefix = cls.top / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], check=True,
                       stdout=subprocess.DEVNULL)
        cls.source = cls.top / "plugin-minimal"
        shutil.copytree(SOURCE / "examples" / "plugin-minimal", cls.source)
        cls.libdir = next(cls.prefix.glob("**/libacsmtp.so")).parent
        cls.sanitizers = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        cls.pkgconfig = dict(os.environ, PKG_CONFIG_PATH=str(cls.libdir / "pkgconfig"))
        cache = (BUILD / "CMakeCache.txt").read_text()
        if "ACSMTP_SANITIZE:STRING=\n" not in cache:
            raise unittest.SkipTest("a plugin built without sanitizers does not fit this build")

    def token_with(self, plugins):
        secret = self.top / "login"
        secret.write_text("ada:lovelace\n")
        secret.chmod(0o600)
        mail = self.top / "mail"
        mail.mkdir(exist_ok=True)
        config = self.top / "config.json"
        config.write_text(json.dumps({"profiles": {"p": {
            "from": "a@example.com",
            "credentials": [{"plugin": "userpass", "login": {"file": str(secret)}}],
            "transports": [{"plugin": "file", "path": str(mail)}]}}}))
        env = {"HOME": self.folder.name, "PATH": os.environ["PATH"], **self.sanitizers,
               "LD_LIBRARY_PATH": str(self.libdir),
               "ACSMTP_PLUGIN_PATH": f"{plugins}:{self.libdir}/acsmtp/plugins"}
        return subprocess.run([self.prefix / "bin" / "acsmtp", "--config", config, "--json", "plugins",
                               "info", "userpass"], env=env, capture_output=True, text=True,
                              timeout=60), subprocess.run(
            [self.prefix / "bin" / "acsmtp", "--config", config, "config", "check"], env=env,
            capture_output=True, text=True, timeout=60)

    def check(self, plugins):
        info, check = self.token_with(plugins)
        self.assertEqual(info.returncode, 0, info.stderr)
        self.assertIn('"userpass"', info.stdout)
        self.assertEqual(check.returncode, 0, check.stderr)

    def test_with_cmake(self):
        build = self.top / "cmake-build"
        subprocess.run(["cmake", "-S", self.source, "-B", build, "-G", "Ninja",
                        f"-DCMAKE_PREFIX_PATH={self.prefix}"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", build], check=True, stdout=subprocess.DEVNULL)
        self.check(build / "plugins")

    def test_with_plain_cc(self):
        out = self.top / "cc" / "credential"
        out.mkdir(parents=True)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "acsmtp-plugin"], check=True,
                               env=self.pkgconfig, capture_output=True, text=True).stdout.split()
        subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-o",
                        out / "userpass.so", self.source / "userpass.c", *flags], check=True)
        self.check(out.parent)

    def test_the_headers_alone_are_enough_for_c_and_cxx(self):
        for header in sorted((self.prefix / "include" / "acsmtp").glob("*.h")):
            for compiler, standard in (("cc", "-std=c99"), ("cc", "-std=c2x"), ("c++", "-std=c++11"), ("c++", "-std=c++20")):
                with self.subTest(header=header.name, standard=standard):
                    subprocess.run([compiler, standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                                    "-x", "c" if compiler == "cc" else "c++", "-fsyntax-only",
                                    f"-I{self.prefix}/include", "-"], check=True, text=True,
                                   input=f"#include <acsmtp/{header.name}>\n")


if __name__ == "__main__":
    unittest.main()
