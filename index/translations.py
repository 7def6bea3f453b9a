"""What a term of the lexical index may be in the other language. Knows nothing of queries, nor of how it was learned.

`translations.tsv` is made by `python -m eval lexicon`, and says of what.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_suffix(".tsv")
MOST = 2  # for a term; one or three found as much


def translations(term: str, lang: str) -> tuple[str, ...]:
    """What a French or English term is in the other of the two, likeliest first; none where that is not known."""
    return _lexicon().get((lang, term), ())


@cache
def _lexicon() -> Mapping[tuple[str, str], tuple[str, ...]]:
    with PATH.open(encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    return {(lang, term): tuple(found.split(" ")) for lang, term, found in rows}
