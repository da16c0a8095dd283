# SPDX-License-Identifier: MIT
"""azd and azure-powershell: the programs are not in Debian, so scripts stand in that check the command
line and answer what the real ones are documented to answer."""

import base64
import json
import time

from lib.credentials import (CONFIG, DENIED, PROTOCOL, TEMPORARY, UNAVAILABLE, CredentialTest, main)

LAST = {"plugin": "token", "token": {"env": "LAST_TOKEN"}}
SCOPE = "https://communication.azure.com/.default"


class ToolTest(CredentialTest):
    needs_emulator = False

    def tool(self, text):
        """A program that notes its arguments and environment, then does `text`."""
        return self.script(f'printf "%s\\n" "$@" >"{self.program.home}/own-arguments"\n'
                           f'env >"{self.program.home}/own-environment"\n' + text, "own-tool")

    def arguments(self):
        return self.read("own-arguments").splitlines()

    def says(self, document, status=0):
        path = self.program.write("own-answer", json.dumps(document))
        return self.tool(f'cat "{path}"; exit {status}')

    def complains(self, text, status=1):
        path = self.program.write("own-complaint", text)
        return self.tool(f'cat "{path}" >&2; exit {status}')


class Azd(ToolTest):
    def entry(self, path, **more):
        return dict({"plugin": "azd", "path": path}, **more)

    def answer(self):
        return self.says({"token": "azd-token-value", "expiresOn": time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))})

    def test_its_token_and_its_command_line(self):
        self.assertEqual(self.good_token(self.entry(self.answer())), "azd-token-value")
        self.assertEqual(self.arguments(), ["auth", "token", "--output", "json", "--no-prompt",
                                            "--scope", SCOPE])

    def test_a_tenant(self):
        self.good_token(self.entry(self.answer(), tenant="contoso.example"))
        self.assertEqual(self.arguments()[-2:], ["--tenant-id", "contoso.example"])
        self.refused(CONFIG, credentials=[self.entry(self.answer(), tenant="a b")])

    def test_its_environment_is_clean(self):
        self.good_token(self.entry(self.answer()), SECRET_OF_SOMEBODY="x", AZD_CONFIG_DIR="/y")
        self.assertNotIn("SECRET_OF_SOMEBODY", self.read("own-environment"))
        self.assertIn("AZD_CONFIG_DIR=/y", self.read("own-environment"))

    def test_not_installed_and_not_logged_in_move_a_chain_on(self):
        old = json.dumps({"type": "consoleMessage", "data": {
            "message": "\nERROR: not logged in, run `azd auth login` to login\n"}}) + "\n"
        new = json.dumps({"error": "not logged in", "message": "not logged in", "suggestion":
                          "run `azd auth login`"}) + "\n"
        for path, word in (("/nowhere/azd", "is not installed"),
                           (self.complains(old), "azd auth login")):
            with self.subTest(word=word):
                done = self.token(self.entry(path), LAST, LAST_TOKEN="last-resort")
                self.assertEqual(done.stdout, "last-resort\n", done.stderr)
                self.assertIn(word, done.stderr)
        self.refused(UNAVAILABLE, "azd auth login", credentials=[self.entry(self.complains(new))])

    def test_failures_by_class(self):
        for text, status in (("AADSTS50076: second factor", DENIED), ("boom", PROTOCOL)):
            with self.subTest(text=text):
                self.refused(status, text, credentials=[self.entry(self.complains(text))])

    def test_replies_that_are_none(self):
        for document in ([], {}, {"token": ""}, {"token": "x"}, {"token": 7, "expiresOn": "x"}):
            with self.subTest(document=document):
                self.refused(PROTOCOL, credentials=[self.entry(self.says(document))])

    def test_it_may_not_take_for_ever(self):
        start = time.monotonic()
        self.refused(TEMPORARY, "timeout",
                     credentials=[self.entry(self.tool("sleep 60"), timeout="1s")])
        self.assertLess(time.monotonic() - start, 10)


class AzurePowerShell(ToolTest):
    def entry(self, path, **more):
        return dict({"plugin": "azure-powershell", "path": path}, **more)

    def answer(self):
        return self.says({"token": "pwsh-token-value", "expires_on": int(time.time()) + 3600})

    def sent_script(self):
        arguments = self.arguments()
        self.assertEqual(arguments[:5], ["-NoProfile", "-NonInteractive", "-OutputFormat", "Text",
                                         "-EncodedCommand"])
        return base64.b64decode(arguments[5]).decode("utf-16-le")

    def test_its_token_and_its_script(self):
        self.assertEqual(self.good_token(self.entry(self.answer())), "pwsh-token-value")
        script = self.sent_script()
        self.assertIn("ResourceUrl = 'https://communication.azure.com'", script)
        self.assertIn("Get-AzAccessToken", script)
        self.assertNotIn("TenantId", script)

    def test_a_tenant(self):
        self.good_token(self.entry(self.answer(), tenant="contoso.example"))
        self.assertIn("$p.TenantId = 'contoso.example'", self.sent_script())

    def test_nothing_can_leave_the_strings_of_the_script(self):
        self.refused(CONFIG, credentials=[self.entry(self.answer(), tenant="x'; rm -rf /")])
        self.refused(CONFIG, credentials=[self.entry(self.answer())],
                     arguments=("--scope", "https://x'/.default"))

    def test_what_moves_a_chain_on(self):
        for path, word in (
                ("/nowhere/pwsh", "is not installed"),
                (self.complains("acsmtp: Az.Accounts is not installed\n", 3), "Install-Module")):
            with self.subTest(word=word):
                done = self.token(self.entry(path), LAST, LAST_TOKEN="last-resort")
                self.assertEqual(done.stdout, "last-resort\n", done.stderr)
                self.assertIn(word, done.stderr)
        self.refused(UNAVAILABLE, "Connect-AzAccount", credentials=[self.entry(self.complains(
            "Get-AzAccessToken: Run Connect-AzAccount to login.\n"))])

    def test_failures_by_class(self):
        for text, status in (("AADSTS50076: second factor", DENIED), ("boom", PROTOCOL)):
            with self.subTest(text=text):
                self.refused(status, text, credentials=[self.entry(self.complains(text))])

    def test_colours_of_the_terminal_do_not_reach_ours(self):
        error = self.refused(PROTOCOL, "boom", credentials=[
            self.entry(self.complains("\x1b[31;1mboom\x1b[0m\n"))])
        self.assertNotIn("\x1b", error)


if __name__ == "__main__":
    main()
