# SPDX-License-Identifier: MIT
"""No plugin, each plugin alone, all of them: as modules in a folder."""

import os
import pathlib
import subprocess
import unittest

from tree import MAIN, TOP, TREE, MatrixCase, known_plugins

# What a plugin of this name cannot do without.
OPTIONS = {"file": {"path": "mail"}, "exec": {"command": ["/bin/echo", "a-token"]},
           "device-code": {"client_id": "11111111-2222-3333-4444-555555555555"},
           "keyvault-basic": {"vault": "kv", "secret": "s", "username": "u", "credentials": [
               {"plugin": "imds", "optional": True}]}}


def helpers_of(kind, name):
    """The helpers that its build line names, and theirs."""
    found, files = set(), [TOP / "plugins" / kind / name / "CMakeLists.txt"]
    while files:
        words = set(files.pop().read_text().replace("(", " ").replace(")", " ").split())
        for folder in (TOP / "plugins" / "helper").iterdir():
            if folder.name in words - found:
                found.add(folder.name)
                files.append(folder / "CMakeLists.txt")
    return found


class Modules(MatrixCase):
    def acsmtp(self, *arguments, chosen, **more):
        return self.program.run("--cloud", self.emulator.cloud, *arguments, chosen=chosen, **more)

    def profile(self, kind, name):
        entry = dict({"plugin": name}, **OPTIONS.get(name, {}))
        if name == "file":
            entry["path"] = os.path.join(self.program.home, "mail")
        return {"credential": {"credentials": [entry]}, "transport": {"transports": [entry]},
                "composer": {"composer": entry}, "keyring": {"keyring": entry},
                "provisioner": {"provision": entry}}[kind]

    def test_1_none(self):
        self.build(plugins="none")
        self.assertEqual(self.listed(), {})
        self.assertEqual(self.archives(), set())
        done = self.acsmtp("token", chosen={"credentials": ["imds"]})
        self.assertEqual(done.returncode, os.EX_CONFIG, done.stderr)
        self.assertIn("there is no credential plugin 'imds'", done.stderr)

    def test_2_each_alone(self):
        for kind, name in known_plugins():
            with self.subTest(plugin=name):
                self.build(plugins=name)
                self.assertEqual(set(self.listed()), {(kind, name)})
                self.assertEqual(self.archives(), helpers_of(kind, name))
                self.installed_alone(kind, name)
                self.at_work(kind, name)

    def installed_alone(self, kind, name):
        files = self.install(f"plugin-{name}")
        self.assertEqual([file.name for file in files], [f"{name}.so"])
        self.assertEqual(files[0].parent.name, kind)
        found = self.listed(ACSMTP_PLUGIN_PATH=str(files[0].parents[1]),
                            LD_LIBRARY_PATH=str(TREE / "lib"))
        self.assertEqual(found, {(kind, name): str(files[0])})

    def at_work(self, kind, name):
        """What it can do without any other plugin."""
        chosen = self.profile(kind, name)
        done = self.acsmtp("config", "check", chosen=chosen)
        wanted = os.EX_UNAVAILABLE if name == "secret-service" else os.EX_OK  # there is no desktop
        self.assertEqual(done.returncode, wanted, done.stderr)
        if kind == "credential":
            done = self.acsmtp("chain", "explain", chosen=chosen)
            self.assertIn(name, done.stdout)
        if name in ("imds", "client-secret", "environment", "exec", "token"):
            identity = self.emulator.application("modern-client")
            done = self.acsmtp("token", chosen=chosen, ACSMTP_ACCESS_TOKEN="a-token",
                               AZURE_TENANT_ID=self.emulator.endpoints["tenant_id"],
                               AZURE_CLIENT_ID=identity["client_id"],
                               AZURE_CLIENT_SECRET=identity["client_secret"])
            self.assertEqual(done.returncode, os.EX_OK, done.stderr)
            self.assertRegex(done.stdout, r"\A(a-token|ey.+\..+\..+)\n\Z")
        if name == "file":
            done = self.acsmtp("send", "--to", "ann@example.com",
                               chosen=dict(chosen, **{"from": "bob@example.com"}),
                               stdin=b"From: bob@example.com\r\n\r\nHello\r\n")
            self.assertEqual(done.returncode, os.EX_OK, done.stderr)
        if kind == "provisioner":
            done = self.program.run("provision", "--help")
            self.assertIn("--subscription", done.stdout)

    def test_3_all(self):
        """Of the build that the other tests use: the program, and component by component its plugins."""
        home = pathlib.Path(self.program.home)
        subprocess.run(["cmake", "--install", MAIN, "--prefix", home / "everything"], check=True,
                       stdout=subprocess.DEVNULL)
        folders = set()
        for kind, name in known_plugins():
            installed = self.install(f"plugin-{name}", MAIN, home / "plugins")
            file, = [file for file in installed if file.suffix == ".so"]  # its manual comes along
            self.assertEqual((file.parent.name, file.name), (kind, f"{name}.so"))
            folders.add(str(file.parents[1]))
        self.program.path = str(home / "everything" / "bin" / "acsmtp")
        self.program.environment["ACSMTP_PLUGIN_PATH"], = folders
        self.program.environment["LD_LIBRARY_PATH"] = str(
            next((home / "everything").rglob("libacsmtp.so")).parent)
        self.assertEqual(sorted(self.listed()), known_plugins())
        self.send_as_machine("--subject", "composed", "--text", "Hello")


if __name__ == "__main__":
    unittest.main()
