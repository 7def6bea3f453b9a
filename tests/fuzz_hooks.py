"""What schemathesis must be told of our media types; its command line loads this, and our own fuzzing does."""

import schemathesis
from schemathesis import SerializationContext


@schemathesis.serializer("application/x-ndjson")
def json_lines(_context: SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
