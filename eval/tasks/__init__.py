"""Data sets turned into tasks: what is asked, of which articles, and what each system makes of it."""
