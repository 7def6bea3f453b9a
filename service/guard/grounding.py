"""How much of a text another one says: which of its words have a counterpart there, in the same language or the other.

There is no dictionary: a counterpart is the same word, one of the same root, or a name, a figure or a term that a list
knows in both languages. Between languages half of the words of a true translation have none.
"""

from collections.abc import Callable, Iterator

from index.analysis import is_function_word
from service.guard.lexicon import term_sets
from service.guard.mentions import mentions, same_mention
from service.guard.names import same_root
from service.guard.words import Text, Token, lemma, tokens

_LISTS = ("titles", "glossary", "stances", "units", "contrasts", "turns", "modality", "dates")
_SHORTEST_ROOT = 5


def content(text: Text) -> list[Token]:
    """Its words and numbers, without the function words of its language."""
    return [token for token in tokens(text) if token.raw[0].isalnum() and not _says_nothing(token, text.lang)]


def _says_nothing(token: Token, lang: str) -> bool:
    """« été » is far more often a participle than a summer."""
    return is_function_word(token.raw, lang) or token.raw == "été"


def grounded(evidence: Text, text: Text) -> frozenset[int]:
    """Where the words of `text` begin that have a counterpart in the evidence."""
    spans = list(_known(evidence, text))
    alike = _alike(evidence, text.lang)
    return frozenset(
        token.start
        for token in content(text)
        if any(start <= token.start < end for start, end in spans) or alike(token)
    )


def _known(evidence: Text, text: Text) -> Iterator[tuple[int, int]]:
    ours = mentions(evidence)
    for mention in mentions(text):
        if any(same_mention(one, mention) for one in ours):
            yield mention.start, mention.end
    for name in _LISTS:
        for terms in term_sets(name).values():
            said = {found.member for found in terms.find(evidence)}
            for found in terms.find(text):
                if found.member in said:
                    yield found.start, found.end


def _alike(evidence: Text, lang: str) -> Callable[[Token], bool]:
    words = {token.folded for token in tokens(evidence)}
    lemmas = {lemma(token.raw, lang) for token in tokens(evidence)} if evidence.lang == lang else set()
    roots = [word for word in words if len(word) >= _SHORTEST_ROOT]

    def alike(token: Token) -> bool:
        if token.folded in words or lemma(token.raw, lang) in lemmas:
            return True
        return len(token.folded) >= _SHORTEST_ROOT and any(same_root(token.folded, root) for root in roots)

    return alike
