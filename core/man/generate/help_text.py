# SPDX-License-Identifier: MIT
"""What a command says of itself: `acsmtp COMMAND --help`, read back. The help is printed from the
tables that the command line is parsed by, so a page that is made from it cannot say anything else."""
import json
import os
import re
import subprocess

from mdoc import PageError, argument, fill, pieces_of

GLOBAL = "Global options"
SUMMARY = 28  # the column where a row's words begin
LEFT = re.compile(r"  (?:-(?P<letter>\w), |    )--(?P<name>[a-z][a-z0-9-]*)"
                  r"(?P<optional>\[=\w+\])?(?: (?P<argument>\S.*))?")


class Option:
    def __init__(self, found):
        self.letter = found["letter"]
        self.name = found["name"]
        self.argument = found["argument"]
        self.optional = found["optional"]
        self.text = []

    def head(self):
        """The item of a list that begins the option."""
        flag = f"Fl Fl {self.name}"
        if self.letter:
            flag = f"Fl {self.letter} , {flag}"
        if self.optional:
            return f".It {flag} Ns Op = Ns Cm {self.optional[2:-1]}"
        if not self.argument:
            return f".It {flag}"
        return f".It {flag} " + " Ns | Ns ".join(
            f"Ar {argument(part)}" for part in self.argument.split("|"))

    def summary(self):
        """The row's words as a sentence."""
        text = " ".join(self.text)
        first = text.split(" ")[0].rstrip(",;")
        is_about_an_action = re.match(r"[a-z]+(, [a-z]+)*: ", text)
        if first.isalpha() and first.islower() and not is_about_an_action:
            text = text[0].upper() + text[1:]
        return fill(pieces_of(text if text[-1] in ".?!" else text + "."))


class Help:
    """synopsis: the lines behind "Usage:"; groups: title → options; text: all of it."""

    def __init__(self, text):
        self.text = text
        self.synopsis = []
        self.groups = {}
        self.description, self.epilog = [], []  # paragraphs before and behind the options
        options = None
        for line in text.splitlines():
            if line.startswith(("Usage: ", "       acsmtp")):
                self.synopsis.append(line[7:])
            elif re.match(r"(Global o|O)ptions\b.*:$", line):
                options = self.groups.setdefault(line[:-1], [])
            elif options is not None and line.startswith("  "):
                self.add_line(options, line)
            else:
                options = None
                self.add_text(line)

    def add_text(self, line):
        paragraphs = self.epilog if self.groups else self.description
        if not line:
            paragraphs.append([])
        elif paragraphs:
            paragraphs[-1].append(line)

    @staticmethod
    def add_line(options, line):
        """A row, its words, or both: words that do not fit beside a long option come below it."""
        left, words = line[:SUMMARY], line[SUMMARY:]
        if left.strip():
            if not left.endswith(" "):
                left, words = line, ""
            found = LEFT.fullmatch(left.rstrip())
            if not found:
                raise PageError(f"the help has a row that is none: {line}")
            options.append(Option(found))
        if words:
            options[-1].text.append(words)

    def own(self):
        """The command's own options by title, without the global ones."""
        return {title: options for title, options in self.groups.items()
                if not title.startswith(GLOBAL)}

    def global_options(self):
        return next((options for title, options in self.groups.items()
                     if title.startswith(GLOBAL)), [])


class Program:
    """Runs the program that was built, without anybody's config."""

    def __init__(self, path, plugins):
        self.path = path
        self.folder = plugins
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
                            "ACSMTP_PLUGIN_PATH": plugins, "ASAN_OPTIONS": "detect_leaks=0"}
        self.known = {}

    def run(self, *words):
        done = subprocess.run([self.path, *words], env=self.environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise PageError(f"acsmtp {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def plugins(self):
        """What `acsmtp plugins list --json` tells of the plugins of this build. Where the build will be
        installed there may be others already, of which nothing is known here."""
        own = os.path.realpath(self.folder) + os.sep
        return [plugin for plugin in json.loads(self.run("--json", "plugins", "list"))["plugins"]
                if plugin["path"] == "(built in)" or os.path.realpath(plugin["path"]).startswith(own)]

    def help(self, *command):
        if command not in self.known:
            self.known[command] = Help(self.run(*command, "--help"))
        return self.known[command]

    def commands(self):
        """Name → summary of every subcommand that is listed."""
        listed = re.search(r"^Commands:\n((?:  .*\n)+)", self.help().text, re.M).group(1)
        return dict(re.match(r"  (\S+)\s+(.*)", line).groups() for line in listed.splitlines())

    def actions(self, command):
        """Actions that have a help of their own."""
        listed = re.search(r"^Actions:\n((?:  .*\n)+)", self.help(command).text, re.M)
        return re.findall(r"^  (\S+)", listed.group(1), re.M) if listed else []

    def knows(self, *command):
        """Whether there is such a command, or an action in its synopsis."""
        if command[0] not in self.commands():
            return False
        wanted = f"acsmtp {' '.join(command)} "
        return len(command) == 1 or any(f"{line} ".startswith(wanted)
                                        for line in self.help(*command).synopsis)
