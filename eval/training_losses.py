"""What a batch's scores cost: spans, no answer, evidence, relevance, the order of passages and of sentences.

Every row and group at once, with no look at a value on the way, so that a GPU never waits. Knows tensors only.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from eval.training_inputs import Inputs, Targets
from service.joint_reader import ReaderOutput

OUT = -1e4  # the score of a token that cannot begin or end an answer
NO_EVIDENCE = -20.0  # the logit of a token that is not of the article's own text
SAID = 0.5  # weight of "one of the sentences answers", of a list that is only known to hold an answer
NEVER = -1e4  # the score of what is not there: finite, so that a sum over nothing has a gradient


def loss(output: ReaderOutput, inputs: Inputs, targets: Targets) -> Tensor:
    """Rows and groups by their weights."""
    rows = _span_losses(output, inputs, targets) + _evidence_losses(output, inputs, targets)
    right = targets.right_rows.float()
    rows = rows + binary_cross_entropy_with_logits(output.relevance, right, reduction="none")
    groups = torch.where(targets.said, _said_losses(output, inputs, targets), _order_losses(output, inputs, targets))
    return (rows * targets.weights).sum() + (groups * targets.group_weights).sum()


def sentence_scores(evidence: Tensor, sentence: Tensor, count: int) -> Tensor:
    """(rows, count): the mean of the evidence over each sentence's tokens, as when answering; `NEVER` where there is no
    such sentence. `sentence`: (rows, tokens), numbers from 0 to `count` - 1, or -1."""
    counted = (sentence >= 0).float()
    at = sentence.clamp(min=0)
    shape = (len(sentence), count)
    sums = evidence.new_zeros(shape).scatter_add(1, at, evidence.masked_fill(sentence < 0, 0))
    tokens = evidence.new_zeros(shape).scatter_add(1, at, counted)
    return (sums / tokens.clamp(min=1)).masked_fill(tokens == 0, NEVER)


def _span_losses(output: ReaderOutput, inputs: Inputs, targets: Targets) -> Tensor:
    """Of where the answers begin and end; of "no span answers", which stands before all tokens, where there is none."""
    answered = targets.first.any(1)
    null_weights = targets.null_weights.masked_fill(
        targets.right_rows, 0
    )  # an answer past what was read teaches nothing
    losses = torch.zeros_like(output.null)
    for scores, places in ((output.start, targets.first), (output.end, targets.last)):
        own = scores.masked_fill(inputs.sentence < 0, OUT)
        likely = torch.cat([output.null[:, None], own], 1).log_softmax(1)
        wanted = torch.cat([~answered[:, None], places], 1)
        losses = losses - likely.masked_fill(~wanted, NEVER).logsumexp(1)
    return losses * torch.where(answered, 1.0, null_weights)


def _evidence_losses(output: ReaderOutput, inputs: Inputs, targets: Targets) -> Tensor:
    """Token by token; twice as much where the passage answers."""
    own = inputs.sentence >= 0
    right = targets.right_sentences.gather(1, inputs.sentence.clamp(min=0)) & own
    logits = output.evidence.masked_fill(~own, NO_EVIDENCE)
    losses = binary_cross_entropy_with_logits(logits, right.float(), reduction="none") * own
    return losses.sum(1) / own.sum(1).clamp(min=1) * (1 + targets.right_rows.float())


def _order_losses(output: ReaderOutput, inputs: Inputs, targets: Targets) -> Tensor:
    """Cross-entropy of the right passage, the first, among those of its question; and of the sentences that answer
    among all those of their question and "none" (logit 0)."""
    relevance = _of_groups(output.relevance, targets.members, NEVER)
    passages = (relevance.logsumexp(1) - relevance[:, 0]) * targets.right_rows[targets.members[:, 0]]
    scores = sentence_scores(output.evidence, inputs.sentence, targets.right_sentences.shape[1])
    sentences = _of_groups(scores, targets.members, NEVER).flatten(1)
    right = _of_groups(targets.right_sentences & (scores > NEVER), targets.members, False).flatten(1)
    every = torch.cat([torch.zeros_like(sentences[:, :1]), sentences], 1)
    wanted = torch.cat([~right.any(1, keepdim=True), right], 1)
    return passages + every.logsumexp(1) - every.masked_fill(~wanted, NEVER).logsumexp(1)


def _said_losses(output: ReaderOutput, inputs: Inputs, targets: Targets) -> Tensor:
    """That the most relevant passage answers, and that one of the sentences does, whichever."""
    relevance = _of_groups(output.relevance, targets.members, NEVER).amax(1)
    scores = sentence_scores(output.evidence, inputs.sentence, targets.right_sentences.shape[1])
    sentences = _of_groups(scores, targets.members, NEVER).flatten(1).logsumexp(1)
    return softplus(-relevance) + SAID * softplus(-sentences)


def _of_groups(rows: Tensor, members: Tensor, padding: float) -> Tensor:
    """(groups, most rows, ...): the values of each group's rows."""
    values = rows[members.clamp(min=0)]
    absent = (members < 0).view(*members.shape, *[1] * (values.dim() - 2))
    return values.masked_fill(absent, padding)
