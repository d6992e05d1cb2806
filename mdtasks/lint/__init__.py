"""What is wrong with tasks, what does not fit together, what could be better. Pure."""
