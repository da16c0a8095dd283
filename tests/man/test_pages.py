# SPDX-License-Identifier: MIT
"""The manual pages say what the program says, no more and no less; mandoc and groff have nothing to
object; every reference and every link leads somewhere."""
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from pages import (BUILD, MAN, PAGES, SOURCE, actions, command_page, commands, helps, page, run,
                   section)

# Pages of other projects that are referred to.
OUTSIDE = {"cron.8", "fork.2", "free.3", "git-credential.1", "git-send-email.1", "git.1",
           "keyrings.7", "mailq.1", "newaliases.1", "openssl.1", "pipe.8", "pkg-config.1",
           "poll.2", "printf.3", "secret-tool.1", "sendmail.8", "setenv.3", "strerror.3",
           "sysexits.3"}
# Those of the plugins that were not chosen for this build.
UNBUILT = {f"acsmtp-{path.parent.name}.7" for path in SOURCE.glob("plugins/*/*/README.md")} - set(PAGES)
OF_NO_COMMAND = {"acsmtp.1", "acsmtp-emulator.1"}
EMULATOR = BUILD / "bin" / "acsmtp-emulator"
HTML = BUILD / "html"


def needed(case, tool):
    path = shutil.which(tool)
    if not path:
        if os.environ.get("CI"):
            case.fail(f"{tool} is missing")
        case.skipTest(f"{tool} is missing")
    return path


def help_options(text):
    """(own, global): the options of a help text as a set of spellings."""
    own, _, common = text.partition("\nGlobal options")
    spelt = r"^  (?:(-\w), |    )?(--[a-z][a-z0-9-]*)"
    return ({name for pair in re.findall(spelt, own, re.M) for name in pair if name},
            {name for pair in re.findall(spelt, common, re.M) for name in pair if name})


def page_options(text):
    """The options that are items of the page's lists."""
    found = set()
    for item in re.findall(r"^\.It (Fl .*)$", text, re.M):
        found |= {f"--{name}" for name in re.findall(r"Fl Fl ([a-z][a-z0-9-]*)", item)}
        found |= {f"-{letter}" for letter in re.findall(r"^Fl (\w) ,", item)}
    return found


def outer_items(text):
    """What the items of the outermost lists are called."""
    depth = 0
    for line in text.splitlines():
        depth += {".Bl": 1, ".El": -1}.get(line[:3], 0)
        if depth == 1 and line.startswith(".It Cm "):
            yield line[7:]


def exit_codes(text):
    """The numbers behind "Exit codes", up to the next paragraph."""
    return {int(number) for told in re.findall(r"^Exit codes(.*?)(?:\n\n|\n\.|\Z)", text, re.M | re.S)
            for number in re.findall(r"(?<![\w.])(\d{1,2})(?!\w)", told)}


class Program(unittest.TestCase):
    def test_every_command_has_its_page_and_every_page_its_command(self):
        self.assertLessEqual({command_page(name) for name in commands()} | {"acsmtp.1"}, set(PAGES))
        of_commands = {name for name in PAGES if name.endswith(".1")} - OF_NO_COMMAND
        self.assertEqual(of_commands, {command_page(name) for name in commands()})
        for name in commands():
            self.assertRegex(section(page("acsmtp.1"), "COMMANDS"), rf"(?m)^\.It Cm {name}$")

    def test_options_are_those_of_the_help(self):
        common = help_options(run("--help"))[1]
        self.assertGreater(len(common), 10)
        self.assertEqual(page_options(page("acsmtp.1")), common)
        for command in commands():
            own = set().union(*(help_options(text)[0] for text in helps(command)))
            if command == "sendmail":  # single letters, compared below
                continue
            with self.subTest(command=command):
                self.assertEqual(page_options(page(command_page(command))), own)

    @unittest.skipUnless("sendmail" in commands(), "acsmtp has no sendmail")
    def test_flags_of_sendmail_are_those_of_its_help(self):
        flags = set()
        for row in re.findall(r"^  (-.*?)(?:  |$)", run("sendmail", "--help"), re.M):
            flags |= set(re.findall(r"-(\w+)", row))
        items = re.findall(r"^\.It (Fl .*)$", section(page("acsmtp-sendmail.1"), "OPTIONS"), re.M)
        self.assertEqual({flag for item in items for flag in re.findall(r"Fl (\w+)", item)}, flags)

    @unittest.skipUnless(EMULATOR.exists(), "the emulator was not built")
    def test_the_emulator_is_described_as_it_is(self):
        text = subprocess.run([EMULATOR, "--help"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(page_options(page("acsmtp-emulator.1")),
                         set(re.findall(r"^  (--[a-z-]+)", text, re.M)))

    def test_exit_codes_are_those_of_the_help(self):
        for command in commands():
            with self.subTest(command=command):
                told = set().union(*map(exit_codes, helps(command)))
                text = page(command_page(command))
                listed = re.findall(r"^\.It (\d+)", section(text, "EXIT STATUS"), re.M)
                listed = {int(number) for number in listed} | exit_codes(text)
                self.assertLessEqual(told - {0}, listed)
                if told and not actions(command):
                    self.assertLessEqual(listed, told | {64, 0})

    def test_keys_of_the_config_are_those_that_it_knows(self):
        conf = page("acsmtp.conf.5")
        for place, titles in (("", ["TOP LEVEL"]), ("profiles.x.", ["PROFILES"])):
            known = self.known_keys(place)
            listed = set()
            for title in titles:
                for item in outer_items(section(conf, title)):
                    listed |= set(item.split(" , "))
            with self.subTest(place=place):
                self.assertEqual(listed, known)

    @staticmethod
    def known_keys(place):
        """The keys that an error message lists."""
        config = {"zzz": 1} if not place else {"profiles": {"x": {"zzz": 1}}}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(config, file)
            file.flush()
            done = subprocess.run([BUILD / "bin" / "acsmtp", "--config", file.name, "config", "check"],
                                  env={"HOME": "/nonexistent"}, capture_output=True, text=True,
                                  check=False)
        return set(re.search(r"\(known: ([^)]*)\)", done.stderr).group(1).split(", "))

    def test_keys_of_a_chain_are_those_that_it_knows(self):
        text = "".join((SOURCE / "core" / "driver" / name).read_text() for name in ("chain_policy.c", "entry.c"))
        known = set(re.findall(r'\.name = "(\w+)"|read_turn\(entry, "(\w+)"|\(entry->json, "(\w+)"\)', text))
        known = {name for names in known for name in names if name}
        self.assertGreaterEqual(len(known), 5)
        listed = set(re.findall(r"^\.It Cm (\w+)$", section(page("acsmtp.conf.5"), "CHAINS"), re.M))
        self.assertLessEqual(known, listed)

    def test_every_variable_that_is_read_is_told(self):
        told = "".join(path.read_text(encoding="utf-8") for path in PAGES.values())
        for folder in ("base", "driver", "http", "smtp", "cli"):
            for path in sorted((SOURCE / "core" / folder).glob("*.c")):
                for name in set(re.findall(r'getenv\("([A-Z_]+)"\)', path.read_text())):
                    self.assertTrue(name in ("HOME", "PATH", "TERM") or
                                    re.search(rf"\.(It )?Ev .*\b{name}\b", told),
                                    f"{path.name} reads {name}")


class Plugins(unittest.TestCase):
    def test_each_has_a_page_with_all_of_its_options(self):
        plugins = json.loads(run("--json", "plugins", "list"))["plugins"]
        for plugin in plugins:
            text = page(f"acsmtp-{plugin['name']}.7")
            options = re.findall(r"^\.It Cm (\w+) Ar ", section(text, "OPTIONS"), re.M)
            with self.subTest(plugin=plugin["name"]):
                self.assertEqual(options, [option["name"] for option in plugin["options"]])
                variables = {option["environment"] for option in plugin["options"]
                             if "environment" in option}
                told = re.findall(r"^\.It Ev (\w+)$", section(text, "ENVIRONMENT"), re.M)
                self.assertEqual(set(told), variables)
                self.assertRegex(page("acsmtp-plugins.7"), rf"\.It Xr acsmtp-{plugin['name']} 7\n")


class Format(unittest.TestCase):
    def test_mandoc_has_nothing_to_say(self):
        mandoc = needed(self, "mandoc")
        done = subprocess.run([mandoc, "-Tlint", "-Wall", *map(str, PAGES.values())],
                              env={"PATH": "/usr/bin:/bin", "MANPATH": str(MAN)},
                              capture_output=True, text=True, check=False)
        # Which pages there are is no matter of this machine's manual; references are checked below.
        # And .Os names the version: only a BSD's own pages leave that to the formatter.
        no_matter = re.compile("referenced manual not found|outdated mandoc.db|"
                               "operating system explicitly specified")
        said = [line for line in (done.stdout + done.stderr).splitlines()
                if not no_matter.search(line)]
        self.assertEqual(said, [])

    def test_groff_has_nothing_to_say(self):
        groff = needed(self, "groff")
        for name, path in PAGES.items():
            with self.subTest(page=name):
                done = subprocess.run([groff, "-mandoc", "-t", "-ww", "-z", "-Tutf8", "-Kutf8", path],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.stdout + done.stderr, "")

    def test_a_plain_terminal_shows_every_character(self):
        mandoc = needed(self, "mandoc")
        for name, path in PAGES.items():
            shown = subprocess.run([mandoc, "-Tascii", "-Owidth=78", path], check=True,
                                   capture_output=True, text=True).stdout
            self.assertNotIn("<?>", shown, name)
            lines = re.sub(r".\x08", "", shown).splitlines()
            wide = [line for line in lines if len(line) > 80]
            self.assertLessEqual(len(wide), len(lines) // 20, f"{name}: {wide[:3]}")

    def test_references_lead_somewhere(self):
        for name, path in PAGES.items():
            for target, number in re.findall(r"\bXr (?:[(] )?([\w.-]+) (\d)", path.read_text()):
                self.assertIn(f"{target}.{number}", set(PAGES) | OUTSIDE | UNBUILT, name)

    def test_every_page_says_its_name(self):
        for name in PAGES:
            stem, number = name.rsplit(".", 1)
            self.assertRegex(page(name), rf"(?m)^\.Dt {re.escape(stem.upper())} {number}$")
            self.assertRegex(page(name), rf"(?m)^\.Nm {re.escape(stem)}$")
            self.assertRegex(page(name), r"(?m)^\.Os acsmtp \d+\.\d+\.\d+$")


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.targets, self.anchors = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.anchors.add(attributes["id"])
        if tag in ("a", "link") and attributes.get("href"):
            self.targets.add(attributes["href"])


@unittest.skipUnless(HTML.exists(), "HTML was not made")
class Html(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        pages = {path.name: Links(path.read_text(encoding="utf-8")) for path in HTML.glob("*.html")}
        self.assertEqual(set(pages), {f"{name}.html" for name in PAGES} | {"index.html"})
        for name, links in pages.items():
            for target in links.targets:
                if target.startswith("https://"):
                    continue
                file, _, anchor = target.partition("#")
                self.assertTrue((HTML / (file or name)).is_file(), f"{name}: {target}")
                if anchor:
                    self.assertIn(anchor, pages[file or name].anchors, f"{name}: {target}")

    def test_the_index_has_every_page(self):
        targets = Links((HTML / "index.html").read_text(encoding="utf-8")).targets
        self.assertLessEqual({f"{name}.html" for name in PAGES}, targets)

    def test_links_to_other_manuals_are_of_pages_that_are_known(self):
        for path in HTML.glob("*.html"):
            for target in Links(path.read_text(encoding="utf-8")).targets:
                if "manpages" in target:
                    self.assertIn(target.rsplit("/", 1)[1], OUTSIDE | UNBUILT, path.name)


class Build(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="acsmtp-man-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_the_same_pages_come_out_in_other_surroundings(self):
        version = re.search(r"^\.Os acsmtp (\S+)$", page("acsmtp.1"), re.M).group(1)
        date = re.search(r"^\.Dd (.*)$", page("acsmtp-imds.7"), re.M).group(1) \
            if "acsmtp-imds.7" in PAGES else "November 25, 2026"
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "Pacific/Apia", "HOME": "/",
                       "ACSMTP_PROFILE": "nobody's", "ACSMTP_PLUGIN_PATH": "/nonexistent"}
        subprocess.run([sys.executable, "-B", SOURCE / "core" / "man" / "generate" / "build.py",
                        "--source", SOURCE, "--program", BUILD / "bin" / "acsmtp",
                        "--plugins", BUILD / "plugins", "--output", self.folder,
                        "--version", version, "--date", date, "--leave-out",
                        *([] if EMULATOR.exists() else ["acsmtp-emulator.1"])],
                       env=environment, cwd="/", umask=0o077, check=True)
        made = {path.name: path.read_bytes() for path in self.folder.glob("man*/*")}
        self.assertEqual(made, {name: path.read_bytes() for name, path in PAGES.items()})

    def test_each_component_installs_its_pages(self):
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.folder], check=True,
                       capture_output=True)
        installed = {path.name for path in self.folder.glob("share/man/man*/*")}
        self.assertEqual(installed, set(PAGES))
        for component, page_name in (("plugin-imds", "acsmtp-imds.7"),
                                     ("plugin-dev", "acsmtp-plugin.3"),
                                     ("development", "acsmtp-driver.3"),
                                     ("emulator", "acsmtp-emulator.1")):
            alone = self.folder / component
            subprocess.run(["cmake", "--install", BUILD, "--prefix", alone, "--component", component],
                           check=True, capture_output=True)
            self.assertEqual({path.name for path in alone.glob("share/man/man*/*")},
                             {page_name} & set(PAGES))


if __name__ == "__main__":
    unittest.main()
