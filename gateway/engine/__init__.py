"""How it is made true: journal, lanes and doors, without an I/O library."""
