# SPDX-License-Identifier: MIT
"""A custom domain, from the records that verify prints to the first mail, with a real name server."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from nameserver import NameServer
from provision import ProvisionCase

DOMAIN = "mail.contoso.test"
VERIFICATIONS = ["Domain", "SPF", "DKIM", "DKIM2"]


class CustomDomain(ProvisionCase):
    options = {"custom_domain": DOMAIN}

    def setUp(self):
        super().setUp()
        processes.need_programs("knotd")
        self.domain = f"{self.auditor.email}/domains/{DOMAIN}"

    def unverified(self):
        """An apply in the empty subscription, which can come as far as the proof of the domain."""
        done = self.provision("apply")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"{DOMAIN}", done.stderr)
        self.assertIn("acsmtp provision verify", done.stderr)
        self.assertIsNotNone(self.auditor.get(self.domain))
        return done

    def states(self):
        states = self.auditor.get(self.domain)["properties"]["verificationStates"]
        return {name: states[name]["status"] for name in VERIFICATIONS}

    def zone(self):
        done = self.provision("verify", "--dry-run", "--format", "zone")
        self.assert_code(done, 0)
        return done.stdout

    def test_plan_says_so_before_apply(self):
        done = self.provision("plan")
        self.assert_code(done, 0)
        self.assertIn(DOMAIN, done.stdout)
        self.assertIn("verif", done.stdout)

    def test_from_the_records_to_the_first_mail(self):
        self.unverified()
        self.assertEqual(set(self.states().values()), {"NotStarted"})

        # Looking at the records starts nothing. They make a zone that a name server takes.
        zone = self.zone()
        self.assertEqual(set(self.states().values()), {"NotStarted"})
        with NameServer({DOMAIN: zone}) as server:
            self.settings["dns_server"] = server.address
            mark = self.mark()
            self.assert_code(self.provision("verify", "--check-dns"), 0)
            asked = [json.loads(entry["request_body"])["verificationType"]
                     for entry in self.sent(mark) if "/initiateVerification" in entry["url"]]
        self.assertEqual(sorted(asked), sorted(VERIFICATIONS))
        self.assertEqual(asked[0], "Domain")
        self.assertEqual(set(self.states().values()), {"Verified"})

        config = self.home("acsmtp.json")
        self.apply("--write-config", config)
        self.assert_linked()
        processes.wait_for(lambda: self.acsmtp(
            "send", "--to", "ann@example.com", "--subject", "x", "--text", "x",
            config=config).returncode == 0, 30, "the first mail", pause=0.5)
        self.assertTrue(self.emulator.messages()[0]["from"].endswith("@" + DOMAIN))
        self.assert_in_step()
        self.destroy()
        self.assertIsNone(self.auditor.get(self.auditor.email))

    def assert_linked(self):
        linked = self.auditor.get(self.auditor.service)["properties"]["linkedDomains"]
        self.assertEqual([domain.lower() for domain in linked], [self.domain.lower()])

    def test_records_that_are_not_there_yet(self):
        self.unverified()
        with NameServer({DOMAIN: '@ TXT "v=spf1 -all"\n'}) as server:
            self.settings["dns_server"] = server.address
            done = self.provision("verify", "--check-dns", "--dry-run")
            text = done.stdout + done.stderr
            self.assertIn("ms-domain-verification=", text)
            self.assertIn("selector1-azurecomm-prod-net._domainkey", text)
        self.assertEqual(set(self.states().values()), {"NotStarted"})

    def test_spf_of_another_service_is_kept(self):
        self.unverified()
        done = self.provision("verify", "--dry-run", "--merge-spf",
                              "v=spf1 ip4:192.0.2.0/24 include:spf.example.org ~all")
        self.assert_code(done, 0)
        self.assertRegex(done.stdout, r"v=spf1 ip4:192\.0\.2\.0/24 include:spf\.example\.org "
                                      r"include:\S+ [~-]all")

    def test_azure_refuses(self):
        self.unverified()
        self.emulator.patch({"arm_switches": {"verification": "VerificationFailed"}})
        done = self.provision("verify")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Domain", done.stderr)
        self.assertIn("DNS", done.stderr)
        self.emulator.patch({"arm_switches": {"verification": "Verified"}})
        self.assert_code(self.provision("verify"), 0)
        self.apply()
        self.assert_linked()

    def test_formats(self):
        self.unverified()
        shown = json.loads(self.provision("verify", "--dry-run", "--format", "json").stdout)
        self.assertIn("ms-domain-verification=", json.dumps(shown))
        table = self.provision("verify", "--dry-run").stdout
        self.assertIn("CNAME", table)
        self.assertIn("_dmarc", table)


if __name__ == "__main__":
    processes.main()
