"""Says in words what is wrong with JSON that came from outside. Knows nothing of HTTP."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_LONGEST_FOUND_CHARS = 60
_PLACES = ("body", "query", "path")  # where FastAPI says that a field stands
_CHECK = re.compile(r"[\w-]+\[")  # what pydantic calls a check of one of several types: `function-after[…]`


def describe(problems: Iterable[Mapping[str, Any]]) -> str:
    """One sentence of pydantic's list of problems: where, what is wrong, what was found. Any: pydantic's own type."""
    return "; ".join(_problem(problem) for problem in problems)


def found(value: object) -> str:
    """What was found, short enough to be repeated in a message."""
    return clipped(repr(value), _LONGEST_FOUND_CHARS)


def clipped(text: str, chars: int) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _problem(problem: Mapping[str, Any]) -> str:  # Any: pydantic's own type
    place, *path = problem["loc"] or ("body",)
    steps = [str(step) for step in (path if place in _PLACES else problem["loc"])]
    unknown = problem["type"] == "extra_forbidden"  # its last step is whatever came
    where = ".".join(step for step in steps if not _CHECK.match(step) or unknown) or f"the {place}"
    if problem["type"] == "extra_forbidden":
        return f"{clipped(where, _LONGEST_FOUND_CHARS)}: unknown field; remove it"
    message = problem["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    given = "" if problem["type"] in ("missing", "value_error") else f" (found {found(problem['input'])})"
    return f"{where}: {message}{given}"
