"""The outbox's SQL, read once and found by name."""

import re
from importlib.resources import files

ENTRY_COLUMNS = (
    "id, store, vendor, adapter, role, lane, sequence, operation, subject, revision, "
    "receipt_number, trace_id, state, attempts, starts, lost_runs, accepted_at, due_at, "
    "finished_at, outcome, reason, unattended, approved, overtook, ask, site, ending, note"
)


def statements() -> dict[str, str]:
    """Read every named statement."""
    text = (files(__package__) / "outbox.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {
        name: sql.strip().replace("{entry}", ENTRY_COLUMNS)
        for name, sql in zip(parts[1::2], parts[2::2], strict=True)
    }


def migrations() -> list[str]:
    """Read the numbered migrations in order; the first is version 1."""
    folder = files(__package__) / "migrations"
    return [
        file.read_text("utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if re.fullmatch(r"[0-9]{4}_\w+\.sql", file.name)
    ]
