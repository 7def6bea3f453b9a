"""Measures both paths: questions with gold spans, metrics, runs, comparisons, benchmarks, training."""
