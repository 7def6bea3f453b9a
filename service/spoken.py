"""Takes from a question what asks nothing: greetings, hesitations, politeness, « tu sais si … », "can you tell me …".

The turns of both languages are in `turns.toml`. One that may itself be what is asked stays: « Savez-vous planter … »,
"Who asked to know …", "Tell Me Why is by whom?". So one is taken away only ahead of a word that asks, or set off by a
mark, and only where it is not written as a name: the SVP is a party, and Um Qasr a port.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.analysis import is_function_word
from service.guard.words import is_common

MOST_TURNS = 6  # ahead of one question
_ASKING = re.compile(
    r"(?:(?:à|a|d[e’']|avec|par|pour|sur|dans|en|chez|contre|vers|depuis|jusqu[’']"
    r"|in|on|at|by|to|of|from|with|for|since) ?)?"
    r"(?:qu[’']|(?:qui|que|quoi|où|ou|quand|comment|combien|pourquoi|quel(?:le)?s?|(?:le|la|les|du|des)quel(?:le)?s?"
    r"|est[- ]ce|c[’']est|y a|ce qu[ei]|who(?:m|se)?|what|when|where|why|how|which|is|are|was|were|did|does)\b)",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"(?:si\b|s[’'](?=ils?\b(?! (?:te|vous) pla))|if\b|whether\b)\s*", re.IGNORECASE)
_MARK = re.compile(r"\s*[,;:.!…–—-]+\s*|\s*\?\s+")
_LEADING = " \t\u00a0\u202f,.…!–—-"
_ENDS = (".", "!", "?", "…")
_NO_NAMES = ("I", "OK")  # though in capitals
_BEFORE_A_NOUN = re.compile(
    r"(?<![\w’'-])(?:l[ea]s?|d[eu]s?|aux?|à|en|par|pour|avec|chez|sur|dans|cet|cette|ces|mon|ma|mes|son|sa|ses|[ld][’']"
    r"|the|an|of|in|on|at|by|for|to|from|with|his|her|its|their|my|your)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turns:
    """Matched at a place, but for `hesitation` and `closing`, which are searched for."""

    frame: re.Pattern[str]
    sound: re.Pattern[str]
    hesitation: re.Pattern[str]
    closing: re.Pattern[str]


def plainly(question: str) -> str:
    """What is asked, without turns of phrase that ask nothing; the question itself where it has no others."""
    turns = _turns()
    said = turns.hesitation.sub(lambda turn: turn[0] if _may_name(turn) else " ", question)
    said = turns.closing.sub(lambda turn: turn[0] if _closes_as_name(turn) else "", said)
    for _ in range(MOST_TURNS):
        left = _without_opening(said, turns)
        if left is None:
            break
        said = left
    said = said.strip()
    if said == question.strip() or not re.search(r"\w", said):
        return question
    return said[:1].upper() + said[1:]


def _without_opening(said: str, turns: Turns) -> str | None:
    """Without its first turn of phrase; `None` where it begins with none, or with one that may be what is asked."""
    said = said.lstrip(_LEADING)
    for turn in (turns.frame, turns.sound):
        if (found := turn.match(said)) and not _is_name(found[0]):
            mark = _MARK.match(said, found.end())
            left = said[mark.end() if mark else found.end() :].lstrip()
            if turn is turns.frame and (whether := _WHETHER.match(left)):
                return left[whether.end() :]
            if _ASKING.match(left) or turns.frame.match(left) or (mark and "?" not in mark[0]):
                return left
            if turn is turns.sound and turns.sound.match(left):
                return left
    return None


def _is_name(turn: str) -> bool:
    """Whether it is written as one: "Tell Me Why", "ER"."""
    second = turn.split()[1:2]
    return any(word[0].isupper() and word not in _NO_NAMES for word in second or [turn] if second or turn.isupper())


def _may_name(hesitation: re.Match[str]) -> bool:
    """Whether it may be part of a name: "Um Qasr", "um qasr"."""
    said = hesitation[0].strip()
    after = re.match(r"[^\W\d_]+", hesitation.string[hesitation.end() :])
    if not said.isalpha() or after is None:
        return False  # « euh, » or "um…": a pause
    if said[0].isupper() and (after[0][0].isupper() or re.search(r"\w", hesitation.string[: hesitation.start()])):
        return True
    known = any(is_function_word(after[0], lang) or is_common(after[0], lang) for lang in ("fr", "en"))
    return not known and bool(re.search(r"\w", hesitation.string[: hesitation.start()]))


def _closes_as_name(closing: re.Match[str]) -> bool:
    """Whether what stands last is a name, or the noun of what stands before: « Qui dirige la SVP ? »."""
    before = closing.string[: closing.start()]
    said = closing[0].strip(" \t\u00a0\u202f,.;:!?…–—-")
    ahead = closing.string[: closing.end() - len(closing[0]) + closing[0].index(said)].rstrip()
    if ahead == before.rstrip() and _BEFORE_A_NOUN.search(before):
        return True
    if ahead[-1:] in _ENDS or closing.string.isupper() or (said.isupper() and not ahead[-1:].isalnum()):
        return False
    return said[0].isupper() and bool(before)


@cache
def _turns() -> Turns:
    read = tomllib.loads(Path(__file__).with_name("turns.toml").read_text(encoding="utf-8"))
    hesitation = f"(?:^|{_run(',.…')})(?-i:(?=\\w?[a-z])){_any(read['hesitations'])}[\\s,.…]*"
    closing = f"{_run(',.;!?…–—-')}{_any(read['closings'])}"
    setting_off = "(?:(?<=\\?)|(?=\\s*+[,.;!…–—-]))"
    apart = f"{_run(',.;!…–—-', setting_off)}{_any(read['closings_apart'])}"
    return Turns(
        _compiled(_any(read["frames"])),
        _compiled(_any(read["sounds"])),
        _compiled(hesitation),
        _compiled(f"(?:{closing}|{apart})(?=[\\s?!.…]*\\Z)"),
    )


def _run(marks: str, such: str = "") -> str:
    """A run of marks and white space, from its beginning: from every place in it, a long one would be gone through.
    `such`: what must hold there."""
    return f"(?<![\\s{marks}]){such}[\\s{marks}]++"


def _any(turns: Sequence[str]) -> str:
    """One of them, and no more of the word that it ends in."""
    written = "|".join(turns).replace("'", "[’']")
    return f"(?:{written})(?![\\w’'-])"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
