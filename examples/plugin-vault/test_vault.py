# SPDX-License-Identifier: MIT
"""The plugin, built outside the source against an installed acsmtp, with a Vault that refuses what
Vault refuses; and that Vault with hvac, a client that was written for the real one."""

import importlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "python"), str(HERE.parents[1] / "tests" / "kit"),
                str(HERE.parents[1] / "tests" / "support")]
# pylint: disable=wrong-import-position
from emulator import Emulator
from installed import BUILD, InstalledCase
from vault_server import Vault, jwt, rfc3339

KEY = b"the key that issuer and role share"
SECRET_ID = "84896a0c-1347-aa90-a4f6-aca8b7558780"
ROLE_ID = "db02de05-fa39-4855-059b-67221c5c2f63"
CANARIES = (SECRET_ID, "lovelace", "hvs.")


BUILT = {}  # the plugin, built once for all classes


class VaultCase(InstalledCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not BUILT:
            folder = tempfile.TemporaryDirectory()
            unittest.addModuleCleanup(folder.cleanup)
            BUILT["plugin"] = cls().build(pathlib.Path(folder.name) / "vault")
        cls.install(cls, BUILT["plugin"])

    def build(self, folder, compiler="gcc"):
        shutil.copytree(HERE, folder)
        return self.compile(folder, "vault", *sorted(folder.glob("*.c")), compiler=compiler)

    def setUp(self):
        super().setUp()
        self.cache = "none"
        self.vault = Vault()
        self.addCleanup(self.vault.stop)
        self.root = self.vault.token(ttl=0).id
        self.secrets = {"VAULT_TOKEN": self.root}
        self.vault.put("mail/acs", {"username": "ada@contoso.example", "password": "lovelace"})
        self.vault.roles["", "approle", "approle", ROLE_ID] = {"secret_ids": {SECRET_ID: 0}}
        self.options = {"address": self.vault.address, "path": "mail/acs"}

    def approle(self, **more):
        self.secrets = {"SECRET_ID": SECRET_ID}
        self.options.update({"auth": "approle", "role_id": ROLE_ID, "secret_id": {"env": "SECRET_ID"},
                             **more})

    def config(self):
        path = self.work / "config.json"
        path.write_text(json.dumps({"cache": self.cache, "profiles": {"test": {
            "from": "ada@contoso.example", "credentials": [{"plugin": "vault", **self.options}],
            "transports": [{"plugin": "file", "path": str(self.work)}]}}}))
        return path

    def run_acsmtp(self, *words, code):
        done = self.run_in(self.work, "acsmtp", "--config", self.config(), *words, code=code,
                           **self.secrets)
        for canary in CANARIES:
            self.assertNotIn(canary, done.stderr)
        return done

    def fails(self, code, text):
        done = self.run_acsmtp("--trace", "token", code=code)
        self.assertIn(text, done.stderr)

    def gives_password(self):
        """Through the whole chain; a password is never printed, so that its kind has to do."""
        document = json.loads(self.run_acsmtp("--json", "chain", "explain", "--probe", code=0).stdout)
        self.assertIn("password", json.dumps(document))

    def gives_token(self):
        return json.loads(self.run_acsmtp("--json", "token", code=0).stdout)


class WhatIsStored(VaultCase):
    def test_a_password_of_either_version(self):
        self.gives_password()
        self.assertEqual(self.vault.log[-1], ("GET", "/v1/secret/data/mail/acs"))
        self.vault.put("mail/acs", {"password": "lovelace"}, mount="kv1")
        self.options.update(mount="kv1", kv_version=1)
        self.gives_password()
        self.assertEqual(self.vault.log[-1], ("GET", "/v1/kv1/mail/acs"))

    def test_a_version_and_other_fields(self):
        self.vault.put("mail/acs", {"user": "bob", "secret": "lovelace-2"})
        self.fails(78, "no text in the field 'password'; it has: user, secret")
        self.options.update(version=1)
        self.gives_password()
        self.options.update(version=2, username_field="user", password_field="secret")
        self.gives_password()
        self.assertEqual(self.vault.log[-1], ("GET", "/v1/secret/data/mail/acs?version=2"))
        self.options.update(version=3)
        self.fails(78, "there is no such secret or version")

    def test_paths_that_want_encoding_and_paths_that_are_none(self):
        self.vault.put("mail/Ada's #1 ü?", {"password": "lovelace"})
        self.options["path"] = "mail/Ada's #1 ü?"
        self.gives_password()
        for path in ("/mail", "mail/", "mail//acs", "../sys", "mail/..", "mail/acs."):
            with self.subTest(path=path):
                self.options["path"] = path
                self.fails(78, "is no path in Vault")
        asked = len(self.vault.log)
        self.options.update(path="mail/acs", address=self.vault.address + "?x")
        self.fails(78, "the address of Vault is")
        self.assertEqual(len(self.vault.log), asked)

    def test_a_line_break_is_told(self):
        self.vault.put("mail/acs", {"password": "lovelace\n"})
        self.fails(78, "holds a line break")


class Tokens(VaultCase):
    """A stored token lives until the first of: lease, deletion, its own end."""

    def setUp(self):
        super().setUp()
        self.now = int(time.time())
        self.options["token_field"] = "token"

    def expires(self):
        return self.gives_token()["expires_on"] - self.now

    def test_the_end_of_a_jwt(self):
        self.vault.put("mail/acs", {"token": jwt(KEY, exp=self.now + 3600)})
        self.assertEqual(self.expires(), 3600)

    def test_the_deletion_of_a_version(self):
        self.vault.put("mail/acs", {"token": jwt(KEY, exp=self.now + 3600)},
                       deletion_time=rfc3339(self.now + 1800))
        self.assertEqual(self.expires(), 1800)

    def test_the_lease_of_version_1(self):
        self.options.update(mount="kv1", kv_version=1)
        self.vault.put("mail/acs", {"token": "opaque", "ttl": "30m"}, mount="kv1")
        self.assertAlmostEqual(self.expires(), 1800, delta=60)
        self.vault.put("mail/acs", {"token": jwt(KEY, exp=self.now + 900), "ttl": "30m"}, mount="kv1")
        self.assertEqual(self.expires(), 900)

    def test_without_an_end_there_is_none(self):
        self.vault.put("mail/acs", {"token": "opaque"})
        self.fails(78, "nothing tells when the token in the field 'token' ends")

    def test_one_that_is_over(self):
        self.vault.put("mail/acs", {"token": jwt(KEY, exp=self.now - 5)})
        self.fails(77, "has expired")

    def test_a_version_that_was_deleted_or_destroyed(self):
        self.vault.put("mail/acs", {"token": "x"}, deletion_time=rfc3339(self.now - 60))
        self.fails(78, "this version was deleted")
        self.vault.secrets["", "secret", "mail/acs"][-1].update(deletion_time="", destroyed=True)
        self.fails(78, "this version was destroyed")


class Logins(VaultCase):
    def test_a_token_that_is_not_valid(self):
        self.secrets["VAULT_TOKEN"] = "hvs.guessed"
        self.fails(77, "the token is not valid (any more)")
        self.assertEqual(len(self.vault.log), 1, "it was asked twice with the same token")

    def test_a_token_of_the_nested_chain(self):
        self.options["credentials"] = [{"plugin": "token", "token": {"env": "NESTED"}}]
        self.secrets = {"NESTED": jwt(KEY, exp=int(time.time()) + 600)}
        made = self.vault.token()
        self.vault.tokens[self.secrets["NESTED"]] = made
        self.gives_password()

    def test_approle(self):
        self.approle()
        self.gives_password()
        self.assertEqual(self.vault.log, [("POST", "/v1/auth/approle/login"),
                                          ("GET", "/v1/secret/data/mail/acs")])
        self.secrets["SECRET_ID"] = "guessed-secret-id"
        self.fails(77, "invalid role or secret ID")
        self.options["role_id"] = "guessed"
        self.fails(77, "invalid role or secret ID")

    def test_a_secret_id_that_vault_repeats_is_not_told(self):
        self.approle()
        self.vault.roles["", "approle", "approle", ROLE_ID] = {"secret_ids": {}, "repeats": True}
        self.fails(77, "invalid secret_id")

    def test_a_secret_id_with_one_use_is_used_once(self):
        self.approle()
        self.vault.roles["", "approle", "approle", ROLE_ID]["secret_ids"][SECRET_ID] = 1
        self.gives_password()
        self.fails(77, "invalid role or secret ID")

    def test_a_role_without_secret_id_and_other_characters(self):
        self.approle(role_id='a "role" \\ of ours', auth_mount="team/approle")
        del self.options["secret_id"]
        self.vault.auth_mounts["team/approle"] = "approle"
        self.vault.roles["", "approle", "team/approle", 'a "role" \\ of ours'] = {"secret_ids": None}
        self.gives_password()

    def test_a_jwt_of_the_nested_chain(self):
        now = int(time.time())
        self.vault.roles["", "jwt", "jwt", "mailer"] = {"key": KEY, "bound_audiences": ["vault"]}
        self.options.update(auth="jwt", role="mailer",
                            credentials=[{"plugin": "token", "token": {"env": "NESTED"}}])
        self.secrets = {"NESTED": jwt(KEY, aud="vault", exp=now + 600)}
        self.gives_password()
        self.secrets = {"NESTED": jwt(b"another key", aud="vault", exp=now + 600)}
        self.fails(77, "failed to verify id token signature")
        self.secrets = {"NESTED": jwt(KEY, aud="another", exp=now + 600)}
        self.fails(77, "does not match any expected audience")
        self.options.update(role="nobody")
        self.fails(77, "could not be found")
        del self.options["credentials"]
        self.options.update(role="mailer", jwt={"env": "GIVEN"})
        self.secrets = {"GIVEN": jwt(KEY, aud="vault", exp=now + 600)}
        self.gives_password()

    def test_a_chain_is_told_what_became_of_its_token(self):
        """One that it has in its cache, and that Vault refuses by now, is replaced at once."""
        count = self.work / "count"
        script = f"echo x >>{count}; n=$(wc -l <{count})" + \
            "; printf '{\"version\": 1, \"token\": \"chain-token-%s\", \"expires_on\": 4000000000}' $n"
        self.secrets = {}
        self.options["credentials"] = [{"plugin": "exec", "format": "json",
                                        "command": ["/bin/sh", "-c", script]}]
        for way in ("token", "jwt"):
            with self.subTest(auth=way):
                count.unlink(missing_ok=True)
                self.options.update(auth=way, role="mailer")
                self.vault.roles["", "jwt", "jwt", "mailer"] = {"key": KEY, "bound_audiences": [None]}
                shutil.rmtree(self.top / ".cache", ignore_errors=True)
                self.cache = "files"
                self.vault.accepts("chain-token-1")
                self.gives_password()
                self.gives_password()
                self.assertEqual(count.read_text(), "x\n", "it was not cached")
                self.vault.accepts("chain-token-2")
                self.gives_password()
                self.assertEqual(count.read_text(), "x\nx\n")
                self.vault.accepts()
                self.fails(77, "HTTP 40")
                self.assertEqual(count.read_text(), "x\nx\nx\n")

    def test_what_a_way_needs_is_asked_for_before_anything_is_sent(self):
        self.secrets = {}
        self.fails(78, "auth 'token' needs the option 'token' or 'credentials'")
        self.options["auth"] = "jwt"
        self.fails(78, "auth 'jwt' needs the option 'jwt' or 'credentials'")
        self.options["auth"] = "approle"
        self.fails(78, "auth 'approle' needs the option 'role_id'")
        self.options.update(auth="token", kv_version=1, version=2)
        self.secrets = {"VAULT_TOKEN": self.root}
        self.fails(78, "keeps no versions")
        self.assertEqual(self.vault.log, [])

    def test_namespaces(self):
        self.vault.put("mail/acs", {"password": "lovelace"}, namespace="team-a/mail")
        self.vault.roles["team-a/mail", "approle", "approle", ROLE_ID] = {"secret_ids": {SECRET_ID: 0}}
        self.approle(namespace="team-a/mail")
        self.gives_password()
        self.options["namespace"] = "team-b"
        self.fails(77, "invalid role or secret ID")


class Lives(VaultCase):
    """One process that asks again and again."""

    def setUp(self):
        super().setUp()
        self.approle(token_field="token")
        self.vault.put("mail/acs", {"token": jwt(KEY, exp=int(time.time()) + 36000)})
        os.environ.update(self.secrets, ACSMTP_LIBRARY=str(self.libdir / "libacsmtp.so.0"),
                          ACSMTP_PLUGIN_PATH=self.environment["ACSMTP_PLUGIN_PATH"])
        acsmtp = importlib.import_module("acsmtp")
        self.driver = acsmtp.Driver(config_file=str(self.config()), config_only=True, cache=False)
        self.addCleanup(self.driver.close)

    def asked(self, path):
        return [entry for entry in self.vault.log if entry[1] == f"/v1/{path}"]

    def ask_until(self, done):
        limit = time.monotonic() + 60
        while not done():
            self.assertLess(time.monotonic(), limit)
            self.driver.token(refresh=True)
            time.sleep(0.05)

    def test_a_token_is_used_for_all_of_its_life(self):
        for _ in range(5):
            self.driver.token(refresh=True)
        self.assertEqual(len(self.asked("auth/approle/login")), 1)
        self.assertEqual(len(self.asked("secret/data/mail/acs")), 5)

    def test_it_is_renewed_in_its_second_half(self):
        self.vault.roles["", "approle", "approle", ROLE_ID]["ttl"] = 4
        self.ask_until(lambda: self.asked("auth/token/renew-self"))

    def test_what_cannot_be_renewed_is_replaced(self):
        self.vault.roles["", "approle", "approle", ROLE_ID].update(ttl=2, renewable=False)
        self.ask_until(lambda: len(self.asked("auth/approle/login")) == 2)
        self.assertEqual(self.asked("auth/token/renew-self"), [])

    def test_a_renewal_that_fails_is_a_login(self):
        self.vault.roles["", "approle", "approle", ROLE_ID]["ttl"] = 4
        self.driver.token(refresh=True)
        self.vault.revoke_all()
        time.sleep(2.1)  # into the second half
        self.driver.token(refresh=True)
        self.assertEqual(len(self.asked("auth/approle/login")), 2)

    def test_one_that_was_revoked_is_replaced_at_once(self):
        self.driver.token(refresh=True)
        self.vault.revoke_all()
        self.driver.token(refresh=True)
        self.assertEqual(len(self.asked("auth/approle/login")), 2)


class Refusals(VaultCase):
    def next(self, status, body="", **fields):
        self.vault.next_answers = [(status, fields, body.encode())]

    def test_vault_is_sealed(self):
        self.vault.sealed = True
        self.options["auth"] = "approle"
        self.options["role_id"] = ROLE_ID
        self.fails(75, "Vault is sealed or being maintained: HTTP 503: Vault is sealed")

    def test_a_node_that_is_behind_is_asked_again(self):
        self.next(412, '{"errors": ["required index state not present"]}')
        self.gives_password()
        self.assertEqual(len(self.vault.log), 2)

    def test_a_standby_that_passes_on(self):
        self.vault.standby = True
        self.fails(76, "give the address of the active node")

    def test_later_is_told(self):
        self.next(429, '{"errors": ["request path \\"secret\\": rate limit quota exceeded"]}',
                  **{"Retry-After": "3600"})
        self.fails(75, "rate limit quota exceeded")

    def test_what_is_not_there_and_what_may_not_be_read(self):
        self.options["path"] = "mail/nothing"
        self.fails(78, "there is no such secret or version")
        self.options["mount"] = "nothing"
        self.fails(77, "its policies do not let it read this")

    def test_the_other_version_of_the_engine(self):
        self.options["kv_version"] = 1
        self.fails(78, "set kv_version to 2")
        self.options.update(mount="kv1", kv_version=2)
        self.fails(78, "of the other kv_version")

    def test_answers_that_are_none(self):
        for body in ("", "[]", "{", "<html>", '{"data": null}', '{"data": {"data": []}}',
                     '{"data": {"data": {}, "metadata": {"deletion_time": "soon"}}}', '{"a":' * 99):
            with self.subTest(body=body):
                self.next(200, body)
                self.fails(76, "vault")
        self.approle()
        for body in ("", "[]", '{"auth": null}', '{"auth": {"client_token": ""}}',
                     '{"auth": {"client_token": "x", "lease_duration": -1}}'):
            with self.subTest(body=body):
                self.next(200, body)
                self.fails(76, "vault")


class Kit(VaultCase):
    def test_it_keeps_to_the_contract(self):
        reply = self.work / "reply.json"
        reply.write_text(json.dumps({
            "data": {"data": {"password": "@CANARY@"}, "metadata": {"deletion_time": ""}},
            "auth": {"client_token": "hvs.of-the-check", "lease_duration": 3600, "renewable": True}}))
        for way in (["token=@CANARY@"], ["auth=approle", "role_id=r", "secret_id=@CANARY@"]):
            options = [word for option in ["path=mail/acs", *way] for word in ("-o", option)]
            done = self.run_in(self.work, "acsmtp", "plugin", "check", *options, "--reply", reply,
                               self.libdir / "acsmtp/plugins/credential/vault.so")
            self.assertNotIn("SKIP", done.stdout)

    def test_with_clang(self):
        self.install(self.build(self.work / "vault", "clang"))
        self.gives_password()

    def test_with_cmake(self):
        folder = self.copy("plugin-vault")
        self.run_in(folder, "cmake", "-S", ".", "-B", "build")
        self.run_in(folder, "cmake", "--build", "build")
        self.install(folder / "build/plugins/credential/vault.so")
        self.gives_password()

    def test_the_readme_has_every_option(self):
        listed = json.loads(self.run_in(self.work, "acsmtp", "--json", "plugin", "info", "vault").stdout)
        text = (HERE / "README.md").read_text()
        for option in listed["plugins"][0]["options"]:
            self.assertIn(f"| `{option['name']}` |", text)
            if option.get("default"):
                self.assertRegex(text, rf"\| `{option['name']}` \|[^|]*\| `{option['default']}` \|")


class AMail(VaultCase):
    def test_is_sent_with_user_name_and_password_of_vault(self):
        with Emulator(str(BUILD / "bin" / "acsmtp-emulator")) as emulator:
            sender = emulator.address("DoNotReply")
            self.vault.put("mail/acs", {
                "username": emulator.address("legacy-client"),
                "password": emulator.application("legacy-client")["client_secret"]})
            host, port = emulator.smtp_address
            self.work.joinpath("config.json").write_text(json.dumps({"profiles": {"test": {
                "from": sender, "credentials": [{"plugin": "vault", **self.options}],
                "transports": [{"plugin": "smtp-login", "host": host, "port": port,
                                "ca_file": emulator.endpoints["ca_file"]}]}}}))
            self.run_in(self.work, "acsmtp", "--config", "config.json", "send", "--to",
                        "bob@example.com", "--subject", "Hello", "--text", "It works.", **self.secrets)
            self.assertEqual(len(emulator.messages()), 1)


class TheVaultOfTheTests(VaultCase):
    """hvac takes it for a real one."""

    def test_with_hvac(self):
        import hvac  # pylint: disable=import-outside-toplevel
        client = hvac.Client(url=self.vault.address)
        self.addCleanup(client.adapter.close)
        client.auth.approle.login(role_id=ROLE_ID, secret_id=SECRET_ID)
        self.assertTrue(client.is_authenticated())
        read = client.secrets.kv.v2.read_secret_version(path="mail/acs")
        self.assertEqual(read["data"]["data"]["password"], "lovelace")
        self.assertEqual(read["data"]["metadata"]["version"], 1)
        self.vault.put("a", {"b": "c", "ttl": "1h"}, mount="kv1")
        read = client.secrets.kv.v1.read_secret(path="a", mount_point="kv1")
        self.assertEqual((read["data"]["b"], read["lease_duration"]), ("c", 3600))
        self.assertEqual(client.auth.token.renew_self()["auth"]["client_token"], client.token)
        with self.assertRaises(hvac.exceptions.InvalidPath):
            client.secrets.kv.v2.read_secret_version(path="nothing")
        with self.assertRaises(hvac.exceptions.InvalidRequest):
            client.auth.approle.login(role_id=ROLE_ID, secret_id="guessed")
        self.vault.sealed = True
        with self.assertRaises(hvac.exceptions.VaultDown):
            client.secrets.kv.v2.read_secret_version(path="mail/acs")
        self.vault.sealed = False
        client.token = "hvs.guessed"
        with self.assertRaises(hvac.exceptions.Forbidden):
            client.secrets.kv.v2.read_secret_version(path="mail/acs")


if __name__ == "__main__":
    unittest.main()
