# SPDX-License-Identifier: MIT
"""azcli: how the Azure CLI is called, and what its answers mean. The CLI is a script here that prints
what a real one was seen to print; the real one has a test of its own."""

import json
import os
import time

from lib.credentials import (CONFIG, DENIED, PROTOCOL, TEMPORARY, UNAVAILABLE,
                             CredentialTest, main)

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}
TENANT = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"
NOT_LOGGED_IN = "ERROR: Please run 'az login' to setup account."
EXPIRED = """ERROR: AADSTS700082: The refresh token has expired due to inactivity. The token was issued
Trace ID: 11111111-aaaa
Correlation ID: 22222222-bbbb
Interactive authentication is needed. Please run:
az login --scope https://communication.azure.com/.default"""
TRACEBACK = """ERROR: The command failed with an unexpected error. Here is the traceback:
ERROR: HTTPSConnectionPool(host='login.example', port=443): Max retries exceeded
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/urllib3/connection.py", line 174, in _new_conn
    conn = connection.create_connection(
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='login.example', port=443)"""
UNTRUSTED = """Traceback (most recent call last):
  File "x.py", line 1
requests.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"""


def reply(token="opaque-access-token", **more):
    """What az 2.45 prints, as the script's standard output."""
    known = {"accessToken": token, "expiresOn": "2099-01-01 00:00:00.000000",
             "subscription": "33333333-2222-3333-4444-555555555555", "tenant": TENANT,
             "tokenType": "Bearer"}
    known.update(more)
    return json.dumps({key: value for key, value in known.items() if value is not None})


class AzCli(CredentialTest):
    needs_emulator = False

    def az(self, output="", errors="", status=0, before=""):
        """A CLI that notes its arguments, environment and folder, then behaves as told."""
        self.program.write("own-output", output)
        self.program.write("own-errors", errors)
        home = self.program.home
        self.script(f'printf "%s\\n" "$@" > "{home}/own-arguments"\n'
                    f'env > "{home}/own-environment"\npwd > "{home}/own-folder"\n'
                    f'{before}\ncat "{home}/own-output"\ncat "{home}/own-errors" >&2\n'
                    f'exit {status}\n', name="own-az")
        return {"plugin": "azcli", "path": os.path.join(home, "own-az")}

    def arguments(self):
        return self.read("own-arguments").splitlines()

    def expiry(self, entry, **more):
        done = self.token(entry, arguments=("--format", "json"), **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["expires_on"]

    def fails(self, status, *words, errors="", exit_status=1, output=""):
        return self.refused(status, *words,
                            credentials=[self.az(output, errors, status=exit_status)])

    # the command line

    def test_the_exact_command_line(self):
        self.assertEqual(self.good_token(self.az(reply())), "opaque-access-token")
        self.assertEqual(self.arguments(), ["account", "get-access-token", "--output", "json",
                                            "--resource", "https://communication.azure.com"])
        self.assertIn(self.read("own-folder").strip(), ("/bin", "/usr/bin"))

    def test_a_slash_before_the_default_belongs_to_the_resource(self):
        self.good_token(self.az(reply()), arguments=("--scope", "https://x.example//.default"))
        self.assertEqual(self.arguments()[-1], "https://x.example/")

    def test_tenant_or_subscription(self):
        self.good_token(dict(self.az(reply()), tenant="contoso.example"))
        self.assertEqual(self.arguments()[-2:], ["--tenant", "contoso.example"])
        self.good_token(dict(self.az(reply()), subscription="My Sub_1.x-y"))
        self.assertEqual(self.arguments()[-2:], ["--subscription", "My Sub_1.x-y"])

    def test_the_requests_tenant_comes_first(self):
        self.good_token(dict(self.az(reply()), tenant="contoso.example"),
                        arguments=("--tenant", "fabrikam.example"))
        self.assertEqual(self.arguments()[-2:], ["--tenant", "fabrikam.example"])

    def test_a_subscription_of_another_tenant_is_of_no_use(self):
        entry = dict(self.az(reply()), subscription="Production")
        self.assertTrue(self.good_token(entry, arguments=("--tenant", TENANT.upper())))
        self.assertNotIn("--tenant", self.arguments())
        self.refused(CONFIG, TENANT, OTHER, credentials=[entry], arguments=("--tenant", OTHER))

    def test_nothing_odd_reaches_the_command_line(self):
        entry = self.az(reply())
        for more in ({"tenant": "a;b"}, {"tenant": "-x"}, {"subscription": "a$(b)"},
                     {"subscription": "-x"}, {"subscription": "a\"b"}, {"subscription": "a/b"},
                     {"tenant": "a", "subscription": "b"}, {"config_dir": "relative"}):
            with self.subTest(more=more):
                self.refused(CONFIG, credentials=[dict(entry, **more)])
        for scope in ("https://x;y/.default", "a b/.default", "--help", "x`y`"):
            with self.subTest(scope=scope):
                self.refused(CONFIG, credentials=[entry], arguments=("--scope=" + scope,))
        self.refused(CONFIG, credentials=[entry], arguments=("--tenant=-x",))
        self.assertFalse(os.path.exists(os.path.join(self.program.home, "own-arguments")))

    def test_the_environment_is_small(self):
        self.good_token(self.az(reply()), AZURE_CLIENT_SECRET="canary", AZURE_CONFIG_DIR="/nowhere",
                        HTTPS_PROXY="http://127.0.0.1:9", REQUESTS_CA_BUNDLE="/ca", TZ="Asia/Tokyo",
                        PYTHONPATH="/evil", LD_PRELOAD="", IDENTITY_HEADER="canary",
                        AZURE_CORE_COLLECT_TELEMETRY="no")
        known = dict(line.split("=", 1) for line in self.read("own-environment").splitlines())
        self.assertEqual(known["TZ"], "UTC")
        self.assertEqual(known["AZURE_CONFIG_DIR"], "/nowhere")
        self.assertEqual(known["HTTPS_PROXY"], "http://127.0.0.1:9")
        self.assertEqual(known["AZURE_CORE_COLLECT_TELEMETRY"], "no")
        self.assertEqual(known["HOME"], self.program.home)
        for name in ("AZURE_CLIENT_SECRET", "PYTHONPATH", "IDENTITY_HEADER", "LD_PRELOAD"):
            self.assertNotIn(name, known)

    def test_it_is_found_in_path_but_not_in_the_working_directory(self):
        self.az(reply(), before="true")
        os.rename(os.path.join(self.program.home, "own-az"), os.path.join(self.program.home, "az"))
        self.assertTrue(self.good_token({"plugin": "azcli"}, PATH=self.program.home + ":/usr/bin:/bin"))
        self.refused(UNAVAILABLE, "not installed", credentials=[{"plugin": "azcli"}],
                     PATH=".:/nonexistent", arguments=("--refresh",))

    # expiry

    def test_expires_on_comes_first(self):
        when = int(time.time()) + 5000
        self.assertEqual(self.expiry(self.az(reply(expires_on=when))), when)

    def test_the_tokens_own_expiry_comes_before_the_naive_date(self):
        # {"alg":"none"}.{"exp":4070908800}.
        token = "eyJhbGciOiJub25lIn0.eyJleHAiOjQwNzA5MDg4MDB9.c2ln"
        self.assertEqual(self.expiry(self.az(reply(token, expiresOn="2090-01-01 00:00:00"))),
                         4070908800)

    def test_the_naive_date_is_utc_since_the_cli_was_told_so(self):
        entry = self.az(reply(expiresOn="2098-12-31 12:34:56.000000"))
        for zone in ("UTC", "America/New_York"):
            self.assertEqual(self.expiry(entry, TZ=zone), 4070867696)

    def test_a_date_with_a_zone(self):
        self.assertEqual(self.expiry(self.az(reply(expiresOn="2098-12-31T12:34:56+02:00"))),
                         4070867696 - 7200)

    def test_no_expiry_at_all(self):
        self.fails(PROTOCOL, output=reply(expiresOn=None), exit_status=0)

    # not there, not logged in

    def test_not_installed(self):
        self.refused(UNAVAILABLE, "not installed", credentials=[
            {"plugin": "azcli", "path": "/nonexistent/az"}])
        done = self.token({"plugin": "azcli", "path": "/nonexistent/az"}, LAST, LAST_TOKEN="last")
        self.assertEqual(done.stdout, "last\n")

    def test_not_logged_in(self):
        self.fails(UNAVAILABLE, "run 'az login'", errors=NOT_LOGGED_IN + "\n")
        done = self.token(self.az(errors=NOT_LOGGED_IN, status=1), LAST, LAST_TOKEN="last")
        self.assertEqual(done.stdout, "last\n", done.stderr)
        self.assertIn("az login", done.stderr)

    def test_a_login_that_expired(self):
        self.fails(UNAVAILABLE, "AADSTS700082",
                   "run 'az login --scope https://communication.azure.com/.default'",
                   errors=EXPIRED)

    def test_a_refusal_that_no_login_mends(self):
        self.fails(DENIED, "AADSTS500011", errors="ERROR: AADSTS500011: The resource principal named "
                   "x was not found.\nTrace ID: 1\n")

    def test_a_broken_installation(self):
        self.fails(UNAVAILABLE, "broken", "ModuleNotFoundError", errors="Traceback (most recent call "
                   "last):\n  File \"x\"\nModuleNotFoundError: No module named 'azure'\n")
        self.fails(UNAVAILABLE, errors="sh: 1: python3: not found\n", exit_status=127)

    # other failures

    def test_the_network(self):
        error = self.fails(TEMPORARY, "cannot reach", "ConnectionError", errors=TRACEBACK)
        self.assertNotIn("urllib3/connection.py", error)

    def test_an_untrusted_certificate(self):
        self.fails(PROTOCOL, "REQUESTS_CA_BUNDLE", errors=UNTRUSTED)

    def test_an_unknown_subscription(self):
        self.fails(CONFIG, "subscription", errors="ERROR: Subscription 'x' not found. Check the "
                   "spelling and casing and try again.")

    def test_a_command_line_that_is_not_understood(self):
        self.fails(PROTOCOL, "--resource", exit_status=2,
                   errors="az account get-access-token: 'x' is misspelled\n"
                          "ERROR: unrecognized arguments: --resource")

    def test_any_other_failure_shows_its_last_line(self):
        error = self.fails(PROTOCOL, "exit status 3", "the last line",
                           errors="first line\nthe last line\n\n", exit_status=3)
        self.assertNotIn("first line", error)
        self.fails(PROTOCOL, "without a word", exit_status=9)

    def test_too_slow(self):
        start = time.monotonic()
        entry = dict(self.az(reply(), before="sleep 60"), timeout="1s")
        self.refused(TEMPORARY, "timeout", credentials=[entry])
        self.assertLess(time.monotonic() - start, 10)

    # output that cannot be used

    def test_bad_output(self):
        self.canaries.append("canary-token")
        for output in ("", "null", "[]", "{", '{"accessToken": 7}', '"canary-token"', "canary-token",
                       '{"accessToken":"canary-token"', '{"token":"canary-token"}',
                       reply("canary-token\n with a line"), reply("")):
            with self.subTest(output=output):
                self.fails(PROTOCOL, output=output, exit_status=0)

    def test_too_much_output(self):
        entry = self.az(before="head -c 1000000 /dev/zero | tr '\\0' x")
        self.refused(PROTOCOL, credentials=[entry])

    def test_warnings_do_no_harm(self):
        self.assertTrue(self.good_token(self.az(reply(), errors="WARNING: please upgrade\n")))

    # the cache

    def test_a_new_login_voids_the_cached_token(self):
        os.mkdir(os.path.join(self.program.home, "azure"))
        profile = self.program.write("azure/azureProfile.json", "{}")
        entry = dict(self.az(reply("first-token")), config_dir=os.path.dirname(profile))
        self.assertEqual(self.good_token(entry), "first-token")
        self.az(reply("second-token"))
        self.assertEqual(self.good_token(entry), "first-token")
        self.program.write("azure/azureProfile.json", '{"subscriptions": []}')
        self.assertEqual(self.good_token(entry), "second-token")

    def test_two_instances_in_one_chain(self):
        first = self.az(errors=NOT_LOGGED_IN, status=1)
        second = self.script("echo '%s'" % reply("second-token"), name="own-second")
        self.assertEqual(self.good_token(first, dict(first, path=second)), "second-token")


if __name__ == "__main__":
    main()
