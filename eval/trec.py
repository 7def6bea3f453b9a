"""Rankings and judgements in the columns that trec_eval and its like read."""

from collections.abc import Iterable, Iterator, Mapping

from eval.systems import Ranked

TAG = "sourcier"


def trec_ranking(question_id: str, ranking: Iterable[Ranked], tag: str = TAG) -> Iterator[str]:
    """A line for each of the ranking, best first: `question Q0 document rank score tag`."""
    for rank, (found, score) in enumerate(ranking, start=1):
        yield f"{_word(question_id)} Q0 {_word(found)} {rank} {score:.6f} {_word(tag)}\n"


def trec_judgements(question_id: str, relevant: Mapping[str, int]) -> Iterator[str]:
    """A line for each judged document, by id: `question 0 document grade`."""
    for judged, grade in sorted(relevant.items()):
        yield f"{_word(question_id)} 0 {_word(judged)} {grade}\n"


def _word(text: str) -> str:
    return "_".join(text.split())  # the columns are separated by white space
