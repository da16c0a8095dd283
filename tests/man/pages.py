# SPDX-License-Identifier: MIT
"""The manual pages that were built, and what the program says, for the tests to compare."""
import functools
import os
import pathlib
import re
import subprocess

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"]).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
MAN = BUILD / "man"
PAGES = {path.name: path for path in sorted(MAN.glob("man[1-8]/*"))}


@functools.cache
def run(*words):
    """What acsmtp prints, without anybody's config."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
                   "ACSMTP_PLUGIN_PATH": str(BUILD / "plugins")}
    return subprocess.run([BUILD / "bin" / "acsmtp", *words], env=environment, check=True,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout


def commands():
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", run("--help"), re.M).group(1)
    return re.findall(r"^  (\S+)", listed, re.M)


def actions(command):
    """Actions with a help of their own."""
    listed = re.search(r"^Actions:\n((?:  .*\n)+)", run(command, "--help"), re.M)
    return re.findall(r"^  (\S+)", listed.group(1), re.M) if listed else []


def helps(command):
    """All that a command says of itself."""
    return [run(command, "--help"), *(run(command, action, "--help") for action in actions(command))]


def page(name):
    return PAGES[name].read_text(encoding="utf-8")


def command_page(command):
    return f"acsmtp-{command}.1"


def section(text, title):
    """The lines of a page's section."""
    found = re.search(rf"^\.Sh {re.escape(title)}\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def displays(text):
    """What stands in a page as it is, unescaped."""
    for block in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S):
        yield re.sub(r"^\\&", "", block.replace("\\e", "\\"), flags=re.M).replace("\\(dq", '"')
