"""Says a problem to the writer whose rendering it is, for a second try."""

import tomllib
from functools import cache

from prompts.catalogue import hint_file
from service.guard.types import Problem


def hint(problem: Problem, lang: str) -> str:
    """One sentence, in the language (`fr` or `en`) of the rendering."""
    case = "changed" if problem.expected and problem.found else "missing" if problem.expected else "added"
    said: str = _hints(lang)[case][problem.kind]
    return said.format(expected=problem.expected, found=problem.found)


@cache
def _hints(lang: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(hint_file(lang).read_text(encoding="utf-8"))
