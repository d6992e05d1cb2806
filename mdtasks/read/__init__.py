"""Bytes of a note -> Note. Pure."""
