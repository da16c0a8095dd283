# SPDX-License-Identifier: MIT
"""What every keyring must do: secrets of settings, the token cache, sign-ins, logging out. A test of a
keyring plugin mixes Keyring in, tells its name and how another program writes and reads an entry."""

import concurrent.futures
import json
import os
import uuid

from lib.credentials import CONFIG, OK, UNAVAILABLE


class Keyring:
    plugin = None

    def put(self, name, secret):
        """Another program makes an entry that settings can refer to."""
        raise NotImplementedError

    def look(self, name):
        """What another program finds under one of the host's own names; None: nothing."""
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.canaries.append(self.client["client_secret"])
        self.name = "test-" + str(uuid.uuid4())
        # What stays in a keyring outlives the private home, and the next test would find it.
        self.addCleanup(lambda: self.run_with("logout", cache=self.plugin))

    def entry(self, **more):
        entry = {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                 "client_id": self.client["client_id"], "client_secret": {"env": "OWN_SECRET"}}
        return dict(entry, **more)

    def run_with(self, *arguments, entry=None, keyring="", **profile):
        more = {"keyring": self.plugin if keyring == "" else keyring, **profile}
        more = {key: value for key, value in more.items() if value is not None}
        return self.acsmtp(*arguments, credentials=[entry or self.entry()], profile=more,
                           OWN_SECRET=self.client["client_secret"], **self.environment())

    def environment(self):
        return {}

    def names(self, folder):
        """The names of the entries that the host may have made."""
        path = os.path.join(self.program.home, ".cache/acsmtp", folder)
        names = [name[:-len(".lock")] for name in os.listdir(path) if name.endswith(".lock")]
        return ["acsmtp/%s/%s" % (folder, name) for name in names]

    # secrets of settings

    def test_a_secret_of_the_settings(self):
        self.put(self.name, self.client["client_secret"])
        for reference in (self.name, {"plugin": self.plugin, "name": self.name}):
            done = self.run_with("token", "--refresh",
                                 entry=self.entry(client_secret={"keyring": reference}))
            self.assertEqual(done.returncode, OK, done.stderr)

    def test_a_reference_can_name_the_keyring_alone(self):
        self.put(self.name, self.client["client_secret"])
        reference = {"keyring": {"plugin": self.plugin, "name": self.name}}
        done = self.run_with("token", entry=self.entry(client_secret=reference), keyring=None)
        self.assertEqual(done.returncode, OK, done.stderr)

    def test_an_entry_that_is_not_there(self):
        done = self.run_with("token", entry=self.entry(client_secret={"keyring": self.name}))
        self.assertEqual(done.returncode, CONFIG, done.stderr)
        self.assertIn("there is no entry '%s'" % self.name, done.stderr)

    def test_no_keyring_is_chosen(self):
        entry = self.entry(client_secret={"keyring": self.name})
        for arguments in (("token",), ("config", "check")):
            done = self.run_with(*arguments, entry=entry, keyring=None)
            self.assertEqual(done.returncode, CONFIG, done.stderr)
            self.assertIn('write "keyring": PLUGIN into the config', done.stderr)

    def test_a_secret_may_hold_anything(self):
        odd = "quote' \"double\" \\ back\u00e9 " + "x" * 3000
        self.emulator.put({"value": odd}, "applications", "modern-client", "secrets", "odd")
        self.put(self.name, odd)
        done = self.run_with("token", entry=self.entry(client_secret={"keyring": self.name}))
        self.assertEqual(done.returncode, OK, done.stderr)

    def test_the_config_is_shown_with_its_references(self):
        done = self.run_with("config", "show",
                             entry=self.entry(client_secret={"keyring": self.name}))
        profile = json.loads(done.stdout)["profiles"]["test"]
        self.assertEqual(profile["keyring"], self.plugin)
        self.assertEqual(profile["credentials"][0]["client_secret"], {"keyring": self.name})

    # the cache

    def test_tokens_are_cached_in_it_and_in_no_file(self):
        first = self.run_with("token", cache=self.plugin)
        self.assertEqual(first.returncode, OK, first.stderr)
        second = self.run_with("token", cache=self.plugin)
        self.assertEqual(first.stdout, second.stdout)
        self.assertEqual(self.emulator.requests("entra")["token"], 1)
        for path in self.files():
            self.assertEqual(os.path.getsize(path), 0, path)
        entry, = [self.look(name) for name in self.names("tokens")]
        self.assertEqual(json.loads(entry)["token"], first.stdout.strip())

    def test_many_processes_at_once_make_one_request(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=500)
        config = self.program.config(self.profile([self.entry()], cache=self.plugin))
        arguments = ("--config", config, "--cloud", self.emulator.cloud, "token")
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            runs = [pool.submit(self.program.run, *arguments, **self.environment(),
                                OWN_SECRET=self.client["client_secret"]) for _ in range(12)]
        done = [run.result() for run in runs]
        self.assertEqual({(run.returncode, run.stderr) for run in done}, {(OK, "")})
        self.assertEqual(len({run.stdout for run in done}), 1)
        self.assertEqual(self.emulator.requests("entra")["token"], 1)

    def test_nothing_is_kept_when_the_config_says_none(self):
        for _ in range(2):
            self.assertEqual(self.run_with("token", cache="none").returncode, OK)
        self.assertEqual(self.emulator.requests("entra")["token"], 2)
        self.assertEqual(list(self.files()), [])

    def test_logout_removes_what_is_in_it(self):
        for arguments in (("logout",), ("--profile", "test", "logout")):
            self.run_with("token", cache=self.plugin)
            name, = self.names("tokens")
            self.assertIsNotNone(self.look(name))
            done = self.run_with(*arguments, cache=self.plugin)
            self.assertEqual((done.returncode, done.stdout),
                             (OK, "removed 1 cached token from keyring %s\n" % self.plugin),
                             done.stderr)
            self.assertIsNone(self.look(name))
        self.assertEqual(self.run_with("logout", cache=self.plugin).stdout, "nothing was kept\n")

    def test_a_cache_of_another_name(self):
        done = self.run_with("config", "check", cache=self.plugin[:-1])
        self.assertEqual(done.returncode, CONFIG, done.stderr)
        self.assertIn("did you mean '%s'?" % self.plugin, done.stderr)

    # sign-ins

    def sign_in(self):
        """The text of the entry that a sign-in leaves."""
        client = self.emulator.state("applications", "public-client")["client_id"]
        entry = {"plugin": "device-code", "client_id": client, "interactive": "never"}
        token = "1." + "ab" * 100
        self.emulator.put({"client_id": client, "person": "ann", "status": "good",
                           "expires_on": 4000000000}, "refresh_tokens", token)
        self.assertEqual(self.run_with("token", entry=entry).returncode, UNAVAILABLE)
        name, = self.names("store")
        self.keep(name, token)
        return entry, name, token

    def test_a_sign_in_is_kept_in_it(self):
        entry, name, token = self.sign_in()
        done = self.run_with("token", entry=entry)
        self.assertEqual(done.returncode, OK, done.stderr)
        renewed = self.look(name)
        self.assertNotEqual(renewed, token)
        self.assertIn(renewed, self.emulator.state("refresh_tokens"))
        self.canaries.append(renewed)
        done = self.run_with("--profile", "test", "logout", entry=entry)
        self.assertIn("removed 1 sign-in from keyring %s\n" % self.plugin, done.stdout)
        self.assertIn("removed 1 cached token from files\n", done.stdout)
        self.assertIsNone(self.look(name))
