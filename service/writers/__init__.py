"""The writers: models that put the evidence of one claim into the answer's language. None of them is ever trusted."""
