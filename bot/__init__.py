"""The roof: the surfaces, the command line, and the one place where all is put together."""
