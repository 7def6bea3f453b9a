"""Remakes `index/translations.tsv`: what a term of a question may be in articles of the other language.

Learned from the sentences of the train parts and from the names that the guard knows, in both directions; kept where
both agree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from eval.alignment import Partner, Terms, partners
from eval.datasets import Part
from eval.news_datasets import news_commentary, pud
from index.analysis import analyse
from index.translations import MOST, PATH
from service.guard.gazetteer import named_in_both

LEAST_PROBABILITY = 0.2  # of .15 … .4, on dev parts: see eval/LOG.md
LEAST_BACK = 0.05  # the other way round
LEAST_TIMES = 1.0

_HEADER = """\
# What terms of the lexical index are in the other language, likeliest first: language, term, translations.
# Learned (IBM model 1) from the train parts of news_commentary (WMT's; GPL-3 collection) and of Parallel Universal
# Dependencies (CC BY-SA 3.0), and from the names of `service/guard/terms/` and of CLDR (Unicode licence).
# Made by `python -m eval lexicon`; holds no sentence of them.
"""


def make_lexicon(folder: Path, path: Path = PATH) -> int:
    """Writes the lexicon; how many terms have a translation in it. Raises `MissingDataset`."""
    lines = sorted(
        f"{lang}\t{term}\t{' '.join(found)}\n"
        for lang, found_in in zip(("en", "fr"), lexicon(list(pairs(folder))), strict=True)
        for term, found in found_in.items()
    )
    path.write_text(_HEADER + "".join(lines), encoding="utf-8")
    return len(lines)


def pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """English and French that mean the same."""
    for item in [*news_commentary(folder), *pud(folder)]:
        if item.part is Part.TRAIN:
            yield from ((english, french) for french, english in item.pairs)
            if item.title_en and item.title_fr:
                yield item.title_en, item.title_fr
    yield from named_in_both()


def lexicon(said: Sequence[tuple[str, str]]) -> tuple[Mapping[str, Terms], Mapping[str, Terms]]:
    """Of English terms in French, and of French ones in English; figures, and what is spelt alike, need none."""
    terms = [(analyse(english, "en"), analyse(french, "fr")) for english, french in said]
    forth, back = partners(terms), partners([(french, english) for english, french in terms])
    both = [(*pair, its, back[pair[::-1]]) for pair, its in forth.items() if pair[::-1] in back and _needed(*pair)]
    return (
        _likeliest((one, two, its, other) for one, two, its, other in both),
        _likeliest((two, one, other, its) for one, two, its, other in both),
    )


def _needed(one: str, two: str) -> bool:
    return one != two and not any(map(str.isdigit, one + two))


def _likeliest(found: Iterable[tuple[str, str, Partner, Partner]]) -> Mapping[str, Terms]:
    """The second terms of each first one, of first, second, forth and back."""
    kept: dict[str, list[tuple[float, str]]] = {}
    for one, two, forth, back in found:
        likely = forth.probability >= LEAST_PROBABILITY and back.probability >= LEAST_BACK
        if likely and min(forth.times, back.times) >= LEAST_TIMES:
            kept.setdefault(one, []).append((-forth.probability, two))
    return {one: [two for _, two in sorted(its)[:MOST]] for one, its in kept.items()}
