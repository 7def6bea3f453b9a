"""How good a ranking and a reply are, given a question's gold. Pure functions; knows nothing of how either was made.

Every metric of a question is a `Tally`, so a share over questions is a sum over a sum and its denominator comes from
the questions: what errs or is missing scores zero in every metric that its question enters.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence, Set

from eval.contract import Detect, in_language, well_formed
from eval.questions import GoldQuestion, GoldSpan
from eval.short_answers import exact_match, token_f1
from eval.statistics import Tally
from index.types import Passage
from service.schemas import AskResponse, CitationBody

DEPTH = 10
CUT_OFFS = (1, 5, 10)
METRICS: dict[str, str] = {
    "recall@1": "share of facts with a gold passage among the first 1, by question; answerable questions",
    "recall@5": "share of facts with a gold passage among the first 5",
    "recall@10": "share of facts with a gold passage among the first 10",
    "mrr@10": "1 / rank of the first gold passage, 0 beyond rank 10",
    "ndcg@10": "gain of gold passages discounted by log2(rank + 1), over that of the best order",
    "citation_precision": "share of citations that fall on a gold span; all wrong where no answer exists",
    "citation_recall": "share of facts cited, by question; a refusal of an answerable question has none",
    "short_em": "short answer equals an accepted one; questions that have one",
    "short_f1": "best token F1 of the short answer against the accepted ones",
    "refusal_precision": "share of refusals whose question has no answer in the articles",
    "refusal_recall": "share of questions without an answer that are refused",
    "refusal_reason": "share of questions without an answer that are refused for the right reason",
    "language": "share of replies that are in the language of the question, quotes aside",
    "quote_exact": "share of citations whose quote is the stored text of their span",
    "well_formed": "share of replies whose claims, markers, citations and status agree with each other",
    "claims": "mean number of claims in an answer",
}
NOT_SCORES = frozenset({"claims"})  # measured, neither good nor bad


def gold_passages(question: GoldQuestion, passages: Iterable[Passage]) -> list[set[str]]:
    """For each fact, the ids of the passages that hold it."""
    passages = list(passages)
    return [
        {p.passage_id for p in passages if _on(p.article_id, p.span.start, p.span.end, fact.spans)}
        for fact in question.facts
    ]


def retrieval_tallies(facts: Sequence[Set[str]], ranking: Sequence[str]) -> dict[str, Tally]:
    """Metrics of an answerable question's ranking (passage ids, best first); an empty one scores zero."""
    relevant = set().union(*facts)
    tallies = {f"recall@{k}": Tally(fact_recall(facts, ranking, k), 1) for k in CUT_OFFS}
    tallies["mrr@10"] = Tally(reciprocal_rank(relevant, ranking), 1)
    tallies["ndcg@10"] = Tally(ndcg(relevant, ranking), 1)
    return tallies


def fact_recall(facts: Sequence[Set[str]], ranking: Sequence[str], k: int) -> float:
    found = set(ranking[:k])
    return sum(not found.isdisjoint(fact) for fact in facts) / len(facts)


def reciprocal_rank(relevant: Collection[str], ranking: Sequence[str], k: int = DEPTH) -> float:
    return next((1 / rank for rank, passage in enumerate(ranking[:k], start=1) if passage in relevant), 0.0)


def ndcg(relevant: Collection[str] | Mapping[str, int], ranking: Sequence[str], k: int = DEPTH) -> float:
    """nDCG (Järvelin & Kekäläinen 2002, with trec_eval's discount); 0 where nothing is relevant.

    Each relevant one gains its grade where it has one, else 1.
    """
    grades = relevant if isinstance(relevant, Mapping) else dict.fromkeys(relevant, 1)
    gain = _discounted([grades.get(found, 0) for found in ranking[:k]])
    best = _discounted(sorted(grades.values(), reverse=True)[:k])
    return gain / best if best else 0.0


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def reply_tallies(
    question: GoldQuestion, reply: AskResponse, texts: Mapping[str, str], detect: Detect
) -> dict[str, Tally]:
    """Metrics of a reply. `texts` holds the stored text of each article; `detect` names the language of a text."""
    cited = reply.citations
    right = [c for c in cited if _on(c.article_id, c.start, c.end, question.right_spans)]
    exact = [c for c in cited if texts.get(c.article_id, "")[c.start : c.end] == c.quote]
    refused = reply.status == "refused"
    tallies = {
        "citation_precision": Tally(len(right), len(cited)),
        "refusal_precision": Tally(refused and not question.answerable, refused),
        "language": Tally(in_language(reply, question.lang, detect), 1),
        "quote_exact": Tally(len(exact), len(cited)),
        "well_formed": Tally(well_formed(reply), 1),
        "claims": Tally(len(reply.claims), not refused),
    }
    if question.answerable:
        tallies["citation_recall"] = Tally(_cited_facts(question, cited) / len(question.facts), 1)
    else:
        right_reason = reply.refusal is not None and reply.refusal.reason == question.reason
        tallies["refusal_recall"] = Tally(refused, 1)
        tallies["refusal_reason"] = Tally(right_reason, 1)
    if question.short_answers:
        given = reply.short_answer.text if reply.short_answer else ""
        tallies["short_em"] = Tally(max(exact_match(given, wanted) for wanted in question.short_answers), 1)
        tallies["short_f1"] = Tally(max(token_f1(given, wanted) for wanted in question.short_answers), 1)
    return tallies


def no_reply_tallies(question: GoldQuestion) -> dict[str, Tally]:
    """What a question scores that erred or was not asked: zero of one in all that it enters."""
    always = ["citation_precision", "refusal_precision", "language", "quote_exact", "well_formed"]
    by_gold = ["citation_recall"] if question.answerable else ["refusal_recall", "refusal_reason"]
    short = ["short_em", "short_f1"] if question.short_answers else []
    return {name: Tally(0, 1) for name in always + by_gold + short}


def _cited_facts(question: GoldQuestion, cited: Sequence[CitationBody]) -> int:
    return sum(any(_on(c.article_id, c.start, c.end, fact.spans) for c in cited) for fact in question.facts)


def _on(article_id: str, start: int, end: int, gold: Iterable[GoldSpan]) -> bool:
    return any(g.article_id == article_id and share_a_sentence((start, end), (g.start, g.end)) for g in gold)


def share_a_sentence(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two half-open spans stand for the same sentence: they share half of the shorter one, or more."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared > 0 and 2 * shared >= min(a[1] - a[0], b[1] - b[0])
