"""From articles to a searchable index: parse, store, cut into passages, encode, search. Knows nothing of answers."""
