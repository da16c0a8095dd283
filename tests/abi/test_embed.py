# SPDX-License-Identifier: MIT
"""examples/embed.c builds outside the tree against an installed acsmtp, with plain cc and with CMake,
and gets tokens from the emulator: by the default chain without any config, and by a profile."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from emulator import Emulator  # noqa: E402

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "embed.c"
CMAKE = """cmake_minimum_required(VERSION 3.16)
project(embed LANGUAGES C)
find_package(acsmtp REQUIRED)
add_executable(embed %s)
target_link_libraries(embed PRIVATE acsmtp::acsmtp)
"""
UNAVAILABLE, DENIED, CONFIG = 1, 2, 3  # enum acsmtp_status is the exit code of the example


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout


class Embed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if "ACSMTP_SANITIZE:STRING=\n" not in (BUILD / "CMakeCache.txt").read_text():
            raise unittest.SkipTest("a program built without sanitizers does not fit this build")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.top = pathlib.Path(folder.name)
        cls.prefix = cls.top / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.libdir = next(cls.prefix.glob("**/libacsmtp.so")).parent
        cls.programs = {"cc": cls.with_cc(), "cmake": cls.with_cmake()}
        cls.emulator = Emulator(BUILD / "bin" / "acsmtp-emulator").start()
        cls.addClassCleanup(cls.emulator.stop)

    @classmethod
    def with_cc(cls):
        flags = run("pkg-config", "--cflags", "--libs", "acsmtp",
                    env=dict(os.environ, PKG_CONFIG_PATH=str(cls.libdir / "pkgconfig"))).split()
        program = cls.top / "embed-cc"
        run("cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", program, SOURCE,
            *flags)
        return program

    @classmethod
    def with_cmake(cls):
        source, build = cls.top / "source", cls.top / "build"
        source.mkdir()
        (source / "CMakeLists.txt").write_text(CMAKE % SOURCE)
        run("cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={cls.prefix}")
        run("cmake", "--build", build)
        return build / "embed"

    def setUp(self):
        self.emulator.reset()
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)
        self.application = self.emulator.application("modern-client")

    def embed(self, *arguments, program="cc", **environment):
        env = {"HOME": self.home.name, "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(self.libdir),
               "ACSMTP_PLUGIN_PATH": str(self.libdir / "acsmtp" / "plugins"),
               "ACSMTP_CLOUD": self.emulator.cloud, **environment}
        return subprocess.run([self.programs[program], *arguments], env=env, capture_output=True,
                              text=True, timeout=60)

    def identity(self):
        return {"AZURE_TENANT_ID": self.emulator.endpoints["tenant_id"],
                "AZURE_CLIENT_ID": self.application["client_id"],
                "AZURE_CLIENT_SECRET": self.application["client_secret"]}

    def test_without_config_the_default_chain_answers(self):
        for program in self.programs:
            with self.subTest(built_by=program):
                done = self.embed("https://vault.azure.net/.default", program=program,
                                  **self.identity())
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(done.stdout.strip().count("."), 2)
        self.assertEqual(self.emulator.requests("entra")["token"], 1)  # the second from the cache

    def test_a_managed_identity_needs_nothing_at_all(self):
        done = self.embed()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.emulator.requests("imds")["token"], 1)

    def test_a_profile_of_the_users_config(self):
        folder = pathlib.Path(self.home.name, ".config", "acsmtp")
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"profiles": {
            "app": {"credentials": ["client-secret"]}, "other": {"credentials": ["imds"]}}}))
        scope = "https://communication.azure.com/.default"
        done = self.embed(scope, "app", **self.identity())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.emulator.requests("imds"), {})
        wrong = self.embed(scope, "ap")
        self.assertEqual(wrong.returncode, CONFIG)
        self.assertIn("did you mean 'app'", wrong.stderr)

    def test_a_refused_identity_is_told(self):
        done = self.embed(**dict(self.identity(), AZURE_CLIENT_SECRET="wrong"))
        self.assertEqual((done.returncode, done.stdout), (DENIED, ""))
        self.assertIn("AADSTS7000215", done.stderr)

    def test_a_machine_without_identity_is_told(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        done = self.embed()
        self.assertEqual((done.returncode, done.stdout), (UNAVAILABLE, ""))


if __name__ == "__main__":
    unittest.main()
