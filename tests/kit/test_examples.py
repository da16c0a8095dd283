# SPDX-License-Identifier: MIT
"""The examples for authors of sources: the smallest plugin, one in C++, a helper in shell. plugin-vault
has its tests beside it."""

import json
import os
import shutil
import sys
import unittest

from installed import BUILD, SOURCE, InstalledCase

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
from emulator import Emulator
from program import CloudCase

HELPER = SOURCE / "examples" / "exec-shell" / "oauth2-token.sh"
# Counts what is made with new, and fails one of it.
FAILING_NEW = """
#include <cstdlib>
#include <new>
static long left = std::getenv("FAIL_NEW") ? std::atol(std::getenv("FAIL_NEW")) : 0;
void *operator new(std::size_t size)
{
    void *made = --left == 0 ? nullptr : std::malloc(size);
    if (!made)
        throw std::bad_alloc();
    return made;
}
void operator delete(void *made) noexcept { std::free(made); }
void operator delete(void *made, std::size_t) noexcept { std::free(made); }
"""


class PasswordCase(InstalledCase):
    """A plugin that gives user name and password: shown by a mail that arrives with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = Emulator(str(BUILD / "bin" / "acsmtp-emulator")).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        super().setUp()
        self.emulator.reset()
        self.user = self.emulator.address("legacy-client")
        self.password = self.emulator.application("legacy-client")["client_secret"]

    def secret(self, text):
        file = self.work / "secret"
        file.write_text(text)
        file.chmod(0o600)
        return {"file": str(file)}

    def send(self, entry, code=0, **more):
        host, port = self.emulator.smtp_address
        (self.work / "config.json").write_text(json.dumps({"profiles": {"test": {
            "from": self.emulator.address("DoNotReply"), "credentials": [entry],
            "transports": [{"plugin": "smtp-login", "host": host, "port": port,
                            "ca_file": self.emulator.endpoints["ca_file"]}]}}}))
        before = len(self.emulator.messages())
        done = self.run_in(self.work, "acsmtp", "--config", "config.json", "send", "--to",
                           "bob@example.com", "--subject", "Hello", "--text", "It works.", code=code,
                           **more)
        self.assertEqual(len(self.emulator.messages()), before + (code == 0))
        self.assertNotIn(self.password, done.stderr)
        return done

    def check(self, plugin, *options):
        words = [word for option in options for word in ("-o", option)]
        self.run_in(self.work, "acsmtp", "plugin", "check", *words, plugin)


class Minimal(PasswordCase):
    def test_it_is_small(self):
        lines = (SOURCE / "examples/plugin-minimal/userpass.c").read_text().count("\n")
        self.assertLessEqual(lines, 60)

    def test_it_gives_what_the_file_says(self):
        folder = self.copy("plugin-minimal")
        plugin = self.compile(folder, "userpass", "userpass.c")
        self.check(plugin, "login=ada:@CANARY@")
        self.install(plugin)
        self.send({"plugin": "userpass", "login": self.secret(f"{self.user}:{self.password}\n")})
        told = self.send({"plugin": "userpass", "login": self.secret(self.password)}, code=78)
        self.assertIn("option 'login' must be USER:PASSWORD", told.stderr)


class Cxx(PasswordCase):
    FILE = """\
machine other.example login eve password not-this-one
macdef init
machine smtp.example login mallory password nor-this-one

machine smtp.example
    login {user} account ignored
    password {password}
default login anonymous password guest
"""

    built = {}  # by compiler; it takes a while

    def build(self, compiler):
        if compiler not in self.built:
            plugin = self.compile_it(compiler)
            self.built[compiler] = shutil.copy(plugin, self.top / f"netrc-{compiler}.so")
        return shutil.copy(self.built[compiler], self.work / "netrc.so")

    def compile_it(self, compiler):
        """g++ counts fields that are left out on purpose, clang++ does not."""
        return self.compile(self.copy("plugin-cxx"), "netrc", "netrc.cpp",
                            "-Wno-missing-field-initializers", compiler=compiler,
                            standard="-std=c++20")

    def entry(self, text=FILE, machine="smtp.example"):
        text = text.format(user=self.user, password=self.password)
        return {"plugin": "netrc", "machine": machine, "netrc": self.secret(text)}

    def with_compiler(self, compiler):
        plugin = self.build(compiler)
        exported = self.run_in(self.work, "nm", "-D", "--defined-only", plugin).stdout.split()[2:]
        self.assertEqual(exported, ["netrc_LTX_acsmtp_plugin"])
        self.check(plugin, "machine=smtp.example",
                   "netrc=machine smtp.example login ada password @CANARY@")
        self.install(plugin)
        self.send(self.entry())

    def test_with_gxx(self):
        self.with_compiler("g++")

    def test_with_clangxx(self):
        self.with_compiler("clang++")

    def test_with_cmake(self):
        folder = self.copy("plugin-cxx")
        self.run_in(folder, "cmake", "-S", ".", "-B", "build")
        self.run_in(folder, "cmake", "--build", "build")
        self.run_in(folder, "cmake", "--install", "build")
        self.send(self.entry())

    def test_what_the_file_does_not_say(self):
        self.install(self.build("g++"))
        for text in ("machine other.example password x", "machine smtp.example login ada",
                     "machine smtp.example", "machine", "macdef x\n", "login a password b"):
            with self.subTest(text=text):
                told = self.send(self.entry(text), code=69)
                self.assertIn("the netrc file has no password for smtp.example", told.stderr)

    def test_no_exception_leaves_the_plugin(self):
        self.install(self.build("g++"))
        (self.work / "new.cpp").write_text(FAILING_NEW)
        self.run_in(self.work, "g++", "-shared", "-fPIC", "-o", "new.so", "new.cpp")
        machine = "smtp.example.of-a-name-that-no-small-string-holds"
        entry = self.entry(self.FILE.replace("smtp.example\n", machine + "\n"), machine)
        failed = 0
        while failed < 50:
            code = 71 if failed < 3 else 0
            told = self.send(entry, code, FAIL_NEW=str(failed + 1), LD_PRELOAD=str(self.work / "new.so"))
            if code == 0:
                break
            self.assertIn("credential netrc: out of memory", told.stderr)
            failed += 1
        self.assertEqual(failed, 3, "instance, machine, user name")


class Shell(CloudCase):
    """The helper against the emulator's token endpoint, through the plugin exec."""

    def setUp(self):
        super().setUp()
        self.application = self.emulator.application(self.XOAUTH2)
        self.url = (f"{self.emulator.endpoints['authority_host']}/{self.emulator.endpoints['tenant_id']}"
                    "/oauth2/v2.0/token")

    def token(self, code, secret=None, url=None, client=None, path="/usr/bin:/bin"):
        file = self.program.write("client-secret", (secret or self.application["client_secret"]) + "\n")
        command = [str(HELPER), url or self.url, client or self.application["client_id"], file]
        done = self.program.run("token", "--scope", "https://communication.azure.com/.default", chosen={
            "credentials": [{"plugin": "exec", "format": "json", "command": command,
                             "environment": ["CURL_CA_BUNDLE"]}]}, PATH=path,
            CURL_CA_BUNDLE=self.emulator.endpoints["ca_file"])
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertNotIn(self.application["client_secret"], done.stderr)
        return done

    def test_a_token(self):
        self.assertRegex(self.token(0).stdout, r"\A[\w-]+\.[\w-]+\.[\w-]+\n\Z")

    def test_a_wrong_secret_is_denied(self):
        self.assertIn("AADSTS7000215", self.token(77, secret="guessed").stderr)

    def test_a_wrong_address_is_the_config_s_fault(self):
        self.assertIn("HTTP 404", self.token(78, url=self.url.replace("token", "tokens")).stderr)

    def test_later(self):
        self.emulator.fault(service="entra", action="status", status=503)
        self.assertIn("HTTP 503", self.token(75).stderr)
        self.emulator.reset()
        self.assertIn("no answer", self.token(75, url="https://127.0.0.1:1/token").stderr)

    def test_plain_http_is_not_spoken(self):
        self.token(75, url=self.url.replace("https://", "http://"))

    def test_without_jq_it_does_not_apply(self):
        only = os.path.join(self.program.home, "bin")
        os.mkdir(only)
        for name in ("sh", "curl", "tr", "date", "tail", "sed", "head"):
            os.symlink(f"/usr/bin/{name}", os.path.join(only, name))
        self.assertIn("jq is not installed", self.token(69, path=only).stderr)


if __name__ == "__main__":
    unittest.main()
