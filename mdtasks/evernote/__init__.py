"""Evernote's export as notes: what is in the file, and what a note of it looks like as Markdown."""
