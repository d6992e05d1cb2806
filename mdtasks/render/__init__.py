"""Plans, tasks and reports -> text or bytes. Pure."""
