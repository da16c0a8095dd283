# SPDX-License-Identifier: MIT
"""Every credential plugin in many situations, with "isolation" and without: what it says, how it is
classed, who of a chain wins and what is printed are the same."""

import base64
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "plugins"), os.path.join(HERE, "..", "support")]
# pylint: disable=wrong-import-position
from lib.credentials import CredentialTest, main  # noqa: E402

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}
# What differs from one run to the next, isolated or not.
VARYING = ((re.compile(r"((?:trace|correlation) id:?) [0-9a-f-]{36}", re.IGNORECASE), r"\1"),
           (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "some time"),
           (re.compile(r"\d{4}-\d\d-\d\d[T ][0-9:.]+Z?"), "a date"))


def isolated(entry, allow):
    """The entry, and the members of the chain in it, in processes of their own."""
    entry = dict(entry) if isinstance(entry, dict) else {"plugin": entry}
    if "credentials" in entry:
        entry["credentials"] = [isolated(member, allow) for member in entry["credentials"]]
    entry["isolation"] = {"mode": "process", "allow": list(allow)}
    return entry


def steady(text):
    for pattern, words in VARYING:
        text = pattern.sub(words, text)
    return text


def identity(text):
    """Whose token it is; tokens of one identity differ in their times."""
    parts = text.strip().split(".")
    if len(parts) != 3:
        return steady(text)
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "==="))
    return {name: claims.get(name) for name in ("aud", "appid", "oid", "tid")}


class SameAnswers(CredentialTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.ids = {"AZURE_CLIENT_ID": self.client["client_id"],
                    "AZURE_TENANT_ID": self.emulator.endpoints["tenant_id"]}
        self.secret = {"AZURE_CLIENT_SECRET": self.client["client_secret"]}
        self.canaries.append(self.client["client_secret"])
        self.platform = self.emulator.endpoints["platform"]

    def run_once(self, credentials, arguments, stdin, environment):
        """Nothing of an earlier run is found by this one."""
        with tempfile.TemporaryDirectory(dir=self.program.home, prefix="own-") as cache:
            return self.acsmtp(*arguments, credentials=credentials, stdin=stdin,
                               XDG_CACHE_HOME=cache, **environment)

    def answers(self, credentials, stdin, environment):
        """What one sees: of `token`, and of each member of the chain."""
        token = self.run_once(credentials, ("token",), stdin, environment)
        chain = self.run_once(credentials, ("chain", "explain", "--probe", "--json"), stdin,
                              environment)
        told = json.loads(chain.stdout)
        for member in told.get("members", ()):
            member.pop("elapsed_ms", None)
            member.pop("where", None)
            member.pop("isolated", None)
        return {"exit status": (token.returncode, chain.returncode),
                "token": identity(token.stdout), "words": steady(token.stderr).splitlines(),
                "members": json.loads(steady(json.dumps(told)))}

    def same(self, situations, *allow, stdin=b""):
        """Each situation is its credentials and its variables. The exit statuses that there were."""
        seen = []
        for credentials, environment in situations:
            credentials = credentials if isinstance(credentials, list) else [credentials]
            with self.subTest(credentials=credentials, variables=sorted(environment)):
                environment = dict(environment, LAST_TOKEN="last-resort")
                here = self.answers(credentials, stdin, environment)
                there = self.answers([isolated(entry, allow) for entry in credentials], stdin,
                                     environment)
                seen.append(here["exit status"][0])
                # "isolation" is a file's line more: the line of a message is another one.
                self.assertEqual(self.without_lines(there), self.without_lines(here))
        return seen

    @staticmethod
    def without_lines(answers):
        return json.loads(re.sub(r"config\.json:\d+", "config.json", json.dumps(answers)))

    # what the AZURE_* variables say

    def test_environment(self):
        user = {"AZURE_USERNAME": "ann@example.org"}
        certificate = {"AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere/certificate.pem"}
        whole = dict(self.ids, **self.secret)
        seen = self.same([(["environment", LAST], variables) for variables in (
            {}, self.ids, self.secret, whole, dict(self.ids, **certificate), certificate, user,
            dict(self.ids, **user), dict(self.ids, AZURE_PASSWORD="x", **user),
            {"AZURE_PASSWORD": "x"}, {"AZURE_CLIENT_ID": "x", "AZURE_CLIENT_SECRET": "x"},
            dict(self.ids, AZURE_CLIENT_SECRET=""), dict(self.ids, AZURE_CLIENT_SECRET="wrong"),
            dict(whole, AZURE_TENANT_ID="not a tenant"), dict(whole, AZURE_CLIENT_ID="a b"),
            dict(whole, AZURE_AUTHORITY_HOST="http://example.com"),
            dict(whole, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN="perhaps"),
            dict(whole, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN="1"))])
        self.assertEqual({0, 77, 78} - set(seen), set(), seen)

    def test_client_secret(self):
        plugin = {"plugin": "client-secret"}
        known = {"client_id": self.client["client_id"],
                 "tenant_id": self.emulator.endpoints["tenant_id"]}
        seen = self.same([(plugin, variables) for variables in (
            {}, self.ids, self.secret, dict(self.ids, **self.secret),
            {"AZURE_CLIENT_SECRET": ""})] + [
                ([plugin, LAST], self.secret),
                (dict(plugin, client_id="x"), {}),
                (dict(plugin, client_id="x"), {"AZURE_CLIENT_ID": "x"}),
                (dict(plugin, tenant_id="x"), self.secret),
                (dict(plugin, client_secret={"env": "OTHER"}), {}),
                (dict(plugin, client_secret={"env": "OTHER"}), self.secret),
                (dict(plugin, client_secret={"env": "OTHER"}, **known), {}),
                (dict(plugin, client_secret={"env": "OTHER"}, **known), {"OTHER": ""}),
                (dict(plugin, client_secret={"env": "OTHER"}, **known),
                 {"OTHER": self.client["client_secret"]}),
                (dict(plugin, client_secret="literal-and-wrong", **known), {}),
                (dict(plugin, client_secret={"file": "/nowhere/secret"}, **known), {}),
                (dict(plugin, client_secret={"command": ["false"]}, **known), {})])
        self.assertEqual({0, 69, 77, 78} - set(seen), set(), seen)

    def test_client_certificate(self):
        plugin = {"plugin": "client-certificate"}
        path = self.program.write("own-no-certificate.pem", "no certificate")
        self.same([(plugin, {}), (plugin, self.ids),
                   (plugin, {"AZURE_CLIENT_CERTIFICATE_PATH": path}),
                   (plugin, {"AZURE_CLIENT_CERTIFICATE_PASSWORD": "x"}),
                   (plugin, dict(self.ids, AZURE_CLIENT_CERTIFICATE_PATH=path)),
                   (dict(plugin, certificate=path), {}),
                   (dict(plugin, certificate=path), self.ids),
                   (dict(plugin, passphrase={"env": "OTHER"}), {"OTHER": "x"})])

    def test_client_assertion(self):
        plugin = {"plugin": "client-assertion", "client_id": self.client["client_id"],
                  "tenant_id": self.emulator.endpoints["tenant_id"]}
        url = {"ACTIONS_ID_TOKEN_REQUEST_URL": self.platform["endpoint"] + "/github/token?x=1"}
        job = self.emulator.state("platform")["secret"]
        pipelines = {"SYSTEM_OIDCREQUESTURI": self.platform["endpoint"] + "/pipelines/oidctoken"}
        connection = {"AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "c0ffee"}
        seen = self.same(
            [(dict(plugin, issuer="github"), variables) for variables in (
                {}, url, {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": job},
                dict(url, ACTIONS_ID_TOKEN_REQUEST_TOKEN=job),
                dict(url, ACTIONS_ID_TOKEN_REQUEST_TOKEN="wrong"))] +
            [(dict(plugin, issuer="azure-pipelines"), variables) for variables in (
                {}, pipelines, connection, dict(pipelines, **connection),
                dict(pipelines, SYSTEM_ACCESSTOKEN=job, **connection))] +
            [(plugin, {}), ([plugin, LAST], dict(url, ACTIONS_ID_TOKEN_REQUEST_TOKEN=job)),
             (dict(plugin, assertion={"file": "/nowhere/assertion"}), {}),
             (dict(plugin, assertion={"env": "OTHER"}), {"OTHER": "a.b.c"})])
        self.assertEqual({0, 69, 77, 78} - set(seen), set(), seen)

    def test_workload_identity(self):
        plugin = {"plugin": "workload-identity"}
        token = self.emulator.control("POST", "/federated-tokens", {"credential": "aks"})["token"]
        file = {"AZURE_FEDERATED_TOKEN_FILE": self.program.write("own-federated", token, 0o644)}
        seen = self.same([([plugin, LAST], variables) for variables in (
            {}, file, self.ids, self.secret, dict(file, AZURE_TENANT_ID="x"), dict(file, **self.ids),
            dict(self.ids, AZURE_FEDERATED_TOKEN_FILE="/nowhere/token"))] + [
                (dict(plugin, client_id="x"), {}), (dict(plugin, client_id="x"), file)])
        self.assertEqual({0, 78} - set(seen), set(), seen)

    # what a platform says

    def test_managed_identity(self):
        switches = self.emulator.state("platform")
        here = {"IDENTITY_ENDPOINT": self.platform["endpoint"] + "/msi/token"}
        header = {"IDENTITY_HEADER": switches["header"]}
        old = {"MSI_ENDPOINT": self.platform["endpoint"] + "/ml/token"}
        fabric = {"IDENTITY_ENDPOINT": self.platform["service_fabric"] + "/metadata/token"}
        arc = dict(IDENTITY_ENDPOINT=self.platform["endpoint"] + "/metadata/identity/oauth2/token",
                   IMDS_ENDPOINT=self.platform["endpoint"])
        plugin = {"plugin": "managed-identity"}
        seen = self.same([([plugin, LAST], variables) for variables in (
            {}, here, header, dict(here, **header), dict(here, IDENTITY_HEADER="wrong"), old,
            dict(old, MSI_SECRET=switches["secret"]), {"MSI_SECRET": switches["secret"]},
            dict(fabric, **header), {"IDENTITY_SERVER_THUMBPRINT": self.platform["thumbprint"]},
            dict(fabric, IDENTITY_SERVER_THUMBPRINT=self.platform["thumbprint"], **header),
            {"MSI_ENDPOINT": self.platform["endpoint"] + "/oauth2/token"}, arc)] + [
                (dict(plugin, arc_key_folder=self.platform["arc_key_folder"]), arc),
                (dict(plugin, client_id="x"), dict(here, **header)),
                (dict(plugin, client_id="x"), {})])
        self.assertEqual(0 in seen and len(set(seen)) > 1, True, seen)

    def test_imds(self):
        pod = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://example.com"}
        self.same([("imds", {}), ("imds", self.ids), (["imds", LAST], pod),
                   ({"plugin": "imds", "client_id": "x"}, {})])

    def test_default(self):
        """Nobody's tools are in PATH."""
        path = {"PATH": "/nowhere"}
        token = self.emulator.control("POST", "/federated-tokens", {"credential": "aks"})["token"]
        file = self.program.write("own-federated", token, 0o644)
        self.same([(["default", LAST], dict(path, **variables)) for variables in (
            {}, self.ids, self.secret, dict(self.ids, **self.secret),
            dict(self.ids, AZURE_FEDERATED_TOKEN_FILE=file),
            dict(self.secret, AZURE_TOKEN_CREDENTIALS="EnvironmentCredential"),
            {"AZURE_TOKEN_CREDENTIALS": "dev"}, {"AZURE_TOKEN_CREDENTIALS": "AzureCliCredential"},
            {"AZURE_TOKEN_CREDENTIALS": "prod"}, {"AZURE_TOKEN_CREDENTIALS": "nobody"})] + [
                ({"plugin": "default", "credentials": ["environment", LAST]}, self.secret)])

    # what is handed over

    def test_token_and_password(self):
        word = {"ACSMTP_PASSWORD": "handed-password"}
        user = {"ACSMTP_USERNAME": "ann@example.org"}
        self.canaries.append("handed-password")
        seen = self.same([
            ("token", {}), ("token", {"ACSMTP_ACCESS_TOKEN": "opaque"}),
            ("token", {"ACSMTP_ACCESS_TOKEN": ""}), (["token", LAST], {}),
            ({"plugin": "token", "token": {"env": "OTHER"}}, {}),
            ({"plugin": "token", "token": {"env": "OTHER"}}, {"OTHER": "two\nlines"}),
            ("password", {}), ("password", word), ("password", user),
            ("password", dict(word, **user)), (["password", LAST], user)])
        self.assertEqual({0, 69, 78} - set(seen), set(), seen)

    def test_standard_input(self):
        entries = [{"plugin": "token", "stdin": True}, {"plugin": "password", "stdin": True}]
        for text in (b"opaque-token\n", b"opaque-token\r\nmore\n", b"", b"\nsecond\n", b"x" * 70000):
            self.same([(entry, {}) for entry in entries], "stdin", stdin=text)
        # Each reads a line of its own.
        self.same([(entries[1::-1], {})], "stdin", stdin=b"a\nb\nc\nd\n")

    def test_standard_input_that_is_a_terminal(self):
        entry = {"plugin": "token", "stdin": True}
        told = []
        for chosen in (entry, isolated(entry, ["stdin"])):
            master, terminal = pty.openpty()
            config = self.program.config(self.profile([chosen]))
            done = subprocess.run([self.program.path, "--config", config, "token"],
                                  stdin=terminal, capture_output=True, text=True, check=False,
                                  env=self.program.environment, timeout=120)
            os.close(terminal)
            os.close(master)
            told.append((done.returncode, done.stdout, done.stderr))
        self.assertEqual(told[0], told[1])
        self.assertIn("standard input is a terminal", told[0][2])

    def test_device_code(self):
        self.same([("device-code", {}), ("device-code", self.ids), (["device-code", LAST], {}),
                   ({"plugin": "device-code", "client_id": "x"}, {})])

    def test_keyvault_basic(self):
        vault = {"plugin": "keyvault-basic", "vault": "kv-acs-smtp-poc",
                 "secret": "smtp-legacy-client-secret"}
        whole = dict(self.ids, **self.secret)
        self.same([(vault, whole), (dict(vault, credentials=["environment"]), whole),
                   (dict(vault, credentials=["environment"]), self.secret),
                   (dict(vault, credentials=["environment"], username="x@y"), whole),
                   ([dict(vault, credentials=["environment", "workload-identity"]), LAST], {}),
                   (dict(vault, credentials=["environment"], secret="no-such"), whole),
                   (dict(vault, credentials=["environment"], vault="a b"), whole)])

    # programs

    def test_programs(self):
        says = self.script("echo '%s'\n" % json.dumps(
            {"token": "tool-token", "expiresOn": "2099-01-01T00:00:00Z", "expires_on": 4070908800,
             "accessToken": "az-token"}), "own-says")
        fails = self.script("echo 'ERROR: AADSTS50076: second factor' >&2; exit 1\n", "own-fails")
        situations = [({"plugin": "exec", "command": ["/nowhere/tool"]}, {})]
        for path in (says, fails, "/nowhere/tool"):
            for plugin in ("azcli", "azd", "azure-powershell"):
                situations.append((dict(plugin=plugin, path=path), {}))
            situations.append(({"plugin": "exec", "command": [path]}, {}))
        self.assertIn(0, self.same(situations, "exec"))

    def test_what_programs_find_in_their_environment(self):
        """Where a tool's login is and how it is configured, the way to a server; and nothing else."""
        shows = self.script("""
            text=$(env | sed '/^\\(PWD\\|OLDPWD\\|SHLVL\\|_\\|TMPDIR\\|XDG_CACHE_HOME\\)=/d' | sort | base64 -w0)
            printf '{"version":1,"token":"%s","accessToken":"%s","expiresOn":"2099-01-01T00:00:00Z",' $text $text
            echo '"expires_on":4070908800}'
            """, "own-shows")
        variables = {"HTTPS_PROXY": "http://p", "HTTP_PROXY": "http://p", "no_proxy": "localhost",
                     "REQUESTS_CA_BUNDLE": "/ca.pem", "CURL_CA_BUNDLE": "/ca.pem", "LC_TIME": "C",
                     "AZURE_CONFIG_DIR": "/c", "AZURE_CORE_OUTPUT": "table", "AZD_CONFIG_DIR": "/d",
                     "AZURE_EXTENSION_DIR": "/e", "PSModulePath": "/m", "XDG_DATA_HOME": "/x",
                     "SOMEBODYS_SECRET": "canary"}
        entries = [dict(plugin=plugin, path=shows) for plugin in ("azcli", "azd", "azure-powershell")]
        entries.append({"plugin": "exec", "command": [shows], "format": "json"})
        self.assertEqual(self.same([(entry, variables) for entry in entries], "exec"), [0] * 4)


if __name__ == "__main__":
    main()
