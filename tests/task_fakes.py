"""Data sets of a few lines, and the service's stages on them with fakes that can be computed by hand."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from answering_fakes import FITTED, AsFound, WordReader
from fakes import HashEncoder

from eval.datasets import Part, half_part, id_part, title_part
from eval.reading import ServicePath
from eval.tasks.task import Outcome, Standalone, Workload
from index.index import Index
from index.types import Article
from service.claim_support import ClaimSupport, ClaimWeights

SPORT = "L’OTAN compte 1600 soldats d'Irak. Elle part en mai."
MUSIC = "Le violon compte 4 cordes de boyau. Il vient d'Italie."
TRAIN = "Le train compte 9 wagons."


def write_lines(path: Path, records: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def answer(text: str, within: str) -> dict[str, object]:
    return {"text": text, "start": within.index(text)}


def named(stem: str, part_of: Callable[[str], Part], part: Part = Part.DEV) -> str:
    """A title or an id that falls in that part."""
    return next(name for n in count() if part_of(name := f"{stem} {n}") is part)


def question_sets(folder: Path) -> Path:
    """PIAF, squad_fr, NoMIRACL and questions_fr, all in the dev part but for one question of PIAF."""
    passages = [
        ("p1", named("Otan", title_part), SPORT),
        ("p2", named("Violon", title_part), MUSIC),
        ("p3", named("Train", title_part, Part.TRAIN), TRAIN),
    ]
    write_lines(folder / "piaf" / "passages.jsonl", [{"pid": p, "title": t, "text": x} for p, t, x in passages])
    write_lines(
        folder / "piaf" / "questions.jsonl",
        [
            _question("q1", "p1", "Combien de soldats l’OTAN compte-t-elle ?", answer("1600", SPORT)),
            _question("q2", "p2", "Combien de cordes compte le violon ?", answer("boyau", MUSIC)),
            _question("q3", "p3", "Combien de wagons ?", answer("9", TRAIN)),
        ],
    )
    context = "La Seine traverse Paris en 13 kilomètres."
    asked = {"question": "Que traverse la Seine ?", "question_en": "What does the Seine cross?"}
    squad = {"id": "s1", "title": named("Seine", half_part), "context": context, "answers": [answer("Paris", context)]}
    write_lines(folder / "squad_fr" / "questions.jsonl", [squad | asked])
    for lang in ("fr", "en"):
        found = [{"docid": f"{lang}{n}", "title": "Chats", "text": f"Un chat dort {n} heures."} for n in (11, 12)]
        lists = [("Un chat dort ?", True), ("Un zèbre galope ?", False), ("Un chat rêve ?", False)]
        write_lines(
            folder / "nomiracl" / f"{lang}.jsonl",
            [{"id": named(q, id_part), "question": q, "answerable": a, "passages": found} for q, a in lists],
        )
    elsewhere = ["Un zèbre galope-t-il ?", "Le violon vient-il d'Italie ?"]
    write_lines(
        folder / "questions_fr" / "questions.jsonl", [{"id": named(q, id_part), "question": q} for q in elsewhere]
    )
    return folder


def news_sets(folder: Path) -> Path:
    """news_commentary, PUD, wikinews, question_pairs and rte3_fr, all in the dev part."""
    commentary = {
        "docid": named("nc", id_part),
        "title_fr": "Un contingent otanien",
        "title_en": "NATO contingent numbers",
        "body_fr": ["L’OTAN compte 1600 soldats d'Irak.", "Elle part en mai."],
        "body_en": ["NATO numbers some 1600 soldiers from Iraq today.", "It leaves."],
    }
    write_lines(folder / "news_commentary" / "documents.jsonl", [commentary])
    doc = named("pud", id_part)
    pairs = [("Le train a 9 wagons à Nantes.", "The train has 9 wagons in Nantes today."), ("Il dort.", "It sleeps.")]
    write_lines(
        folder / "pud" / "sentences.jsonl",
        [{"id": f"{doc}{n}", "doc": doc, "genre": "news", "fr": fr, "en": en} for n, (fr, en) in enumerate(pairs)],
    )
    wiki = {"docid": named("wn", id_part), "title": "Violons d'Italie", "date": "1er août 2012", "paragraphs": [MUSIC]}
    undated = wiki | {"docid": "none", "date": None, "paragraphs": [TRAIN]}
    write_lines(folder / "wikinews" / "documents.jsonl", [wiki, undated])
    pair = {"fr": named("Combien de cordes compte le violon ?", half_part), "en": "Violon: how many cordes do we see?"}
    write_lines(folder / "question_pairs" / "fr_en.jsonl", [pair])
    premise = named("Le violon compte 4 cordes.", id_part)
    claims = [("Le violon a des cordes.", "entailment"), ("Un zèbre galope.", "neutral")]
    write_lines(
        folder / "rte3_fr" / "nli.jsonl",
        [{"id": n, "premise": premise, "hypothesis": h, "label": label} for n, (h, label) in enumerate(claims)],
    )
    return folder


def _question(question_id: str, pid: str, question: str, answered: dict[str, object]) -> dict[str, object]:
    return {"id": question_id, "pid": pid, "question": question, "answers": [answered]}


def shared_words(evidence: str, claim: str, /) -> float:
    """The share of the claim's words that the evidence has."""
    said, words = set(evidence.split()), claim.split()
    return sum(word in said for word in words) / len(words)


CLAIMS = ClaimWeights(intercept=0.0, weights={"said": 1.0, "negation": -2.0}, least=0.5)


@contextmanager
def path_on(articles: Sequence[Article], folder: Path) -> Iterator[ServicePath]:
    encoder = HashEncoder()
    with closing(Index.open(folder, encoder)) as index:
        index.put(articles)
        yield ServicePath(index, encoder, AsFound(), WordReader(), FITTED, ClaimSupport(shared_words, CLAIMS))


def done(work: Workload | Standalone, folder: Path) -> dict[str, Outcome]:
    """The outcomes of a workload, by id."""
    if isinstance(work, Standalone):
        outcomes = [job() for job in work.jobs]
    else:
        with path_on(work.articles, folder) as path:
            outcomes = work.finish([job(path) for job in work.jobs])
    assert len({outcome.id for outcome in outcomes}) == len(outcomes)
    return {outcome.id: outcome for outcome in outcomes}
