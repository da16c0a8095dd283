# SPDX-License-Identifier: MIT
"""The program as a whole: its command line, its files, its end, the control API, the transcript."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time

import case
from case import ACS, VAULT, Case, ControlError, Emulator, Smtp, main


class Program(case.unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([case.BINARY, *arguments], capture_output=True, text=True, timeout=30)

    def test_help_and_version(self):
        self.assertIn("--state-dir", self.run_it("--help").stdout)
        self.assertRegex(self.run_it("--version").stdout, r"^acsmtp-emulator \S+\n$")

    def test_wrong_usage(self):
        for arguments in ((), ("--state-dir",), ("--nonsense",), ("--state-dir", "x", "operand"),
                          ("--state-dir", "")):
            done = self.run_it(*arguments)
            self.assertEqual(done.returncode, 64, arguments)
            self.assertTrue(done.stderr)

    def test_folder_that_cannot_be_made(self):
        with tempfile.NamedTemporaryFile() as file:
            for name in (file.name, "/nonexistent/folder"):
                done = self.run_it("--state-dir", name)
                self.assertEqual(done.returncode, 73)
                self.assertIn(name, done.stderr)

    def test_transcript_that_cannot_be_opened(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_it("--state-dir", folder, "--transcript", "/nonexistent/file")
            self.assertNotEqual(done.returncode, 0)
            self.assertFalse(os.path.exists(os.path.join(folder, "endpoints.json")))

    def test_files_are_private_and_endpoints_go_away(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            emulator = Emulator(case.BINARY, directory=folder, transcript=True).start()
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
            for name in ("endpoints.json", "ca.pem", "lock", "transcript"):
                mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                self.assertEqual(mode, 0o600, name)
            self.assertEqual(emulator.errors().count("\n"), 1)
            self.assertEqual(emulator.stop(), 0)
            self.assertFalse(os.path.exists(emulator.cloud))

    def test_one_emulator_a_folder(self):
        with Emulator(case.BINARY) as emulator:
            done = self.run_it("--state-dir", emulator.directory)
            self.assertEqual(done.returncode, 73)
            self.assertTrue(os.path.exists(emulator.cloud))

    def test_folder_can_be_used_again_after_a_kill(self):
        with tempfile.TemporaryDirectory() as folder:
            first = Emulator(case.BINARY, directory=folder).start()
            first.kill()
            self.assertTrue(os.path.exists(first.cloud))
            second = Emulator(case.BINARY, directory=folder)
            second.start()
            self.assertEqual(second.stop(), 0)

    def test_signals_end_it_with_clients_connected(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            emulator = Emulator(case.BINARY).start()
            idle = Smtp(emulator)
            busy = Smtp(emulator).ready()
            busy.envelope()
            busy.say("DATA")
            emulator.fault(service="imds", action="delay", delay_ms=600000)
            host, port = emulator.endpoints["imds"][7:].split(":")
            waiting = http.client.HTTPConnection(host, int(port))
            waiting.request("GET", "/")
            time.sleep(0.1)
            before = time.monotonic()
            emulator.process.send_signal(number)
            self.assertEqual(emulator.process.wait(20), 0)
            self.assertLess(time.monotonic() - before, 10)
            for connection in (idle, busy, waiting):
                connection.close()
            emulator.stop()

    def test_empty_world(self):
        with Emulator(case.BINARY, empty=True) as emulator:
            for _ in range(2):
                state = emulator.state()
                self.assertEqual(list(state["applications"]), ["operator"])
                for member in ("arm", "identities", "providers", "vaults"):
                    self.assertEqual(state[member], {}, member)
                owner, = state["role_assignments"].values()
                self.assertEqual((owner["scope"], owner["principal_id"]),
                                 (emulator.subscription, emulator.endpoints["operator"]["object_id"]))
                emulator.reset()
            emulator.reset("full")
            self.assertIn(emulator.service, emulator.state("arm"))
            self.assertEqual(emulator.application("operator"), emulator.endpoints["operator"])
            with self.assertRaises(ControlError):
                emulator.reset("flat")
            self.assertEqual(emulator.stop(), 0)

    def test_ids_and_secrets_differ_from_run_to_run(self):
        seen = []
        for _ in range(2):
            with Emulator(case.BINARY) as emulator:
                seen.append(emulator.endpoints)
        for key in ("tenant_id", "subscription_id"):
            self.assertNotEqual(seen[0][key], seen[1][key])
        self.assertNotEqual(seen[0]["operator"], seen[1]["operator"])


class Control(Case):
    def test_endpoints_have_their_documented_keys(self):
        endpoints = self.emulator.endpoints
        self.assertEqual(sorted(endpoints), sorted([
            "authority_host", "resource_manager", "graph", "key_vault_domain", "imds", "smtp",
            "email_domain", "inbox", "ca_file", "tenant_id", "subscription_id", "operator",
            "platform"]))
        self.assertEqual(sorted(endpoints["smtp"]), ["host", "port"])
        self.assertEqual(sorted(endpoints["operator"]), ["client_id", "client_secret", "object_id"])
        self.assertTrue(os.path.isabs(endpoints["ca_file"]))

    def test_everything_listens_on_the_loopback_only(self):
        ports = set()
        with open("/proc/net/tcp", encoding="ascii") as file:
            rows = [line.split() for line in file][1:]
        for row in rows:
            if row[3] == "0A":
                address, port = row[1].split(":")
                ports.add((address, int(port, 16)))
        for key in ("authority_host", "resource_manager", "graph", "key_vault_domain", "imds",
                    "inbox"):
            port = int(self.emulator.endpoints[key].rsplit(":", 1)[1])
            self.assertIn(("0100007F", port), ports)
            self.assertNotIn(("00000000", port), ports)

    def test_seed(self):
        state = self.emulator.state()
        self.assertEqual(sorted(state["applications"]), ["legacy-client", "modern-client", "operator",
                                                         "public-client"])
        operator = self.emulator.application("operator")
        self.assertEqual(operator, self.emulator.endpoints["operator"])
        legacy = self.emulator.application("legacy-client")
        name = self.emulator.address("legacy-client")
        bound = state["arm"][self.emulator.smtp_username_key(name)]["resource"]["properties"]
        self.assertEqual(bound["entraApplicationId"], legacy["client_id"])
        service = state["arm"][self.emulator.service]["resource"]
        self.assertEqual([link.lower() for link in service["properties"]["linkedDomains"]],
                         [self.emulator.email_domain_id])
        for local in ("DoNotReply", "legacy-client", "modern-client"):
            self.assertIn(self.emulator.sender_key(local), state["arm"])

    def test_changes_and_reset(self):
        self.emulator.put({"secrets": {}}, "vaults", "a@b/c d")
        self.assertEqual(self.emulator.state("vaults", "a@b/c d", "secrets"), {})
        self.emulator.patch({"smtp": {"per_minute": 7}, "vaults": {"a@b/c d": None}})
        self.assertEqual(self.emulator.state("smtp", "per_minute"), 7)
        self.assertNotIn("a@b/c d", self.emulator.state("vaults"))
        self.emulator.reset()
        self.assertEqual(self.emulator.state("smtp", "per_minute"), 0)

    def test_bad_changes(self):
        before = self.emulator.state()
        calls = [("PATCH", "/state", {"arm": None}), ("PATCH", "/state", {"lunch": {}}),
                 ("PATCH", "/state", []), ("PUT", "/state/smtp/per_minute", "5"),
                 ("PUT", "/state/smtp/per_minute", -1), ("PUT", "/state/smtp/certificate", "x"),
                 ("PUT", "/state/smtp/extensions", [1]), ("DELETE", "/state/smtp/per_minute", None),
                 ("PUT", "/state/applications/a", {}), ("PUT", "/state/taken_names/a", "yes"),
                 ("PUT", "/state/arm/a", {}), ("PUT", "/state/arm/a", {"resource": []}),
                 ("PUT", "/state/tenant_id", "a\0b"), ("DELETE", "/state", None)]
        for method, path, body in calls:
            with self.assertRaises(ControlError, msg=(method, path)) as caught:
                self.emulator.control(method, path, body)
            self.assertIn(caught.exception.status, (400, 404))
        self.assertEqual(self.emulator.state(), before)

    def test_refusal_names_the_member(self):
        with self.assertRaisesRegex(ControlError, "/smtp/per_minute: must be an integer"):
            self.emulator.put("5", "smtp", "per_minute")

    def test_not_json(self):
        url = self.emulator.endpoints["inbox"]
        for body in (b"", b"{", b"{} x", b"\xff", b"[" * 100):
            self.assertEqual(self.emulator.request("PUT", url + "/state/x", {}, body).status, 400)
            self.assertEqual(self.emulator.request("POST", url + "/faults", {}, body).status, 400)
            self.assertEqual(self.emulator.request("POST", url + "/tokens", {}, body).status, 400)

    def test_unknown_paths_and_methods(self):
        for method, path in (("GET", "/"), ("GET", "/lunch"), ("GET", "/messages/1"),
                             ("GET", "/messages/x"), ("GET", "/messages/1/x"), ("PUT", "/messages"),
                             ("GET", "/state/x"), ("DELETE", "/state/arm/x"), ("GET", "/reset"),
                             ("POST", "/state"), ("PUT", "/faults"), ("GET", "/a" * 25),
                             ("GET", "/state/%00"), ("GET", "/state/%zz")):
            with self.assertRaises(ControlError, msg=(method, path)) as caught:
                self.emulator.control(method, path)
            self.assertIn(caught.exception.status, (400, 404, 405))

    def test_foreign_host_header(self):
        reply = self.emulator.request("GET", self.emulator.endpoints["inbox"] + "/state",
                                      {"Host": "evil.example:80"})
        self.assertEqual(reply.status, 400)

    def test_counts_are_cleared(self):
        self.emulator.get(self.emulator.endpoints["imds"])
        self.assertEqual(self.emulator.requests("imds"), {"total": 1, "probe": 1})
        self.emulator.clear_requests()
        self.assertEqual(self.emulator.requests("imds"), {})

    def test_many_clients_at_once(self):
        failures = []

        def work(index):
            try:
                with Smtp(self.emulator) as smtp:
                    smtp.ready()
                    for _ in range(5):
                        if not smtp.simple().startswith("250"):
                            failures.append(index)
                self.emulator.add_sender(f"extra{index}")
            except Exception as error:  # pylint: disable=broad-except
                failures.append(repr(error))
        threads = [threading.Thread(target=work, args=(index,)) for index in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        messages = self.emulator.messages()
        self.assertEqual(sorted(message["id"] for message in messages),
                         list(range(messages[0]["id"], messages[0]["id"] + 100)))
        senders = [key for key in self.emulator.state("arm") if "/senderusernames/" in key]
        self.assertEqual(len(senders), 23)

    def test_requests_in_pieces_and_broken_ones(self):
        host, port = self.emulator.endpoints["inbox"][7:].split(":")
        for data in (b"\r\n" * 1000, b"GET " + b"x" * 200000 + b" HTTP/1.1\r\n\r\n",
                     b"\xff\xfe\x00", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9"):
            with socket.create_connection((host, int(port)), 5) as sock:
                try:
                    sock.sendall(data)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(65536):
                        pass
                except OSError:
                    pass
        self.assertEqual(self.emulator.messages(), [])


class Transcript(Case):
    transcript = True

    def test_exchanges_without_secrets(self):
        modern = self.emulator.application("modern-client")
        endpoints = self.emulator.endpoints
        url = f"{endpoints['authority_host']}/{endpoints['tenant_id']}/oauth2/v2.0/token"
        fields = {"grant_type": "client_credentials", "client_id": modern["client_id"],
                  "client_secret": modern["client_secret"], "scope": VAULT + "/.default"}
        token = self.emulator.post_form(url, fields).json()["access_token"]
        vault = self.emulator.vault_url() + "/secrets/smtp-legacy-client-secret?api-version=7.4"
        headers = {"Authorization": "Bearer " + token}
        value = self.emulator.get(vault, headers).json()["value"]
        self.emulator.request("PUT", vault, {**headers, "Content-Type": "application/json"},
                              json.dumps({"value": "canary-value"}).encode())
        self.emulator.fault(service="imds", action="drop", count=1)
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.emulator.get(endpoints["imds"] + "/x?y=z")
        entries = self.emulator.transcript()
        self.assertEqual([(e["service"], e["method"], e["url"], e["status"]) for e in entries], [
            ("entra", "POST", url, 200), ("keyvault", "GET", vault, 200),
            ("keyvault", "PUT", vault, 403), ("imds", "GET", endpoints["imds"] + "/x?y=z", 0)])
        for entry in entries:
            self.assertEqual(sorted(entry), sorted([
                "service", "method", "url", "request_headers", "request_body", "status",
                "response_headers", "response_body"]))
        self.assertIn("client_secret=REDACTED", entries[0]["request_body"])
        self.assertEqual(json.loads(entries[0]["response_body"])["access_token"], "REDACTED")
        self.assertEqual(entries[1]["request_headers"]["Authorization"], "REDACTED")
        self.assertEqual(json.loads(entries[1]["response_body"])["value"], "REDACTED")
        self.assertEqual(json.loads(entries[2]["request_body"])["value"], "REDACTED")
        with open(self.emulator.transcript_file, encoding="utf-8") as file:
            text = file.read()
        for secret in (modern["client_secret"], token, token.split(".")[2], value, "canary-value"):
            self.assertNotIn(secret, text)


if __name__ == "__main__":
    main()
