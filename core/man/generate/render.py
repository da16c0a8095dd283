# SPDX-License-Identifier: MIT
"""The manual pages as HTML, by mandoc(1), and an index of them. Names that are pages of this manual
become links within it; others lead to the manual of Debian."""
import argparse
import html
import pathlib
import re
import subprocess
import sys

OUTSIDE = "https://manpages.debian.org/"
KINDS = {"1": "Commands", "3": "For programmers", "5": "Files", "7": "Plugins"}
IMPROVEMENTS = (
    ('<td class="head-ltitle">', '<td class="head-ltitle"><a class="home" href="index.html">acsmtp</a>'),
    (' style="border-bottom-style: solid;"', ' class="rule"'),
    ("<html>", '<html lang="en">'),
)
HEADING = re.compile(r'<h(?P<level>[12]) class="S[hs]" id="(?P<id>[^"]+)">.*?>(?P<title>[^<]+)</a></h')
PARTS_MIN = 6  # subsections of a section that are worth a line of their own
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8"/>
  <meta name="viewport" content="width=device-width, initial-scale=1.0"/>
  <link rel="stylesheet" href="style.css" type="text/css" media="all"/>
  <title>acsmtp {version}: manual</title>
</head>
<body>
<table class="head"><tr><td class="head-ltitle">acsmtp {version}</td>
<td class="head-vol">Manual</td><td class="head-rtitle"></td></tr></table>
<main class="manual-text index">
<h1>acsmtp</h1>
{sections}
</main>
</body>
</html>
"""


def summary_of(page):
    """What .Nd says."""
    found = re.search(r'^\.Nd (.*)$', page.read_text(encoding="utf-8"), re.M).group(1)
    return re.sub(r"\\&|^\"|\"$", "", found).replace("\\(dq", '"')


def index(pages, version):
    sections = []
    for number, title in KINDS.items():
        rows = [f'<dt><a class="Xr" href="{page.name}.html">{page.stem}({number})</a></dt>'
                f"<dd>{html.escape(summary_of(page))}</dd>"
                for page in pages if page.suffix == f".{number}"]
        if rows:
            sections.append(f"<h2>{title}</h2>\n<dl>\n" + "\n".join(rows) + "\n</dl>")
    return INDEX.format(version=version, sections="\n".join(sections))


def contents(text):
    """The sections in one line, and the parts of those that have many."""
    sections, parts = [], []
    for found in HEADING.finditer(text):
        link = f'<li><a href="#{found["id"]}">{found["title"]}</a></li>'
        if found["level"] == "2":
            parts[-1].append(link)
        elif found["title"] not in ("NAME", "SYNOPSIS"):
            sections.append(link)
        if found["level"] == "1":
            parts.append([])
    rows = [sections, *(row for row in parts if len(row) >= PARTS_MIN)]
    return "".join('<ul class="toc">' + "".join(row) + "</ul>\n" for row in rows)


def render(mandoc, page, names):
    """One page. Those that are not of this manual are looked up in Debian's."""
    done = subprocess.run([mandoc, "-Thtml", "-K", "utf-8", "-O",
                           "style=style.css,man=%N.%S.html", str(page)],
                          check=True, capture_output=True, text=True)
    text = re.sub(r'href="([^"/#]+)\.html"', lambda found: found.group() if found[1] in names
                  else f'href="{OUTSIDE}{found[1]}"', done.stdout)
    for plain, better in IMPROVEMENTS:
        text = text.replace(plain, better)
    return text.replace('<section class="Sh">\n<h1 class="Sh" id="DESCRIPTION">',
                        contents(text) + '<section class="Sh">\n<h1 class="Sh" id="DESCRIPTION">')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mandoc", required=True)
    parser.add_argument("--man", type=pathlib.Path, required=True, help="the folder of man1 ...")
    parser.add_argument("--style", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--version", required=True)
    options = parser.parse_args()
    pages = sorted(options.man.resolve().glob("man[1-8]/*"), key=lambda page: (page.suffix, page.stem))
    options.output.mkdir(parents=True, exist_ok=True)
    for old in options.output.glob("*.html"):
        old.unlink()
    names = {page.name for page in pages}
    for page in pages:
        (options.output / f"{page.name}.html").write_text(
            render(options.mandoc, page, names), encoding="utf-8")
    (options.output / "style.css").write_bytes(options.style.read_bytes())
    (options.output / "index.html").write_text(index(pages, options.version), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
