# SPDX-License-Identifier: MIT
"""The Python module against the emulator: tokens, errors, time, threads, and the layout of the header."""

import base64
import contextlib
import ctypes
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ["ACSMTP_BUILD_DIR"]
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "support")]
os.environ["ACSMTP_LIBRARY"] = os.path.join(BUILD, "lib", "libacsmtp.so.0")
os.environ["ACSMTP_PLUGIN_PATH"] = os.path.join(BUILD, "plugins")

# pylint: disable=wrong-import-position
from emulator import Emulator  # noqa: E402


def is_sanitized():
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as cache:
        return "ACSMTP_SANITIZE:STRING=\n" not in cache.read()


if is_sanitized():
    print("Python was not built with this build's sanitizers")
    sys.exit(77)
import acsmtp  # noqa: E402

ACS = "https://communication.azure.com/.default"
VAULT = "https://vault.azure.net/.default"


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(os.path.join(BUILD, "bin", "acsmtp-emulator")).start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = home.name
        application = self.emulator.application("modern-client")
        for name in [name for name in os.environ if name.startswith(("AZURE_", "XDG_"))]:
            del os.environ[name]
        os.environ.update(HOME=self.home, AZURE_CLIENT_ID=application["client_id"],
                          AZURE_TENANT_ID=self.emulator.endpoints["tenant_id"],
                          AZURE_CLIENT_SECRET=application["client_secret"])

    def driver(self, *credentials, **options):
        """A Driver on a profile of these credentials; closed at the end of the test."""
        path = os.path.join(self.home, "config.json")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as config:
            json.dump({"profiles": {"test": {"credentials": list(credentials)}}}, config)
        driver = acsmtp.Driver(config_file=path, config_only=True, cloud=self.emulator.cloud, **options)
        self.addCleanup(driver.close)
        return driver

    def claims(self, token):
        part = token.value.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    def requests(self):
        return self.emulator.requests("entra").get("token", 0)


class Tokens(Case):
    def test_without_any_config(self):
        with acsmtp.Driver(cloud=self.emulator.cloud) as driver:
            token = driver.token(VAULT)
        self.assertEqual(self.claims(token)["aud"], "https://vault.azure.net")
        self.assertGreater(token.expires_on, time.time() + 3000)
        self.assertGreater(token.refresh_on, time.time())

    def test_a_profile_and_its_scope(self):
        driver = self.driver("client-secret")
        self.assertEqual(driver.profile, "test")
        token = driver.token()
        self.assertEqual(self.claims(token)["aud"], "https://communication.azure.com")
        self.assertEqual(driver.token().value, token.value)
        self.assertEqual(self.requests(), 1)

    def test_settings_go_before_the_config(self):
        driver = self.driver("imds", settings={"credentials.0": "client-secret"})
        driver.token(ACS)
        self.assertEqual((self.requests(), self.emulator.requests("imds")), (1, {}))

    def test_other_drivers_share_the_cache(self):
        first = self.driver("client-secret").token(ACS)
        self.assertEqual(self.driver("client-secret").token(ACS).value, first.value)
        self.assertNotEqual(self.driver("client-secret", cache=False).token(ACS).value, first.value)

    def test_refresh_asks_anew(self):
        driver = self.driver("client-secret")
        self.assertNotEqual(driver.token(ACS).value, driver.token(ACS, refresh=True).value)

    def test_a_refused_token_is_replaced_once_for_all(self):
        driver = self.driver("client-secret")
        old = driver.token(ACS)
        same = driver.token(ACS)
        driver.refused(old)
        newer = driver.token(ACS, instead_of=old)
        driver.refused(same, code=401, text="late")
        self.assertNotEqual(newer.value, old.value)
        self.assertEqual(driver.token(ACS, instead_of=same).value, newer.value)
        self.assertEqual(self.requests(), 2)

    def test_claims_are_passed_on(self):
        driver = self.driver("client-secret")
        driver.token(ACS, claims='{"access_token":{"nbf":{"essential":true,"value":"1"}}}')
        self.assertEqual(self.emulator.requests("entra")["claims"], 1)

    def test_as_a_credential_of_the_azure_sdk(self):
        token, expires_on = self.driver("client-secret").get_token(VAULT, enable_cae=True)
        self.assertEqual(token.count("."), 2)
        self.assertGreater(expires_on, time.time())

    def test_the_secret_is_not_shown(self):
        token = self.driver("client-secret").token(ACS)
        self.assertNotIn(token.value, repr(token) + str(token))


class Errors(Case):
    def test_a_refused_identity(self):
        os.environ["AZURE_CLIENT_SECRET"] = "wrong-canary"
        with self.assertRaises(acsmtp.Denied) as caught:
            self.driver("client-secret").token(ACS)
        error = caught.exception
        self.assertEqual((error.status, error.code, error.server_code),
                         ("denied", "AADSTS7000215", 401))
        self.assertIn("Invalid client secret", error.server_text)
        self.assertIsNotNone(error.hint)
        self.assertNotIn("wrong-canary", str(error) + error.server_text)

    def test_every_member_says_why_it_did_not_help(self):
        self.emulator.patch({"mode": "absent"}, "imds")
        del os.environ["AZURE_CLIENT_SECRET"]
        with self.assertRaises(acsmtp.Unavailable) as caught:
            self.driver("client-secret", "imds").token(ACS)
        attempts = caught.exception.attempts
        self.assertEqual([attempt.plugin for attempt in attempts], ["client-secret", "imds"])
        self.assertEqual({attempt.status for attempt in attempts}, {"unavailable"})
        self.assertTrue(all(attempt.message for attempt in attempts))

    def test_throttling_tells_when(self):
        self.emulator.fault(service="entra", action="status", status=429, retry_after=120)
        with self.assertRaises(acsmtp.Temporary) as caught:
            self.driver("client-secret").token(ACS, timeout=3)
        self.assertEqual(caught.exception.retry_after, 120)

    def test_a_wrong_config_has_its_place(self):
        with self.assertRaises(acsmtp.ConfigError) as caught:
            self.driver({"plugin": "client-secret", "client_idd": "x"}).token(ACS)
        self.assertIn("config.json:", str(caught.exception))
        self.assertIn("client_id", str(caught.exception))
        with self.assertRaises(acsmtp.ConfigError):
            acsmtp.Driver("nobody", config_only=True)

    def test_a_password_is_not_a_token(self):
        os.environ["AZURE_PASSWORD_FOR_TEST"] = "x"
        with self.assertRaises(acsmtp.ConfigError):
            self.driver({"plugin": "password", "password": {"env": "AZURE_PASSWORD_FOR_TEST"}}).token(ACS)

    def test_a_nul_does_not_cut_a_text_short(self):
        with self.assertRaises(ValueError):
            self.driver("client-secret").token(ACS + "\0evil")

    def test_a_closed_driver_is_told(self):
        driver = self.driver("client-secret")
        driver.close()
        driver.close()
        with self.assertRaises(ValueError):
            driver.token(ACS)


class Time(Case):
    def test_a_timeout(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=20000)
        start = time.monotonic()
        with self.assertRaises(acsmtp.Temporary):
            self.driver("client-secret").token(ACS, timeout=0.5)
        self.assertLess(time.monotonic() - start, 5)
        self.emulator.clear_faults()

    def test_another_thread_cancels(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=20000)
        cancel = acsmtp.Cancellation()
        threading.Timer(0.3, cancel.cancel).start()
        start = time.monotonic()
        with self.assertRaises(acsmtp.Cancelled):
            self.driver("client-secret").token(ACS, cancel=cancel)
        self.assertLess(time.monotonic() - start, 5)
        with self.assertRaises(acsmtp.Cancelled):
            self.driver("client-secret").token(ACS, cancel=cancel)
        self.emulator.clear_faults()


class Threads(Case):
    def run_threads(self, count, work):
        failures = []

        def run(number):
            try:
                work(number)
            except BaseException as problem:  # pylint: disable=broad-except
                failures.append(problem)
        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_many_threads_make_one_request_a_scope(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=200)
        driver, tokens = self.driver("client-secret"), {ACS: set(), VAULT: set()}

        def work(number):
            scope = (ACS, VAULT)[number % 2]
            tokens[scope].add(driver.token(scope).value)
        self.run_threads(20, work)
        self.emulator.clear_faults()
        self.assertEqual([len(values) for values in tokens.values()], [1, 1])
        self.assertEqual(self.requests(), 2)

    def test_a_token_refused_to_all_is_replaced_once(self):
        driver = self.driver("client-secret")
        start = threading.Barrier(12)

        def work(_):
            token = driver.token(ACS)
            start.wait()
            driver.refused(token)
            self.assertNotEqual(driver.token(ACS, instead_of=token).value, token.value)
        self.run_threads(12, work)
        self.assertEqual(self.requests(), 2)

    def test_python_goes_on_while_the_library_waits(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=600)
        ticks = []
        thread = threading.Thread(target=self.driver("client-secret").token, args=(ACS,))
        thread.start()
        while thread.is_alive():
            ticks.append(time.monotonic())
            time.sleep(0.01)
        self.emulator.clear_faults()
        self.assertGreater(len(ticks), 20)

    def test_close_waits_for_calls(self):
        self.emulator.fault(service="entra", action="delay", delay_ms=400)
        driver, got = self.driver("client-secret"), []
        thread = threading.Thread(target=lambda: got.append(driver.token(ACS)))
        thread.start()
        time.sleep(0.15)
        driver.close()
        thread.join()
        self.emulator.clear_faults()
        self.assertEqual(len(got), 1)


class Header(unittest.TestCase):
    STRUCTURES = {"acsmtp_error": acsmtp._Error, "acsmtp_driver_options": acsmtp._Options,
                  "acsmtp_credential_request": acsmtp._Request, "acsmtp_verdict": acsmtp._Verdict,
                  "acsmtp_attempt": acsmtp._Attempt}
    NUMBERS = {"ACSMTP_DRIVER_CONFIG_ONLY": acsmtp.CONFIG_ONLY, "ACSMTP_DRIVER_NO_CACHE": acsmtp.NO_CACHE,
               "ACSMTP_DRIVER_DEFAULT_CHAIN": acsmtp.DEFAULT_CHAIN, "ACSMTP_DENIED": acsmtp.STATUS_DENIED,
               "ACSMTP_REQUEST_REFRESH": acsmtp.REQUEST_REFRESH,
               "ACSMTP_CREDENTIAL_TOKEN": acsmtp.KIND_TOKEN}

    def test_structures_and_numbers_are_those_of_the_header(self):
        lines, expected = [], []
        for name, structure in self.STRUCTURES.items():
            lines.append(f'printf("%zu\\n", sizeof(struct {name}));')
            expected.append(ctypes.sizeof(structure))
            for field, *_ in structure._fields_:
                lines.append(f'printf("%zu\\n", offsetof(struct {name}, {field}));')
                expected.append(getattr(structure, field).offset)
        for name, number in self.NUMBERS.items():
            lines.append(f'printf("%d\\n", (int){name});')
            expected.append(number)
        source = ("#include <acsmtp/driver.h>\n#include <stddef.h>\n#include <stdio.h>\n"
                  "int main(void)\n{\n" + "\n".join(lines) + "\nreturn 0;\n}\n")
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "layout")
            subprocess.run(["cc", "-x", "c", "-", "-I", os.path.join(TOP, "include"), "-o", program],
                           input=source, check=True, text=True)
            out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
        self.assertEqual([int(line) for line in out.split()], expected)

    def test_the_exceptions_are_the_statuses(self):
        for number, kind in acsmtp._CLASSES.items():
            self.assertEqual(acsmtp._lib.acsmtp_status_name(number).decode(), kind.status)

    def test_the_version(self):
        self.assertRegex(acsmtp.version(), r"^\d+\.\d+\.\d+$")


class Log(Case):
    def test_lines_arrive_and_hold_no_secret(self):
        lines = []
        token = self.driver("client-secret", log=lambda level, line: lines.append((level, line)),
                            log_level=4).token(ACS)
        text = "\n".join(line for _, line in lines)
        self.assertIn("oauth2/v2.0/token", text)
        self.assertNotIn(token.value, text)
        self.assertNotIn(os.environ["AZURE_CLIENT_SECRET"], text)
        self.assertTrue(all(0 <= level <= 4 for level, _ in lines))

    def test_the_library_prints_nothing(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            self.driver("client-secret").token(ACS)
        self.assertEqual(out.getvalue(), "")


if __name__ == "__main__":
    unittest.main()
