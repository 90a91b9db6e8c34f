"""The only code that touches disk and network."""
