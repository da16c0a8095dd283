# SPDX-License-Identifier: MIT
"""examples/migration.md: every parameter of the scripts is there, and every flag, key and option that is
named there exists."""

import json
import os
import pathlib
import re
import shlex
import sys
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from program import Program

TEXT = (pathlib.Path(__file__).resolve().parents[2] / "examples" / "migration.md").read_text("utf-8")

# As the scripts declare them.
PARAMETERS = {
    "provision-acs-smtp.ps1": [
        "SubscriptionId", "ResourceGroupName", "Location", "DataLocation", "CommunicationServiceName",
        "EmailServiceName", "LegacySmtpUsername", "ModernSmtpUsername", "ManagedIdentityName",
        "KeyVaultName", "UseCustomerManagedDomain", "CustomDomainName", "Verbose"],
    "send-email-smtp-legacy.ps1": [
        "SmtpUsername", "Sender", "Recipient", "KeyVaultName", "SecretName", "Password",
        "SubscriptionId", "Verbose"],
    "send-email-smtp-passwordless.ps1": [
        "SmtpUsername", "Sender", "Recipient", "ManagedIdentityClientId", "AzureAdTenantId",
        "AzureAdClientId", "AzureAdClientSecret", "AccessToken", "Verbose"],
}


class Migration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program()
        cls.addClassCleanup(cls.program.close)
        cls.schema = json.loads(cls.program.run("config", "schema").stdout)
        cls.helps = {}

    def sections(self):
        parts = re.split(r"^## (.+)$", TEXT, flags=re.M)
        return dict(zip(parts[1::2], parts[2::2]))

    def test_every_parameter_has_its_row(self):
        self.assertEqual(list(self.sections()), list(PARAMETERS))
        for script, text in self.sections().items():
            rows = re.findall(r"^\| `-(\w+)` \| (.+?) \|", text, re.M)
            self.assertEqual(sorted(name for name, _ in rows), sorted(PARAMETERS[script]))
            for name, target in rows:
                self.assertRegex(target, "` of ", f"{script} -{name}")

    def help_of(self, command):
        if command not in self.helps:
            done = self.program.run(*command.split(), "--help")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.helps[command] = done.stdout
        return self.helps[command]

    def members(self, plugin):
        for kind in ("credential", "transport", "provisioner"):
            definition = self.schema["$defs"].get(f"{kind}.{plugin}")
            if definition:
                return definition["properties"]
        raise AssertionError("there is no plugin " + plugin)

    def test_everything_that_is_named_exists(self):
        named = re.findall(r"`([\w-]+)` of (?:`([\w -]+)`|the (profile))", TEXT)
        self.assertGreater(len(named), 30)
        for name, owner, profile in named:
            with self.subTest(name=name, owner=owner or profile):
                if profile:
                    self.assertIn(name, self.schema["$defs"]["profile"]["properties"])
                elif owner.startswith("acsmtp "):
                    self.assertRegex(self.help_of(owner[len("acsmtp "):]), rf"(?m)^ .*{name}\b")
                else:
                    self.assertIn(name, self.members(owner))

    def test_no_flag_is_without_its_command(self):
        for flag in re.findall(r"`(--[\w-]+)`(?! of `acsmtp)", TEXT):
            self.fail(flag)

    def test_variables(self):
        """Each is one that some plugin reads."""
        read = set(re.findall(r"Environment: (\w+)", json.dumps(self.schema)))
        for variable in set(re.findall(r"\b(?:AZURE|ACSMTP)_[A-Z_]+\b", TEXT)):
            self.assertIn(variable, read)

    def test_commands(self):
        """--help is printed only when all other words are right."""
        commands = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S)
                    for line in block.splitlines()]
        self.assertGreater(len(commands), 4)
        for line in commands:
            with self.subTest(line):
                words = shlex.split(line)
                self.assertEqual(words[0], "acsmtp")
                done = self.program.run(*words[1:], "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.startswith("Usage: acsmtp "))
                for name in re.findall(r"--config (\S+)", line):
                    self.assertIn("(config)", TEXT)
                    self.assertTrue((pathlib.Path(__file__).resolve().parents[2] / "examples" /
                                     "config" / name).is_file(), name)

    def test_json(self):
        validator = jsonschema.Draft202012Validator(self.schema)
        blocks = re.findall(r"```json\n(.*?)```", TEXT, re.S)
        self.assertEqual(len(blocks), 1)
        for block in blocks:
            validator.validate({"profiles": {"test": json.loads("{" + block + "}")}})


if __name__ == "__main__":
    processes.main()
