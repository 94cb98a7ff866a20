"""The schema of the SQLite store as a list of migrations; the file's `user_version` counts those applied.

A migration is never edited once it has landed: a change is a new entry at the end.
"""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- The register: immutable snapshots, and a pointer per kind.
    CREATE TABLE snapshots (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, created_at TEXT NOT NULL, complete INTEGER NOT NULL, size INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE pointers (kind TEXT PRIMARY KEY, snapshot TEXT NOT NULL REFERENCES snapshots(id)) WITHOUT ROWID;
    CREATE TABLE regions (
        snapshot TEXT, code TEXT, name_zh TEXT, name_en TEXT, level TEXT, parent_code TEXT, zone_role TEXT,
        host_codes TEXT, PRIMARY KEY (snapshot, code)
    ) WITHOUT ROWID;
    CREATE TABLE units (
        snapshot TEXT, unit_id TEXT, name TEXT, kind TEXT, region_code TEXT, reviewing_body TEXT, industry_code TEXT,
        email TEXT, size TEXT, starred INTEGER, group_id TEXT, status TEXT, PRIMARY KEY (snapshot, unit_id)
    ) WITHOUT ROWID;
    CREATE TABLE staff (
        snapshot TEXT, number INTEGER, email TEXT, name TEXT, role TEXT, region_code TEXT, valid_from TEXT,
        valid_to TEXT, PRIMARY KEY (snapshot, number)
    ) WITHOUT ROWID;
    CREATE INDEX staff_by_region ON staff (snapshot, region_code, role);
    CREATE INDEX staff_by_email ON staff (snapshot, email);
    CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE) WITHOUT ROWID;

    CREATE TABLE collections (
        year INTEGER, form TEXT, form_version TEXT NOT NULL, due TEXT NOT NULL, close TEXT, regions_snapshot TEXT,
        units_snapshot TEXT, opened_at TEXT NOT NULL, opening_cursor TEXT, expected INTEGER NOT NULL, closed_at TEXT,
        PRIMARY KEY (year, form)
    ) WITHOUT ROWID;

    -- One row per unit × form × collection; the columns after `state` are copies of it for the access patterns.
    CREATE TABLE submissions (
        id TEXT PRIMARY KEY, year INTEGER NOT NULL, form TEXT NOT NULL, unit_id TEXT NOT NULL, unit_kind TEXT NOT NULL,
        region_code TEXT NOT NULL, county_code TEXT NOT NULL, city_code TEXT NOT NULL, reviewing_body TEXT NOT NULL,
        version INTEGER NOT NULL, head TEXT NOT NULL, state TEXT NOT NULL,
        stage TEXT NOT NULL, level TEXT NOT NULL, waiting_at TEXT, since TEXT, late INTEGER NOT NULL,
        sent INTEGER NOT NULL, sealed_at TEXT
    ) WITHOUT ROWID;
    CREATE INDEX submissions_waiting ON submissions (waiting_at, since, id) WHERE waiting_at IS NOT NULL;
    CREATE INDEX submissions_sealed ON submissions (year, sealed_at DESC, id) WHERE sealed_at IS NOT NULL;
    CREATE INDEX submissions_progress
        ON submissions (year, form, region_code, reviewing_body, stage, level, waiting_at, late, sent);

    CREATE TABLE drafts (
        submission TEXT PRIMARY KEY, version INTEGER NOT NULL, inputs TEXT NOT NULL, saved_at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE revisions (
        submission TEXT, number INTEGER, hash TEXT NOT NULL, content BLOB NOT NULL, sealed_at TEXT NOT NULL,
        PRIMARY KEY (submission, number)
    ) WITHOUT ROWID;
    CREATE TABLE events (
        submission TEXT, number INTEGER, at TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (submission, number)
    ) WITHOUT ROWID;
    CREATE TABLE payloads (
        submission TEXT, number INTEGER, text TEXT NOT NULL, nonce TEXT NOT NULL, PRIMARY KEY (submission, number)
    ) WITHOUT ROWID;
    CREATE TABLE traces (
        submission TEXT NOT NULL, at TEXT NOT NULL, action TEXT NOT NULL, channel TEXT NOT NULL,
        address TEXT NOT NULL, device TEXT NOT NULL
    );
    CREATE INDEX traces_by_submission ON traces (submission);

    CREATE TRIGGER revisions_are_sealed BEFORE UPDATE ON revisions
        BEGIN SELECT RAISE(ABORT, 'a sealed revision is never altered'); END;
    CREATE TRIGGER revisions_are_kept BEFORE DELETE ON revisions
        BEGIN SELECT RAISE(ABORT, 'a sealed revision is never removed'); END;
    CREATE TRIGGER events_are_sealed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'an event is never altered'); END;
    CREATE TRIGGER events_are_kept BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;

    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data TEXT NOT NULL,
        created_at TEXT NOT NULL, next_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, error TEXT,
        done_at TEXT
    );
    CREATE INDEX outbox_pending ON outbox (seq, next_at) WHERE done_at IS NULL;
    CREATE TABLE letters (
        letter TEXT PRIMARY KEY, outbox TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX letters_by_outbox ON letters (outbox);

    CREATE TABLE tokens (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, role TEXT NOT NULL, territory TEXT NOT NULL,
        created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT
    ) WITHOUT ROWID;
    CREATE TABLE reads (
        id INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT NOT NULL, what TEXT NOT NULL, at TEXT NOT NULL
    );
    """,
    """
    -- Version 2: calendars with a time for each level; the instant at which the sweep looks at a submission next;
    -- proposals that wait for a second person. Times of a calendar are JSON now; due and close stay as copies.
    ALTER TABLE collections ADD COLUMN calendar TEXT;
    ALTER TABLE submissions ADD COLUMN next_at TEXT;
    ALTER TABLE submissions ADD COLUMN proposal TEXT;
    CREATE INDEX submissions_due ON submissions (next_at, id) WHERE next_at IS NOT NULL;
    CREATE INDEX submissions_proposed ON submissions (year, id) WHERE proposal IS NOT NULL;
    """,
    """
    -- What each seat chose, and who chose it; letters by kind and channel; what is due without what is not.
    CREATE TABLE seat_settings (
        region TEXT, version INTEGER, digest TEXT NOT NULL, hour INTEGER NOT NULL, quiet_from INTEGER,
        quiet_until INTEGER, changed_by TEXT NOT NULL, changed_at TEXT NOT NULL, PRIMARY KEY (region, version)
    ) WITHOUT ROWID;
    ALTER TABLE letters ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
    ALTER TABLE letters ADD COLUMN kind TEXT NOT NULL DEFAULT '';
    CREATE INDEX letters_by_person ON letters (person, at);
    CREATE INDEX submissions_by_collection ON submissions (year, form, id);
    DROP INDEX outbox_pending;
    CREATE INDEX outbox_due ON outbox (next_at, seq) WHERE done_at IS NULL;
    """,
    """
    -- A revision in outline (`workflows.outlines`), so that a seat's waiting work is sorted without reading it: the
    -- main amount in yuan, exact, and the number of findings; NULL for what was sealed before there were outlines.
    ALTER TABLE submissions ADD COLUMN amount TEXT;
    ALTER TABLE submissions ADD COLUMN findings INTEGER;
    CREATE INDEX submissions_by_amount
        ON submissions (waiting_at, COALESCE(CAST(amount AS REAL), 0), id) WHERE waiting_at IS NOT NULL;
    CREATE INDEX submissions_by_findings
        ON submissions (waiting_at, COALESCE(findings, 0), id) WHERE waiting_at IS NOT NULL;
    """,
    """
    -- Signed days. A move is the newest head of a chain on a day that is not closed yet; a head of a day is
    -- a leaf of its tree. What moved before there were days is covered by the first day that is closed.
    CREATE TABLE moves (
        submission TEXT, day TEXT, number INTEGER NOT NULL, head TEXT NOT NULL, PRIMARY KEY (submission, day)
    ) WITHOUT ROWID;
    INSERT INTO moves  -- without fractions of a second, which SQLite would round up into the next day
        SELECT submission, date(substr(at, 1, 19), '+8 hours') AS day, max(number), hash FROM events
        GROUP BY submission, day;
    CREATE TABLE days (
        day TEXT PRIMARY KEY, count INTEGER NOT NULL, previous TEXT NOT NULL, root TEXT NOT NULL, key TEXT NOT NULL,
        signature TEXT NOT NULL, blocks TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE day_heads (
        day TEXT, place INTEGER, submission TEXT NOT NULL, number INTEGER NOT NULL, head TEXT NOT NULL,
        PRIMARY KEY (day, place)
    ) WITHOUT ROWID;
    CREATE INDEX day_heads_by_submission ON day_heads (submission, number);
    CREATE TABLE audit_keys (id TEXT PRIMARY KEY, public TEXT NOT NULL, first_day TEXT NOT NULL) WITHOUT ROWID;
    CREATE TRIGGER days_are_sealed BEFORE UPDATE ON days
        BEGIN SELECT RAISE(ABORT, 'a signed day is never altered'); END;
    CREATE TRIGGER days_are_kept BEFORE DELETE ON days
        BEGIN SELECT RAISE(ABORT, 'a signed day is never removed'); END;
    CREATE TRIGGER heads_are_complete BEFORE INSERT ON day_heads WHEN EXISTS (SELECT 1 FROM days WHERE day = NEW.day)
        BEGIN SELECT RAISE(ABORT, 'a signed day gets no further head'); END;
    CREATE TRIGGER heads_are_sealed BEFORE UPDATE ON day_heads WHEN EXISTS (SELECT 1 FROM days WHERE day = OLD.day)
        BEGIN SELECT RAISE(ABORT, 'a head of a signed day is never altered'); END;
    CREATE TRIGGER heads_are_kept BEFORE DELETE ON day_heads WHEN EXISTS (SELECT 1 FROM days WHERE day = OLD.day)
        BEGIN SELECT RAISE(ABORT, 'a head of a signed day is never removed'); END;
    """,
    """
    -- A figure comes into the file with its unit's own submission and in no other way: a revision beside the event
    -- that sealed it, a draft one save at a time and only while the unit has the return (or as it sends it).
    CREATE TRIGGER revisions_come_with_their_submission BEFORE INSERT ON revisions
        WHEN NOT EXISTS (
            SELECT 1 FROM events
            WHERE submission = NEW.submission AND type = 'Submitted'
            AND number = (SELECT max(number) FROM events WHERE submission = NEW.submission)
            AND json_extract(data, '$.revision') = NEW.number AND json_extract(data, '$.revision_hash') = NEW.hash
        )
        BEGIN SELECT RAISE(ABORT, 'a revision is sealed by its unit''s own submission only'); END;
    CREATE TRIGGER drafts_begin_with_the_first_save BEFORE INSERT ON drafts
        WHEN NEW.version <> 1 OR NOT (NEW.submission IN (SELECT id FROM submissions))
        BEGIN SELECT RAISE(ABORT, 'a draft begins with its first save'); END;
    CREATE TRIGGER drafts_are_saved_one_by_one BEFORE UPDATE ON drafts
        WHEN NEW.version <> OLD.version + 1 OR NEW.submission <> OLD.submission
        BEGIN SELECT RAISE(ABORT, 'a draft is saved on top of what was saved before'); END;
    CREATE TRIGGER drafts_rest_while_others_have_the_return BEFORE UPDATE ON drafts
        WHEN (SELECT stage FROM submissions WHERE id = NEW.submission) IN ('in_review', 'accepted')
            AND 'Submitted' <> (SELECT type FROM events WHERE submission = NEW.submission ORDER BY number DESC LIMIT 1)
        BEGIN SELECT RAISE(ABORT, 'a draft rests while the return is under review'); END;
    """,
    """
    -- What became of each return: the main amount (yuan, exact) before it and after the unit sent again.
    CREATE TABLE sent_back (
        submission TEXT, number INTEGER, year INTEGER NOT NULL, form TEXT NOT NULL, region TEXT NOT NULL,
        answered INTEGER NOT NULL DEFAULT 0, amount_before TEXT, amount_after TEXT, PRIMARY KEY (submission, number)
    ) WITHOUT ROWID;
    CREATE INDEX sent_back_by_year ON sent_back (year, submission, number);
    INSERT INTO sent_back (submission, number, year, form, region, answered)  -- of older returns the count only
        SELECT e.submission, e.number, s.year, s.form, json_extract(e.data, '$.region'),
            EXISTS (
                SELECT 1 FROM events l WHERE l.submission = e.submission AND l.number > e.number
                AND l.type = 'Submitted'
            )
        FROM events e JOIN submissions s ON s.id = e.submission WHERE e.type = 'Returned' AND NOT EXISTS (
            SELECT 1 FROM events u WHERE u.submission = e.submission AND u.type = 'DecisionUndone'
            AND json_extract(u.data, '$.undone') = e.number
        );
    """,
    """
    -- The keys programs sent revisions under (Idempotency-Key), until they expire.
    CREATE TABLE sent_keys (
        submission TEXT, key TEXT, body TEXT NOT NULL, revision INTEGER NOT NULL, expires_at TEXT NOT NULL,
        PRIMARY KEY (submission, key)
    ) WITHOUT ROWID;
    CREATE INDEX sent_keys_expiring ON sent_keys (expires_at);
    """,
    """
    -- What was erased after its legal term: when, by whom and why; the mark is never altered.
    CREATE TABLE erasures (
        owner TEXT, kind TEXT, number INTEGER, at TEXT NOT NULL, by TEXT NOT NULL, why TEXT NOT NULL,
        PRIMARY KEY (owner, kind, number)
    ) WITHOUT ROWID;
    CREATE TRIGGER erasures_are_kept BEFORE DELETE ON erasures
        BEGIN SELECT RAISE(ABORT, 'the mark of an erasure is never removed'); END;
    CREATE TRIGGER erasures_are_sealed BEFORE UPDATE ON erasures
        BEGIN SELECT RAISE(ABORT, 'the mark of an erasure is never altered'); END;
    """,
)
