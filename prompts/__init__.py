"""Every text that a user or a model is given: one TOML file a language, read and checked by `catalogue`."""
