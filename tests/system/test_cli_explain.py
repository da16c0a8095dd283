# SPDX-License-Identifier: MIT
"""acsmtp explain: every known failure is made to happen, by the emulator or by a real program, and
what was printed then is explained by its row. A row that nobody produces is a failure here."""

import contextlib
import json
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import pki
import processes
from program import CloudCase, Program

# A label of more than 63 letters: no resolver is asked for it.
NO_SUCH_NAME = "a" * 70 + ".invalid"
ENTRA, VAULT, ARM, GRAPH = "authority_host", "key_vault_domain", "resource_manager", "graph"

# What a reply of the server does to a whole delivery: row, step of the session, reply.
REPLIES = {
    "5.7.3": ("mail", "550 5.7.3 Requested action not taken"),
    "5.7.57": ("mail", "530 5.7.57 Client not authenticated to send mail"),
    "5.7.54": ("rcpt", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    "login-or-tls-first": ("mail", "530 5.7.0 Must issue a STARTTLS command first"),
    "tls-before-login": ("auth", "538 5.7.11 Encryption required"),
    "mechanism-too-weak": ("credentials", "534 5.7.9 Mechanism is too weak"),
    "mechanism-unknown": ("auth", "504 5.7.4 Unrecognized authentication type"),
    "message-too-large": ("dot", "552 Message size exceeds fixed limit"),
    "5.3.4": ("mail", "554 5.3.4 Message too big for system"),
    "too-many-connections": ("credentials", "421 4.3.2 The number of concurrent connections has "
                                            "exceeded the limit"),
    "service-closed": ("connect", "421 4.3.2 Service not available"),
    "4.4.62": ("mail", "451 4.4.62 Mail sent to the wrong region"),
}
# What the emulator answers when it is asked for a refusal by its code.
ORDERED = {
    ("keyvault", VAULT): ["ForbiddenByPolicy", "AccessDenied", "ForbiddenByFirewall",
                          "ForbiddenByConnection", "ObjectIsDeletedButRecoverable",
                          "ObjectIsBeingDeleted", "AKV10032"],
    ("arm", ARM): ["AuthorizationFailed", "MissingSubscriptionRegistration", "InvalidLinkedDomains",
                   "NoRegisteredProviderFound", "PrincipalNotFound", "RoleAssignmentExists",
                   "RoleAssignmentUpdateNotPermitted", "VaultAlreadyExists", "LocationRequired",
                   "ResourceGroupBeingDeleted", "InvalidResourceGroupLocation",
                   "ParentResourceNotFound", "LocationNotAvailableForResourceType",
                   "InvalidAuthenticationTokenTenant", "InvalidAuthenticationTokenAudience",
                   "ExpiredAuthenticationToken", "TooManyRequests", "DomainNotLinked"],
    ("graph", GRAPH): ["Authorization_RequestDenied", "NoBackingApplicationObject",
                       "Request_ResourceNotFound", "Directory_ObjectNotFound",
                       "Request_MultipleObjectsWithSameKeyValue", "Request_UnsupportedQuery"],
}


def words_of(done):
    """What a program said, without the hints, which would explain themselves."""
    return "\n".join(line for line in done.stderr.splitlines() if "hint:" not in line)


def refuse_one(listener, context):
    """A TLS session with somebody who is not known."""
    with listener.accept()[0] as client:
        with contextlib.suppress(ssl.SSLError):
            context.wrap_socket(client.dup(), server_side=True)
        while client.recv(4096):  # a close before the end would send a reset, and hide the alert
            pass


class Producers(CloudCase):
    """One method a row of the table: its words as somebody would see them."""

    def service(self, key):
        return self.emulator.vault_url() if key == VAULT else self.emulator.endpoints[key]

    def reply(self, key, path="/", headers=None):
        return self.emulator.get(self.service(key) + path, headers).body.decode()

    def management(self, path):
        bearer = self.emulator.token("operator", audience="https://management.azure.com")
        return self.reply(ARM, path, {"Authorization": "Bearer " + bearer})

    def vault(self, path, application="modern-client", **claims):
        bearer = self.emulator.token(application, audience="https://vault.azure.net", **claims)
        return self.reply(VAULT, path + "?api-version=7.4", {"Authorization": "Bearer " + bearer})

    def ordered(self, service, key, code):
        self.emulator.fault(service=service, action="error", code=code, count=1)
        return self.reply(key)

    def entra(self, code):
        """What acsmtp says of an application that Entra refuses so."""
        application = self.emulator.application("modern-client")
        self.emulator.fault(service="entra", action="error", code=code.removeprefix("AADSTS"))
        entry = {"plugin": "client-secret", "tenant_id": self.emulator.endpoints["tenant_id"],
                 "client_id": application["client_id"],
                 "client_secret": {"env": "ACSMTP_TEST_SECRET"}}
        return self.source(entry, secret=application["client_secret"])

    def source(self, *entries, **more):
        return words_of(self.acsmtp("--timeout", "5s", "token",
                                    chosen=dict(self.xoauth2(), credentials=list(entries)), **more))

    def mail(self, *arguments, send=None, **more):
        return words_of((send or self.send_xoauth2)(*arguments, "--to", "ann@example.com",
                                                    "--subject", "x", "--text", "y", **more))

    def answered(self, step, reply):
        self.emulator.fault(service="smtp", step=step, action="reply", reply=reply)
        return self.mail()

    def switch(self, name, value):
        self.emulator.put(value, "smtp", name)

    def tool(self, plugin, complaint):
        """A source that stands on another program's login; the program complains so."""
        path = self.program.write("own-tool", "#!/bin/sh\ncat >&2 <<'END'\n%s\nEND\nexit 1\n"
                                  % complaint, 0o700)
        return self.source({"plugin": plugin, "path": path})

    def curl(self, *arguments):
        done = subprocess.run(["curl", "-sS", "--max-time", "5", *arguments], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "HOME": self.program.home})
        return done.stderr.decode()

    def curl_mail(self, *arguments):
        letter = self.program.write("own-letter", self.message())
        return self.curl("--ssl-reqd", "--cacert", self.emulator.endpoints["ca_file"],
                         "smtp://localhost:%d" % self.emulator.smtp_address[1], "--mail-rcpt",
                         "ann@example.com", "--upload-file", letter, *arguments)

    # the login

    def make_token_for_exchange(self):
        return self.mail(secret=self.token(audience="https://outlook.office365.com"))

    def make_token_for_another_service(self):
        return self.mail(secret=self.token(audience="https://graph.microsoft.com"))

    def make_token_expired(self):
        return self.mail(secret=self.token(expires_in=-60))

    def make_login_refused_xoauth2(self):
        return self.mail(secret=self.token("operator"))

    def make_login_refused_password(self):
        return self.mail(send=self.send_login, secret="wrong")

    def make_login_refused(self):
        with smtplib.SMTP(*self.emulator.smtp_address) as session:
            session.starttls(context=self.emulator.tls_context())
            try:
                session.login(self.emulator.address("legacy-client"), "wrong")
            except smtplib.SMTPAuthenticationError as problem:
                return str(problem)
        return ""

    def make_mechanism_not_offered(self):
        self.switch("mechanisms", ["LOGIN"])
        return self.mail()

    def _without(self, keyword):
        self.switch("extensions", [extension for extension in self.emulator.state("smtp", "extensions")
                                   if not extension.startswith(keyword)])

    def make_no_auth_offered(self):
        self._without("AUTH")
        return self.mail()

    def make_no_starttls(self):
        self._without("STARTTLS")
        return self.mail()

    # sender, rate, recipients

    def make_5_3_5(self):
        return self.mail("--from", self.emulator.address("nobody"))

    def make_4_5_127(self):
        self.switch("per_minute", 1)
        self.mail()
        return self.mail()

    def make_4_5_3(self):
        self.switch("max_recipients", 1)
        return self.mail("--to", "bob@example.com")

    def make_5_6_7(self):
        self._without("SMTPUTF8")
        return self.mail("--to", "jürgen@example.com")

    # Key Vault, Resource Manager

    def make_ForbiddenByRbac(self):
        return self.vault("/secrets/smtp-legacy-client-secret", "legacy-client")

    def make_SecretDisabled(self):
        return self.vault("/secrets/disabled-secret")

    def make_SecretNotFound(self):
        return self.vault("/secrets/no-such-secret")

    def make_AKV10000(self):
        return self.reply(VAULT, "/secrets/disabled-secret?api-version=7.4")

    def make_vault_without_address(self):
        cloud = dict(self.emulator.endpoints, key_vault_domain=NO_SUCH_NAME)
        path = self.program.write("own-cloud.json", json.dumps(cloud))
        entry = {"plugin": "keyvault-basic", "vault": "kv-x", "secret": "s", "username": "u",
                 "credentials": [{"plugin": "token", "token": {"env": "ACSMTP_TEST_SECRET"}}]}
        chosen = dict(self.login(), credentials=[entry])
        return words_of(self.program.run("--cloud", path, "send", "--to", "a@example.com",
                                         "--text", "y", chosen=chosen, secret="x.y.z"))

    def make_SubscriptionNotFound(self):
        return self.management("/subscriptions/00000000-0000-0000-0000-000000000000"
                               "?api-version=2022-12-01")

    def make_ResourceGroupNotFound(self):
        return self.management(self.emulator.subscription + "/resourcegroups/none"
                               "?api-version=2022-09-01")

    def make_ResourceNotFound(self):
        return self.management(self.emulator.service + "/smtpUsernames/none?api-version=2026-03-18")

    def make_MissingApiVersionParameter(self):
        return self.management(self.emulator.service)

    def make_InvalidApiVersionParameter(self):
        return self.management(self.emulator.subscription + "/resourcegroups?api-version=yesterday")

    def make_InvalidAuthenticationToken(self):
        return self.reply(ARM, self.emulator.service + "?api-version=2023-04-01",
                          {"Authorization": "Bearer nonsense"})

    # managed identity

    def make_identity_not_found(self):
        return self.source({"plugin": "imds", "client_id": "00000000-0000-0000-0000-000000000000"})

    def make_no_metadata_service(self):
        self.emulator.put("absent", "imds", "mode")
        return self.source("imds")

    def make_metadata_header_missing(self):
        return self.reply("imds", "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
                                  "https://communication.azure.com")

    def make_no_system_identity(self):
        self.emulator.put(False, "identities", "system", "assigned")
        return self.source("imds")

    def make_arc_agent_absent(self):
        port = processes.free_port()
        return self.source({"plugin": "managed-identity", "source": "arc"},
                           IDENTITY_ENDPOINT=f"http://127.0.0.1:{port}/metadata/identity/oauth2/token",
                           IMDS_ENDPOINT=f"http://127.0.0.1:{port}")

    # the network

    def make_port_25(self):
        return self.curl("smtp://127.0.0.1:25")

    def make_dns(self):
        return self.curl(f"https://{NO_SUCH_NAME}/")

    def make_connect_refused(self):
        return self.mail(transport={"host": "127.0.0.1", "port": processes.free_port()})

    def make_connect_unreachable(self):
        """A multicast address has no way for TCP: the kernel says so and sends nothing."""
        return self.mail(transport={"host": "224.0.0.1"})

    def make_slow_reply(self):
        self.emulator.fault(service="smtp", step="ehlo", action="delay", delay_ms=20000)
        return self.mail("--timeout", "1s")

    def make_timeout(self):
        self.emulator.fault(service="arm", action="delay", delay_ms=20000)
        return self.curl("--max-time", "1", "--cacert", self.emulator.endpoints["ca_file"],
                         self.service(ARM))

    def make_curl_7(self):
        return self.curl(f"https://127.0.0.1:{processes.free_port()}/")

    def make_trust_store(self):
        return self.curl("--cacert", "/nowhere/ca.pem", self.service(ARM))

    def make_certificate_expired(self):
        self.switch("certificate", "expired")
        return self.mail()

    def make_client_identity(self):
        """curl has none to show."""
        authority = pki.Authority(os.path.join(self.program.home, "own-authority"))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(*authority.issue())
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=refuse_one, args=(listener, context))
            server.start()
            words = self.curl("--cacert", authority.ca_file,
                              "https://localhost:%d/" % listener.getsockname()[1])
            server.join()
        return words

    def make_certificate(self):
        return self.curl(self.service(ARM))

    def make_tls(self):
        return self.curl(self.emulator.endpoints["imds"].replace("http:", "https:"))

    def make_lost(self):
        self.emulator.fault(service="imds", action="drop")
        return self.curl(self.emulator.endpoints["imds"])

    def make_curl_8(self):
        self.switch("sender_phase", "data")
        return self.curl_mail("--user", self.emulator.address("legacy-client") + ":" + self.password,
                              "--mail-from", self.emulator.address("nobody"))

    def make_curl_55(self):
        return self.curl_mail("--user", self.emulator.address("legacy-client") + ":" + self.password,
                              "--mail-from", self.emulator.address("nobody"))

    # tools, and acsmtp itself

    def make_az_not_logged_in(self):
        return self.tool("azcli", "ERROR: Please run 'az login' to setup account.")

    def make_tool_not_installed(self):
        return self.source("azcli", PATH=self.program.home)

    def make_azd_not_logged_in(self):
        return self.tool("azd", json.dumps({"type": "consoleMessage", "data": {
            "message": "\nERROR: not logged in, run `azd auth login` to login\n"}}))

    def make_powershell_not_logged_in(self):
        return self.tool("azure-powershell", "Run Connect-AzAccount to login.")

    def make_plugin_missing(self):
        return self.source("no-such-source")

    def make_no_source_applies(self):
        self.emulator.put("absent", "imds", "mode")
        done = self.acsmtp("token", chosen=dict(self.xoauth2(), credentials=["imds", "azcli"]),
                           PATH=self.program.home)
        return words_of(done).splitlines()[-1]

    def make_no_credentials(self):
        chosen = self.xoauth2()
        del chosen["credentials"]
        return words_of(self.acsmtp("token", chosen=chosen))

    def make_no_transports(self):
        chosen = self.xoauth2()
        del chosen["transports"]
        return words_of(self.acsmtp("send", "--to", "a@example.com", "--text", "y", chosen=chosen,
                                    secret=self.token()))

    def make_others_can_read(self):
        path = self.program.write("own-secret", "x", 0o644)
        return self.source({"plugin": "token", "token": {"file": path}})

    def make_no_smtp_username(self):
        chosen = self.xoauth2()
        del chosen["username"]
        return words_of(self.acsmtp("send", "--to", "a@example.com", "--text", "y", chosen=chosen,
                                    secret=self.token()))

    def produce(self, row):
        """The words of that row, or None when nobody makes them."""
        if row.startswith("AADSTS"):
            return self.entra(row)
        if row in REPLIES:
            return self.answered(*REPLIES[row])
        for (service, key), codes in ORDERED.items():
            if row in codes:
                return self.ordered(service, key, row)
        method = getattr(self, "make_" + row.replace("-", "_").replace(".", "_"), None)
        return method() if method else None


class EveryRow(Producers):
    def test_every_row_is_produced_and_found(self):
        rows = json.loads(self.program.run("explain", "--list", "--json").stdout)["explanations"]
        self.assertGreater(len(rows), 150)
        for row in rows:
            with self.subTest(row["name"]):
                self.emulator.reset()
                words = self.produce(row["name"])
                self.assertIsNotNone(words, "nobody produces this row")
                self.assertTrue(words.strip(), "its producer had no failure")
                done = self.program.run("explain", "--json", stdin=words.encode())
                found = json.loads(done.stdout)["explanations"]
                self.assertIn(row["name"], [item["name"] for item in found], words)
                self.assertEqual(found[[item["name"] for item in found].index(row["name"])]["cause"],
                                 row["cause"])

    def test_every_row_has_cause_evidence_and_command(self):
        rows = json.loads(self.program.run("explain", "--list", "--json").stdout)["explanations"]
        self.assertEqual(len({row["name"] for row in rows}), len(rows))
        for row in rows:
            for key in ("cause", "evidence", "command"):
                self.assertTrue(row.get(key), f"{row['name']} has no {key}")


class Explain(CloudCase):
    def explain(self, *arguments, stdin=b""):
        return self.program.run("explain", *arguments, stdin=stdin)

    def test_several_words_are_one_text(self):
        for words in (["AADSTS7000215"], ["AADSTS7000215: Invalid client secret provided."],
                      ["invalid_client", "AADSTS7000215:", "Invalid", "client", "secret"]):
            done = self.explain(*words)
            self.assert_code(done, 0)
            self.assertIn("Use the secret's value, not its ID", done.stdout)
            self.assertIn("az ad app credential reset", done.stdout)
            self.assertEqual(done.stderr, "")

    def test_a_log_explains_each_known_line_once(self):
        log = (b"all is well\nAADSTS50076: x\r\n535 5.7.3 Authentication unsuccessful\n"
               b"something else\nagain AADSTS50076 and so on")
        document = json.loads(self.explain("--json", stdin=log).stdout)
        self.assertEqual([(item["name"], item["line"], item["lines"])
                          for item in document["explanations"]],
                         [("AADSTS50076", 2, 2), ("login-refused", 3, 1)])
        text = self.explain(stdin=log).stdout
        self.assertIn("AADSTS50076  (line 2, and in 1 more)\n", text)

    def test_nothing_known(self):
        done = self.explain("all", "is", "well")
        self.assert_code(done, 1)
        self.assertEqual(done.stdout, "")
        self.assertIn("acsmtp explain --list", done.stderr)
        done = self.explain("--json", "all is well")
        self.assert_code(done, 1)
        self.assertEqual(json.loads(done.stdout)["explanations"], [])

    def test_a_code_that_is_nearly_known(self):
        for wrong, right in (("AADSTS700016O", "AADSTS700016"), ("SecretNotFoud", "SecretNotFound")):
            done = self.explain(wrong)
            self.assert_code(done, 1)
            self.assertIn(f"did you mean '{right}'?", done.stderr)
            self.assertEqual(json.loads(self.explain("--json", wrong).stdout)["did_you_mean"], right)

    def test_a_longer_number_is_another_code(self):
        self.assert_code(self.explain("AADSTS70002159"), 1)
        self.assert_code(self.explain("15350 things were done"), 1)

    def test_hostile_input_is_only_text(self):
        token = self.token()
        log = b"\0\x1b[31m535 5.7.3 \xff\xfe" + token.encode() + b"\n" + b"A" * 200000 + b"\n535 x\n"
        done = self.explain(stdin=log)
        self.assert_code(done, 0)
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn(token[20:60], done.stdout)

    def test_without_home_config_or_network(self):
        self.program.environment.update(HOME="/nowhere", ACSMTP_CONFIG="/nowhere/config.json")
        self.assert_code(self.explain("curl: (60) SSL certificate problem"), 0)

    def test_wrong_usage(self):
        self.assert_code(self.explain("--list", "x"), 64)
        self.assert_code(self.explain("--nothing"), 64)


if __name__ == "__main__":
    processes.main()
