# SPDX-License-Identifier: MIT
"""What the shells offer, in real shells on a terminal; and what `acsmtp __complete` says to them."""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
import program as program_module
from shells import Shell

CONFIG = {"profiles": {
    "legacy": {"from": "a@example.org", "credentials": ["imds"], "transports": ["smtp-login"]},
    "modern": {"from": "b@example.org", "credentials": [{"plugin": "client-secret"}, "azcli"],
               "transports": ["smtp-xoauth2"]}}}


# Names that somebody else may have given to a profile, a plugin's file or a file; "qNN" tells them apart.
HOSTILE = ["q%02d%s" % (at, name) for at, name in enumerate((
    "$(touch made)", "`touch made`", ";touch made", "&touch made&", "|touch made", " 'x y", '"x$HOME',
    "*?[a-z]", "\\", "!x", "{a,b}", "#x", "<x>made", "%s%n", "a:b=c", "a\\:b", "~root", "^x", "(touch made)",
    "\\$(touch made)", "'$(touch made)'", "--x", "\u00e4 \u20ac", "=c:d"))]


class Answer(unittest.TestCase):
    """The answer itself; tables and placeholders are those of --help."""

    def setUp(self):
        self.program = program_module.Program()
        self.addCleanup(self.program.close)
        self.config = self.program.write("config.json", json.dumps(CONFIG))

    def answer(self, *words, **environment):
        done = self.program.run("__complete", "--", *words, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def words(self, *words, **environment):
        return [line[1] for line in self.answer(*words, **environment) if line[0] == "word"]

    def help_of(self, *command):
        done = self.program.run(*command, "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def commands(self):
        section = self.help_of().split("\nCommands:\n")[1].split("\n\n")[0]
        return re.findall(r"^  (\w+) ", section, re.M)

    def test_every_command_of_the_help(self):
        self.assertEqual(self.words(""), self.commands())
        self.assertEqual(self.words("conf"), ["config"])
        self.assertEqual(self.words("nothing-like-it"), [])

    def test_every_option_of_every_command(self):
        for command in self.commands():
            with self.subTest(command):
                sections = re.findall(r"^(?:Options|Global options).*:\n((?:.+\n)+)",
                                      self.help_of(command) + "\n", re.M)
                if not sections:
                    continue  # speaks another language (sendmail)
                options = re.findall(r"^ {2}(?:-\w, | {4})(--[a-z0-9-]+)", "".join(sections), re.M)
                self.assertGreater(len(options), 5)
                self.assertEqual(sorted(self.words(command, "-")), sorted(options))

    def test_every_command_answers_at_once_and_does_nothing(self):
        """Also those that would write, wait for standard input or talk to somebody."""
        before = sorted(os.listdir(self.program.home))
        for command in self.commands():
            for words in ((command, ""), (command, "--"), (command, "x", "")):
                self.program.run("__complete", "--", *words, timeout=60)
        self.assertEqual(sorted(os.listdir(self.program.home)), before)

    def test_actions_and_operands(self):
        self.assertEqual(self.words("config", ""), ["check", "show", "init", "path", "schema"])
        self.assertEqual(self.words("config", "check", ""), self.words("config", "check", "--"))
        self.assertEqual(self.words("chain", ""), ["explain"])
        self.assertEqual(self.words("provision", "de"), ["destroy"])
        self.assertIn("info", self.words("plugin", ""))
        self.assertEqual(self.words("plugin", "info", "ke"), ["keyvault-basic", "kernel-keyring"])
        self.assertEqual(self.words("plugins", "info", "acs"), ["acs"])
        self.assertEqual(self.words("plugin", "new", "--directory", "x", ""),
                         ["credential", "transport", "composer", "keyring", "provisioner"])
        self.assertEqual(self.answer("send", "--subject", "x", ""), [("files", "")])
        self.assertEqual(self.answer("send", "one.eml", ""), [("files", "")])
        self.assertEqual(self.answer("send", "--", "-"), [("files", "")])

    def test_actions_are_told_with_what_they_do(self):
        self.assertIn(("word", "check", "read the config, load the plugins that its profiles name, "
                       "check every setting"), self.answer("config", "ch"))
        self.assertEqual(self.answer("plugin", "new", "key"),
                         [("word", "keyring", "keeps secrets in the files of a folder")])

    def test_values(self):
        self.assertEqual(self.words("token", "--format", ""),
                         ["raw", "json", "git", "aws", "k8s", "docker", "env"])
        self.assertEqual(self.words("token", "--format=d"), ["--format=docker"])
        self.assertEqual(self.words("token", "--form", "d"), ["docker"])
        self.assertEqual(self.answer("--cloud", ""),
                         [("word", name, "") for name in ("public", "usgov", "china")] +
                         [("files", "")])
        self.assertEqual(self.answer("send", "--attach=rep"), [("files", "--attach=")])
        self.assertEqual(self.answer("send", "--text", "@rep"), [("files", "@")])
        self.assertEqual(self.answer("send", "--text", "rep"), [])
        self.assertEqual(self.answer("provision", "--directory", ""), [("folders", "")])
        self.assertEqual(self.words("send", "--to", ""), [])
        self.assertEqual(self.words("send", "-vt", ""), [])

    def test_profiles(self):
        wanted = [("word", "legacy", "a@example.org"), ("word", "modern", "b@example.org")]
        self.assertEqual(self.answer("--config", self.config, "--profile", ""), wanted)
        self.assertEqual(self.answer("send", "--config", self.config, "--profile", ""), wanted)
        self.assertEqual(self.answer("--profile", "", ACSMTP_CONFIG=self.config), wanted)
        self.assertEqual(self.words("--config", self.config, "--profile=m"), ["--profile=modern"])

    def test_keys_of_a_profile(self):
        def keys(prefix):
            return self.words("--config", self.config, "--profile", "modern", "--set", prefix)
        self.assertIn("username=", keys(""))
        self.assertEqual(keys("cred"), ["credentials.0.", "credentials.1."])
        self.assertIn("credentials.0.tenant_id=", keys("credentials.0."))
        self.assertEqual(keys("transports.0.po"), ["transports.0.port="])

    def test_a_config_that_is_wrong(self):
        path = self.program.write("wrong.json", "{ nothing")
        self.assertEqual(self.words("--config", path, "--profile", ""), [])
        self.assertEqual(self.words("--config", path, "--cloud", "us"), ["usgov"])
        self.assertEqual(self.words("--config", path, "plugin", "info", "imd"), ["imds"])

    def test_options_of_the_provisioner(self):
        self.assertEqual(self.words("provision", "--resource-g"), ["--resource-group"])
        self.assertEqual(self.words("provision", "--resource-g", ACSMTP_PLUGIN_PATH="/nowhere"), [])
        self.assertEqual(self.words("provision", "--detailed", ACSMTP_PLUGIN_PATH="/nowhere"),
                         ["--detailed-exitcode"])

    def test_any_words(self):
        """Whatever stands on the line, the answer has its form."""
        source = random.Random(7)
        pieces = ["send", "config", "plugin", "provision", "token", "--", "-", "--to", "--set=", "-v",
                  "-tv", "--profile", "--config", "=", "x" * 5000, "\u00e9", "\udcff", "\n", "\t", "%s",
                  "credentials.0.", "--format=", "@", "__complete", "", "--text", "--attach", "|"]
        for _ in range(150):
            words = ["".join(source.choices(pieces, k=source.choice((1, 1, 1, 2))))
                     for _ in range(source.randint(1, 5))]
            with self.subTest(words=words):
                for line in self.answer(*words, ACSMTP_CONFIG=self.config):
                    self.assertIn((line[0], len(line)), (("word", 3), ("files", 2), ("folders", 2)))

    def test_lists_of_plugins(self):
        self.assertEqual(self.words("provision", "--credentials", "imd"), ["imds"])
        self.assertEqual(self.words("provision", "--credentials", "imds,azc"), ["imds,azcli"])
        self.assertEqual(self.words("provision", "--credentials=imds,azc"),
                         ["--credentials=imds,azcli"])

    def test_it_is_not_for_people(self):
        self.assertNotIn("__complete", self.help_of())
        for words in ((), ("--",), ("send", "")):
            done = self.program.run("__complete", *words)
            self.assertEqual((done.returncode, done.stdout), (64, ""))
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_nobody_is_contacted_and_no_plugin_is_asked(self):
        """strace sees no socket, and no child."""
        processes.need(os.access("/usr/bin/strace", os.X_OK), "not installed: strace")
        log = os.path.join(self.program.home, "calls")
        command = ["/usr/bin/strace", "-f", "-e", "trace=socket,connect,execve", "-o", log,
                   self.program.path, "__complete", "--", "--config", self.config, "provision", "--"]
        subprocess.run(command, env=self.program.environment, check=True, stdout=subprocess.DEVNULL,
                       timeout=120)
        with open(log, encoding="utf-8") as file:
            calls = [line for line in file if "(" in line and "resumed" not in line]
        self.assertEqual(len([line for line in calls if "execve" in line]), 1, calls)
        self.assertEqual([line for line in calls if "socket" in line or "connect(" in line], [])


def install(folder):
    """The program, its libraries and the three scripts, where `cmake --install` puts them."""
    build = program_module.build_folder()
    for component in ("lib", "runtime", "acsmtp"):
        subprocess.run(["cmake", "--install", build, "--prefix", folder, "--component", component],
                       check=True, stdout=subprocess.DEVNULL)


class InShells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="acsmtp-installed-")
        cls.addClassCleanup(folder.cleanup)
        cls.installed = folder.name
        install(cls.installed)
        cls.environment = {"ACSMTP_PLUGIN_PATH": os.path.join(program_module.build_folder(), "plugins")}
        cls.environment.update({name: value for name, value in os.environ.items()
                                if name.endswith("SAN_OPTIONS")})

    def shell(self, name):
        processes.need(os.access("/bin/" + name, os.X_OK), "not installed: " + name)
        shell = Shell(name, self.installed, self.environment)
        self.addCleanup(shell.close)
        home = pathlib.Path(shell.home)
        config = home / ".config" / "acsmtp" / "config.json"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(json.dumps(CONFIG), encoding="utf-8")
        (home / "other config.json").write_text(json.dumps(
            {"profiles": {"elsewhere": {"from": "x@example.org"}}}), encoding="utf-8")
        (home / "report.pdf").write_bytes(b"%PDF")
        (home / "outbox").mkdir()
        return shell

    def check(self, shell, line, wanted, tabs=1):
        with self.subTest(shell=shell.name, line=line):
            buffer, shown = shell.complete(line, tabs)
            self.assertEqual(buffer, wanted, shown)

    def check_all(self, name):
        shell = self.shell(name)
        for line, wanted in (
                ("acsmtp conf", "acsmtp config "),
                ("acsmtp config sch", "acsmtp config schema "),
                ("acsmtp provision dest", "acsmtp provision destroy "),
                ("acsmtp send --read", "acsmtp send --read-recipients "),
                ("acsmtp -v send --profile mod", "acsmtp -v send --profile modern "),
                ("acsmtp --profile=leg", "acsmtp --profile=legacy "),
                ("acsmtp --cloud chi", "acsmtp --cloud china "),
                ("acsmtp token --format k", "acsmtp token --format k8s "),
                ("acsmtp plugin info keyv", "acsmtp plugin info keyvault-basic "),
                ("acsmtp plugin new com", "acsmtp plugin new composer "),
                ("acsmtp send --attach rep", "acsmtp send --attach report.pdf "),
                ("acsmtp send --attach=rep", "acsmtp send --attach=report.pdf "),
                ("acsmtp send --text @rep", "acsmtp send --text @report.pdf "),
                ("acsmtp provision --directory out", "acsmtp provision --directory outbox/"),
                ("acsmtp --set usern", "acsmtp --set username="),
                ("acsmtp --profile modern --set transports.0.por",
                 "acsmtp --profile modern --set transports.0.port="),
                ("acsmtp send --to nob", "acsmtp send --to nob"),
        ):
            self.check(shell, line, wanted)
        self.check_list(shell)

    def check_list(self, shell):
        """What there is to choose from is shown."""
        buffer, shown = shell.complete("acsmtp config ", tabs=2)
        for word in ("check", "show", "init", "path", "schema"):
            self.assertIn(word, buffer + shown)

    def test_bash(self):
        self.check_all("bash")

    def test_zsh(self):
        self.check_all("zsh")

    def test_fish(self):
        self.check_all("fish")

    def test_a_config_in_the_home_of_somebody(self):
        for name in ("bash", "zsh", "fish"):
            with self.subTest(name):
                shell = self.shell(name)
                os.rename(os.path.join(shell.home, "other config.json"),
                          os.path.join(shell.home, "other.json"))
                self.check(shell, "acsmtp --config ~/other.json --profile else",
                           "acsmtp --config ~/other.json --profile elsewhere ")

    def meant(self, shell, line):
        """The last word of a line, as the shell that it stands in understands it."""
        script = "printf '%s\\n' " + line.removeprefix("acsmtp ")
        done = subprocess.run([shell.name, "-c", script], stdout=subprocess.PIPE, timeout=60,
                              check=False, cwd=shell.home, env=shell.environment)
        return done.stdout.decode().split("\n")[-2:][0]

    def check_hostile(self, shell, line, wanted):
        with self.subTest(shell=shell.name, line=line):
            buffer, shown = shell.complete(line)
            self.assertEqual(self.meant(shell, buffer), wanted, (buffer, shown))

    def test_names_are_quoted_and_nothing_of_them_is_run(self):
        for name in ("bash", "zsh", "fish"):
            shell = self.shell(name)
            path = pathlib.Path(shell.home) / ".config" / "acsmtp" / "config.json"
            path.write_text(json.dumps({"profiles": {hostile: {"from": hostile} for hostile in HOSTILE}}),
                            encoding="utf-8")
            for hostile in HOSTILE:
                (path.parent.parent.parent / hostile).touch()
            before = sorted(os.listdir(shell.home))
            for hostile in HOSTILE:
                self.check_hostile(shell, "acsmtp --profile " + hostile[:3], hostile)
                self.check_hostile(shell, "acsmtp send --attach " + hostile[:3], hostile)
            self.assertEqual(sorted(os.listdir(shell.home)), before)

    def test_nothing_of_the_line_is_run(self):
        for name in ("bash", "zsh", "fish"):
            with self.subTest(name):
                shell = self.shell(name)
                shell.complete("acsmtp --config $(touch made) --profile x")
                shell.complete("acsmtp --config `touch made` --profile x")
                shell.complete("acsmtp --config '$(touch made)' --profile x")
                self.assertFalse(os.path.exists(os.path.join(shell.home, "made")))


if __name__ == "__main__":
    processes.main()
