"""The guard of a synthesis: a few sentences made of several sentences of evidence, in their language or the other.

A synthesis may choose its words and leave things out, and is checked harder for it: each of its sentences against the
evidence that it rests on, each of its clauses against one sentence of that; none of the evidence may be passed over.
"""

import re
from collections.abc import Iterator, Sequence

from index.dates import PublishedDate
from index.sentences import split_sentences
from service.guard.checking import problems_of
from service.guard.denials import CUT
from service.guard.form import language, length, repetition
from service.guard.grounding import content, grounded
from service.guard.mentions import Mention, mentions, same_mention
from service.guard.types import Kind, Pair, Problem, Scope
from service.guard.words import Text, text_of, tokens

# The least share of a sentence's words that must have a counterpart in the evidence: `eval/LOG.md` has what that costs.
LEAST_GROUNDED = 0.25
LEAST_GROUNDED_SAME_LANGUAGE = 0.6
_FEW_WORDS = 3  # too few for a share of them to mean something
_NO_TEXT = re.compile(r"\[\d+\]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Markers, which are ours to set, and what is read but not seen."""


def check_synthesis(
    evidence: Sequence[str], synthesis: str, *, evidence_lang: str, lang: str, published: PublishedDate | None = None
) -> list[Problem]:
    """What `synthesis`, in `lang`, gets wrong of the sentences of evidence; empty where nothing was found."""
    whole = Pair(" ".join(evidence), evidence_lang, synthesis.strip(), lang, published)
    too_long = [problem for problem in length(whole) if problem.found]
    if too_long:  # nothing behind has to bear ten thousand words
        return too_long
    found = [problem for form in (language, repetition) for problem in form(whole)]
    found += [Problem(Kind.META, found=sign) for sign in _NO_TEXT.findall(whole.rendering)]
    sources = [text_of(sentence, evidence_lang) for sentence in evidence]
    used: set[int] = set()
    for span in split_sentences(whole.rendering, lang=lang):
        sentence = text_of(span.of(whole.rendering), lang)
        rests = _rests_on(sentence, sources)
        used.update(rests)
        on = " ".join(evidence[number] for number in rests) or whole.evidence
        found += problems_of(Pair(on, evidence_lang, sentence.raw, lang, published), Scope.PART)
        found += _unfounded(sentence, [sources[number] for number in rests])
    found += [Problem(Kind.SUPPORT, expected=said) for n, said in enumerate(evidence) if n not in used]
    return list(dict.fromkeys(found))


def _rests_on(sentence: Text, sources: Sequence[Text]) -> list[int]:
    """The sources that say as many of its words as any, and those that say what the ones before them do not."""
    said = [grounded(source, sentence) for source in sources]
    most = max(map(len, said))
    rests: set[int] = set()
    covered: set[int] = set()
    for number in sorted(range(len(sources)), key=lambda number: -len(said[number])):
        if said[number] and (len(said[number]) == most or said[number] - covered):
            rests.add(number)
            covered |= said[number]
    return sorted(rests)


def _unfounded(sentence: Text, sources: Sequence[Text]) -> Iterator[Problem]:
    """A sentence, or a clause of it, that the evidence does not say."""
    same = {source.lang for source in sources} == {sentence.lang}
    least = LEAST_GROUNDED_SAME_LANGUAGE if same else LEAST_GROUNDED
    if not sources or _share(sentence, sources) < least:
        yield Problem(Kind.SUPPORT, found=sentence.raw)
        return
    for clause in _clauses(sentence):
        told = _saying_together(clause, sources)
        telling = same and len(content(clause)) >= _FEW_WORDS
        if not told or (telling and max(_share(clause, [source]) for source in told) < least):
            yield Problem(Kind.SUPPORT, found=clause.raw.strip(" ,;"))


def _share(text: Text, sources: Sequence[Text]) -> float:
    words = content(text)
    said = frozenset[int]().union(*(grounded(source, text) for source in sources))
    return len(said) / len(words) if words else 0.0


def _saying_together(clause: Text, sources: Sequence[Text]) -> list[Text]:
    """The sources that each say all that any of them says of the names, figures and days of a clause: "Italy sends 1600
    soldiers" is not said by two sentences, of which one names Italy and the other the soldiers."""
    named = mentions(clause)
    said = [{mention.start for mention in named if _says(source, mention)} for source in sources]
    return [source for source, those in zip(sources, said, strict=True) if those == set().union(*said)]


def _says(source: Text, mention: Mention) -> bool:
    words = {token.folded for token in tokens(source)}
    named = any(same_mention(one, mention) for one in mentions(source))
    return named or {token.folded for token in tokens(text_of(mention.said, ""))} <= words


def _clauses(sentence: Text) -> Iterator[Text]:
    ends = [found.start() for found in CUT.finditer(sentence.folded)]
    for start, end in zip([0, *ends], [*ends, len(sentence.folded)], strict=True):
        yield Text(sentence.raw[start:end], sentence.folded[start:end], sentence.lang)
