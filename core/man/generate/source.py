# SPDX-License-Identifier: MIT
"""A page that people write: mdoc(7), with comments that stand for what the program itself knows.

    .\\" @commands              the subcommands, each with its page
    .\\" @options COMMAND...    the options of a command; without a command the global ones.
    .\\" @more --NAME           Lines up to the next @more or @end are added to that option's words.
    .\\" @end
    .\\" @usage COMMAND        how its actions are called
    .\\" @actions COMMAND      its actions, each with its words and options
    .\\" @if COMMAND...         Lines up to @fi stand only where there is such a command.
    .\\" @fi
    .\\" @plugins KIND          the plugins of a kind
    .\\" @header NAME           what include/acsmtp/NAME.h declares
"""
import re

import header
import usage
from mdoc import PageError, fill, pieces_of

DIRECTIVE = re.compile(r'\.\\" @(\w+) ?(.*)')


class Source:
    def __init__(self, name, text, facts):
        """facts: program, plugins, headers (a folder), version."""
        self.name = name
        self.lines = text.splitlines()
        self.facts = facts
        self.at = 0

    def fail(self, what):
        raise PageError(f"{self.name}:{self.at}: {what}")

    def next(self):
        """The next line and, where it is a directive, its name and words."""
        if self.at == len(self.lines):
            self.fail("the end of a block is missing")
        line = self.lines[self.at]
        self.at += 1
        found = DIRECTIVE.fullmatch(line)
        return line, found and found[1], found[2].split() if found else []

    def page(self):
        out = []
        while self.at < len(self.lines):
            line, directive, words = self.next()
            if directive:
                out += self.expand(directive, words)
            elif line.startswith(".Os"):
                out.append(f".Os acsmtp {self.facts.version}")
            else:
                out.append(line)
        return out

    def expand(self, directive, words):
        writers = {"commands": self.commands, "options": self.options, "usage": self.usage,
                   "actions": self.actions, "if": self.condition, "fi": lambda: [],
                   "plugins": self.plugins, "header": self.header}
        if directive not in writers:
            self.fail(f"there is no @{directive}")
        return writers[directive](*words)

    # ---- what the program knows ----

    def commands(self):
        out = [".Bl -tag -width Ds"]
        for name, summary in self.facts.program.commands().items():
            sentence = summary[0].upper() + summary[1:] + "."
            out += [f".It Cm {name}", *fill(pieces_of(sentence)), "See", f".Xr acsmtp-{name} 1 ."]
        return out + [".El"]

    def more(self):
        """Lines that are added to options, by name."""
        added, name = {}, None
        while True:
            line, directive, words = self.next()
            if directive == "end":
                return added
            if directive == "more":
                name = words[0].lstrip("-")
                added[name] = []
            elif directive or not name:
                self.fail("only @more and @end stand behind @options")
            else:
                added[name].append(line)

    def options(self, *command):
        spoken = self.facts.program.help(*command)
        groups = spoken.own() if command else {"Options": spoken.global_options()}
        added = self.more()
        out = []
        for title, options in groups.items():
            if title != "Options":
                out.append(f".Ss {title}")
            out.append(".Bl -tag -width Ds")
            for option in options:
                out += [option.head(), *option.summary(), *added.pop(option.name, [])]
            out.append(".El")
        if added:
            self.fail(f"'acsmtp {' '.join(command)}' has no option --{min(added)}")
        return out

    def usage(self, command):
        out = []
        for action in self.facts.program.actions(command):
            for line in self.facts.program.help(command, action).synopsis:
                out += [f".Nm acsmtp {command}", *usage.lines(line.split()[2:])]
        return out

    def actions(self, command):
        out = []
        for action in self.facts.program.actions(command):
            spoken = self.facts.program.help(command, action)
            out += [f".Ss {action}", *usage.paragraphs(spoken.description)[1:]]
            for options in spoken.own().values():
                out.append(".Bl -tag -width Ds")
                for option in options:
                    out += [option.head(), *option.summary()]
                out.append(".El")
            out += usage.paragraphs(spoken.epilog)
        return out

    def condition(self, *command):
        if self.facts.program.knows(*command):
            return []
        while self.next()[1] != "fi":
            pass
        return []

    def plugins(self, kind):
        out = [".Bl -tag -width Ds"]
        for plugin in self.facts.plugins:
            if plugin["kind"] == kind:
                out += [f".It Xr acsmtp-{plugin['name']} 7", *fill(pieces_of(plugin["summary"]))]
        if len(out) == 1:  # a package may bring none
            return [f"No plugin of kind {kind} was built with this manual."]
        return out + [".El"]

    def header(self, name):
        path = self.facts.headers / f"{name}.h"
        return header.lines(path.name, path.read_text())
