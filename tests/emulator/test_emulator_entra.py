# SPDX-License-Identifier: MIT
"""The Entra token endpoints: what a client gets, and each way to be refused."""

import base64
import hashlib
import json
import os
import ssl
import subprocess
import tempfile
import time
import uuid

from case import ACS, Case, main


def claims_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class EntraCase(Case):
    def setUp(self):
        self.modern = self.emulator.application("modern-client")
        self.tenant = self.emulator.endpoints["tenant_id"]

    def url(self, rest="oauth2/v2.0/token", tenant=None):
        return f"{self.emulator.endpoints['authority_host']}/{tenant or self.tenant}/{rest}"

    def fields(self, **changes):
        fields = {"grant_type": "client_credentials", "client_id": self.modern["client_id"],
                  "client_secret": self.modern["client_secret"], "scope": ACS + "/.default"}
        fields.update(changes)
        return {name: value for name, value in fields.items() if value is not None}

    def ask(self, headers=None, url=None, **changes):
        return self.emulator.post_form(url or self.url(), self.fields(**changes), headers)

    def refused(self, reply, code, error, status):
        body = reply.json()
        self.assertEqual((reply.status, body["error"], body["error_codes"]), (status, error, [code]))
        self.assertTrue(body["error_description"].startswith(f"AADSTS{code}: "))
        for word in ("Trace ID: " + body["trace_id"], "Correlation ID: " + body["correlation_id"],
                     "Timestamp: " + body["timestamp"]):
            self.assertIn("\r\n" + word, body["error_description"])
        self.assertRegex(body["timestamp"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$")
        self.assertTrue(body["error_uri"].endswith(f"error?code={code}"))
        self.assertNotIn(self.modern["client_secret"], reply.body.decode())


class Token(EntraCase):
    def test_token_has_the_claims_of_the_application(self):
        reply = self.ask()
        body = reply.json()
        self.assertEqual(reply.status, 200)
        self.assertEqual((body["token_type"], body["expires_in"], body["ext_expires_in"]),
                         ("Bearer", 3599, 3599))
        claims = claims_of(body["access_token"])
        self.assertEqual(claims["aud"], ACS)
        self.assertEqual(claims["iss"], f"https://sts.windows.net/{self.tenant}/")
        self.assertEqual(claims["appid"], self.modern["client_id"])
        self.assertEqual(claims["oid"], self.modern["object_id"])
        self.assertEqual((claims["sub"], claims["tid"]), (claims["oid"], self.tenant))
        self.assertEqual((claims["ver"], claims["idtyp"]), ("1.0", "app"))
        self.assertAlmostEqual(claims["exp"], time.time() + 3599, delta=10)
        self.assertLessEqual(claims["nbf"], time.time())
        self.assertIn("no-store", reply.headers["Cache-Control"])

    def test_second_slash_of_the_scope_is_part_of_the_audience(self):
        token = self.ask(scope=ACS + "//.default").json()["access_token"]
        self.assertEqual(claims_of(token)["aud"], ACS + "/")

    def test_signature_fits_the_published_key(self):
        token = self.ask().json()["access_token"]
        head = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        for path in ("discovery/v2.0/keys", "discovery/keys"):
            for tenant in (self.tenant, "common"):
                keys = self.emulator.get(self.url(path, tenant)).json()["keys"]
                self.assertEqual([key["kid"] for key in keys], [head["kid"]])
        key = {name: int.from_bytes(base64.urlsafe_b64decode(keys[0][name] + "=="), "big")
               for name in "ne"}
        signature = base64.urlsafe_b64decode(token.rsplit(".", 1)[1] + "==")
        size = (key["n"].bit_length() + 7) // 8
        block = pow(int.from_bytes(signature, "big"), key["e"], key["n"]).to_bytes(size, "big")
        digest = hashlib.sha256(token.rsplit(".", 1)[0].encode()).digest()
        prefix = bytes.fromhex("3031300d060960864801650304020105000420")
        self.assertEqual(block, b"\0\1" + b"\xff" * (size - 54) + b"\0" + prefix + digest)

    def test_v1_endpoint_takes_resource_and_writes_strings(self):
        reply = self.ask(url=self.url("oauth2/token"), scope=None, resource=ACS)
        body = reply.json()
        self.assertEqual((body["expires_in"], body["resource"]), ("3599", ACS))
        self.assertAlmostEqual(int(body["expires_on"]), time.time() + 3599, delta=10)
        self.assertEqual(claims_of(body["access_token"])["aud"], ACS)

    def test_v1_endpoint_needs_resource(self):
        self.refused(self.ask(url=self.url("oauth2/token")), 900144, "invalid_request", 400)

    def test_missing_parameters(self):
        for name in ("grant_type", "client_id", "scope"):
            reply = self.ask(**{name: None})
            self.refused(reply, 900144, "invalid_request", 400)
            self.assertIn(f"'{name}'", reply.json()["error_description"])

    def test_empty_parameter_is_a_missing_one(self):
        self.refused(self.ask(scope=""), 900144, "invalid_request", 400)

    def test_doubled_parameter(self):
        data = ("grant_type=client_credentials&client_id=a&client_id=b&scope=c").encode()
        reply = self.emulator.request("POST", self.url(), {
            "Content-Type": "application/x-www-form-urlencoded"}, data)
        self.refused(reply, 9000411, "invalid_request", 400)

    def test_other_content_type_hides_all_parameters(self):
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencodedx"):
            reply = self.emulator.request("POST", self.url(), {"Content-Type": kind},
                                          b"grant_type=client_credentials")
            self.refused(reply, 900144, "invalid_request", 400)

    def test_content_type_may_name_a_charset(self):
        reply = self.ask({"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
        self.assertEqual(reply.status, 200)

    def test_broken_percent_escape(self):
        reply = self.emulator.request("POST", self.url(), {
            "Content-Type": "application/x-www-form-urlencoded"}, b"grant_type=%zz")
        self.refused(reply, 900144, "invalid_request", 400)

    def test_other_grant_type(self):
        self.refused(self.ask(grant_type="password"), 70003, "unsupported_grant_type", 400)

    def test_scope_without_default(self):
        self.refused(self.ask(scope=ACS), 1002012, "invalid_scope", 400)
        self.refused(self.ask(scope="/.default"), 1002012, "invalid_scope", 400)

    def test_two_scopes(self):
        scope = f"{ACS}/.default https://vault.azure.net/.default"
        self.refused(self.ask(scope=scope), 70011, "invalid_scope", 400)

    def test_unknown_resource(self):
        self.refused(self.ask(scope="https://nowhere.example/.default"), 500011,
                     "invalid_resource", 400)

    def test_resource_parameter_on_v2(self):
        self.refused(self.ask(resource=ACS), 901002, "invalid_request", 400)

    def test_unknown_tenant(self):
        url = self.url(tenant=str(uuid.uuid4()))
        self.refused(self.ask(url=url), 90002, "invalid_request", 400)
        self.refused(self.ask(url=self.url(tenant="other.example")), 90002, "invalid_request", 400)

    def test_tenant_that_is_no_name(self):
        self.refused(self.ask(url=self.url(tenant="nonsense")), 900023, "invalid_request", 400)

    def test_client_credentials_need_a_tenant(self):
        self.refused(self.ask(url=self.url(tenant="common")), 50059, "invalid_request", 400)

    def test_unknown_application(self):
        self.refused(self.ask(client_id=str(uuid.uuid4())), 700016, "unauthorized_client", 400)

    def test_wrong_secret(self):
        reply = self.ask(client_secret="wrong")
        self.refused(reply, 7000215, "invalid_client", 401)
        self.assertIn("client secret ID", reply.json()["error_description"])

    def test_secret_of_another_application(self):
        other = self.emulator.application("legacy-client")["client_secret"]
        self.refused(self.ask(client_secret=other), 7000215, "invalid_client", 401)

    def test_expired_secret(self):
        secrets = self.emulator.state("applications", "legacy-client", "secrets").values()
        expired = min(secrets, key=lambda secret: secret["end"])["value"]
        legacy = self.emulator.application("legacy-client")["client_id"]
        self.refused(self.ask(client_id=legacy, client_secret=expired), 7000222,
                     "invalid_client", 401)

    def test_secret_that_expires_at_run_time(self):
        secrets = self.emulator.state("applications", "modern-client", "secrets")
        self.assertEqual(self.ask().status, 200)
        self.emulator.patch({next(iter(secrets)): {"end": int(time.time()) - 1}},
                            "applications", "modern-client", "secrets")
        self.refused(self.ask(), 7000222, "invalid_client", 401)

    def test_missing_secret(self):
        self.refused(self.ask(client_secret=None), 7000218, "invalid_client", 401)
        self.refused(self.ask(client_secret=""), 7000218, "invalid_client", 401)

    def test_disabled_application(self):
        self.emulator.patch({"enabled": False}, "applications", "modern-client")
        self.refused(self.ask(), 7000112, "unauthorized_client", 400)

    def test_correlation_id_is_echoed(self):
        identifier = str(uuid.uuid4())
        reply = self.ask({"client-request-id": identifier}, scope=None)
        self.assertEqual(reply.json()["correlation_id"], identifier)

    def test_correlation_id_that_is_none_is_replaced(self):
        reply = self.ask({"client-request-id": "x\" y"}, scope=None)
        self.assertRegex(reply.json()["correlation_id"], r"^[0-9a-f-]{36}$")

    def test_get_is_refused(self):
        self.assertEqual(self.emulator.get(self.url()).status, 400)

    def test_unknown_path(self):
        self.assertEqual(self.emulator.get(self.url("nothing")).status, 404)

    def test_application_added_at_run_time(self):
        client = str(uuid.uuid4())
        self.emulator.put({"client_id": client, "object_id": str(uuid.uuid4()), "enabled": True,
                           "secrets": {"1": {"value": "a b+c/d=%&é"}}}, "applications", "third")
        reply = self.ask(client_id=client, client_secret="a b+c/d=%&é")
        self.assertEqual(claims_of(reply.json()["access_token"])["appid"], client)

    def test_lifetime_fault(self):
        self.emulator.fault(service="entra", action="expires_in", seconds=30, count=1)
        body = self.ask().json()
        self.assertEqual(body["expires_in"], 30)
        self.assertAlmostEqual(claims_of(body["access_token"])["exp"], time.time() + 30, delta=10)
        self.assertEqual(self.ask().json()["expires_in"], 3599)

    def test_configuration_names_endpoints_of_this_host(self):
        base = self.emulator.endpoints["authority_host"]
        for path, token in (("v2.0/.well-known/openid-configuration", "oauth2/v2.0/token"),
                            (".well-known/openid-configuration", "oauth2/token")):
            body = self.emulator.get(self.url(path)).json()
            self.assertEqual(body["token_endpoint"], f"{base}/{self.tenant}/{token}")
            self.assertEqual(self.emulator.get(body["jwks_uri"]).status, 200)
        unknown = self.url("v2.0/.well-known/openid-configuration", str(uuid.uuid4()))
        self.assertEqual(self.emulator.get(unknown).json()["error_codes"], [90002])

    def test_instance_discovery(self):
        body = self.emulator.get(self.url("discovery/instance?api-version=1.1", "common")).json()
        self.assertIn("login.microsoftonline.com", body["metadata"][0]["aliases"])

    def test_counts(self):
        self.ask()
        self.ask(client_secret="wrong")
        self.assertEqual(self.emulator.requests("entra"), {"total": 2, "token": 2})


class Assertion(EntraCase):
    """Client assertions, signed by the openssl program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        cls.key = os.path.join(cls.folder.name, "key.pem")
        certificate = os.path.join(cls.folder.name, "certificate.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        cls.key, "-out", certificate, "-subj", "/CN=client"], check=True,
                       capture_output=True)
        with open(certificate, encoding="ascii") as file:
            cls.pem = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        self.emulator.patch({"certificates": {"one": self.pem}}, "applications", "modern-client")

    def thumbprint(self, digest):
        return url64(hashlib.new(digest, ssl.PEM_cert_to_DER_cert(self.pem)).digest())

    def assertion(self, algorithm="PS256", header=None, **changes):
        head = {"alg": algorithm, "typ": "JWT"}
        head.update(header or ({"x5t#S256": self.thumbprint("sha256")} if algorithm == "PS256"
                               else {"x5t": self.thumbprint("sha1")}))
        claims = {"aud": self.url(), "iss": self.modern["client_id"],
                  "sub": self.modern["client_id"], "jti": str(uuid.uuid4()),
                  "nbf": int(time.time()), "exp": int(time.time()) + 600}
        claims.update(changes)
        signed = ".".join(url64(json.dumps(part).encode()) for part in (head, claims))
        command = ["openssl", "dgst", "-sha256", "-sign", self.key]
        if algorithm == "PS256":
            command += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        done = subprocess.run(command, input=signed.encode(), check=True, capture_output=True)
        return signed + "." + url64(done.stdout)

    def ask_with(self, assertion, **changes):
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return self.ask(client_secret=None, client_assertion_type=kind,
                        client_assertion=assertion, **changes)

    def test_both_algorithms(self):
        for algorithm in ("PS256", "RS256"):
            self.assertEqual(self.ask_with(self.assertion(algorithm)).status, 200, algorithm)

    def test_real_audience(self):
        audience = f"https://login.microsoftonline.com/{self.tenant}/oauth2/v2.0/token"
        self.assertEqual(self.ask_with(self.assertion(aud=audience)).status, 200)

    def test_unregistered_certificate(self):
        self.emulator.remove("applications", "modern-client", "certificates", "one")
        self.refused(self.ask_with(self.assertion()), 700027, "invalid_client", 401)

    def test_bad_signature(self):
        head, claims, signature = self.assertion().split(".")
        changed = url64(json.dumps({"aud": "x"}).encode())
        self.refused(self.ask_with(f"{head}.{changed}.{signature}"), 50013, "invalid_client", 401)

    def test_wrong_audience_and_client(self):
        for change in ({"aud": "https://elsewhere.example"}, {"iss": "other"}, {"sub": "other"}):
            self.refused(self.ask_with(self.assertion(**change)), 50013, "invalid_client", 401)

    def test_outside_its_time(self):
        for change in ({"exp": int(time.time()) - 1}, {"nbf": int(time.time()) + 3600}):
            self.refused(self.ask_with(self.assertion(**change)), 700024, "invalid_client", 401)

    def test_not_a_token(self):
        for text in ("x", "a.b", "a.b.c", "." * 3):
            self.refused(self.ask_with(text), 50013, "invalid_client", 401)

    def test_algorithm_none(self):
        head = url64(json.dumps({"alg": "none", "x5t": self.thumbprint("sha1")}).encode())
        body = self.assertion().split(".")[1]
        self.refused(self.ask_with(f"{head}.{body}."), 50013, "invalid_client", 401)

    def test_type_is_needed(self):
        reply = self.ask(client_secret=None, client_assertion=self.assertion())
        self.refused(reply, 900144, "invalid_request", 400)


if __name__ == "__main__":
    main()
