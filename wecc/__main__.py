"""`python -m wecc` is the `wecc` command."""

from wecc.cli import main

main()
