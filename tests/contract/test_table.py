"""The table of operations, vendors and scenes has no hole that nobody can explain."""

import pytest

from tests.adapters.transcript import transcripts
from tests.contract.table import REASONS, SAID_AGAIN, SCENES, Cell, cells, explains, spelled

CELLS = list(cells())


def test_no_cell_is_empty_without_a_reason() -> None:
    assert not [cell for cell in CELLS if not cell.names and not cell.why]


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: " ".join(reason[:3]))
def test_a_reason_explains_an_empty_cell(reason: tuple[str, str, str, str]) -> None:
    empty = [cell for cell in CELLS if cell.why == reason[-1]]

    assert any(explains(reason, cell.vendor, cell.operation, cell.scene) for cell in empty)


@pytest.mark.parametrize(
    "cell", [cell for cell in CELLS if cell.why == SAID_AGAIN], ids=lambda cell: f"{cell.operation}"
)
def test_what_may_be_said_again_is_never_said_once(cell: Cell) -> None:
    steps = [
        step.call
        for told in transcripts()
        if told.family == (cell.vendor, cell.operation)
        for step in told.steps
    ]

    assert not [call for call in steps if call["once"]]


def test_the_table_is_written_with_a_line_for_every_vendor_s_operation() -> None:
    head, *rows = spelled().splitlines()

    assert head.split() == list(SCENES)
    assert len(rows[: rows.index("")]) == len(CELLS) // len(SCENES)
    assert "?" not in spelled()
