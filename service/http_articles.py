"""`/v1/articles`: list, read, put and delete. The bulk body has a module of its own."""

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from index.parsing import article_from_record
from service.http_body import JsonRoute
from service.http_context import ARTICLE_PATH, ArticleIdInPath, OffLoop, ReadyServices
from service.http_errors import conflicting_id, invalid_request, responses, unknown_article
from service.schemas import ArticleBody, ArticleFields, ArticlePage, ArticleSummary, OutcomeBody, PageQuery
from service.services import ArticleIndex, Outcome

router = APIRouter(route_class=JsonRoute, tags=["articles"])

_READ_ERRORS = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
_BODY_ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


@router.get("/v1/articles", responses=responses(*_READ_ERRORS), summary="List the articles")
async def list_articles(query: Annotated[PageQuery, Query()], services: ReadyServices, workers: OffLoop) -> ArticlePage:
    """Gives the articles by id, a page at a time, without their text. `next_cursor` is null on the last page."""
    return await workers.run(lambda: _page(services.index, query))


@router.get(ARTICLE_PATH, responses=responses(HTTPStatus.NOT_FOUND, *_READ_ERRORS), summary="Read an article")
async def get_article(
    article_id: ArticleIdInPath, services: ReadyServices, workers: OffLoop, response: Response
) -> ArticleBody:
    """Gives one article with its stored text, into which every citation's span points. `ETag` is a digest of it all."""
    article = await workers.run(lambda: _article(services.index, article_id))
    response.headers["ETag"] = f'"{sha256(article.model_dump_json().encode()).hexdigest()[:16]}"'
    return article


@router.put(
    ARTICLE_PATH,
    responses={
        201: {"model": OutcomeBody, "description": "Added"},
        **responses(*_BODY_ERRORS, HTTPStatus.CONFLICT, *_READ_ERRORS),
    },
    response_description="Replaced, or found unchanged",
    summary="Create or replace an article",
)
async def put_article(
    article_id: ArticleIdInPath, body: ArticleFields, services: ReadyServices, workers: OffLoop, request: Request,
    response: Response,
) -> OutcomeBody:  # fmt: skip
    """Stores an article. It is durable and searchable when this answers."""
    if body.article_id not in (None, article_id):
        raise conflicting_id(body.article_id)
    outcome = await workers.run(lambda: _put(services.index, article_id, body))
    request.state.log["outcome"] = outcome.status
    if outcome.status == "added":
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/v1/articles/{quote(article_id, safe='')}"
    return outcome


@router.delete(ARTICLE_PATH, responses=responses(HTTPStatus.NOT_FOUND, *_READ_ERRORS), summary="Delete an article")
async def delete_article(
    article_id: ArticleIdInPath, services: ReadyServices, workers: OffLoop, request: Request
) -> OutcomeBody:
    """Removes an article from every index at once."""
    (outcome,) = await workers.run(lambda: services.index.remove([article_id]))
    request.state.log["outcome"] = outcome.status
    if outcome.status == "absent":
        raise unknown_article(article_id)
    return OutcomeBody.of(outcome)


def _page(index: ArticleIndex, query: PageQuery) -> ArticlePage:
    with index.view() as view:
        articles = view.page(after=query.cursor, limit=query.limit + 1)
    shown = articles[: query.limit]
    more = len(articles) > len(shown)
    return ArticlePage(
        articles=[ArticleSummary.of(article) for article in shown],
        next_cursor=shown[-1].article_id if more else None,
    )


def _article(index: ArticleIndex, article_id: str) -> ArticleBody:
    with index.view() as view:
        article = view.articles([article_id]).get(article_id)
    if article is None:
        raise unknown_article(article_id)
    return ArticleBody.of(article)


def _put(index: ArticleIndex, article_id: str, body: ArticleFields) -> OutcomeBody:
    outcome: Outcome
    (outcome,) = index.put([article_from_record(body.record(), article_id=article_id)])
    if outcome.status == "rejected":
        raise invalid_request(outcome.message or "the article was rejected")
    return OutcomeBody.of(outcome)
