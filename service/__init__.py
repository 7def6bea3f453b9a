"""From a question to a cited answer: retrieve, read, judge, compose, verify, serve."""
