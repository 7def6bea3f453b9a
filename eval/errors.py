"""What can go wrong in an evaluation. Each message names the thing, what was found, and the next step."""


class EvaluationError(Exception):
    """Base of the evaluation's errors."""


class InvalidQuestions(EvaluationError):
    """A set of questions, or the articles that it is about, cannot be used."""


class InvalidRun(EvaluationError):
    """A run's file cannot be read, or two runs are not of the same questions."""


class MissingDataset(EvaluationError):
    """A data set that is not there: what needs it can be skipped."""


class InvalidDataset(EvaluationError):
    """A data set that is there and cannot be used as it is."""


class ServerFailed(EvaluationError):
    """The server that is measured did not start, or did not answer as the contract says."""
