# SPDX-License-Identifier: MIT
"""The build folder of the matrix, and what is in it: $ACSMTP_BUILD_DIR/matrix."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "support"))
# pylint: disable=wrong-import-position
from emulator import Emulator
from program import Program, build_folder

MAIN = pathlib.Path(build_folder())
TREE = MAIN / "matrix"
SYSTEM = TREE / "etc"  # instead of /etc/acsmtp
FEW = {("credential", "imds"), ("transport", "smtp-xoauth2")}  # that can send a mail
KINDS = ("credential", "transport", "composer", "provisioner", "keyring")


def known_plugins():
    """(kind, name) of every plugin of the source."""
    return sorted(path.parts[-3:-1] for kind in KINDS
                  for path in (TOP / "plugins" / kind).glob("*/CMakeLists.txt"))


def configure(folder=TREE, plugins="", static="", shared=True, flags="-O0", more=()):
    """subprocess.CompletedProcess of cmake."""
    return subprocess.run(
        ["cmake", "-S", TOP, "-B", folder, "-G", "Ninja", "-DBUILD_TESTING=OFF", "-DACSMTP_EMULATOR=OFF",
         "-DACSMTP_MAN=OFF",
         "-DACSMTP_WERROR=ON", "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS={flags}",
         f"-DACSMTP_SYSTEM_CONFIG_DIR={SYSTEM}",
         f"-DACSMTP_PLUGINS={plugins}", f"-DACSMTP_STATIC_PLUGINS={static}",
         f"-DBUILD_SHARED_LIBS={'ON' if shared else 'OFF'}", *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


class MatrixCase(unittest.TestCase):
    maxDiff = None
    folder = TREE

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(str(MAIN / "bin" / "acsmtp-emulator")).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        self.program = Program(str(self.folder))
        self.addCleanup(self.program.close)

    def build(self, *targets, **choice):
        """Configures and builds, these targets or all; the text of the configuration."""
        done = configure(self.folder, **choice)
        self.assertEqual(done.returncode, 0, done.stdout)
        for archive in (self.folder / "lib").glob("*.a"):
            archive.unlink()  # of an earlier choice; their objects stay
        built = subprocess.run(["ninja", "-C", self.folder, "-j2", "--quiet", *targets], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(built.returncode, 0, built.stdout)
        return done.stdout

    def listed(self, **environment):
        """{(kind, name): path} of the plugins that the program finds; all can be loaded."""
        done = self.program.run("--json", "plugins", **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        plugins = json.loads(done.stdout)["plugins"]
        self.assertEqual([p for p in plugins if p.get("problem")], [])
        return {(p["kind"], p["name"]): p["path"] for p in plugins}

    def archives(self):
        """The helpers that were built."""
        return {path.stem.removeprefix("lib") for path in (self.folder / "lib").glob("*.a")}

    def install(self, component, folder=TREE, prefix=None):
        """The files that this component alone installs, below a new prefix unless one is given."""
        prefix = prefix or pathlib.Path(self.program.home) / component
        before = set(prefix.rglob("*"))
        subprocess.run(["cmake", "--install", folder, "--prefix", prefix, "--component", component],
                       check=True, stdout=subprocess.DEVNULL)
        return sorted(path for path in set(prefix.rglob("*")) - before if path.is_file())

    def send_as_machine(self, *arguments, **environment):
        """One mail with imds and smtp-xoauth2, to the emulator; it must arrive."""
        emulator = self.emulator
        identity = emulator.state("identities", "system")
        username = emulator.address("modern-client")
        emulator.bind(username, identity["client_id"])
        emulator.grant(identity["object_id"], "Communication and Email Service Owner", emulator.service)
        sender = emulator.address("DoNotReply")
        message = f"From: {sender}\r\nTo: ann@example.com\r\nSubject: matrix\r\n\r\nHello\r\n"
        composed = "--subject" in arguments
        done = self.program.run(
            "--cloud", emulator.cloud, "send", "--to", "ann@example.com", *arguments,
            chosen={"from": sender, "username": username, "credentials": ["imds"],
                    "transports": ["smtp-xoauth2"]},
            stdin=b"" if composed else message.encode(), **environment)
        self.assertEqual(done.returncode, os.EX_OK, done.stderr)
        self.assertEqual(len(emulator.messages()), 1)
        self.assertEqual(emulator.requests("imds")["token"], 1)
