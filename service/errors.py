"""What can go wrong while answering. Each message names the thing, what was found, and the next step."""


class ServiceError(Exception):
    """Base of the service's errors."""


class InvalidQuestion(ServiceError):
    """A question that cannot be taken as it is."""


class ArticlesChanged(ServiceError):
    """An article that an answer names was removed or replaced while the answer was written."""


class ReaderError(ServiceError):
    """The reader cannot be loaded."""
