"""The yardstick: bare Flask and waitress with one page, and one full-sync SQLite transaction for each POST."""

import sqlite3
import sys
import threading
from pathlib import Path

from flask import Flask, request

THREADS = 8
PAGE = "<!doctype html><html lang='en'><title>bare</title><p>" + "a line of text " * 40 + "</p></html>"


def create_app(database: Path) -> Flask:
    """One page, and one POST that stores what it was sent; one writer behind a lock, as the fastest way is."""
    app = Flask("benchmarks")
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    writing = threading.Lock()

    @app.get("/")
    def page() -> str:
        return PAGE

    @app.post("/")
    def store() -> tuple[str, int]:
        body = request.get_data()
        with writing:
            connection.execute("INSERT INTO sent (body) VALUES (?)", (body,))
        return "stored", 201

    return app


def main() -> None:
    """Serve on 127.0.0.1 at the port given, with the database file given."""
    from waitress import serve

    port, database = int(sys.argv[1]), Path(sys.argv[2])
    serve(create_app(database), host="127.0.0.1", port=port, threads=THREADS)


if __name__ == "__main__":
    main()
