"""The real outbox for a story, on a file that a module's stories share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.story import Journal
from tests.world import fast_file


@pytest.fixture(scope="module")
def outbox_path() -> Path:
    """One file for all: every story has a journal of its own in it."""
    return fast_file()


@pytest.fixture
async def journal(outbox_path: Path) -> AsyncIterator[Journal]:
    """An open outbox."""
    journal = Journal(path=outbox_path)
    await journal.start()
    yield journal
    await journal.stop()
