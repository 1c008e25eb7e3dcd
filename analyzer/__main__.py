"""`python -m analyzer` is `credaudit`."""

from analyzer.cli import main

main()
