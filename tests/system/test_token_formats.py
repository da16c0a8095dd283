# SPDX-License-Identifier: MIT
"""acsmtp token --format: each shape is read by the program it is for, or against its schema."""
import datetime
import json
import pathlib
import subprocess
import sys
import time
import unittest

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from program import CloudCase  # noqa: E402

TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
# ExecCredential of client.authentication.k8s.io/v1; "status" as kubectl wants it from a plugin.
K8S = {"type": "object", "additionalProperties": False,
       "required": ["apiVersion", "kind", "status"],
       "properties": {"apiVersion": {"const": "client.authentication.k8s.io/v1"},
                      "kind": {"const": "ExecCredential"},
                      "status": {"type": "object", "additionalProperties": False,
                                 "required": ["token"],
                                 "properties": {"token": {"type": "string", "minLength": 1},
                                                "expirationTimestamp": TIME}}}}
# credential_process, version 1: the SDKs ignore what they do not know.
AWS = {"type": "object", "required": ["Version", "AccessKeyId", "SecretAccessKey"],
       "properties": {"Version": {"const": 1}, "AccessKeyId": {"type": "string"},
                      "SecretAccessKey": {"type": "string"}, "SessionToken": {"type": "string"},
                      "Expiration": TIME}}
# docker-credential-helpers: what "get" answers.
DOCKER = {"type": "object", "additionalProperties": False, "required": ["Username", "Secret"],
          "properties": {"ServerURL": {"type": "string"}, "Username": {"type": "string"},
                         "Secret": {"type": "string"}}}


class Formats(CloudCase):
    def setUp(self):
        super().setUp()
        self.expected = self.token("modern-client")
        self.chosen = self.xoauth2()

    def run_token(self, *arguments, secret=None, stdin=b"", **more):
        return self.acsmtp("token", *arguments, chosen=self.chosen,
                           secret=secret or self.expected, stdin=stdin, **more)

    def output(self, *arguments, **more):
        done = self.run_token(*arguments, **more)
        self.assert_code(done, 0)
        return done.stdout

    def assert_expiry(self, text):
        when = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
        when = when.replace(tzinfo=datetime.timezone.utc).timestamp()
        self.assertAlmostEqual(when, time.time() + 3599, delta=120)

    def test_raw_and_json(self):
        self.assertEqual(self.output("--format", "raw"), self.expected + "\n")
        document = json.loads(self.output("--format", "json"))
        self.assertEqual((document["token"], document["source"]), (self.expected, "token"))
        self.assert_expiry(document["expires_at"])
        self.assertEqual(json.loads(self.output("--json")), document)

    def helper(self):
        """What git is told to run: the program with the test's config."""
        return "!%s --config %s --cloud %s token --format git" % (
            self.program.path, self.program.config(self.chosen), self.emulator.cloud)

    def git(self, *arguments, stdin):
        return subprocess.run(
            ["git", "-c", "credential.helper=", "-c", "credential.helper=" + self.helper(),
             *arguments], input=stdin, capture_output=True, text=True, check=False,
            env=dict(self.program.environment, ACSMTP_TEST_SECRET=self.expected,
                     GIT_TERMINAL_PROMPT="0", GIT_CONFIG_NOSYSTEM="1"))

    def test_git_takes_it_from_its_helper(self):
        done = self.git("credential", "fill", stdin="protocol=https\nhost=example.org\n\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = dict(line.split("=", 1) for line in done.stdout.split())
        self.assertEqual(answer["password"], self.expected)
        self.assertEqual(answer["username"], self.chosen["username"])
        if "password_expiry_utc" in answer:  # git 2.41
            self.assertAlmostEqual(int(answer["password_expiry_utc"]), time.time() + 3599,
                                   delta=120)

    def test_git_tells_it_what_became_of_it(self):
        for verb in ("approve", "reject"):
            done = self.git("credential", verb,
                            stdin="protocol=https\nhost=example.org\nusername=a\npassword=b\n\n")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_kubectl(self):
        document = json.loads(self.output("--format", "k8s"))
        jsonschema.validate(document, K8S)
        self.assertEqual(document["status"]["token"], self.expected)
        self.assert_expiry(document["status"]["expirationTimestamp"])

    def test_aws(self):
        document = json.loads(self.output("--format", "aws"))
        jsonschema.validate(document, AWS)
        self.assertEqual(document["SessionToken"], self.expected)
        self.assert_expiry(document["Expiration"])

    def test_docker(self):
        document = json.loads(self.output("--format", "docker", "get",
                                          stdin=b"https://example.azurecr.example\n"))
        jsonschema.validate(document, DOCKER)
        self.assertEqual(document, {"ServerURL": "https://example.azurecr.example",
                                    "Username": "<token>", "Secret": self.expected})
        for verb in ("store", "erase"):
            self.assertEqual(self.output("--format", "docker", verb, stdin=b"x" * 100000), "")

    def test_acsmtp_reads_what_it_writes(self):
        for written, read in (("raw", "raw"), ("k8s", "kubectl"), ("aws", "aws"), ("git", "git")):
            with self.subTest(written):
                text = self.program.write("answer", self.output("--format", written))
                entry = {"plugin": "exec", "command": ["/bin/sh", "-c", "cat \"$0\"", text], "format": read}
                if read in ("aws", "git"):
                    entry["kind"] = "token"
                self.chosen["credentials"] = [entry]
                self.assertEqual(self.output(), self.expected + "\n")
                self.chosen = self.xoauth2()

    def shell(self, script, **more):
        done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True,
                              **more)
        return done.stdout

    def test_a_shell(self):
        script = self.output("--format", "env")
        out = self.shell(script + "env | grep ^ACSMTP_ACCESS_TOKEN=")
        self.assertEqual(out, "ACSMTP_ACCESS_TOKEN=" + self.expected + "\n")
        script = self.output("--format", "env", "--variable", "MAIL")
        self.assertEqual(self.shell(script + 'printf %s "$MAIL"'), self.expected)

    def test_no_token_escapes_its_quotes(self):
        for odd in ("it's", "'", "'';touch$IFS/tmp/never;'", '"$(false)`false`\\', "a\\'b"):
            with self.subTest(odd):
                script = self.output("--format", "env", "--variable", "ODD", secret=odd)
                self.assertEqual(self.shell(script + 'printf %s "$ODD"'), odd)
                document = json.loads(self.output("--format", "k8s", secret=odd))
                self.assertEqual(document["status"]["token"], odd)

    def test_an_opaque_token_has_no_expiry(self):
        document = json.loads(self.output("--format", "k8s", secret="opaque"))
        self.assertEqual(document["status"], {"token": "opaque"})
        self.assertNotIn("password_expiry_utc", self.output("--format", "git", secret="opaque"))

    def test_wrong_words(self):
        for arguments, word in ((("--format", "yaml"), "none of raw|json|git"),
                                (("--format", "env", "--variable", "1A"), "no name of a variable"),
                                (("--format", "env", "--variable", "A;B"), "no name of a variable"),
                                (("--format", "git", "fill"), "none of get, store, erase"),
                                (("--format", "git", "get", "it"), "unexpected argument 'it'"),
                                (("get",), "unexpected argument 'get'")):
            done = self.run_token(*arguments)
            self.assert_code(done, 64)
            self.assertIn(word, done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
