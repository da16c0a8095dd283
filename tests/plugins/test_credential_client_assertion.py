# SPDX-License-Identifier: MIT
"""client-assertion: assertions from files, commands and build services."""

from lib.credentials import (CONFIG, DENIED, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest, main,
                             unused_port)

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}


class ClientAssertion(CredentialTest):
    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")
        self.platform = self.emulator.endpoints["platform"]["endpoint"]
        self.job_token = self.emulator.state("platform")["secret"]
        self.canaries.append(self.job_token)

    def entry(self, **more):
        return dict({"plugin": "client-assertion", "client_id": self.client["client_id"],
                     "tenant_id": self.emulator.endpoints["tenant_id"]}, **more)

    def federated(self):
        token = self.emulator.control("POST", "/federated-tokens", {"credential": "aks"})["token"]
        self.canaries.append(token)
        return token

    def github(self, **more):
        return dict({"ACTIONS_ID_TOKEN_REQUEST_URL": self.platform + "/github/token?x=1",
                     "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.job_token}, **more)

    def pipelines(self, **more):
        return dict({"SYSTEM_OIDCREQUESTURI": self.platform + "/pipelines/oidctoken",
                     "SYSTEM_ACCESSTOKEN": self.job_token,
                     "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "c0ffee"}, **more)

    def test_a_file(self):
        path = self.program.write("own-assertion", self.federated() + "\n")
        claims = self.claims(self.entry(assertion={"file": path}))
        self.assertEqual(claims["appid"], self.client["client_id"])

    def test_a_command(self):
        path = self.program.write("own-assertion", self.federated())
        script = self.script(f"cat {path}")
        self.assertTrue(self.good_token(self.entry(assertion={"command": [script]})))

    def test_github(self):
        self.assertTrue(self.good_token(self.entry(issuer="github"), **self.github()))

    def test_azure_pipelines(self):
        self.assertTrue(self.good_token(self.entry(issuer="azure-pipelines"), **self.pipelines()))

    def test_nothing_configured_moves_a_chain_on(self):
        done = self.token(self.entry(), LAST, LAST_TOKEN="last-resort", **self.github())
        self.assertEqual(done.stdout, "last-resort\n", done.stderr)
        self.refused(UNAVAILABLE, "neither assertion nor issuer", credentials=[self.entry()])

    def test_settings_that_cannot_be(self):
        self.refused(CONFIG, "exclude each other", credentials=[
            self.entry(issuer="github", assertion={"env": "X"})])
        self.refused(CONFIG, "id-token: write", credentials=[self.entry(issuer="github")])
        self.refused(CONFIG, "SYSTEM_OIDCREQUESTURI",
                     credentials=[self.entry(issuer="azure-pipelines")])
        self.refused(CONFIG, "service_connection_id",
                     credentials=[self.entry(issuer="azure-pipelines")],
                     SYSTEM_OIDCREQUESTURI=self.platform)
        self.refused(CONFIG, "github_request_token",
                     credentials=[self.entry(issuer="github")],
                     ACTIONS_ID_TOKEN_REQUEST_URL=self.platform)
        self.refused(CONFIG, credentials=[self.entry(issuer="gitlab")])

    def test_a_job_that_may_not_ask(self):
        for issuer, environment in (
                ("github", self.github(ACTIONS_ID_TOKEN_REQUEST_TOKEN="wrong-token")),
                ("azure-pipelines", self.pipelines(SYSTEM_ACCESSTOKEN="wrong-token"))):
            with self.subTest(issuer=issuer):
                error = self.refused(DENIED, "may this job ask",
                                     credentials=[self.entry(issuer=issuer)], **environment)
                self.assertNotIn("wrong-token", error)

    def test_the_job_is_asked_over_tls_unless_it_is_here(self):
        self.refused(CONFIG, "https", credentials=[self.entry(issuer="github")],
                     **self.github(ACTIONS_ID_TOKEN_REQUEST_URL="http://example.com/token"))

    def test_failures_of_the_build_service(self):
        for fault, status in (({"action": "status", "status": 503}, TEMPORARY),
                              ({"action": "status", "status": 404}, PROTOCOL),
                              ({"action": "garbage"}, PROTOCOL), ({"action": "html"}, PROTOCOL)):
            with self.subTest(fault=fault):
                self.emulator.clear_faults()
                self.emulator.fault(service="platform", **fault)
                self.refused(status, credentials=[self.entry(issuer="github")], **self.github())
        self.refused(TEMPORARY, credentials=[self.entry(issuer="github")], **self.github(
            ACTIONS_ID_TOKEN_REQUEST_URL="http://127.0.0.1:%d/x" % unused_port()))

    def test_the_trace_shows_no_secret(self):
        done = self.acsmtp("--trace", "token", credentials=[self.entry(issuer="github")],
                           **self.github())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("/github/token", done.stderr)


if __name__ == "__main__":
    main()
