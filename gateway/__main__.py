"""Lets `python -m gateway` be the same as `tillbridge`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
