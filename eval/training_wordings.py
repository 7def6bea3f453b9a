"""Questions put in other words that mean the same, and near misses that do not. Knows no article."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from eval.datasets import records
from eval.tasks.perturbing import careless, misspelt
from index.language import detect

IN_ENGLISH = 0.4  # of the French questions that a model put in English, those asked so


class Rewording:
    """Questions as people also put them: typed carelessly, misspelt, half translated word by word."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._rng = rng
        self._english: dict[str, list[str]] = {}
        for record in records(folder / "freedict" / "fra_eng.jsonl"):
            self._english.setdefault(record["w"].casefold(), record["t"])

    def __call__(self, question: str, english: str | None = None) -> list[tuple[str, float]]:
        """Its wordings, the question itself first, each with its chance; these add up to 1."""
        asked = (
            {question: 0.0} | dict.fromkeys([turn(question) for turn in self._turns(question)], 1.0) | {question: 3.0}
        )
        if english:
            asked |= {english: sum(asked.values()) * IN_ENGLISH / (1 - IN_ENGLISH)}
        return [(wording, chance / sum(asked.values())) for wording, chance in asked.items()]

    def once(self, question: str) -> list[tuple[str, float]]:
        """The question, and one other wording of it, half as often."""
        turned = self._rng.choice(self._turns(question))(question)
        return [(question, 2 / 3), (turned, 1 / 3)] if turned != question else [(question, 1.0)]

    def _turns(self, question: str) -> list[Callable[[str], str]]:
        lang = detect(question)
        turns = [partial(careless, _lang=lang), partial(misspelt, _lang=lang)]
        return [*turns, self._towards_english] if lang == "fr" else [*turns]

    def _towards_english(self, question: str) -> str:
        """Question words and articles by rule, four of five other words by the dictionary, where it has them."""
        for french, english in _QUESTION_WORDS:
            question = re.sub(french, english, question, flags=re.IGNORECASE)
        return re.sub(r"\w+", self._word, question)

    def _word(self, match: re.Match[str]) -> str:
        words = self._english.get(match[0].casefold())
        return self._rng.choice(words) if words and self._rng.random() < 0.8 else match[0]


class Altering:
    """Near misses: a question with one name, nationality, year or content word put in place of another, so that the
    article that answered it no longer does. What is put in is neither in the article nor in the question."""

    def __init__(self, questions: Iterable[str], rng: random.Random) -> None:
        """What is put in is taken from `questions`, those of the same language."""
        self._rng = rng
        asked: dict[str, list[str]] = {lang: [] for lang in _NATIONS}
        for question in questions:
            asked[detect(question)].append(question)
        self._like = {lang: _by_kind(of_lang, lang) for lang, of_lang in asked.items()}

    def __call__(self, question: str, text: str) -> str | None:
        """`text`: of the article that answers it, folded. `None` where six tries find nothing that fits."""
        lang = detect(question)
        places = [m for m in re.finditer(r"\w+", question) if m.start() and _kind(m[0], lang)]
        likelier = [m for m in places for _ in range({"nation": 3, "name": 2, "year": 2, "word": 1}[_kind(m[0], lang)])]
        for _ in range(6 if likelier else 0):
            old = self._rng.choice(likelier)
            new = self._instead_of(old[0], lang)
            stem = fold(new)[:6]
            if fold(new)[:5] != fold(old[0])[:5] and stem not in text and stem not in fold(question):
                return question[: old.start()] + new + question[old.end() :]
        return None

    def _instead_of(self, word: str, lang: str) -> str:
        kind = _kind(word, lang)
        if kind == "nation":
            known = next(nation for nation in _NATIONS[lang] if word.lower().startswith(nation))
            other = self._rng.choice(_NATIONS[lang])
            return f"{other.capitalize() if word[0].isupper() else other}{word[len(known) :]}"
        return self._rng.choice(self._like[lang][kind] or [word])


def _by_kind(questions: Sequence[str], lang: str) -> dict[str, list[str]]:
    words = [word for question in questions for word in re.findall(r"\w+", question)[1:]]
    return {kind: [word for word in words if _kind(word, lang) == kind] for kind in ("name", "year", "word")}


def _kind(word: str, lang: str) -> str:
    """What a word may be exchanged for; empty where it is better left."""
    if any(word.lower().startswith(nation) for nation in _NATIONS[lang]):
        return "nation"
    if word[0].isupper() and len(word) > 2:
        return "name"
    if re.fullmatch(r"\d{4}", word):
        return "year"
    return "word" if len(word) > 5 and word.islower() else ""


_NATIONS = {
    "fr": [
        "français", "allemand", "italien", "espagnol", "britannique", "américain", "russe", "chinois", "canadien",
        "turc", "polonais", "belge", "japonais", "indien", "irakien", "iranien", "afghan", "suisse", "grec",
        "portugais", "suédois", "brésilien",
    ],
    "en": [
        "french", "german", "italian", "spanish", "british", "american", "russian", "chinese", "canadian", "turkish",
        "polish", "belgian", "japanese", "indian", "iraqi", "iranian", "afghan", "swiss", "greek", "portuguese",
        "swedish", "brazilian",
    ],
}  # fmt: skip

_QUESTION_WORDS = [
    (r"\bqu[’']est[- ]ce que?\b", "what is"), (r"\bcombien de\b", "how many"), (r"\bcombien\b", "how much"),
    (r"\bqui est\b", "who is"), (r"\bqui\b", "who"), (r"\bquand\b", "when"), (r"\boù\b", "where"),
    (r"\bpourquoi\b", "why"), (r"\bcomment\b", "how"), (r"\ben quelle année\b", "in what year"),
    (r"\bquel(le)?s? (est|sont)\b", "what is"), (r"\bquel(le)?s?\b", "which"), (r"\bque\b", "what"),
    (r"\bdes?\b", "of"), (r"\bdu\b", "of the"), (r"\b(le|la|les)\b", "the"), (r"\b[ld][’']", "the "),
    (r"\bdans\b", "in"), (r"\bune?\b", "a"), (r"\best\b", "is"), (r"\bsont\b", "are"), (r"\ba été\b", "was"),
    (r"\bet\b", "and"), (r"\bpar\b", "by"), (r"\bpour\b", "for"), (r"\ben\b", "in"), (r"\bau\b", "to the"),
    (r"\bà\b", "to"), (r"\bsur\b", "on"), (r"\bavec\b", "with"),
]  # fmt: skip


def fold(text: str) -> str:
    """Case and accents folded."""
    return _without_accents(text.casefold())


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
