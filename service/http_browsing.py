"""What the page offers before anything is asked: the sources there are, and questions that the articles answer."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import closing
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request

from service.http_body import JsonRoute
from service.http_context import OffLoop, ReadyServices
from service.http_errors import responses
from service.schemas import SourceBody, SourcesResponse, SuggestionBody, SuggestionsQuery, SuggestionsResponse
from service.services import Services
from service.suggesting import Suggestion, candidates
from service.types import Chosen, Citation, Lang, Question

_ARTICLES = 64  # that questions are drawn from
_TRIED = 12  # questions that are asked to see whether they are answered
_OFFERED = 4
_REMEMBERED = 8

router = APIRouter(route_class=JsonRoute, tags=["articles"])

_ERRORS = responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/v1/sources", responses=responses(HTTPStatus.SERVICE_UNAVAILABLE), summary="List the sources")
async def list_sources(services: ReadyServices, workers: OffLoop) -> SourcesResponse:
    """Gives the sources that articles name, those of most articles first, 200 at most."""
    return await workers.run(lambda: _sources(services))


@router.get("/v1/suggestions", responses=_ERRORS, summary="Suggest questions")
async def suggest(
    query: Annotated[SuggestionsQuery, Query()], services: ReadyServices, workers: OffLoop, request: Request
) -> SuggestionsResponse:
    """Gives a few questions that the articles answer: made from what they say, asked, and offered if answered."""
    state = request.app.state
    if not hasattr(state, "suggestions"):
        state.suggestions = Suggestions()
    return await workers.run(lambda: state.suggestions.of(services, query.lang))


class Suggestions:
    """Questions that are answered, remembered for the latest states of the index: one request makes them for all.

    Whoever asks meanwhile is offered none: a request that waited would take a worker from questions and writes.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], SuggestionsResponse] = OrderedDict()
        self._making = threading.Lock()

    def of(self, services: Services, lang: str) -> SuggestionsResponse:
        with services.index.view() as view:
            snapshot = view.snapshot
            if made := self._made.get((snapshot, lang)):
                return made
            articles = view.page(after=None, limit=_ARTICLES)
        if not self._making.acquire(blocking=False):
            return SuggestionsResponse(questions=[], snapshot=snapshot)
        try:
            if (snapshot, lang) not in self._made:  # whoever had the lock just now may have made them
                self._made[snapshot, lang] = _answered(services, candidates(articles, lang)[:_TRIED], snapshot)
                while len(self._made) > _REMEMBERED:
                    self._made.popitem(last=False)
            return self._made[snapshot, lang]
        finally:
            self._making.release()


def _answered(services: Services, tried: list[Suggestion], snapshot: str) -> SuggestionsResponse:
    offered: list[SuggestionBody] = []
    for suggestion in tried:
        if len(offered) == _OFFERED:
            break
        if any(suggestion.holds in citation.quote for citation in _cited(services, suggestion)):
            offered.append(SuggestionBody(question=suggestion.question, lang=Lang(suggestion.lang).value))
    return SuggestionsResponse(questions=offered, snapshot=snapshot)


def _cited(services: Services, suggestion: Suggestion) -> Sequence[Citation]:
    """What the answer would cite. Nothing is written, which may take long, and others may be waiting for the writer."""
    question = Question(suggestion.question, Lang(suggestion.lang))
    with closing(services.answerer.events(question)) as events:
        return next((event.citations for event in events if isinstance(event, Chosen)), ())


def _sources(services: Services) -> SourcesResponse:
    with services.index.view() as view:
        return SourcesResponse(
            sources=[SourceBody(source=source, articles=count) for source, count in view.sources()],
            snapshot=view.snapshot,
        )
