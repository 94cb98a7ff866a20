"""Moving a whole home: the file it travels in, how its rows look there, leaving and arriving."""
