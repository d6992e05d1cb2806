"""The use cases: they join what is pure with what reads and writes."""
