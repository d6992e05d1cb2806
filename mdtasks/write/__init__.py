"""Changes to notes: what should change (edits, pure) and carrying it out (safely)."""
