"""The embedded ground's store: one SQLite file in WAL mode, every transition one full-sync transaction."""
