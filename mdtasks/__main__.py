"""`python -m mdtasks` is the command `mdtasks`."""

from mdtasks.cli import main

main()
