"""Questions as people also put them: carelessly typed, misspelt, spoken. Seeded by the question: the same each time."""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping

WORDS_A_TYPO = 10
_LONG = re.compile(r"\w{4,}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

_OPENINGS = {
    "fr": ("dis-moi, ", "euh, ", "je voulais savoir, ", "au fait, ", "tu sais "),
    "en": ("tell me, ", "er, ", "I was wondering, ", "by the way, ", "do you know "),
}
_SPOKEN = {
    "fr": (
        (r"\b(?:n['’]|ne )(?=[\w-]+ pas\b)", ""),
        (r"\b(?!est-ce)(\w+)-(?:t-)?(ils?|elles?|on|ce)\b", r"\2 \1"),
        (r"^quel(?:le)?s? (?:est|sont|était|étaient|fut|furent)\b", "c'est quoi"),
        (r"^qui (?:est|sont|était|fut)\b", "c'est qui"),
        (r"^où (?:se (?:trouve|situe)(?:nt)?|est|sont)\b", "c'est où"),
        (r"^qu['’]est[- ]ce qu(?:e|i)\b", "c'est quoi que"),
        (r"^pourquoi\b(?! est-ce)", "pourquoi est-ce que"),
        (r"\bque (?=(?:ils?|elles?|on)\b)", "qu'"),
        (r"^combien de\b", "y a combien de"),
        (r"\bcela\b", "ça"),
    ),
    "en": (
        (r"^what (?:is|are|was|were)\b", "what's"),
        (r"^who (?:is|are|was|were)\b", "who's"),
        (r"^how many\b", "like how many"),
        (r"\b(do|does|did|is|are|was) not\b", r"\1n't"),
    ),
}  # fmt: skip


def careless(question: str, _lang: str) -> str:
    """Lower case, without accents or punctuation."""
    kept = "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in _decomposed(question))
    return " ".join("".join(c for c in kept if not unicodedata.combining(c)).lower().split())


def misspelt(question: str, _lang: str) -> str:
    """One typo in ten words, at least one: two letters swapped, one dropped, doubled or another in its place."""
    draw = random.Random(question)
    words = list(_LONG.finditer(question))
    wanted = max(1, round(len(question.split()) / WORDS_A_TYPO))
    for word in sorted(draw.sample(words, min(wanted, len(words))), key=lambda word: -word.start()):
        question = question[: word.start()] + _typo(word[0], draw) + question[word.end() :]
    return question


def spoken(question: str, lang: str) -> str:
    """With spoken turns of phrase, and no question mark."""
    said = question.strip().rstrip("?!. \u00a0\u202f")
    for written, turn in _SPOKEN[lang]:
        said = re.sub(written, turn, said, flags=re.IGNORECASE)
    opening = random.Random(question).choice(_OPENINGS[lang])
    return opening + said[:1].lower() + said[1:]


PERTURBATIONS: Mapping[str, Callable[[str, str], str]] = {"careless": careless, "misspelt": misspelt, "spoken": spoken}
"""By name: question and language to what is asked instead."""


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "Oe"))


def _typo(word: str, draw: random.Random) -> str:
    """Another word than the one given."""
    at = draw.randrange(1, len(word) - 1)
    here, following = word[at], word[at + 1]
    other = draw.choice([letter for letter in _LETTERS if letter != here.lower()])
    return word[:at] + draw.choice(
        [following + here + word[at + 2 :] if here != following else word[at + 1 :],
         word[at + 1 :], here + word[at:], other + word[at + 1 :]]
    )  # fmt: skip
