"""The query language of `mdtasks list` -> a filter, an order and groups. Pure."""
