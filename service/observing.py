"""An answerer that tells others what it has answered, whoever asked. Knows nothing of what they do with it."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from index.types import Filters
from service.services import Answering, SearchResult, Services
from service.types import Answer, Event, Question, Timings


class Observer(Protocol):
    def answered(self, answer: Answer) -> None: ...
    def searched(self, timings: Timings) -> None: ...


def observed(services: Services, observers: Sequence[Observer]) -> Services:
    """The same services, with every answer and search told to `observers`, in the thread that made it."""
    return replace(services, answerer=_Observed(services.answerer, observers))


class _Observed:
    def __init__(self, answerer: Answering, observers: Sequence[Observer]) -> None:
        self._answerer = answerer
        self._observers = observers

    def ask(self, question: Question) -> Answer:
        answer = self._answerer.ask(question)
        self._tell(answer)
        return answer

    def events(self, question: Question) -> Generator[Event]:
        with closing(self._answerer.events(question)) as events:
            for event in events:
                if isinstance(event, Answer):
                    self._tell(event)
                yield event

    def search(self, query: str, k: int, filters: Filters) -> SearchResult:
        result = self._answerer.search(query, k, filters)
        for observer in self._observers:
            observer.searched(result.timings)
        return result

    def _tell(self, answer: Answer) -> None:
        for observer in self._observers:
            observer.answered(answer)
