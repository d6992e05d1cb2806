"""The cache of what the notes say, and which task of before is which task of now."""
