"""`guard`: whether human translations pass, and the same made false by rule do not. The models have no part in it.

A translation with a problem of its own counts as a false alarm; only what passes is altered.
"""

from collections.abc import Iterator
from functools import partial

from eval.datasets import Part, datasets_folder
from eval.news_datasets import news_commentary, pud
from eval.statistics import Tally
from eval.tasks.altering import altered, names_of
from eval.tasks.task import Outcome, Standalone, Task, sample_groups
from service.guard.checking import check

GUARD = "guard"
MOST_CHARS = 600  # a paragraph of several sentences is no sentence

Pair = tuple[str, str, str, str]
"""Its id, its set, French, English."""


def _prepare(part: Part, limit: int | None) -> Standalone:
    pairs = list(human_pairs(part))
    asked = sample_groups(pairs, limit, key=lambda pair: pair[0], group=lambda pair: pair[1])
    others = names_of(english for _, _, _, english in pairs)
    return Standalone([partial(_ask, pair, others) for pair in asked])


TASK = Task(
    GUARD,
    "human English of French sentences, as it is and with a number, date, name, denial or order of names changed",
    {
        "passed": "share of the human translations in which no problem is found",
        "number caught": "share of those that passed, with a number changed, in which one is found",
        "date caught": "the same with a date",
        "name caught": "the same with a name",
        "negation caught": "the same with a denial taken out or put in",
        "role caught": "the same with two names exchanged",
    },
    _prepare,
)


def human_pairs(part: Part) -> Iterator[Pair]:
    """French sentences and their human English, of news_commentary and PUD."""
    folder = datasets_folder()
    for group, items in (("news_commentary", news_commentary(folder)), ("pud", pud(folder))):
        for item in items:
            for place, (french, english) in enumerate(item.pairs):
                if item.part is part and len(french) <= MOST_CHARS:
                    yield f"{item.article.article_id}-{place}", group, french, english


def _ask(pair: Pair, others: list[str]) -> Outcome:
    pair_id, group, french, english = pair
    problems = check(french, english, evidence_lang="fr", lang="en")
    tallies = {"passed": Tally(not problems, 1)}
    if not problems:
        for kind, text in altered(english, "en", others).items():
            tallies[f"{kind} caught"] = Tally(bool(check(french, text, evidence_lang="fr", lang="en")), 1)
    return Outcome(
        id=pair_id, groups=(group,), text=english, tallies={GUARD: tallies},
        said={"evidence": french, "problems": "; ".join(f"{p.kind}: {p.expected} / {p.found}" for p in problems)},
    )  # fmt: skip
