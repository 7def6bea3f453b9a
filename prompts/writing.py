"""Reads what writers are told, and fills it in. Knows nothing of who the writers are."""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_FOLDER = Path(__file__).parent
_GLOSSARY = _FOLDER / "glossary.toml"
MAX_TERMS = 8


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Example(_Strict):
    sentence: str
    rendering: str


class WritingPrompts(_Strict):
    """What is said to a writer in the language that it is to write."""

    instructions: str
    sentence: str
    terms: str
    term: str
    again: str
    examples: tuple[Example, ...] = Field(min_length=1)

    def asked(self, sentence: str, lang: str) -> str:
        """The request to render `sentence` into `lang`, with the translation of the names and titles it holds."""
        plain = " ".join(sentence.split())
        pairs = glossary(plain, lang)
        told = "; ".join(self.term.format(term=term, meaning=meaning) for term, meaning in pairs)
        lines = [self.terms.format(terms=told)] if told else []
        return "\n".join([*lines, self.sentence.format(sentence=plain)])

    def corrected(self, refused: str, corrections: Sequence[str]) -> str:
        """What precedes a second request: what was written at the first, and what is wrong with it."""
        return self.again.format(refused=refused, corrections=" ".join(corrections))


class SynthesisExample(_Strict):
    question: str
    sentences: str
    answer: str


class SynthesisPrompts(_Strict):
    """What is said to a writer that is to answer in that language, from several sentences."""

    instructions: str
    request: str
    again: str
    examples: tuple[SynthesisExample, ...] = Field(min_length=1)

    def asked(self, question: str, sentences: str) -> str:
        """The request to answer `question` from `sentences`, one a line."""
        lines = (" ".join(line.split()) for line in sentences.splitlines())
        return self.request.format(question=" ".join(question.split()), sentences="\n".join(lines))

    def corrected(self, refused: str, corrections: Sequence[str]) -> str:
        """What precedes a second request: what was written at the first, and what is wrong with it."""
        return self.again.format(refused=refused, corrections=" ".join(corrections))


@cache
def writing_prompts(lang: str) -> WritingPrompts:
    """The prompts for writing in `fr` or `en`."""
    return WritingPrompts.model_validate(tomllib.loads(_file(lang).read_text(encoding="utf-8")))


@cache
def synthesis_prompts(lang: str) -> SynthesisPrompts:
    """The prompts for a synthesis in `fr` or `en`."""
    return SynthesisPrompts.model_validate(tomllib.loads(_synthesis_file(lang).read_text(encoding="utf-8")))


@cache
def writing_digest() -> str:
    """Eight hexadecimal digits that change with anything that a writer is told of a rendering."""
    return _digest(_file("en"), _file("fr"), _GLOSSARY)


@cache
def synthesis_digest() -> str:
    """The same of a synthesis: apart, so that no remembered rendering depends on it."""
    return _digest(_synthesis_file("en"), _synthesis_file("fr"))


def glossary(sentence: str, lang: str) -> list[tuple[str, str]]:
    """The terms of the glossary that stand in `sentence`, with their meaning in `lang`, in the order of the sentence.

    Of terms that overlap the longest counts; at most `MAX_TERMS` are given, the longest.
    """
    pattern, meanings = _terms(lang)
    said = [match[0] for match in pattern.finditer(sentence)]
    found = {term if term in meanings else term.removesuffix("s") for term in said}
    kept = sorted(sorted(found & meanings.keys(), key=lambda term: (-len(term), term))[:MAX_TERMS], key=sentence.find)
    return [(term, meanings[term]) for term in kept]


@cache
def _terms(lang: str) -> tuple[re.Pattern[str], dict[str, str]]:
    pairs: dict[str, str] = tomllib.loads(_GLOSSARY.read_text(encoding="utf-8"))["terms"]
    meanings = pairs if lang == "en" else {english: french for french, english in reversed(pairs.items())}
    meanings = meanings | {term.replace("’", "'"): meaning for term, meaning in meanings.items()}
    longest_first = sorted(meanings, key=lambda term: (-len(term), term))
    alternatives = "|".join(re.escape(term) for term in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})s?(?![\w-])"), meanings


def _digest(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _file(lang: str) -> Path:
    return _FOLDER / f"writing.{lang}.toml"


def _synthesis_file(lang: str) -> Path:
    return _FOLDER / f"synthesis.{lang}.toml"
