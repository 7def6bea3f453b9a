"""What commands print on standard output: all of it is written, or an error says that it was not."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import IndexingError


class NotPrinted(IndexingError):
    """What a command had to print could not be written: the disk that standard output goes to is full, say."""


@contextmanager
def printing() -> Iterator[None]:
    """What is printed within is written out at the end.

    Raises `NotPrinted` where it cannot be, and `BrokenPipeError` where nobody reads on (`list | head`). What is left
    then is dropped, or the interpreter would try again as it ends.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as exc:
        if exc.filename is not None:  # some file's: no line that is printed has a name
            raise
        _drop_what_is_left()
        if isinstance(exc, BrokenPipeError):
            raise
        raise NotPrinted(f"standard output cannot be written ({exc}); send it to where there is room") from exc


def _drop_what_is_left() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
