# SPDX-License-Identifier: MIT
"""The project's own plugins with "isolation": "process", against the emulator: what they do is what
they do in the program's own process."""

import ctypes
import email
import email.policy
import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes  # noqa: E402
from program import CloudCase, canonical  # noqa: E402
from secret_service import SecretService  # noqa: E402

ANN = "ann@example.com"
CONFIG, UNAVAILABLE, DENIED = 78, 69, 77


def isolated(plugin, *allow, **options):
    """An entry that runs in a process of its own."""
    mode = {"mode": "process", "allow": list(allow)} if allow else "process"
    return dict({"plugin": plugin, "isolation": mode}, **options)


class IsolatedCase(CloudCase):
    def setUp(self):
        super().setUp()
        self.tmp = tempfile.mkdtemp(dir=self.program.home)
        self.program.environment["TMPDIR"] = self.tmp

    def tearDown(self):
        self.assertEqual(os.listdir(self.tmp), [], "a private folder was left")

    def client_secret(self, **more):
        application = self.emulator.application("modern-client")
        self.program.environment["ACSMTP_TEST_CLIENT"] = application["client_secret"]
        return isolated("client-secret", tenant_id=self.emulator.endpoints["tenant_id"],
                        client_id=application["client_id"],
                        client_secret={"env": "ACSMTP_TEST_CLIENT"}, **more)

    def modern(self, *credentials, transport=None, **more):
        return dict({"from": self.sender, "username": self.emulator.address("modern-client"),
                     "credentials": list(credentials),
                     "transports": [transport or isolated("smtp-xoauth2")]}, **more)


class Sending(IsolatedCase):
    def test_a_chain_of_isolated_sources(self):
        chain = [isolated("azd"), self.client_secret()]
        done = self.acsmtp("send", "-v", chosen=self.modern(*chain), stdin=self.message())
        self.assert_code(done, 0)
        self.assertEqual(self.landed(), [canonical(self.message())])
        self.assertIn("azd", done.stderr)

    def test_a_nested_chain_is_the_host_s(self):
        vault = isolated("keyvault-basic", vault="kv-acs-smtp-poc",
                         secret="smtp-legacy-client-secret",
                         username=self.emulator.address("legacy-client"),
                         credentials=[self.client_secret()])
        profile = {"from": self.sender, "credentials": [vault],
                   "transports": [isolated("smtp-login")]}
        done = self.acsmtp("send", "-v", chosen=profile, stdin=self.message())
        self.assert_code(done, 0)
        self.assertEqual(self.landed(), [canonical(self.message())])
        self.assertIn("keyvault-basic", done.stderr)

    def test_a_refused_token_is_forgotten_and_asked_for_once_more(self):
        profile = self.modern(self.client_secret())
        self.assert_code(self.acsmtp("send", chosen=profile, stdin=self.message()), 0)
        self.emulator.fault(service="smtp", step="auth", action="reply", count=1,
                            reply="535 5.7.3 Authentication unsuccessful")
        asked = self.emulator.requests("entra")["total"]
        done = self.acsmtp("send", "-v", chosen=profile, stdin=self.message())
        self.assert_code(done, 0)
        self.assertEqual(len(self.emulator.messages()), 2)
        self.assertGreater(self.emulator.requests("entra")["total"], asked)

    def test_the_token_is_kept_with_its_expiry(self):
        profile = self.modern(self.client_secret())
        self.assert_code(self.acsmtp("token", chosen=profile), 0)
        asked = self.emulator.requests("entra")["total"]
        done = self.acsmtp("token", "-v", chosen=profile)
        self.assert_code(done, 0)
        self.assertEqual(self.emulator.requests("entra")["total"], asked)

    def test_a_large_message_is_streamed(self):
        body = b"".join(b"%08d %s\r\n" % (i, b"x" * 70) for i in range(60000))
        message = self.message(body, Bcc="hidden@example.com")
        profile = self.modern(self.client_secret())
        path = self.program.write("large.eml", message)
        self.assert_code(self.acsmtp("send", path, chosen=profile), 0)
        self.assertEqual(self.landed(), [self.message(body)])

    def test_refused_recipients_are_told_one_by_one(self):
        self.emulator.fault(service="smtp", step="rcpt", action="reply", count=1,
                            reply="550 5.1.1 No such user")
        profile = self.modern(self.client_secret())
        done = self.acsmtp("send", "--json", "--to", "bob@example.com", "--to", ANN,
                           chosen=profile, stdin=self.message())
        result = json.loads(done.stdout)
        text = json.dumps(result)
        self.assertIn("5.1.1", text)
        self.assertEqual(self.emulator.messages()[0]["recipients"], [ANN])

    def test_a_composed_message(self):
        logo = self.program.write("logo.png", b"\x89PNG\r\n")
        profile = self.modern(self.client_secret(), composer=isolated("mime"))
        done = self.acsmtp("send", "--to", "Änn <%s>" % ANN, "--subject", "Grüße", "--text", "@-",
                           "--attach", logo, chosen=profile, stdin="Zeilen ü\n".encode())
        self.assert_code(done, 0)
        message = email.message_from_bytes(self.landed()[0], policy=email.policy.default)
        self.assertEqual(message["Subject"], "Grüße")
        self.assertEqual([part.get_filename() for part in message.iter_attachments()],
                         ["logo.png"])

    def test_what_a_composer_refuses(self):
        profile = self.modern(self.client_secret(), composer=isolated("mime"))
        done = self.acsmtp("send", "--to", ANN, "--subject", "x", "--text", "x", "--header",
                           "X-A: b\nX-C: d", chosen=profile)
        self.assert_code(done, 65)
        self.assertIn("composer mime: ", done.stderr)


class Looking(IsolatedCase):
    def test_doctor(self):
        done = self.acsmtp("doctor", "--json", chosen=self.modern(self.client_secret()))
        checks = [finding["check"] for finding in json.loads(done.stdout)["findings"]]
        for wanted in ("plugin", "tls", "login"):
            self.assertIn(wanted, checks, done.stdout)

    def test_chain_explain(self):
        profile = self.modern(isolated("default"), self.client_secret())
        done = self.acsmtp("chain", "explain", "--json", chosen=profile)
        self.assert_code(done, 0)
        self.assertIn("client-secret", done.stdout)

    def test_trace_comes_from_there(self):
        done = self.acsmtp("token", "--trace", chosen=self.modern(self.client_secret()))
        self.assert_code(done, 0)
        self.assertIn("/oauth2/v2.0/token", done.stderr)
        self.assertNotIn(self.emulator.application("modern-client")["client_secret"], done.stderr)


class Secrets(IsolatedCase):
    def test_arguments_environment_and_folder_hold_none(self):
        """While the plugin waits for an answer to the request that has the secret in it."""
        self.emulator.fault(service="entra", action="delay", delay_ms=60000, count=1)
        secret = self.emulator.application("modern-client")["client_secret"].encode()
        config = self.program.config(self.modern(self.client_secret()))
        running = subprocess.Popen([self.program.path, "--cloud", self.emulator.cloud, "--config",
                                    config, "--trace", "token"], env=self.program.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            self.assertTrue(any(b"POST" in line for line in running.stderr), "no request")
            parents = processes.parents()
            children = {pid for pid, parent in parents.items() if parent == running.pid}
            children |= {pid for pid, parent in parents.items() if parent in children}
            self.assertEqual(len(children), 2)
            for pid in children:
                for name in ("cmdline", "environ"):
                    try:
                        with open("/proc/%d/%s" % (pid, name), "rb") as file:
                            self.assertNotIn(secret, file.read())
                    except PermissionError:
                        self.assertNotEqual(os.getuid(), 0)
            self.assertEqual(len(os.listdir(self.tmp)), 1)
            for folder, _, names in os.walk(self.tmp):
                self.assertEqual(os.stat(folder).st_mode & 0o077 if folder != self.tmp else 0, 0)
                self.assertEqual(names, [])
        finally:
            running.terminate()
            running.communicate(timeout=60)


class Threads(IsolatedCase):
    def test_threads_share_isolated_sources_and_have_transports_of_their_own(self):
        profile = self.modern(self.client_secret())
        done = subprocess.run([os.path.join(self.program.build, "tests", "isolate-threads"),
                               self.program.config(profile), self.emulator.cloud, self.sender],
                              env=self.program.environment, text=True, capture_output=True,
                              timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(len(self.emulator.messages()), 8)


class Allowances(IsolatedCase):
    def script(self):
        return self.program.write("helper", "#!/bin/sh\necho '%s'\n" % json.dumps(
            {"version": 1, "token": self.token(), "expires_on": int(time.time()) + 3600}), 0o700)

    def test_a_program_is_run_only_if_it_may_be(self):
        command = {"command": [self.script()], "format": "json"}
        done = self.acsmtp("token", chosen=self.modern(isolated("exec", **command)))
        self.assert_code(done, CONFIG)
        self.assertIn('"allow": ["exec"]', done.stderr)
        done = self.acsmtp("token", chosen=self.modern(isolated("exec", "exec", **command)))
        self.assert_code(done, 0)

    def test_standard_input_is_read_only_if_it_may_be(self):
        message = self.program.write("message.eml", self.message())
        token = self.token().encode() + b"\n"
        for allow, code in (((), CONFIG), (("stdin",), 0)):
            done = self.acsmtp("send", message, stdin=token,
                               chosen=self.modern(isolated("token", *allow, stdin=True)))
            self.assert_code(done, code)
            if code:
                self.assertIn('"allow": ["stdin"]', done.stderr)
        self.assertEqual(self.landed(), [canonical(self.message())])

    def test_files_are_written_only_if_they_may_be(self):
        folder = os.path.join(self.program.home, "out")
        os.mkdir(folder)
        for isolation, code in (("process", None), ({"mode": "process", "write": [folder]}, 0)):
            transport = {"plugin": "file", "path": folder, "isolation": isolation}
            done = self.acsmtp("send", chosen={"from": self.sender, "transports": [transport]},
                               stdin=self.message())
            if code is None:
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("Permission denied", done.stderr)
                self.assertEqual(os.listdir(folder), [])
            else:
                self.assert_code(done, 0)
                self.assertEqual(len(os.listdir(folder)), 1)

    def test_a_plugin_that_is_kept_beside_the_config(self):
        """Nothing else in that folder can be read by it."""
        folder = os.path.join(self.program.home, ".config", "acsmtp", "plugins", "credential")
        os.makedirs(folder, 0o700)
        shutil.copy(os.path.join(self.program.build, "plugins", "credential", "client-secret.so"),
                    folder)
        self.program.environment["ACSMTP_PLUGIN_PATH"] = os.path.dirname(folder)
        self.program.environment["LD_LIBRARY_PATH"] = os.path.join(self.program.build, "lib")
        self.assert_code(self.acsmtp("token", chosen=self.modern(
            self.client_secret(), transport="smtp-xoauth2")), 0)

    def test_secrets_in_files_and_commands_are_read_by_the_host(self):
        application = self.emulator.application("modern-client")
        secret = self.program.write("secret", application["client_secret"])
        for source in ({"file": secret}, {"command": ["cat", secret]}):
            with self.subTest(source=source):
                entry = self.client_secret()
                entry["client_secret"] = source
                self.assert_code(self.acsmtp("token", chosen=self.modern(entry)), 0)


class Keyrings(IsolatedCase):
    """The token cache in the kernel's keyring, which an isolated plugin reaches only if it may."""

    def setUp(self):
        super().setUp()
        shown = shutil.which("keyctl") and subprocess.run(["keyctl", "show", "@u"], check=False,
                                                          capture_output=True)
        if not shown or shown.returncode != 0:
            self.skipTest("no keyctl, or a kernel or container without keyrings")

    def cached(self, *allow):
        return self.modern(self.client_secret(), cache="kernel-keyring",
                           keyring=isolated("kernel-keyring", *allow))

    def test_tokens_are_kept_there(self):
        profile = self.cached("keyring")
        self.addCleanup(lambda: self.acsmtp("logout", chosen=profile))
        first = self.acsmtp("token", chosen=profile)
        self.assert_code(first, 0)
        asked = self.emulator.requests("entra")["total"]
        second = self.acsmtp("token", chosen=profile)
        self.assert_code(second, 0)
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(self.emulator.requests("entra")["total"], asked)

    def test_not_without_leave(self):
        done = self.acsmtp("-vv", "token", chosen=self.cached())
        self.assertIn("keyring kernel-keyring: the keyrings of the kernel are forbidden here",
                      done.stderr)


class DesktopKeyrings(IsolatedCase):
    """A real GNOME Keyring, which is reached over a socket of this machine."""

    def test_only_with_sockets(self):
        processes.need(os.path.exists(os.path.join(self.program.build, "plugins", "keyring",
                                                   "secret-service.so")), "built without libsecret")
        processes.need(not SecretService.missing(), "not installed: dbus, gnome-keyring")
        service = SecretService()
        self.addCleanup(service.stop)
        service.start()
        self.program.environment.update(service.environment)
        service.store("acsmtp-test", self.token())
        entry = {"plugin": "token", "token": {"keyring": "acsmtp-test"}}
        for allow, code in (((), UNAVAILABLE), (("sockets",), 0)):
            done = self.acsmtp("token", chosen=self.modern(
                entry, keyring=isolated("secret-service", *allow)))
            self.assert_code(done, code)
            if code:
                self.assertIn('"allow": ["sockets"]', done.stderr)


class Configs(IsolatedCase):
    def refused(self, isolation, *words):
        entry = dict(self.client_secret(), isolation=isolation)
        done = self.acsmtp("config", "check", chosen=self.modern(entry))
        self.assert_code(done, CONFIG)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_what_isolation_may_say(self):
        self.refused("thread", '"isolation" is "process"')
        self.refused(True, '"isolation" is "process"')
        self.refused({"mode": "vm"}, '"mode" of "isolation" is "process"')
        self.refused({"mode": "process", "allow": ["all"]}, '"exec", "keyring", "sockets" and "stdin"')
        self.refused({"mode": "process", "alow": []}, "no key 'alow'")
        self.refused({"mode": "process", "write": ["out"]}, '"write" is a list', "'out'")
        self.refused({"mode": "process", "write": ["/nonexistent"]}, "'/nonexistent'")
        self.refused({"mode": "process", "environment": "HOME"}, '"environment" is a list')

    def test_options_are_checked_as_ever(self):
        entry = dict(self.client_secret(), tenantid="x")
        done = self.acsmtp("config", "check", chosen=self.modern(entry))
        self.assert_code(done, CONFIG)
        self.assertIn("tenant_id", done.stderr)

    def test_a_plugin_that_there_is_not(self):
        done = self.acsmtp("token", chosen=self.modern(isolated("client-secrets")))
        self.assert_code(done, CONFIG)
        self.assertIn("did you mean 'client-secret'", done.stderr)

    def test_without_the_program_nothing_runs(self):
        done = self.acsmtp("token", chosen=self.modern(self.client_secret()),
                           ACSMTP_PLUGIN_HOST="/nonexistent/acsmtp-plugin-host")
        self.assert_code(done, CONFIG)
        self.assertIn("/nonexistent/acsmtp-plugin-host, which is not installed", done.stderr)

    def test_a_program_that_others_can_write_is_not_trusted(self):
        path = self.program.write("acsmtp-plugin-host", "#!/bin/sh\n", 0o777)
        os.chmod(path, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)
        done = self.acsmtp("token", chosen=self.modern(self.client_secret()),
                           ACSMTP_PLUGIN_HOST=path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("can be changed by everybody", done.stderr)


class Kernels(IsolatedCase):
    """Where the kernel does not do its part nothing is run. Such a kernel is made of this one with a
    filter around the program, which its children inherit."""

    def without(self, *calls):
        """A function that forbids these calls to the process that runs it."""
        library = ctypes.CDLL("libseccomp.so.2")
        library.seccomp_init.restype = ctypes.c_void_p
        library.seccomp_load.argtypes = [ctypes.c_void_p]
        library.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int,
                                                   ctypes.c_uint, ctypes.c_void_p]
        allow, refuse = 0x7fff0000, 0x00050000 | errno.ENOSYS
        numbers = [library.seccomp_syscall_resolve_name(call.encode()) for call in calls]

        def apply():
            rules = library.seccomp_init(allow)
            for number in numbers:
                if library.seccomp_rule_add_array(rules, refuse, number, 0, None) != 0:
                    os._exit(99)
            if library.seccomp_load(rules) != 0:
                os._exit(99)
        return apply

    def refused(self, *calls):
        config = self.program.config(self.modern(self.client_secret()))
        done = subprocess.run([self.program.path, "--cloud", self.emulator.cloud, "--config",
                               config, "token"], env=self.program.environment, text=True,
                              capture_output=True, timeout=120, check=False,
                              preexec_fn=self.without(*calls))
        self.assertNotIn(done.returncode, (0, 99), done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.emulator.requests("entra").get("total", 0), 0)
        return done.stderr

    def test_no_landlock(self):
        self.assertIn("has no Landlock", self.refused("landlock_create_ruleset"))

    def test_a_landlock_that_does_not_restrict(self):
        self.assertIn("cannot restrict files (Landlock)", self.refused("landlock_restrict_self"))

    def test_no_seccomp(self):
        self.assertIn("takes no filter for system calls (seccomp)", self.refused("seccomp"))


if __name__ == "__main__":
    processes.main()
