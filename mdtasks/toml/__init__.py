"""mdtasks.toml <-> Config: one table of keys, the commented file made from it. Pure."""
