# SPDX-License-Identifier: MIT
"""acsmtp logout: what goes, what stays, and what it says."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CloudCase  # noqa: E402

SCOPES = ["https://communication.azure.com/.default", "https://vault.azure.net/.default"]


class Logout(CloudCase):
    def setUp(self):
        super().setUp()
        self.cache = pathlib.Path(self.program.home, ".cache/acsmtp")

    def entry(self, application):
        known = self.emulator.application(application)
        self.program.environment["SECRET_" + application[:6].upper()] = known["client_secret"]
        return {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                "client_id": known["client_id"],
                "client_secret": {"env": "SECRET_" + application[:6].upper()}}

    def sign_in_entry(self):
        client = self.emulator.state("applications", "public-client")["client_id"]
        return {"plugin": "device-code", "client_id": client, "interactive": "never"}

    def config(self, **profiles):
        return self.program.write("config.json", json.dumps({"profiles": {
            name: {"credentials": entries, "transports": ["file"]}
            for name, entries in profiles.items()}}))

    def run_it(self, config, *arguments, **environment):
        return self.program.run("--config", config, "--cloud", self.emulator.cloud, *arguments,
                                **environment)

    def get(self, config, profile, scope=SCOPES[0]):
        done = self.run_it(config, "--profile", profile, "token", "--scope", scope)
        self.assert_code(done, 0)
        return done.stdout.strip()

    def kept(self, folder="tokens"):
        return sorted(self.cache.joinpath(folder).glob("*.json"))

    def asked(self):
        return self.emulator.requests("entra").get("token", 0)

    def keep_sign_in(self, config, profile):
        """What a sign-in leaves: the program makes the lock, and so the name; this the rest."""
        self.assert_code(self.run_it(config, "--profile", profile, "token"), 69)
        lock, = self.cache.joinpath("store").glob("*.lock")
        name = "1." + "cd" * 90
        client = self.emulator.state("applications", "public-client")["client_id"]
        self.emulator.put({"client_id": client, "person": "ann", "status": "good",
                           "expires_on": 4000000000}, "refresh_tokens", name)
        path = lock.with_suffix(".json")
        path.write_text(name)
        path.chmod(0o600)
        return path

    def test_everything_of_the_user(self):
        config = self.config(one=[self.entry("modern-client")], two=[self.entry("legacy-client")],
                             three=[self.sign_in_entry()])
        self.keep_sign_in(config, "three")
        for profile, scope in (("one", SCOPES[0]), ("one", SCOPES[1]), ("two", SCOPES[0]),
                               ("three", SCOPES[0])):
            self.get(config, profile, scope)
        self.assertEqual((len(self.kept()), len(self.kept("store"))), (4, 1))
        done = self.run_it(config, "logout")
        self.assert_code(done, 0)
        self.assertEqual(done.stdout, "removed 4 cached tokens from files\n"
                                      "removed 1 sign-in from files\n")
        self.assertEqual(self.kept() + self.kept("store"), [])
        done = self.run_it(config, "logout")
        self.assertEqual((done.returncode, done.stdout), (0, "nothing was kept\n"))
        self.assert_code(self.run_it(config, "--profile", "three", "token"), 69)

    def test_one_profile_only(self):
        config = self.config(one=[self.entry("modern-client")], two=[self.entry("legacy-client")],
                             three=[self.sign_in_entry()])
        self.keep_sign_in(config, "three")
        first = self.get(config, "one")
        self.get(config, "one", SCOPES[1])
        other = self.get(config, "two")
        third = self.get(config, "three")
        done = self.run_it(config, "--json", "--profile", "one", "logout")
        self.assertEqual(json.loads(done.stdout), {
            "schema_version": 1, "removed": [{"kind": "token", "place": "files", "count": 2}]})
        before = self.asked()
        self.assertEqual((self.get(config, "two"), self.get(config, "three")), (other, third))
        self.assertEqual(self.asked(), before)
        self.assertNotEqual(self.get(config, "one"), first)
        done = self.run_it(config, "--profile", "three", "logout")
        self.assertEqual(done.stdout, "removed 1 cached token from files\n"
                                      "removed 1 sign-in from files\n")

    def test_a_profile_with_the_same_sources_shares_its_tokens(self):
        config = self.config(one=[self.entry("modern-client")], two=[self.entry("modern-client")])
        self.get(config, "one")
        done = self.run_it(config, "--profile", "two", "logout")
        self.assertEqual(done.stdout, "removed 1 cached token from files\n")

    def test_tokens_of_nested_chains_go_too(self):
        config = self.config(vault=[{
            "plugin": "keyvault-basic", "vault": "kv-acs-smtp-poc",
            "secret": "smtp-legacy-client-secret", "username": "x@example.org",
            "credentials": [self.entry("operator")]}])
        self.emulator.grant(self.emulator.application("operator")["object_id"],
                            "Key Vault Secrets User", self.emulator.vault())
        done = self.run_it(config, "--profile", "vault", "token")  # a password, but the vault's
        self.assert_code(done, 78)                                 # token was asked for
        self.assertEqual(len(self.kept()), 1)
        done = self.run_it(config, "--profile", "vault", "logout")
        self.assertEqual(done.stdout, "removed 1 cached token from files\n")

    def test_a_config_that_is_broken_keeps_no_file(self):
        config = self.config(one=[self.entry("modern-client")])
        self.get(config, "one")
        self.program.write("config.json", "{ not JSON")
        done = self.run_it(config, "logout")
        self.assert_code(done, 78)
        self.assertEqual(done.stdout, "removed 1 cached token from files\n")
        self.assertIn("keyrings could not be looked for", done.stderr)
        self.assertEqual(self.kept(), [])

    def test_a_keyring_that_is_not_there_keeps_no_file(self):
        config = self.config(one=[self.entry("modern-client")])
        self.get(config, "one")
        text = json.loads(pathlib.Path(config).read_text())
        text["keyring"] = "nobodys-keyring"
        self.program.write("config.json", json.dumps(text))
        done = self.run_it(config, "--json", "logout")
        self.assert_code(done, 78)
        document = json.loads(done.stdout)
        self.assertEqual(document["removed"][0]["count"], 1)
        self.assertIn("nobodys-keyring", document["error"]["message"])

    def test_the_blocks_of_a_file_are_overwritten(self):
        config = self.config(one=[self.entry("modern-client")])
        token = self.get(config, "one")
        path, = self.kept()
        with open(path, "rb") as file:  # keeps the blocks
            size = len(file.read())
            self.assert_code(self.run_it(config, "logout"), 0)
            file.seek(0)
            data = file.read()
        self.assertEqual(data, b"\0" * size)
        self.assertNotIn(token.encode(), data)

    def test_a_link_in_the_place_of_a_file_is_not_followed(self):
        config = self.config(one=[self.entry("modern-client")])
        self.get(config, "one")
        path, = self.kept()
        precious = pathlib.Path(self.program.write("precious", "precious"))
        path.unlink()
        path.symlink_to(precious)
        self.assert_code(self.run_it(config, "logout"), 0)
        self.assertFalse(path.is_symlink())
        self.assertEqual(precious.read_text(), "precious")

    def test_without_a_home_nothing_was_kept(self):
        done = subprocess.run([self.program.path, "logout"], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", **{k: v for k, v in os.environ.items()
                                                               if k.endswith("SAN_OPTIONS")}},
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "nothing was kept\n"), done.stderr)

    def test_wrong_usage(self):
        for arguments in (("logout", "now"), ("--dry-run", "logout")):
            self.assert_code(self.program.run(*arguments), 64)
        self.assert_code(self.program.run("--profile", "nobody", "logout"), 78)


if __name__ == "__main__":
    unittest.main()
