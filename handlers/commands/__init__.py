"""The rooms of the command line, one for each kind of work."""
