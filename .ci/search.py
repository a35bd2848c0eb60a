"""Whether rustdoc's search finds what people look for: the names of the exchange and of its Python connector.

Takes rustdoc's JSON of the crates. Rustdoc finds an item by its name or a part of it, without regard to case and
underscores, and by its aliases. The last word of a path and the name of a code may be part of a name, the rest not. What is looked for stands in the pages that are made from the catalog, and in the guide from the connector.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def plain(name):
    """A name as rustdoc compares it."""
    return name.replace("_", "").lower()


def found_by(paths):
    """The names of public items, and their aliases."""
    names, aliases = set(), set()
    for path in paths:
        for item in json.load(open(path))["index"].values():
            if item["name"] and item["visibility"] in ("public", "default"):
                names.add(plain(item["name"]))
            for attribute in map(str, item["attrs"]):
                for given in re.findall(r"doc\(alias(.*)\)", attribute.replace("\\", "")):
                    aliases |= {plain(alias) for alias in re.findall(r'"([^"]+)"', given)}
    return names, aliases


def cells(page, heading=""):
    """The cells of the rows of a page's tables; of those whose heading begins so."""
    inside = not heading
    for line in (ROOT / page).read_text().splitlines():
        if line.startswith("## "):
            inside = line.startswith(f"## {heading}")
        if inside and line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("| ").split(" | ")]


def code(cell):
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def wanted():
    """What is looked for, with where it stands, and whether it may be part of a name."""
    core = "binance-core/docs/"
    for page in ("endpoints-usdm.md", "endpoints-coinm.md"):
        for row in cells(core + page):
            for path in code(row[0]):
                yield page, path, False
                yield page, path.rsplit("/", 1)[1], True
    for page in ("streams.md", "events.md", "methods.md"):
        for row in cells(core + page):
            for name in code(row[0]):
                yield page, name, False
    for row in cells(core + "errors.md"):
        if row[0].startswith("-"):
            yield "errors.md", row[0], False
            for name in code(" ".join(row[1:3])):
                yield "errors.md", name, True
    for row in cells("docs/python.md", "`"):
        for name in code(row[0]):
            yield "python.md", name, False


names, aliases = found_by(sys.argv[1:])
everything = sorted(set(wanted()))
missing = 0
for page, name, part in everything:
    name = plain(name)
    if not (name in aliases or name in names or part and any(name in other for other in names)):
        print(f"rustdoc's search does not find {name} of {page}", file=sys.stderr)
        missing += 1
print(f"search: {len(everything)} names of the exchange and its Python connector, {missing} of them not found")
sys.exit(missing > 0 or len(everything) < 850)
