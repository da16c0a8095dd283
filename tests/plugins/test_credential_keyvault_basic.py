# SPDX-License-Identifier: MIT
"""keyvault-basic: a password from a vault that is opened with a token from a nested chain."""

import base64
import json
import time

from lib.credentials import (CONFIG, DENIED, OK, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest,
                             main, unused_port)
from lib.rogue_vault import VAULT, RogueVault

SECRET = "smtp-legacy-client-secret"
NOT_A_TOKEN = "gives a user name and a password, not a token"
MESSAGE = b"From: DoNotReply@%s\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n"


class Vault(CredentialTest):
    """What both kinds of tests need: an entry, and a run that must (not) get as far as a password."""

    opener = None

    def entry(self, **more):
        entry = {"plugin": "keyvault-basic", "vault": VAULT, "secret": SECRET,
                 "credentials": [self.opener]}
        entry.update(more)
        return {key: value for key, value in entry.items() if value is not None}

    def got_password(self, entry=None, **more):
        """`acsmtp token` refuses to print passwords: that it says so means that there was one."""
        return self.refused(CONFIG, NOT_A_TOKEN, credentials=[entry or self.entry()], **more)

    def got_none(self, status, *words, entry=None, **more):
        error = self.refused(status, *words, credentials=[entry or self.entry()], **more)
        self.assertNotIn(NOT_A_TOKEN, error)
        return error


class AgainstTheEmulator(Vault):
    opener = {"plugin": "imds"}

    def setUp(self):
        super().setUp()
        self.value = self.emulator.application("legacy-client")["client_secret"]
        self.canaries.append(self.value)

    def send(self, *entries):
        domain = self.emulator.domain
        path = self.program.write("own-message.eml", MESSAGE % domain.encode())
        profile = {"from": "DoNotReply@" + domain, "username": "legacy-client@" + domain,
                   "transports": ["smtp-login"]}
        return self.acsmtp("-v", "send", path, credentials=list(entries), profile=profile)

    def reader(self, name="system"):
        return self.emulator.state("identities", name)["object_id"]

    # success

    def test_the_password_opens_the_mail_server(self):
        done = self.send(self.entry())
        self.assertEqual(done.returncode, OK, done.stderr)
        sent, = self.emulator.messages()
        self.assertEqual(sent["auth"]["username"], "legacy-client@" + self.emulator.domain)

    def test_the_entrys_user_name_comes_first(self):
        other = "legacy-client@" + self.emulator.domain
        done = self.acsmtp("send", self.program.write("own-message.eml",
                                                      MESSAGE % self.emulator.domain.encode()),
                           credentials=[self.entry(username=other)],
                           profile={"from": "DoNotReply@" + self.emulator.domain,
                                    "username": "nobody@" + self.emulator.domain,
                                    "transports": ["smtp-login"]})
        self.assertEqual(done.returncode, OK, done.stderr)

    def test_every_spelling_of_the_identifier(self):
        url = self.emulator.vault_url()
        host = url[len("https://"):]
        old = next(iter(self.emulator.state("vaults", VAULT, "secrets", SECRET, "versions")))
        forms = [{"vault": VAULT.upper()}, {"vault": url}, {"vault": url + "/"}, {"vault": host},
                 {"version": old}]
        forms += [{"vault": None, "secret": None, "secret_url": text} for text in
                  (f"{url}/secrets/{SECRET}", f"{url}/secrets/{SECRET}/", f"{url}/secrets/{SECRET}/?",
                   f"{url}/secrets/{SECRET}/{old}", f"{url}/secrets/{SECRET}/{old}/",
                   f"HTTPS://{host}/SECRETS/{SECRET.upper()}")]
        forms.append({"vault": None, "secret": f"{url}/secrets/{SECRET}"})
        for form in forms:
            with self.subTest(form=form):
                self.got_password(self.entry(**form))

    def test_a_version_is_asked_for(self):
        versions = self.emulator.state("vaults", VAULT, "secrets", SECRET, "versions")
        old = next(i for i, v in versions.items() if v["value"] != self.value)
        done = self.send(self.entry(version=old))
        self.assertEqual(done.returncode, DENIED, done.stderr)
        self.assertNotIn(versions[old]["value"], done.stderr)

    def test_two_requests_a_password_and_one_token(self):
        self.got_password()
        self.assertEqual(self.emulator.requests("keyvault")["total"], 2)
        self.assertEqual(self.emulator.requests("imds")["token"], 1)

    def test_the_nested_chain_is_a_chain(self):
        away = {"plugin": "imds", "endpoint": "http://127.0.0.1:%d" % unused_port()}
        self.got_password(self.entry(credentials=[away, self.opener]))

    def test_two_instances_in_one_chain(self):
        first = self.entry(secret="disabled-secret")
        error = self.got_none(CONFIG, entry=first)
        self.assertIn("disabled", error)
        away = self.entry(credentials=[
            {"plugin": "imds", "endpoint": "http://127.0.0.1:%d" % unused_port()}])
        self.refused(CONFIG, NOT_A_TOKEN, credentials=[away, self.entry()])

    def test_expired_and_future_secrets_are_used_with_a_warning(self):
        self.assertIn("expired", self.got_password(self.entry(secret="expired-secret")))
        self.assertIn("valid only", self.got_password(self.entry(secret="future-secret")))

    # settings

    def test_settings_that_cannot_be(self):
        url = self.emulator.vault_url() + "/secrets/" + SECRET
        for form in ({"secret": "with_underscore"}, {"secret": "with.dot"}, {"secret": "a/b"},
                     {"secret": "x" * 128}, {"secret": None}, {"vault": None}, {"vault": "ab"},
                     {"vault": "two--hyphens"}, {"vault": "v" * 25}, {"vault": "http://" + VAULT},
                     {"version": "short"}, {"version": "g" * 31 + "/"}, {"secret_url": url},
                     {"vault": None, "secret": None, "secret_url": "http" + url[5:]},
                     {"vault": None, "secret": None, "secret_url": url + "/1/2"},
                     {"vault": None, "secret": None, "secret_url": url + "?x=1"},
                     {"vault": None, "secret": None, "secret_url": url.replace("secrets", "keys")},
                     {"vault": None, "secret": None, "secret_url": url[:url.rindex("/")]},
                     {"vault": None, "secret": None, "secret_url": url[:url.rindex("/") + 1]},
                     {"vault": None, "secret": None, "secret_url": "https://a@" + url[8:]},
                     {"vault": None, "secret": None, "secret_url": "https://kv:1/secrets/" + SECRET},
                     {"credentials": None}):
            with self.subTest(form=form):
                self.got_none(CONFIG, entry=self.entry(**form))
        self.assertEqual(self.emulator.requests("keyvault"), {})

    def test_no_token_goes_to_a_host_that_is_no_vault(self):
        port = self.emulator.endpoints["key_vault_domain"].rsplit(":", 1)[1]
        for host in (VAULT + ".evil.localhost:" + port, "localhost:" + port, "127.0.0.1:" + port,
                     "a." + VAULT + "." + self.emulator.endpoints["key_vault_domain"],
                     VAULT + ".vault.localhost:1", VAULT + ".vault.localhost",
                     "x" + self.emulator.endpoints["key_vault_domain"], "evil.example"):
            with self.subTest(host=host):
                self.got_none(CONFIG, entry=self.entry(vault="https://" + host))
        self.assertEqual(self.emulator.requests("keyvault"), {})

    # refusals

    def test_each_refusal_has_its_own_words(self):
        self.emulator.revoke(self.reader(), self.emulator.vault(VAULT))
        self.got_none(DENIED, "Key Vault Secrets User", "ForbiddenByRbac")
        self.emulator.reset()
        self.got_none(CONFIG, "disabled", entry=self.entry(secret="disabled-secret"))
        self.got_none(CONFIG, "no such secret", entry=self.entry(secret="nobody-knows-it"))
        self.got_none(CONFIG, entry=self.entry(vault="no-such-vault"))

    def test_refusals_that_only_real_vaults_give(self):
        for code, status, word in (("ForbiddenByFirewall", DENIED, "firewall"),
                                   ("AccessDenied", DENIED, "access policy"),
                                   ("ForbiddenByPolicy", DENIED, "access policy"),
                                   ("SomethingNew", DENIED, "SomethingNew")):
            with self.subTest(code=code):
                self.emulator.reset()
                self.emulator.fault(service="keyvault", action="status", status=403, skip=1,
                                    body=json.dumps({"error": {
                                        "code": "Forbidden", "message": "no " + code,
                                        "innererror": {"code": code}}}))
                self.got_none(status, word)

    def test_the_nested_chains_failure_is_told(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        self.got_none(UNAVAILABLE, "metadata service")

    def test_a_chain_that_gives_passwords_cannot_open_a_vault(self):
        self.got_none(CONFIG, entry=self.entry(credentials=[
            {"plugin": "password", "username": "a", "password": {"env": "OWN"}}]), OWN="password1")

    # tokens that the vault refuses

    def test_a_refused_token_is_replaced_once(self):
        self.got_password()
        # The cached token is good for the cache, but the vault now wants another one.
        self.emulator.fault(service="keyvault", action="status", status=401, skip=1, count=1,
                            body='{"error":{"code":"Unauthorized","message":"AKV10000"}}')
        self.emulator.clear_requests()
        self.got_password()
        self.assertEqual(self.emulator.requests("imds")["token"], 1)

    def test_a_token_that_is_refused_twice_is_denied(self):
        wrong = self.emulator.token("modern-client", audience="https://graph.microsoft.com")
        self.canaries.append(wrong)
        self.got_none(DENIED, "AKV10022", OWN=wrong, entry=self.entry(
            credentials=[{"plugin": "token", "token": {"env": "OWN"}}]))

    # failures that pass

    def test_throttling(self):
        self.emulator.fault(service="keyvault", action="status", status=429, retry_after=2, count=1)
        start = time.monotonic()
        self.got_password()
        self.assertGreater(time.monotonic() - start, 1.9)
        self.emulator.fault(service="keyvault", action="status", status=429, retry_after=90)
        self.got_none(TEMPORARY, "429", arguments=("--timeout", "20s"))

    def test_server_failures_and_slowness(self):
        self.emulator.fault(service="keyvault", action="status", status=500, count=1)
        self.got_password()
        self.emulator.fault(service="keyvault", action="delay", delay_ms=6000)
        start = time.monotonic()
        self.got_none(TEMPORARY, arguments=("--timeout", "2s"))
        self.assertLess(time.monotonic() - start, 5)

    def test_bad_replies(self):
        for action in ("garbage", "html", "huge"):
            for skip in (0, 1):
                with self.subTest(action=action, skip=skip):
                    self.emulator.reset()
                    self.emulator.fault(service="keyvault", action=action, skip=skip)
                    self.got_none(PROTOCOL)

    def test_a_lost_connection_is_tried_again(self):
        self.emulator.fault(service="keyvault", action="drop", count=1)
        self.emulator.fault(service="keyvault", action="truncate", skip=1, count=1)
        self.got_password()

    def test_the_trace_shows_the_request_but_neither_token_nor_password(self):
        done = self.acsmtp("--trace", "token", credentials=[self.entry()])
        self.assertIn("/secrets/" + SECRET, done.stderr)
        self.assertIn("WWW-Authenticate", done.stderr)


class AgainstARogue(Vault):
    """The challenge is text from the network: what it may make the program do, and what not."""

    needs_emulator = False
    opener = {"plugin": "token", "token": {"env": "OWN_TOKEN"}}
    bearer = "token-for-the-vault"

    def setUp(self):
        super().setUp()
        self.vault = RogueVault(self.program.home)
        self.addCleanup(self.vault.close)
        self.canaries.append(self.bearer)

    def run_it(self, function, *arguments, **more):
        return function(*arguments, cloud=self.vault.cloud, OWN_TOKEN=self.bearer, **more)

    def assert_no_token_sent(self):
        self.assertEqual([b for b in self.vault.bearers() if b], [])

    def test_challenges_that_are_understood(self):
        resource = "https://" + self.vault.domain
        tenant = "https://login.example/tenant.example"
        for header in (f'Bearer authorization="{tenant}", resource="{resource}"',
                       f'Bearer authorization="{tenant}" resource="{resource}"',
                       f'bearer  authorization="{tenant}",resource="{resource}"',
                       f'Bearer authorization_uri="{tenant}", scope="{resource}/.default"',
                       f'Bearer authorization={tenant}, resource={resource}',
                       f'Bearer realm="a \\" b", authorization="{tenant}/", resource="{resource}"',
                       f'Bearer authorization="{tenant}", resource="{resource}", PoP nonce="x"'):
            with self.subTest(header=header):
                del self.vault.replies[:], self.vault.requests[:]
                self.vault.answer(401, {"WWW-Authenticate": header})
                self.vault.secret("a-password")
                self.run_it(self.got_password)
                self.assertEqual(self.vault.bearers(), [None, "Bearer " + self.bearer])
                self.assertIn("?api-version=7.4", self.vault.requests[1][0])

    def test_challenges_that_are_not(self):
        resource = "https://" + self.vault.domain
        for header in ("", "Basic realm=x", "Bearer", "Bearer ", "Bearerx authorization=y",
                       'Bearer authorization="https://h/t"', f'Bearer resource="{resource}"',
                       f'Bearer authorization="http://h/t", resource="{resource}"',
                       f'Bearer authorization="https://h", resource="{resource}"',
                       f'Bearer authorization="https://h/", resource="{resource}"',
                       f'Bearer authorization="https://h/t%20x", resource="{resource}"',
                       f'Bearer authorization="https://h/t", resource="{resource}',
                       'Bearer authorization="https://h/t", resource="http://vault.localhost"',
                       'Bearer authorization="https://h/t", resource="https://"',
                       'Bearer authorization="https://h/t", resource="https://x y"',
                       'Bearer authorization="https://h/t", resource="' + "x" * 500 + '"',
                       'Bearer authorization="https://h/' + "t" * 500 + f'", resource="{resource}"',
                       f'Bearer authorization="https://h/t", resource="{resource}", claims="%%%"'):
            with self.subTest(header=header):
                del self.vault.replies[:], self.vault.requests[:]
                self.vault.answer(401, {"WWW-Authenticate": header} if header else {})
                self.run_it(self.got_none, PROTOCOL)
                self.assert_no_token_sent()

    def test_the_resource_must_be_a_parent_domain(self):
        for resource in ("https://vault.evil.localhost", "https://evil", "https://t.localhost",
                         "https://ault.localhost", "https://%s.vault.localhost" % VAULT,
                         "https://x.%s.vault.localhost" % VAULT, "https://.localhost",
                         "https://evil/vault.localhost", "https://evil:1/.vault.localhost"):
            with self.subTest(resource=resource):
                del self.vault.replies[:], self.vault.requests[:]
                self.vault.answer(401, self.vault.challenge(resource=resource))
                self.run_it(self.got_none, PROTOCOL)
                self.assert_no_token_sent()

    def test_a_vault_that_wants_no_token_is_no_vault(self):
        self.vault.secret("a-password")
        self.run_it(self.got_none, PROTOCOL, "not a vault")

    def test_claims_of_a_second_challenge_reach_the_source(self):
        claims = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}})
        self.vault.answer(401, self.vault.challenge())
        self.vault.answer(401, self.vault.challenge(
            error="insufficient_claims", claims=base64.b64encode(claims.encode()).decode()))
        self.vault.secret("a-password")
        error = self.run_it(self.got_none, UNAVAILABLE, "claims challenge",
                            entry=self.entry(credentials=[{"plugin": "azcli", "path": self.script(
                                'echo \'{"accessToken":"%s","expires_on":%d}\''
                                % (self.bearer, time.time() + 4000))}]))
        self.assertIn("az login", error)

    def test_redirects_are_not_followed(self):
        self.vault.answer(302, {"Location": self.vault.url + "/elsewhere"})
        self.run_it(self.got_none, PROTOCOL, "302")
        self.assertEqual(len(self.vault.requests), 1)

    def test_values(self):
        for value, status in (("two\nlines", CONFIG), ("end\n", CONFIG), ("end\r\n", CONFIG),
                              ("", CONFIG), (None, PROTOCOL), (7, PROTOCOL), ("nul\0x", PROTOCOL)):
            with self.subTest(value=value):
                del self.vault.replies[:], self.vault.requests[:]
                self.vault.answer(401, self.vault.challenge())
                self.vault.secret(value)
                self.run_it(self.got_none, status)
        del self.vault.replies[:]
        self.vault.answer(401, self.vault.challenge())
        self.vault.secret(" blanks and \u00e9 stay ")
        self.run_it(self.got_password)

    def test_a_vault_without_address_is_told_as_that(self):
        cloud = self.program.write("own-other.json", json.dumps(
            {"key_vault_domain": "vault.invalid", "ca_file": "/dev/null"}))
        done = self.token(self.entry(), cloud=cloud, OWN_TOKEN=self.bearer,
                          arguments=("--timeout", "5s"))
        self.assertIn(done.returncode, (TEMPORARY, CONFIG), done.stderr)

    def test_a_cloud_without_vaults(self):
        cloud = self.program.write("own-other.json", "{}")
        done = self.token(self.entry(), cloud=cloud, OWN_TOKEN=self.bearer)
        self.assertEqual(done.returncode, CONFIG, done.stderr)
        self.assertIn("key_vault_domain", done.stderr)


del Vault

if __name__ == "__main__":
    main()
