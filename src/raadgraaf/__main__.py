"""`python -m raadgraaf`: the command line."""

from raadgraaf.cli import main

main(prog_name="raadgraaf")
