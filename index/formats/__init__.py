"""Formats of article files, one module each, behind one interface (`file.Parser`). `reading` puts them together."""
