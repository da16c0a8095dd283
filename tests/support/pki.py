# SPDX-License-Identifier: MIT
"""A throw-away certificate authority and token issuer for the tests, made with the openssl program:
certificates that the servers show, and signed JWTs that a resource server can verify."""

import base64
import json
import os
import subprocess
import time


def openssl(*arguments, data=None):
    """Run openssl, return its standard output; its complaint becomes the exception's text."""
    done = subprocess.run(("openssl",) + arguments, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (arguments[0], done.stderr.decode(errors="replace")))
    return done.stdout


def new_key(path, kind="EC"):
    """A private key file that only its owner reads: kind is EC (P-256) or RSA (2048 bits)."""
    options = {"EC": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
               "RSA": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")}[kind]
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(openssl("genpkey", *options))
    return path


class Authority:
    """A CA in `folder`: ca_file is its certificate; issue() makes server certificates."""

    def __init__(self, folder, name="acsmtp test CA"):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.key = new_key(os.path.join(folder, "ca.key"))
        self.ca_file = os.path.join(folder, "ca.pem")
        openssl("req", "-x509", "-new", "-key", self.key, "-days", "30", "-subj", "/CN=" + name,
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.ca_file)

    def issue(self, names=("localhost",), addresses=("127.0.0.1",), kind="RSA"):
        """Certificate and key for these names: (cert_file, key_file)."""
        stem = os.path.join(self.folder, names[0])
        key, request, cert = (new_key(stem + ".key", kind), stem + ".csr", stem + ".pem")
        extensions = stem + ".ext"
        alternatives = ["DNS:" + n for n in names] + ["IP:" + a for a in addresses]
        with open(extensions, "w", encoding="ascii") as file:
            file.write("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n"
                       % ",".join(alternatives))
        openssl("req", "-new", "-key", key, "-subj", "/CN=" + names[0], "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self.key,
                "-CAcreateserial", "-days", "30", "-extfile", extensions, "-out", cert)
        return cert, key


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def raw_ecdsa(der):
    """RFC 7518 section 3.4 wants r and s as two 32-byte numbers, openssl writes a DER sequence."""
    numbers, at = [], 2
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(32, "big"))
        at += 2 + length
    return b"".join(numbers)


class TokenIssuer:
    """Signs JWTs with a key of its own: RS256 with an RSA key, ES256 with an EC key."""

    def __init__(self, folder, kind="RSA", kid="acsmtp-test"):
        os.makedirs(folder, exist_ok=True)
        self.algorithm = {"RSA": "RS256", "EC": "ES256"}[kind]
        self.kid = kid
        self.key = new_key(os.path.join(folder, kid + ".key"), kind)
        self.public_key = openssl("pkey", "-in", self.key, "-pubout").decode("ascii")

    def token(self, claims, lifetime=3600, header=None):
        now = int(time.time())
        body = {"iat": now, "nbf": now - 60, "exp": now + lifetime}
        body.update(claims)
        head = {"typ": "JWT", "alg": self.algorithm, "kid": self.kid}
        head.update(header or {})
        signed = "%s.%s" % tuple(base64url(json.dumps(part).encode()) for part in (head, body))
        signature = openssl("dgst", "-sha256", "-sign", self.key, data=signed.encode("ascii"))
        if self.algorithm == "ES256":
            signature = raw_ecdsa(signature)
        return signed + "." + base64url(signature)


def der(tag, *contents):
    """One DER element; X.690 section 8.1.3 for the two forms of a length."""
    body = b"".join(contents)
    length = len(body).to_bytes(4, "big").lstrip(b"\0") or b"\0"
    if len(body) > 127:
        length = bytes([0x80 | len(length)]) + length
    return bytes([tag]) + length + body


def rsa_public_key(modulus, exponent):
    """The PEM text of a JWK's "n" and "e" (RFC 7518 section 6.3.1)."""
    def integer(text):
        number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return der(0x02, (b"\0" if number[0] > 127 else b"") + number)

    algorithm = der(0x30, bytes.fromhex("06092a864886f70d010101"), der(0x05))
    key = der(0x03, b"\0", der(0x30, integer(modulus), integer(exponent)))
    return openssl("pkey", "-pubin", "-inform", "DER", "-pubout",
                   data=der(0x30, algorithm, key)).decode("ascii")
