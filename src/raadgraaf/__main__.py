"""`python -m raadgraaf`: the command line."""

from raadgraaf.cli import run_from_shell

run_from_shell()
