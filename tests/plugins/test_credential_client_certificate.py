# SPDX-License-Identifier: MIT
"""client-certificate: certificates as openssl makes them, verified by the emulator's Entra."""

import json
import os
import subprocess

from lib.credentials import (CONFIG, DENIED, UNAVAILABLE, CredentialTest, main)

PASSPHRASE = "correct-horse-battery"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


class ClientCertificate(CredentialTest):
    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.folder = os.path.join(self.program.home, "own-keys")
        os.mkdir(self.folder)
        self.canaries.append(PASSPHRASE)
        self.make("plain")

    def path(self, name):
        return os.path.join(self.folder, "own-" + name)

    def make(self, name, *options, key="rsa:2048", register=True):
        """NAME.key, NAME.crt and NAME.pem, which has both."""
        openssl("req", "-x509", "-newkey", key, "-noenc", "-keyout", self.path(name + ".key"),
                "-out", self.path(name + ".crt"), "-subj", "/CN=" + name, *options)
        self.join(name + ".pem", name + ".key", name + ".crt")
        if register:
            with open(self.path(name + ".crt"), encoding="ascii") as file:
                self.emulator.put({name: file.read()}, "applications", "modern-client",
                                  "certificates")

    def join(self, name, *parts, mode=0o600):
        content = b""
        for part in parts:
            with open(self.path(part), "rb") as file:
                content += file.read()
        with open(os.open(self.path(name), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode),
                  "wb") as file:
            file.write(content)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def entry(self, certificate="plain.pem", **more):
        return dict({"plugin": "client-certificate", "client_id": self.client["client_id"],
                     "tenant_id": self.emulator.endpoints["tenant_id"],
                     "certificate": self.path(certificate)}, **more)

    def test_both_algorithms(self):
        for algorithm in ("auto", "PS256", "RS256"):
            with self.subTest(algorithm=algorithm):
                claims = self.claims(self.entry(algorithm=algorithm))
                self.assertEqual(claims["appid"], self.client["client_id"])

    def test_the_environment_is_enough(self):
        self.assertTrue(self.good_token(
            {"plugin": "client-certificate"}, AZURE_CLIENT_ID=self.client["client_id"],
            AZURE_TENANT_ID=self.emulator.endpoints["tenant_id"],
            AZURE_CLIENT_CERTIFICATE_PATH=self.path("plain.pem"),
            AZURE_CLIENT_SEND_CERTIFICATE_CHAIN="1"))

    def test_pkcs12(self):
        openssl("pkcs12", "-export", "-inkey", self.path("plain.key"), "-in",
                self.path("plain.crt"), "-out", self.path("plain.p12"), "-passout",
                "pass:" + PASSPHRASE)
        entry = self.entry("plain.p12", passphrase={"env": "OWN_PASSPHRASE"})
        self.assertTrue(self.good_token(entry, OWN_PASSPHRASE=PASSPHRASE))
        self.refused(CONFIG, "passphrase does not open", credentials=[entry],
                     OWN_PASSPHRASE="wrong")
        self.refused(CONFIG, "no passphrase is given", credentials=[self.entry("plain.p12")])

    def test_an_outdated_pkcs12_file(self):
        openssl("pkcs12", "-export", "-legacy", "-inkey", self.path("plain.key"), "-in",
                self.path("plain.crt"), "-out", self.path("old.p12"), "-passout",
                "pass:" + PASSPHRASE)
        self.refused(CONFIG, "outdated cipher", OWN_PASSPHRASE=PASSPHRASE, credentials=[
            self.entry("old.p12", passphrase={"env": "OWN_PASSPHRASE"})])

    def test_an_encrypted_key_is_never_asked_for(self):
        openssl("pkcs8", "-topk8", "-in", self.path("plain.key"), "-out", self.path("locked.key"),
                "-passout", "pass:" + PASSPHRASE)
        self.join("locked.pem", "locked.key", "plain.crt")
        self.assertTrue(self.good_token(
            self.entry("locked.pem", passphrase={"env": "OWN_PASSPHRASE"}),
            OWN_PASSPHRASE=PASSPHRASE))
        self.refused(CONFIG, "no passphrase is given", credentials=[self.entry("locked.pem")],
                     stdin=PASSPHRASE.encode() + b"\n")

    def test_the_chain_is_sent_when_asked_for(self):
        self.emulator.clear_requests()
        self.assertTrue(self.good_token(self.entry(send_chain=True)))

    def test_a_renewed_certificate_is_seen(self):
        self.make("other", register=False)
        self.join("current.pem", "other.pem")
        self.refused(DENIED, "AADSTS700027", credentials=[self.entry("current.pem")])
        self.join("current.pem", "plain.pem")
        self.assertTrue(self.good_token(self.entry("current.pem")))

    def test_nothing_configured(self):
        self.refused(UNAVAILABLE, "AZURE_CLIENT_CERTIFICATE_PATH",
                     credentials=[{"plugin": "client-certificate"}])
        self.refused(CONFIG, "client_id", credentials=[
            {"plugin": "client-certificate", "certificate": self.path("plain.pem")}])

    def test_files_that_cannot_sign(self):
        self.make("curve", "-pkeyopt", "ec_paramgen_curve:P-256", key="ec", register=False)
        self.make("small", key="rsa:1024", register=False)
        self.make("other", register=False)
        self.join("mixed.pem", "other.key", "plain.crt")
        self.join("alone.pem", "plain.crt")
        self.join("open.pem", "plain.pem", mode=0o644)
        self.program.write("own-keys/own-nonsense.pem", "nonsense")
        for name, word in (("curve.pem", "not an RSA key"), ("small.pem", "1024 bits"),
                           ("mixed.pem", "does not belong"), ("alone.pem", "no private key"),
                           ("open.pem", "chmod 600"), ("nonsense.pem", "neither PEM nor PKCS#12"),
                           ("missing.pem", "No such file")):
            with self.subTest(name=name):
                self.refused(CONFIG, word, credentials=[self.entry(name)])
        self.assertEqual(self.emulator.requests("entra"), {})

    def test_an_expired_certificate(self):
        openssl("req", "-new", "-key", self.path("plain.key"), "-out", self.path("plain.csr"),
                "-subj", "/CN=late")
        openssl("x509", "-req", "-in", self.path("plain.csr"), "-key", self.path("plain.key"),
                "-out", self.path("late.crt"), "-days", "0")  # OpenSSL 3.5 makes none that ends sooner
        self.join("late.pem", "plain.key", "late.crt")
        self.refused(DENIED, "has expired on", credentials=[self.entry("late.pem")])

    def test_no_key_in_the_trace(self):
        with open(self.path("plain.key"), encoding="ascii") as file:
            self.canaries.append(file.read().splitlines()[1])
        done = self.acsmtp("--trace", "token", credentials=[self.entry()])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(json.dumps("client_assertion=ey")[1:-1], done.stderr)


if __name__ == "__main__":
    main()
