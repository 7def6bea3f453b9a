"""A conversation in OpenAI's shape turned into a question, and an answer into completions and their chunks.

Knows nothing of HTTP, nor of how answers come about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from service.chat_schemas import (
    MODEL,
    AssistantMessage,
    ChatCompletion,
    ChatOptions,
    ChatRequest,
    Choice,
    Chunk,
    Message,
    ReplyMessage,
    UrlAnnotation,
    UrlCitation,
    Usage,
    UserMessage,
)
from service.composing import marked
from service.schemas import MAX_TURN_CHARS, MAX_TURNS, AskResponse
from service.types import Answer, Chosen, Citation, Claim, Event, Lang, Question, Retrieved, Turn


def question_of(request: ChatRequest) -> Question:
    """The last of the user's messages, with the turns before it as its history; every other role is passed over."""
    *earlier, (asked, _) = _turns(request.messages)
    options = request.sourcier or ChatOptions()
    return Question(
        text=asked,
        lang=None if options.lang == "auto" else Lang(options.lang),
        k=options.k,
        filters=options.filters(),
        history=tuple(
            Turn(question[:MAX_TURN_CHARS], answer[:MAX_TURN_CHARS]) for question, answer in earlier[-MAX_TURNS:]
        ),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What every piece of one completion says of itself; an article without a URL is found under `articles_at`."""

    completion_id: str
    created: int
    articles_at: str

    def completion(self, question: Question, answer: Answer) -> ChatCompletion:
        annotations = [note for claim in answer.claims for note in self.annotations(claim, answer.citations)]
        return ChatCompletion(
            id=self.completion_id,
            created=self.created,
            choices=[Choice(message=ReplyMessage(content=answer.text, annotations=annotations))],
            usage=usage(question, answer),
            system_fingerprint=answer.snapshot,
            sourcier=AskResponse.of(answer),
        )

    def annotations(self, claim: Claim, citations: Sequence[Citation]) -> list[UrlAnnotation]:
        """One for each citation of the claim, in the order of its markers."""
        by_number = {citation.number: citation for citation in citations}
        return [
            UrlAnnotation(
                url_citation=UrlCitation(
                    start_index=claim.start, end_index=claim.end, title=cited.title, url=self._address(cited)
                )
            )
            for cited in (by_number[number] for number in claim.citations)
        ]

    def chunk(self, delta: Chunk, *, finish_reason: str | None = None) -> Chunk:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self.empty_chunk() | {"choices": [choice]}

    def empty_chunk(self) -> Chunk:
        return {
            "id": self.completion_id, "object": "chat.completion.chunk", "created": self.created, "model": MODEL,
            "choices": [],
        }  # fmt: skip

    def _address(self, citation: Citation) -> str:
        return citation.url or self.articles_at + quote(citation.article_id, safe="")


class Chunks:
    """The chunks of one streamed completion, as its events come. Their contents, one after the other, are the text."""

    def __init__(self, told: Told, question: Question, *, with_usage: bool) -> None:
        self._told = told
        self._question = question
        self._with_usage = with_usage
        self._citations: tuple[Citation, ...] = ()
        self._begun = False
        self._sent = ""

    def of(self, event: Event) -> Iterator[Chunk]:
        match event:
            case Retrieved():
                return
            case Chosen():
                self._citations = event.citations
                yield from self._begin()
            case Claim():
                yield from self._begin()
                notes = [note.model_dump() for note in self._told.annotations(event, self._citations)]
                yield self._told.chunk(self._piece(marked(event)) | {"annotations": notes})
            case Answer():
                yield from self._begin()
                yield from self._end(event)

    def _begin(self) -> Iterator[Chunk]:
        if not self._begun:
            self._begun = True
            yield self._told.chunk({"role": "assistant", "content": ""})

    def _piece(self, text: str) -> Chunk:
        piece = f" {text}" if self._sent else text
        self._sent += piece
        return {"content": piece}

    def _end(self, answer: Answer) -> Iterator[Chunk]:
        if not self._sent:
            yield self._told.chunk({"content": answer.text})  # a refusal has no claims
        else:
            assert self._sent == answer.text, "an answer's text is its claims in order, with their markers"
        whole = {"system_fingerprint": answer.snapshot, "sourcier": AskResponse.of(answer).model_dump()}
        yield self._told.chunk({}, finish_reason="stop") | whole
        if self._with_usage:
            yield self._told.empty_chunk() | {"usage": usage(self._question, answer).model_dump()}


def usage(question: Question, answer: Answer) -> Usage:
    asked = sum(len(text.split()) for turn in question.history for text in (turn.question, turn.answer))
    asked += len(question.text.split())
    answered = len(answer.text.split())
    return Usage(prompt_tokens=asked, completion_tokens=answered, total_tokens=asked + answered)


def _turns(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """Each of the user's messages with what was answered to it, up to the last one."""
    turns: list[tuple[str, str]] = []
    for message in messages:
        match message:
            case UserMessage():
                turns.append((message.text, ""))
            case AssistantMessage() if turns:
                question, answer = turns[-1]
                turns[-1] = (question, f"{answer}\n{message.text}".strip())
            case _:
                pass
    return turns
