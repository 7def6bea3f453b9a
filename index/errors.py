"""What can go wrong in the index. Each message names the thing, what was found, what was wanted, and the next step."""


class IndexingError(Exception):
    """Base of the index's errors."""


class InvalidArticle(IndexingError):
    """An article that cannot be accepted; nothing of it was stored."""


class ManifestMismatch(IndexingError):
    """The index was built with other settings (encoder, dimension, chunking, versions) than those asked for."""


class StoreDamaged(IndexingError):
    """The SQLite file cannot be read as an index of ours."""


class StoreUnavailable(IndexingError):
    """The store cannot be written now: locked by another writer, disk full, or read-only. Nothing was changed."""


class EncoderError(IndexingError):
    """The encoder cannot be loaded or failed on its input."""
