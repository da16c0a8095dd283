# SPDX-License-Identifier: MIT
"""workload-identity: a federated token in a file, which changes while the program lives."""

from lib.credentials import (CONFIG, DENIED, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest, main)

PLUGIN = {"plugin": "workload-identity"}
LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}


class WorkloadIdentity(CredentialTest):
    def setUp(self):
        super().setUp()
        self.client = self.emulator.application("modern-client")

    def federated(self, credential="aks", **more):
        token = self.emulator.control("POST", "/federated-tokens",
                                      dict({"credential": credential}, **more))["token"]
        self.canaries.append(token)
        return token

    def environment(self, content, **more):
        path = self.program.write("own-federated", content, 0o644)
        return dict({"AZURE_CLIENT_ID": self.client["client_id"],
                     "AZURE_TENANT_ID": self.emulator.endpoints["tenant_id"],
                     "AZURE_FEDERATED_TOKEN_FILE": path}, **more)

    def test_the_environment_of_a_pod_is_enough(self):
        claims = self.claims(PLUGIN, **self.environment(self.federated()))
        self.assertEqual(claims["appid"], self.client["client_id"])

    def test_white_space_around_the_token_does_not_matter(self):
        self.assertTrue(self.good_token(PLUGIN, **self.environment(self.federated() + " \r\n")))

    def test_a_rotated_file_is_read_anew(self):
        old = self.environment(self.federated(expires_in=-60))
        self.refused(DENIED, "AADSTS700024", credentials=[PLUGIN], **old)
        self.assertTrue(self.good_token(PLUGIN, **self.environment(self.federated())))

    def test_nothing_configured_moves_a_chain_on(self):
        done = self.token(PLUGIN, LAST, LAST_TOKEN="last-resort",
                          AZURE_CLIENT_ID=self.client["client_id"])
        self.assertEqual(done.stdout, "last-resort\n", done.stderr)
        self.assertIn("token_file", done.stderr)
        self.refused(UNAVAILABLE, "AZURE_FEDERATED_TOKEN_FILE", credentials=[PLUGIN])

    def test_a_part_in_the_config_is_a_mistake(self):
        self.refused(CONFIG, "token_file", credentials=[dict(PLUGIN, client_id="x")])

    def test_files_that_hold_no_token(self):
        for content, status, word in (("", CONFIG, "is empty"), ("no token", PROTOCOL, "not a JWT"),
                                      ("a.b", PROTOCOL, "not a JWT"),
                                      ("a.b.c.d", PROTOCOL, "not a JWT"),
                                      ("x" * 300000, CONFIG, "larger than")):
            with self.subTest(content=content[:10]):
                self.refused(status, word, credentials=[PLUGIN], **self.environment(content))
        self.assertEqual(self.emulator.requests("entra"), {})

    def test_a_missing_file_and_a_folder(self):
        good = self.environment(self.federated())
        self.refused(CONFIG, "No such file", credentials=[PLUGIN],
                     **dict(good, AZURE_FEDERATED_TOKEN_FILE="/nowhere/token"))
        self.refused(CONFIG, "not a regular file", credentials=[PLUGIN],
                     **dict(good, AZURE_FEDERATED_TOKEN_FILE=self.program.home))

    def test_another_subject_issuer_or_audience_must_be_registered(self):
        good = self.environment(self.federated())
        for member, number in (("subject", "AADSTS700213"), ("audience", "AADSTS700212"),
                               ("issuer", "AADSTS700211")):
            with self.subTest(member=member):
                self.emulator.reset()
                self.emulator.patch({member: "another"}, "applications", "modern-client",
                                    "federated", "aks")
                self.refused(CONFIG, number, credentials=[PLUGIN], **good)

    def test_a_token_that_somebody_else_signed(self):
        head, claims, _ = self.federated().split(".")
        self.refused(DENIED, "AADSTS50013", credentials=[PLUGIN],
                     **self.environment(f"{head}.{claims}.c2lnbmF0dXJl"))

    def test_server_failures_are_temporary(self):
        self.emulator.fault(service="entra", action="status", status=503)
        self.refused(TEMPORARY, "503", credentials=[PLUGIN],
                     **self.environment(self.federated()))

    def test_the_trace_shows_no_assertion(self):
        done = self.acsmtp("--trace", "token", credentials=[PLUGIN],
                           **self.environment(self.federated()))
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
