# SPDX-License-Identifier: MIT
"""Every file of examples/config sends a mail. The files are used as they are, as the user's config;
what they name is made in the emulator's Azure, under the same ids."""

import filecmp
import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import jsonc
import postfix_dovecot
import processes
from program import CloudCase

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "config"
DOMAIN = "contoso.azurecomm.net"
TENANT = "00000000-0000-0000-0000-000000000000"
CLIENT = "11111111-1111-1111-1111-111111111111"
IDENTITY = "22222222-2222-2222-2222-222222222222"
OTHER_TENANT = "33333333-3333-3333-3333-333333333333"


class Example(CloudCase):
    """The emulator is contoso's Azure; the machine is a desk without any login."""

    tested = set()
    recipient = "user@example.com"

    def setUp(self):
        super().setUp()
        secret = self.emulator.application("modern-client")["client_secret"]
        self.secrets = {"AZURE_CLIENT_SECRET": secret}
        self.emulator.put(CLIENT, "applications", "modern-client", "client_id")
        self.emulator.patch({"resource": {"properties": {
            "fromSenderDomain": DOMAIN, "mailFromSenderDomain": DOMAIN}}}, "arm",
            self.emulator.email_domain_id)
        legacy = self.emulator.state("applications", "legacy-client", "client_id")
        self.bind("modern-client@" + DOMAIN, CLIENT)
        self.bind("legacy-client@" + DOMAIN, legacy)
        self.emulator.put("absent", "imds", "mode")
        self.tools = os.path.join(self.program.home, "bin")
        os.mkdir(self.tools)

    def bind(self, username, client, tenant=TENANT):
        """The user name is linked to the application in that tenant, which is the emulator's now."""
        self.emulator.put(tenant, "tenant_id")
        self.emulator.bind(username, client)
        self.emulator.patch({"resource": {"properties": {"tenantId": tenant}}}, "arm",
                            self.emulator.smtp_username_key(username))

    def use(self, name):
        """The file itself becomes the user's config."""
        folder = os.path.join(self.program.home, ".config", "acsmtp")
        os.makedirs(folder)
        os.symlink(EXAMPLES / name, os.path.join(folder, "config.json"))
        self.assertTrue(filecmp.cmp(EXAMPLES / name, os.path.join(folder, "config.json"), False))
        Example.tested.add(name)

    def tool(self, name, output):
        path = os.path.join(self.tools, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\ncat <<'END'\n%s\nEND\n" % output)
        os.chmod(path, stat.S_IRWXU)

    def run_acsmtp(self, *arguments, **environment):
        return self.program.run(*arguments, ACSMTP_CLOUD=self.emulator.cloud,
                                PATH=self.tools + ":/usr/bin:/bin", **environment)

    def send(self, *arguments, **environment):
        done = self.run_acsmtp("config", "check", *arguments, **environment)
        self.assert_code(done, 0)
        done = self.run_acsmtp("send", *arguments, "--to", self.recipient, "--subject", "Hello",
                               "--text", "It works.", **environment)
        self.assert_code(done, 0)
        return done

    def assert_sent(self, mechanism, username):
        message, = self.emulator.messages()
        self.assertEqual(message["from"], "DoNotReply@" + DOMAIN)
        self.assertEqual(message["recipients"], ["user@example.com"])
        self.assertEqual((message["auth"]["mechanism"], message["auth"]["username"]),
                         (mechanism, f"{username}@{DOMAIN}"))

    # a file each

    def identity(self):
        self.emulator.put(IDENTITY, "identities", "uami-acs-smtp", "client_id")
        self.bind("managed-client@" + DOMAIN, IDENTITY)

    def test_managed_identity(self):
        self.identity()
        self.emulator.put("on", "imds", "mode")
        self.use("managed-identity.json")
        self.send()
        self.assert_sent("XOAUTH2", "managed-client")
        self.assertEqual(self.emulator.requests("platform"), {})

    def test_managed_identity_of_app_service(self):
        self.identity()
        platform = self.emulator.endpoints["platform"]
        self.use("managed-identity.json")
        self.send(IDENTITY_ENDPOINT=platform["endpoint"] + "/msi/token",
                  IDENTITY_HEADER=platform["header"])
        self.assert_sent("XOAUTH2", "managed-client")

    def login(self):
        """What az prints once somebody is logged in."""
        self.tool("az", json.dumps({"accessToken": self.token(), "tokenType": "Bearer",
                                    "expiresOn": "2099-01-01 00:00:00.000000", "tenant": TENANT}))

    def test_developer_login(self):
        self.login()
        self.use("developer-login.json")
        self.send()
        self.assert_sent("XOAUTH2", "modern-client")

    def test_service_principal(self):
        self.use("service-principal.json")
        self.send(**self.secrets)
        self.assert_sent("XOAUTH2", "modern-client")

    def test_certificate(self):
        key, certificate = (os.path.join(self.program.home, name) for name in ("key", "cert"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "365",
                        "-subj", "/CN=acsmtp", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        text = [pathlib.Path(path).read_text(encoding="ascii") for path in (key, certificate)]
        self.emulator.put({"example": text[1]}, "applications", "modern-client", "certificates")
        path = self.program.write("acsmtp.pem", "".join(text))
        self.use("certificate.json")
        self.send("--set", "credentials.0.certificate=" + path)
        self.assert_sent("XOAUTH2", "modern-client")

    def test_workload_identity(self):
        token = self.emulator.control("POST", "/federated-tokens", {"credential": "aks"})["token"]
        path = self.program.write("federated-token", token)
        self.use("workload-identity.json")
        self.send(AZURE_CLIENT_ID=CLIENT, AZURE_TENANT_ID=TENANT, AZURE_FEDERATED_TOKEN_FILE=path)
        self.assert_sent("XOAUTH2", "modern-client")

    def test_key_vault_password(self):
        self.emulator.put("on", "imds", "mode")
        self.use("key-vault-password.json")
        self.send()
        self.assert_sent("LOGIN", "legacy-client")

    def two_tenants(self):
        self.use("two-tenants.json")
        return self.send(FABRIKAM_CLIENT_SECRET="of-the-other-tenant",
                         CONTOSO_CLIENT_SECRET=self.secrets["AZURE_CLIENT_SECRET"])

    def test_two_tenants_while_the_first_has_ended(self):
        # The emulator has one tenant; the other one's refusal is ordered.
        self.emulator.fault(service="entra", action="error", code="7000222", match=OTHER_TENANT)
        self.two_tenants()
        self.assert_sent("XOAUTH2", "modern-client")
        self.assertEqual(self.emulator.messages()[0]["auth"]["client_id"], CLIENT)

    def test_two_tenants_while_the_first_is_good(self):
        client = "44444444-4444-4444-4444-444444444444"
        self.emulator.put(client, "applications", "modern-client", "client_id")
        self.bind("modern-client@" + DOMAIN, client, OTHER_TENANT)
        self.use("two-tenants.json")
        self.send(FABRIKAM_CLIENT_SECRET=self.secrets["AZURE_CLIENT_SECRET"],
                  CONTOSO_CLIENT_SECRET="never-shown")
        self.assert_sent("XOAUTH2", "modern-client")
        self.assertEqual(self.emulator.messages()[0]["auth"]["client_id"], client)

    def test_legacy_fallback_is_not_needed(self):
        self.use("legacy-fallback.json")
        self.send(**self.secrets)
        self.assert_sent("XOAUTH2", "modern-client")

    def test_legacy_fallback(self):
        self.emulator.put("on", "imds", "mode")
        self.use("legacy-fallback.json")
        self.send(AZURE_CLIENT_SECRET="has-ended-long-ago")
        self.assert_sent("LOGIN", "legacy-client")

    def test_acs(self):
        self.use("acs.json")
        self.send(**self.secrets)
        self.assert_sent("XOAUTH2", "modern-client")

    def test_any_provider(self):
        """A real Postfix, whose Dovecot looks into the token itself."""
        reason = postfix_dovecot.PostfixDovecot.missing()
        processes.need(reason is None, str(reason))
        self.recipient = "bob@example.org"  # whom that server knows
        self.use("any-provider.json")
        with postfix_dovecot.PostfixDovecot({"ada@example.org": "love lace"},
                                            implicit_tls=True) as server:
            self.tool("oama", server.token("ada@example.org", aud="https://mail.example.org"))
            self.tool("pass", "love lace")
            where = ("--set", "transports.0.host=" + server.host,
                     "--set", "transports.0.ca_file=" + server.ca_file)
            self.send(*where, "--set", f"transports.0.port={server.port}")
            self.send("--profile", "password", *where,
                      "--set", f"transports.0.port={server.implicit_port}")
            self.assertEqual([message.sender for message in server.messages(2, seconds=60)],
                             ["ada@example.org"] * 2)
            for mechanism in ("XOAUTH2", "LOGIN"):
                self.assertIn(f"sasl_method={mechanism}, sasl_username=ada@example.org",
                              server.log("postfix.log"))
        self.assert_nothing_sent()


class All(unittest.TestCase):
    """Last, by its name and place in the module: no file is without a test, and each is explained."""

    def test_every_file_is_sent_with(self):
        files = {path.name for path in EXAMPLES.glob("*.json")}
        self.assertEqual(files, Example.tested)

    def test_every_file_says_what_it_is_for(self):
        for path in EXAMPLES.glob("*.json"):
            self.assertTrue(path.read_text(encoding="utf-8").startswith("// "), path)
            self.assertTrue(jsonc.load(path)["profiles"])


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (Example, All))


if __name__ == "__main__":
    processes.main()
