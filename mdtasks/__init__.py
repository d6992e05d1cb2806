"""Plan the day from the checkboxes in a folder of Markdown notes."""
