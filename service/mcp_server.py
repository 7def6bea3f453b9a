"""The service as tools of the Model Context Protocol: `ask`, `search`, `get_article`. Owns the `mcp` library.

Knows nothing of how answers come about. What a tool gives is the JSON of the HTTP contract.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette

from index.errors import IndexingError
from index.settings import Settings
from index.types import Filters
from service.errors import ServiceError
from service.http_admission import Admission
from service.http_errors import UNFORESEEN, ApiError
from service.http_middleware import Envelope, hosts_allowed
from service.http_workers import Workers
from service.keys import KeyRing, Scope
from service.metrics import Metrics
from service.problems import describe, found
from service.schemas import ArticleBody, AskRequest, AskResponse, SearchRequest, SearchResponse
from service.services import Services

logger = logging.getLogger(__name__)

PATH = "/mcp"
_INSTRUCTIONS = (
    "Answers from a collection of news articles. Every claim of an answer quotes its articles character by character;"
    " keep its markers [n] and its citations when you repeat it. A refusal means that the articles do not say."
)
_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Date = Annotated[str | None, Field(description="YYYY, YYYY-MM or YYYY-MM-DD")]
Sources = Annotated[list[str] | None, Field(description="Only articles of these sources")]
CutOff = Annotated[int, Field(ge=1, description="How many passages")]
B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")


def tools(services: Services, settings: Settings) -> MCPServer[None]:
    """A server of the three tools, over whichever transport. The caller closes the services."""
    server: MCPServer[None] = MCPServer("sourcier", title="Sourcier", instructions=_INSTRUCTIONS, log_level="WARNING")
    workers = Workers(at_once=settings.workers, waiting=settings.max_waiting)

    async def ask(
        question: Annotated[str, Field(description="A question, in French or English")],
        lang: Annotated[Literal["auto", "fr", "en"], Field(description="Language of the answer")] = "auto",
        k: CutOff = 8,
        published_after: Date = None,
        published_before: Date = None,
        as_of: Date = None,
        sources: Sources = None,
    ) -> AskResponse:
        """Answer a question with sentences that each cite a verbatim quotation of an article, or refuse and say why."""
        asked = _checked(AskRequest, {
            "question": question, "lang": lang, "k": k, "published_after": published_after,
            "published_before": published_before, "as_of": as_of, "sources": sources,
        })  # fmt: skip
        _within_bounds(asked.question, asked.k, settings)
        return await _run(workers, lambda: AskResponse.of(services.answerer.ask(asked.asked())))

    async def search(
        query: Annotated[str, Field(description="Words to look for, by meaning and by form")],
        k: CutOff = 8,
        published_after: Date = None,
        published_before: Date = None,
        as_of: Date = None,
        sources: Sources = None,
    ) -> SearchResponse:
        """Find the passages of articles that are closest to some words, best first; nothing is answered."""
        wanted = _checked(SearchRequest, {
            "query": query, "k": k, "published_after": published_after, "published_before": published_before,
            "as_of": as_of, "sources": sources,
        })  # fmt: skip
        _within_bounds(wanted.query, wanted.k, settings)
        filters = wanted.filters()
        return await _run(workers, lambda: _found(services, wanted.query, wanted.k, filters))

    async def get_article(
        article_id: Annotated[str, Field(description="As citations and passages name it")],
    ) -> ArticleBody:
        """Read one article with its stored text, into which the spans of citations point."""
        return await _run(workers, lambda: _article(services, article_id))

    for tool in (ask, search, get_article):
        server.add_tool(tool, annotations=_READ_ONLY)
    return server


def http_app(server: MCPServer[None], settings: Settings, keys: KeyRing) -> Starlette:
    """The tools over streamable HTTP at `/mcp`, behind the same envelope, keys and limits as the rest."""
    unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the envelope checks the host
    app = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=unguarded,
        max_request_body_size=settings.max_body_bytes,
    )  # fmt: skip
    app.add_middleware(
        Admission, keys=keys, needed=lambda _method, _path: Scope.READ,
        per_key=settings.per_key, per_address=settings.per_address,
    )  # fmt: skip
    hosts = hosts_allowed(settings.host, settings.allowed_hosts)
    app.add_middleware(Envelope, allowed_hosts=hosts, metrics=Metrics())
    return app


async def _run(workers: Workers, work: Callable[[], T]) -> T:
    try:
        return await workers.run(work)
    except ToolError:
        raise
    except ApiError as exc:
        raise ToolError(str(exc.detail)) from exc
    except (IndexingError, ServiceError) as exc:
        raise ToolError(str(exc)) from exc
    except Exception as exc:
        logger.exception("a tool failed")
        raise ToolError(UNFORESEEN) from exc


def _checked(model: type[B], given: Mapping[str, object]) -> B:
    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as exc:
        raise ToolError(describe(exc.errors(include_url=False))) from exc


def _within_bounds(text: str, k: int, settings: Settings) -> None:
    if len(text) > settings.max_question_chars:
        raise ToolError(f"the text has {len(text)} characters; write {settings.max_question_chars} at most")
    if k > settings.max_k:
        raise ToolError(f"k: {k} is more than {settings.max_k}")


def _found(services: Services, query: str, k: int, filters: Filters) -> SearchResponse:
    return SearchResponse.of(services.answerer.search(query, k, filters))


def _article(services: Services, article_id: str) -> ArticleBody:
    with services.index.view() as view:
        article = view.articles([article_id]).get(article_id)
    if article is None:
        raise ToolError(f"no article has the id {found(article_id)}")
    return ArticleBody.of(article)
