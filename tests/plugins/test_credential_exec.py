# SPDX-License-Identifier: MIT
"""exec: commands as sources, in each format; the git helper is git's own."""

import json
import os
import time

from lib.credentials import (CONFIG, DENIED, OK, PROTOCOL, SYSTEM, TEMPORARY, UNAVAILABLE,
                             CredentialTest, main)
import processes

NOT_A_TOKEN = "gives a user name and a password, not a token"
MESSAGE = b"From: DoNotReply@%s\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n"
LATER = 4070908800  # 2099-01-01T00:00:00Z


class Exec(CredentialTest):
    needs_emulator = False

    def printing(self, output, before="", status=0, name="own-script", **more):
        """An entry whose command prints this."""
        path = self.program.write(name + ".out", output)
        script = self.script(f"{before}\ncat '{path}'\nexit {status}\n", name)
        return dict({"plugin": "exec", "command": [script]}, **more)

    def expiry(self, entry):
        done = self.token(entry, arguments=("--format", "json", "--refresh"))
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)["expires_on"]

    def gets(self, token, output, **more):
        self.assertEqual(self.good_token(self.printing(output, **more), arguments=("--refresh",)), token)

    def gets_password(self, output, **more):
        self.refused(CONFIG, NOT_A_TOKEN, credentials=[self.printing(output, **more)])

    def gets_nothing(self, status, *words, output="", before="", exit_status=0, **more):
        error = self.refused(status, *words, credentials=[
            self.printing(output, before, exit_status, **more)])
        self.assertNotIn(NOT_A_TOKEN, error)
        return error

    # raw

    def test_raw_is_the_first_line(self):
        for output in ("opaque", "opaque\n", "opaque\r\n", "opaque\nnotes: x\n"):
            self.gets("opaque", output)
        self.gets_password("hunter22\nuser: ada\n", kind="password")

    def test_raw_without_a_line(self):
        self.gets_nothing(PROTOCOL, "empty", output="")
        self.gets_nothing(PROTOCOL, "empty", output="\nsecond\n")

    # json

    def test_json(self):
        self.gets("opaque", '{"version":1,"token":"opaque"}', format="json")
        self.gets_password('{"version":1,"username":"ada","password":"hunter22"}', format="json")
        both = '{"version":1,"token":"opaque","password":"hunter22"}'
        self.gets("opaque", both, format="json")
        self.gets_password(both, format="json", kind="password")

    def test_json_expiry_in_every_spelling(self):
        for value in (LATER, str(LATER), "2099-01-01T00:00:00Z", "2099-01-01T02:00:00+02:00"):
            with self.subTest(value=value):
                output = json.dumps({"version": 1, "token": "opaque", "expires_on": value})
                self.assertEqual(self.expiry(self.printing(output, format="json")), LATER)

    def test_json_that_is_none(self):
        self.canaries.append("canary-token")
        for output in ("", "canary-token", "{", "[]", "null", '{"token":"canary-token"}',
                       '{"version":2,"token":"canary-token"}', '{"version":1}',
                       '{"version":1,"token":7}', '{"version":1,"token":""}',
                       '{"version":1,"token":"canary-token","expires_on":"canary-token"}',
                       '{"version":1,"token":"canary-token"} canary-token',
                       '{"version":1,"token":"canary-token\\nx"}'):
            with self.subTest(output=output):
                self.gets_nothing(PROTOCOL, output=output, format="json")
        self.gets_nothing(PROTOCOL, format="json", output=json.dumps(
            {"version": 1, "password": "hunter22", "username": "u" * 600}))

    def test_expired_output_is_denied(self):
        self.gets_nothing(DENIED, "2023-11-14T22:13:20Z", format="json",
                          output='{"version":1,"token":"opaque","expires_on":1700000000}')
        self.gets_nothing(DENIED, "2023-11-14T22:13:20Z", format="json",
                          output='{"version":1,"password":"hunter22","expires_on":1700000000}')

    # kubectl

    def test_kubectl(self):
        for version in ("v1", "v1beta1"):
            output = json.dumps({"kind": "ExecCredential",
                                 "apiVersion": "client.authentication.k8s.io/" + version,
                                 "status": {"token": "opaque",
                                            "expirationTimestamp": "2099-01-01T00:00:00Z"}})
            self.assertEqual(self.expiry(self.printing(output, format="kubectl")), LATER)

    def test_kubectl_is_told_what_it_is_asked(self):
        home = self.program.home
        output = json.dumps({"kind": "ExecCredential",
                             "apiVersion": "client.authentication.k8s.io/v1",
                             "status": {"token": "opaque"}})
        self.gets("opaque", output, format="kubectl",
                  before=f'printf %s "$KUBERNETES_EXEC_INFO" > "{home}/own-info"')
        info = json.loads(self.read("own-info"))
        self.assertEqual((info["kind"], info["apiVersion"], info["spec"]["interactive"]),
                         ("ExecCredential", "client.authentication.k8s.io/v1", False))

    def test_kubectl_that_is_none(self):
        good = {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
                "status": {"token": "opaque"}}
        for change in ({"kind": "Pod"}, {"kind": None}, {"apiVersion": "v1"}, {"status": None},
                       {"status": {}}, {"status": {"clientCertificateData": "x"}},
                       {"status": {"token": "opaque", "expirationTimestamp": "soon"}}):
            with self.subTest(change=change):
                self.gets_nothing(PROTOCOL, output=json.dumps(dict(good, **change)), format="kubectl")
        self.gets_nothing(CONFIG, format="kubectl", kind="password")

    # aws

    def test_aws(self):
        output = json.dumps({"Version": 1, "AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "hunter22",
                             "SessionToken": "opaque", "Expiration": "2099-01-01T00:00:00Z"})
        self.gets_password(output, format="aws")
        self.gets_password(output, format="aws", kind="password")
        self.gets("opaque", output, format="aws", kind="token")
        self.assertEqual(self.expiry(self.printing(output, format="aws", kind="token")), LATER)
        for bad in ('{"Version":2,"SecretAccessKey":"hunter22"}', '{"Version":1}', "x"):
            self.gets_nothing(PROTOCOL, output=bad, format="aws")

    # git

    def test_git_output(self):
        self.gets_password("username=ada\npassword=hunter22\n", format="git")
        self.gets_password("password=a=b=c\nunknown=x\nstate[]=y\n\ngarbage after the end", format="git")
        self.gets("opaque", "password=opaque\npassword_expiry_utc=%d\n" % LATER, format="git",
                  kind="token")
        self.gets_password("password=hunter22\nquit=0\n", format="git")

    def test_git_says_no(self):
        self.gets_nothing(UNAVAILABLE, "no password", output="", format="git")
        self.gets_nothing(UNAVAILABLE, "no password", output="username=ada\n", format="git")
        self.gets_nothing(UNAVAILABLE, output="", exit_status=1, format="git")
        self.gets_nothing(UNAVAILABLE, "expired", format="git",
                          output="password=hunter22\npassword_expiry_utc=1700000000\n")
        for word in ("1", "true"):
            self.gets_nothing(DENIED, "quit", output="quit=%s\n" % word, format="git")

    def test_git_output_that_is_none(self):
        self.canaries.append("hunter22")
        for output in ("hunter22\n", "password=hunter22\npassword_expiry_utc=hunter22\n",
                       "password=hunter22\npassword_expiry_utc=" + "9" * 30 + "\n",
                       "username=" + "u" * 600 + "\npassword=hunter22\n"):
            with self.subTest(output=output[:40]):
                self.gets_nothing(PROTOCOL, output=output, format="git")

    def test_git_is_asked_in_its_protocol(self):
        home = self.program.home
        note = f'cat > "{home}/own-request"; echo "$@" > "{home}/own-operation"'
        cloud = self.program.write("own-cloud.json", json.dumps(
            {"smtp": {"host": "smtp.example", "port": 587}}))
        entry = self.printing("password=hunter22\n", before=note, format="git")
        self.refused(CONFIG, NOT_A_TOKEN, credentials=[entry], cloud=cloud)
        self.assertEqual(self.read("own-operation"), "get\n")
        self.assertEqual(self.read("own-request"), "protocol=smtp\nhost=smtp.example:587\n"
                         "username=someone@example.org\n\n")
        self.refused(CONFIG, NOT_A_TOKEN, credentials=[dict(entry, host="h.example:25", username="ada")])
        self.assertEqual(self.read("own-request"),
                         "protocol=smtp\nhost=h.example:25\nusername=ada\n\n")

    # exit statuses

    def test_exit_statuses(self):
        for number, status in ((69, UNAVAILABLE), (127, UNAVAILABLE), (75, TEMPORARY), (77, DENIED),
                               (78, CONFIG), (1, SYSTEM), (255, SYSTEM)):
            with self.subTest(number=number):
                error = self.gets_nothing(status, "last words", output="canary-output\n",
                                          before="echo first words >&2; echo last words >&2; echo >&2",
                                          exit_status=number)
                self.assertNotIn("canary-output", error)
                self.assertNotIn("first words", error)

    def test_a_command_that_is_not_there(self):
        self.refused(UNAVAILABLE, credentials=[{"plugin": "exec", "command": ["/nonexistent/x"]}])
        self.refused(UNAVAILABLE, credentials=[{"plugin": "exec", "command": "acsmtp-no-such-thing"}])
        second = self.printing("second-token")
        self.assertEqual(self.good_token({"plugin": "exec", "command": ["/nonexistent/x"]}, second),
                         "second-token")

    def test_a_command_that_takes_too_long(self):
        start = time.monotonic()
        self.gets_nothing(TEMPORARY, before="sleep 60", timeout="500ms")
        self.gets_nothing(TEMPORARY, before="sleep 60 & wait", timeout="500ms")
        self.assertLess(time.monotonic() - start, 15)

    def test_too_much_output(self):
        self.gets_nothing(PROTOCOL, before="head -c 1000000 /dev/zero | tr '\\0' x")

    def test_a_password_with_a_line_break(self):
        self.canaries.append("hunter22")
        self.gets_nothing(CONFIG, "line break", format="json",
                          output='{"version":1,"password":"hunter22\\nx"}')

    def test_standard_error_cannot_show_the_token(self):
        self.canaries.append("canary-token-value")
        self.gets_nothing(DENIED, output="canary-token-value", exit_status=77,
                          before="echo 'Authorization: Bearer canary-token-value' >&2")

    # surroundings

    def test_arguments_are_not_looked_at_by_a_shell(self):
        home = self.program.home
        script = self.script(f'printf "%s\\n" "$@" > "{home}/own-arguments"; echo opaque')
        self.assertEqual(self.good_token({"plugin": "exec", "command": [
            script, "$HOME", "a b", "*", ";true", "--"]}), "opaque")
        self.assertEqual(self.read("own-arguments"), "$HOME\na b\n*\n;true\n--\n")

    def test_the_environment_is_small(self):
        home = self.program.home
        entry = self.printing("opaque", before=f'env > "{home}/own-env"; pwd > "{home}/own-pwd"; '
                              f'cat > "{home}/own-stdin"', environment=["OWN_*", "ONE"])
        self.good_token(entry, OWN_A="a", OWN_B="b", ONE="1", OTHER="x", AZURE_CLIENT_SECRET="s",
                        stdin=b"not for the command")
        known = dict(line.split("=", 1) for line in self.read("own-env").splitlines())
        self.assertEqual((known["OWN_A"], known["OWN_B"], known["ONE"]), ("a", "b", "1"))
        self.assertEqual(known["ACSMTP_SCOPE"], "https://communication.azure.com/.default")
        self.assertNotIn("OTHER", known)
        self.assertNotIn("AZURE_CLIENT_SECRET", known)
        self.assertNotIn("KUBERNETES_EXEC_INFO", known)
        self.assertEqual((self.read("own-pwd"), self.read("own-stdin")), ("/\n", ""))

    def test_settings(self):
        self.refused(CONFIG, credentials=[{"plugin": "exec"}])
        self.refused(CONFIG, credentials=[{"plugin": "exec", "command": "true", "format": "xml"}])
        self.refused(CONFIG, credentials=[{"plugin": "exec", "command": "true", "kind": "both"}])
        self.refused(CONFIG, credentials=[{"plugin": "exec", "command": "true",
                                           "environment": ["V%d" % i for i in range(65)]}])

    def test_two_instances_in_one_chain(self):
        first = self.printing("", status=69, name="own-first")
        second = self.printing("second-token", name="own-second")
        self.assertEqual(self.good_token(first, second), "second-token")


class ExecAndTheServer(CredentialTest):
    """Passwords that a mail server accepts or refuses, and what a git helper hears of it."""

    def setUp(self):
        super().setUp()
        self.user = self.emulator.address("legacy-client")
        self.password = self.emulator.application("legacy-client")["client_secret"]
        self.canaries.append(self.password)

    def send(self, entry, username=None):
        domain = self.emulator.domain
        path = self.program.write("own-message.eml", MESSAGE % domain.encode())
        return self.acsmtp("send", path, credentials=[entry], profile={
            "from": "DoNotReply@" + domain, "username": username or self.user,
            "transports": ["smtp-login"]})

    def test_the_commands_user_name(self):
        self.program.write("own-out", json.dumps({"version": 1, "username": self.user,
                                                  "password": self.password}))
        script = self.script("cat '%s/own-out'" % self.program.home)
        done = self.send({"plugin": "exec", "command": [script], "format": "json"}, "nobody")
        self.assertEqual(done.returncode, OK, done.stderr)
        done = self.send({"plugin": "exec", "command": [script], "format": "json",
                          "username": "nobody"})
        self.assertEqual(done.returncode, DENIED, done.stderr)

    def helper(self):
        """Remembers what it is told, like git's own helpers do."""
        home = self.program.home
        self.program.write("own-out", "username=%s\npassword=%s\n" % (self.user, self.password))
        return self.script(f'cat > "{home}/own-$1"\n[ "$1" = get ] && cat "{home}/own-out"\nexit 0\n')

    def test_a_git_helper_hears_of_success(self):
        done = self.send({"plugin": "exec", "command": [self.helper()], "format": "git"})
        self.assertEqual(done.returncode, OK, done.stderr)
        address = "%s:%d" % self.emulator.smtp_address
        self.assertEqual(self.read("own-get"),
                         f"protocol=smtp\nhost={address}\nusername={self.user}\n\n")
        self.assertEqual(self.read("own-store"), f"protocol=smtp\nhost={address}\n"
                         f"username={self.user}\npassword={self.password}\n\n")
        self.assertFalse(os.path.exists(os.path.join(self.program.home, "own-erase")))

    def test_a_git_helper_hears_of_refusal(self):
        script = self.helper()
        self.program.write("own-out", "username=%s\npassword=wrong-one\n" % self.user)
        done = self.send({"plugin": "exec", "command": [script], "format": "git"})
        self.assertEqual(done.returncode, DENIED, done.stderr)
        self.assertIn("password=wrong-one\n", self.read("own-erase"))
        self.assertFalse(os.path.exists(os.path.join(self.program.home, "own-store")))

    def test_gits_own_store(self):
        processes.need_programs("git")
        host, port = self.emulator.smtp_address
        user, password = (text.replace("%", "%25").replace("@", "%40").replace("/", "%2F")
                          .replace(":", "%3A").replace("+", "%2B").replace("~", "%7E")
                          for text in (self.user, self.password))
        path = self.program.write("own-credentials", f"smtp://{user}:{password}@{host}%3a{port}\n")
        done = self.send({"plugin": "exec", "format": "git",
                          "command": ["git", "credential-store", "--file", path]})
        self.assertEqual(done.returncode, OK, done.stderr)
        self.emulator.put({}, "applications", "legacy-client", "secrets")
        done = self.send({"plugin": "exec", "format": "git",
                          "command": ["git", "credential-store", "--file", path]})
        self.assertEqual(done.returncode, DENIED, done.stderr)
        self.assertEqual(self.read("own-credentials"), "")


if __name__ == "__main__":
    main()
