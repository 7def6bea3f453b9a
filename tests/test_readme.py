"""The README's tree names every file of the project, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = [
    "index",
    "index/formats",
    "index/milvus",
    "service",
    "service/guard",
    "service/writers",
    "service/guard/terms",
    "service/weights",
    "service/page",
    "service/deploy",
    "prompts",
    "eval",
    "eval/tasks",
    "seeds",
]


def test_every_file_has_its_line_in_the_tree() -> None:
    tree = (ROOT / "README.md").read_text(encoding="utf-8").split("## The tree")[1]
    listed: set[str] = set()
    folder = ""
    for line in tree.splitlines():
        if match := re.match(r"([\w./]+)/$", line):
            folder = match[1]
        elif match := re.match(r"  ([\w.-]+)\s", line):
            listed.add(f"{folder}/{match[1]}")
    here = {
        f"{folder}/{path.name}"
        for folder in FOLDERS
        for path in (ROOT / folder).iterdir()
        if path.is_file() and path.name != "__init__.py" and path.suffix != ".txt"
    }
    assert listed == here
