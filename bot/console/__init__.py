"""The console: the surface that needs no account, and the HTTP interface (DESIGN 9, 12)."""
