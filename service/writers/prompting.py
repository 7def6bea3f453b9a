"""Makes of a task what a model reads, and of what it wrote one line. Knows nothing of any model."""

import re
from collections.abc import Sequence

from prompts.writing import SynthesisPrompts, WritingPrompts, synthesis_prompts, writing_prompts
from service.writers.types import Task

Message = dict[str, str]

MAX_CHARS_PER_CHAR = 2  # a rendering longer than this times its evidence is none
_SLACK_CHARS = 80
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_WRAPPED = re.compile(r'\A(["“«])(?P<inner>[^"“”«»]*)(["”»])\Z')


def chat(task: Task) -> list[Message]:
    """The messages of a chat: the instructions and examples, equal for every task of its kind, then what is asked."""
    return _synthesis(task) if task.question else _rendering(task)


def plain(task: Task) -> str:
    """The same as one text, for a model that knows no chat."""
    return "\n\n".join(message["content"] for message in chat(task)).replace(":\n\n", ": ")


def most_tokens(task: Task) -> int:
    """More than any good rendering has; two characters a token are few in either language."""
    return len(task.evidence) // 2 + 40


def one_line(task: Task, written: str) -> str:
    """The first line that says something, without the marks around the whole that the evidence does not have.

    Cut where it is so long that it can be no rendering, so that nothing behind has to bear ten thousand tokens.
    """
    lines = (line.strip() for line in _THOUGHT.sub("", written).splitlines())
    first = next((line for line in lines if line), "")[: MAX_CHARS_PER_CHAR * len(task.evidence) + _SLACK_CHARS]
    wrapped = _WRAPPED.match(first)
    if wrapped and not _WRAPPED.match(" ".join(task.evidence.split())):
        return wrapped["inner"].strip()
    return first


def _rendering(task: Task) -> list[Message]:
    prompts = writing_prompts(task.lang)
    shown = [(prompts.asked(example.sentence, task.lang), example.rendering) for example in prompts.examples]
    return _messages(prompts, shown, prompts.asked(task.evidence, task.lang), task)


def _synthesis(task: Task) -> list[Message]:
    prompts = synthesis_prompts(task.lang)
    shown = [(prompts.asked(example.question, example.sentences), example.answer) for example in prompts.examples]
    return _messages(prompts, shown, prompts.asked(task.question, task.evidence), task)


def _messages(
    prompts: WritingPrompts | SynthesisPrompts, shown: Sequence[tuple[str, str]], asked: str, task: Task
) -> list[Message]:  # fmt: skip
    turns = [_message(*turn) for ask, reply in shown for turn in (("user", ask), ("assistant", reply))]
    if task.refused:
        asked = f"{prompts.corrected(task.refused, task.corrections)}\n{asked}"
    return [_message("system", prompts.instructions), *turns, _message("user", asked)]


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}
