# SPDX-License-Identifier: MIT
"""Makes every manual page below OUTPUT/man, from what the program that was built says of itself, the
plugins' option tables and READMEs, the public headers, and the pages that people have written."""
import argparse
import pathlib
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
# pylint: disable=wrong-import-position
import plugin_page
from help_text import Program
from mdoc import PageError
from source import Source

ALONE = ("acsmtp", "acsmtp-emulator")  # pages of section 1 that are of no subcommand


def write(output, name, lines):
    """Only what has changed is written, so that nothing is rendered twice."""
    path = output / f"man{name.rsplit('.', 1)[1]}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def is_wanted(path, program, left_out):
    """A subcommand that this program has not has no page either."""
    name, section = path.name.rsplit(".", 1)
    if path.name in left_out:
        return False
    return section != "1" or name in ALONE or name.removeprefix("acsmtp-") in program.commands()


def pages(options, program):
    """Pairs (file name, lines) of all pages."""
    plugins = program.plugins()
    broken = [plugin["problem"] for plugin in plugins if "problem" in plugin]
    if broken:
        raise PageError(broken[0])
    plugins.sort(key=lambda plugin: plugin["name"])
    facts = types.SimpleNamespace(program=program, plugins=plugins, version=options.version,
                                  headers=options.source / "include" / "acsmtp")
    for path in sorted((options.source / "core" / "man").glob("acsmtp*.[1-8]")):
        if is_wanted(path, program, options.leave_out):
            yield path.name, Source(path.name, path.read_text(encoding="utf-8"), facts).page()
    for plugin in plugins:
        folder = options.source / "plugins" / plugin["kind"] / plugin["name"]
        readme = folder / "README.md"
        yield f"acsmtp-{plugin['name']}.7", plugin_page.page(
            plugin, str(readme.relative_to(options.source)), readme.read_text(encoding="utf-8"),
            options.date, options.version)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the project's folder")
    parser.add_argument("--program", required=True, help="the acsmtp that was built")
    parser.add_argument("--plugins", required=True, help="the folder of its plugins")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="where man1 ... go")
    parser.add_argument("--version", required=True, help="of the project")
    parser.add_argument("--leave-out", metavar="PAGE", nargs="*", default=[],
                        help="pages of what was not built")
    parser.add_argument("--date", required=True, help="of the generated pages: Month day, year")
    options = parser.parse_args()
    program = Program(options.program, options.plugins)
    made = {write(options.output, *page) for page in pages(options, program)}
    for path in set(options.output.glob("man[1-8]/*")) - made:
        path.unlink()


if __name__ == "__main__":
    try:
        main()
    except PageError as error:
        sys.exit(f"manual pages: {error}")
