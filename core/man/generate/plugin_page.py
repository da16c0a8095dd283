# SPDX-License-Identifier: MIT
"""acsmtp-NAME(7), the page of a plugin: its option table, as the plugin itself tells it, and its
README."""
import re

from mdoc import argument, display, fill, head, macro, pieces_of
from readme import Readme

TYPES = {"string": "text", "integer": "number", "boolean": "true|false", "duration": "duration",
         "chain": "plugin ..."}
PLACES = {"credential": '"credentials": [ %s ]', "transport": '"transports": [ %s ]',
          "composer": '"composer": %s', "provisioner": '"provision": %s', "keyring": '"keyring": %s'}
NOTHING = ("", "–", "required")


def sections_of(readme):
    """The README's own sections, and by name the blocks before and behind the list of options and
    those of the examples."""
    known = {"options": [], "behind the options": [], "examples": []}
    others = []
    for title, blocks in readme.sections():
        name = {"example": "examples"}.get(title.lower(), title.lower())
        if name in known:
            known[name] += blocks
        else:
            others.append((title, blocks))
    return others, known


def synopsis(plugin):
    required = [option for option in plugin["options"] if option["required"]]
    entry = f'"{plugin["name"]}"'
    if required:
        texts = [f'"{option["name"]}": ' + ("[ ... ]" if option["list"] or option["type"] == "chain"
                                           else '"..."') for option in required]
        entry = f'{{ "plugin": {entry}, {", ".join(texts)} }}'
    return display([PLACES[plugin["kind"]] % entry])


def duration(milliseconds):
    for unit, size in (("h", 3600000), ("m", 60000), ("s", 1000)):
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0"


def limits(option):
    if "minimum" not in option:
        return None
    show = duration if option["type"] == "duration" else str
    if option["maximum"] < option["minimum"] or option["maximum"] >= 2**53:
        return f"At least {show(option['minimum'])}."
    return f"From {show(option['minimum'])} to {show(option['maximum'])}."


def chain(text):
    """A default chain in words."""
    names = text.split(",")
    plain = ", ".join(name.rstrip("?") for name in names)
    if all(name.endswith("?") for name in names):
        return f"{plain}, as far as " + ("they are" if len(names) > 1 else "it is") + " installed."
    return plain + "."


def option_head(option):
    kind = "secret" if option["secret"] else TYPES[option["type"]]
    if option["list"]:
        kind += " ..."
    return f".It Cm {option['name']} Ar {argument(kind)}"


class Options:
    """The list of options. What the README says of one option alone takes the place of the table's
    sentence; what it says of several at once stands behind the last of them."""

    def __init__(self, plugin, readme):
        self.plugin = plugin
        self.readme = readme
        self.rows = list(readme.option_rows())

    def row_of(self, name):
        return next((row for row in self.rows if name in row[0]), ([], {}, ""))

    @staticmethod
    def says_default(option, cells):
        """Whether the README tells a default that is no variable, which is told anyway."""
        said = cells.get("default", "")
        return said not in NOTHING and option.get("environment", "no variable") not in said

    def facts(self, option, cells, said):
        """What the table knows and the sentence has not said."""
        if option["required"] and "required" not in said:
            yield [".Em Required ."]
        if "values" in option and not all(value in said for value in option["values"]):
            yield fill(pieces_of("One of: " + ", ".join(option["values"]) + "."))
        given = option.get("default")
        if given is not None and option["type"] == "chain":
            yield fill(pieces_of("Default: " + chain(given)))
        elif given is not None and "default" not in said.lower():
            yield ["Default:", macro("Ql", given) + " ."]
        elif given is None and "default" not in said and self.says_default(option, cells):
            yield self.readme.sentence(f"Default: {cells['default']}", "")
        if limits(option):
            yield [limits(option)]
        if "environment" in option:
            yield ["Environment:", f".Ev {option['environment']} ."]

    def lines(self):
        out = [".Bl -tag -width Ds"]
        for option in self.plugin["options"]:
            names, cells, place = self.row_of(option["name"])
            meaning = cells.get("meaning", "")
            said = meaning if len(names) == 1 and meaning else option["summary"]
            if said.lower().startswith("default") and "default" not in option["summary"]:
                said = f"{option['summary']} D{said[1:]}"
            out += [option_head(option), *self.readme.sentence(said, place)]
            for fact in self.facts(option, cells, said):
                out += fact
            if len(names) > 1 and meaning and option["name"] == names[-1]:
                out += [".Pp", *self.readme.sentence(meaning, place)]
        return out + [".El"]


def environment(plugin):
    variables = {}
    for option in plugin["options"]:
        if "environment" in option:
            variables.setdefault(option["environment"], []).append(option["name"])
    if not variables:
        return []
    out = [".Sh ENVIRONMENT", "Where the config gives no value:", ".Bl -tag -width Ds"]
    for name in sorted(variables):
        out += [f".It Ev {name}", "Value of"]
        out += [f".Cm {option}" + (" ," if option != variables[name][-1] else " .")
                for option in variables[name]]
    return out + [".El"]


def see_also(pages):
    """pages: pairs (section, name)."""
    pages = sorted(pages)
    return [".Sh SEE ALSO", *(f".Xr {name} {section}" + (" ," if (section, name) != pages[-1] else "")
                              for section, name in pages)]


def lower_first(text):
    return text[0].lower() + text[1:] if re.match(r"[A-Z][a-z ]", text) else text


def page(plugin, readme_name, readme_text, date, version):
    """The page's lines. plugin: as `acsmtp plugins list --json` tells it."""
    readme = Readme(readme_name, readme_text, {option["name"] for option in plugin["options"]})
    others, known = sections_of(readme)
    name = f"acsmtp-{plugin['name']}"
    out = ["'\\\" t", *head(name, 7, lower_first(plugin["summary"]).rstrip("."), date, version)]
    out += [".Sh SYNOPSIS", *synopsis(plugin)]
    for title, blocks in others:
        if title == "":
            out += [".Sh DESCRIPTION", *readme.lines(blocks)]
            if plugin["options"]:
                out += [".Sh OPTIONS", *readme.lines(known["options"]),
                        *Options(plugin, readme).lines(),
                        *readme.lines(known["behind the options"], ".Pp")]
        else:
            out += [macro("Sh", title.upper()), *readme.lines(blocks)]
    out += environment(plugin)
    out += [".Sh FILES", ".Bl -tag -width Ds", f".It Pa {plugin['kind']}/{plugin['name']}.so",
            f"The plugin, of kind {plugin['kind']}, version {plugin['version']},",
            "in a folder of plugins; see", ".Xr acsmtp-plugins 7 .", ".El"]
    if known["examples"]:
        out += [".Sh EXAMPLES", *readme.lines(known["examples"])]
    command = {"provisioner": "provision", "composer": "send", "transport": "send"}
    pages = {(1, f"acsmtp-{command.get(plugin['kind'], 'token')}"), (5, "acsmtp.conf"),
             (7, "acsmtp-plugins")} | {(7, other) for other in readme.pages}
    return out + see_also(pages)
