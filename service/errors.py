"""What can go wrong while answering. Each message names the thing, what was found, and the next step."""


class ServiceError(Exception):
    """Base of the service's errors."""


class InvalidQuestion(ServiceError):
    """A question that cannot be taken as it is."""


class ReaderError(ServiceError):
    """The reader cannot be loaded."""
