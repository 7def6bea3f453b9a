"""The JSON of OpenAI's chat completions, as far as it is served: pydantic models of requests and responses.

Requests are open here, unlike those of the contract: clients send settings of language models, which mean nothing to a
service that quotes. What is read of them is as strict as elsewhere; the rest is passed over.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.schemas import AskResponse, CutOff, FilterFields, Plain, Words

MODEL: Literal["sourcier"] = "sourcier"
MAX_MESSAGES = 1000
MAX_PARTS = 100

_ANY_USER = {"type": "object", "properties": {"role": {"const": "user"}}, "required": ["role"]}
_ANY_WORDS = {"type": "object", "properties": {"text": {"type": "string", "pattern": r"[^\s\x00\x1c-\x1f]"}}}


class _Open(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class TextPart(_Open):
    type: Literal["text"]
    text: Plain


def _with_words(parts: list[TextPart]) -> list[TextPart]:
    if not any(part.text.strip() for part in parts):
        raise ValueError("is empty or white space only; write something")
    return parts


Parts = Annotated[
    list[TextPart],
    AfterValidator(_with_words),
    Field(min_length=1, max_length=MAX_PARTS, json_schema_extra={"contains": _ANY_WORDS}),
]


class UserMessage(_Open):
    """A question; the last one is answered. Only text is read: another part is refused."""

    role: Literal["user"]
    content: Annotated[Words, Field(min_length=1)] | Parts

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class AssistantPart(_Open):
    text: str | None = None


class AssistantMessage(_Open):
    """What was answered before; it is part of the history."""

    role: Literal["assistant"]
    content: Plain | Annotated[list[AssistantPart], Field(max_length=MAX_PARTS)] | None = None

    @property
    def text(self) -> str:
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content if part.text)


class OtherMessage(_Open):
    """Instructions and results of tools. They are passed over: no text may tell this service what to answer."""

    role: Literal["system", "developer", "tool", "function"]


Message = Annotated[UserMessage | AssistantMessage | OtherMessage, Field(discriminator="role")]


def _with_a_question(messages: list[Message]) -> list[Message]:
    if not any(isinstance(message, UserMessage) for message in messages):
        raise ValueError("no message is the user's; ask something")
    return messages


class StreamOptions(_Open):
    include_usage: bool | None = None


class ChatOptions(FilterFields):
    """What a question may say beside its words, as in `POST /v1/ask`."""

    lang: Literal["auto", "fr", "en"] = "auto"
    k: CutOff = 8


class ChatRequest(_Open):
    """A conversation. Other fields of OpenAI's are accepted and passed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "Combien de soldats l’OTAN a-t-elle en Irak ?"}],
                    "sourcier": {"as_of": "2021-02"},
                }
            ]
        }
    )

    model: Annotated[str, Field(json_schema_extra={"const": MODEL})]
    messages: Annotated[
        list[Message],
        AfterValidator(_with_a_question),
        Field(min_length=1, max_length=MAX_MESSAGES, json_schema_extra={"contains": _ANY_USER}),
    ]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[Literal[1] | None, Field(description="One answer is given.")] = None
    sourcier: Annotated[ChatOptions | None, Field(description="Filters, language and `k`, as in `POST /v1/ask`.")] = (
        None
    )


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UrlCitation(_Reply):
    """`content[start_index:end_index]`, in code points, is the claim that the page at `url` supports."""

    start_index: Annotated[int, Field(ge=0)]
    end_index: Annotated[int, Field(ge=0)]
    title: str
    url: str


class UrlAnnotation(_Reply):
    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class ReplyMessage(_Reply):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[UrlAnnotation]


class Choice(_Reply):
    index: Literal[0] = 0
    message: ReplyMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(_Reply):
    """Words, not tokens: nothing here is billed by them."""

    prompt_tokens: Annotated[int, Field(ge=0)]
    completion_tokens: Annotated[int, Field(ge=0)]
    total_tokens: Annotated[int, Field(ge=0)]


class ChatCompletion(_Reply):
    """An answer in OpenAI's shape; the whole of it, citations and spans included, is under `sourcier`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: Literal["sourcier"] = MODEL
    choices: Annotated[list[Choice], Field(min_length=1, max_length=1)]
    usage: Usage
    system_fingerprint: Annotated[str, Field(description="The snapshot of the index.")]
    sourcier: AskResponse


class Model(_Reply):
    id: Literal["sourcier"] = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["sourcier"] = "sourcier"


class ModelList(_Reply):
    object: Literal["list"] = "list"
    data: list[Model]


Chunk = dict[str, Any]  # Any: JSON. A chunk of a stream leaves out what it does not say.
