"""Compares a rendering of a sentence with the sentence. Knows no model, no index and no HTTP: text in, problems out."""
