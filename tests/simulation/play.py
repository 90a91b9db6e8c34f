"""Plays one seed and judges it."""

from dataclasses import dataclass

from tests.simulation.oracle import judge
from tests.simulation.teller import Teller
from tests.virtual import run


@dataclass(frozen=True)
class Verdict:
    """How a story ended; `lines` tells it."""

    seed: int
    faults: tuple[str, ...]
    lines: tuple[str, ...]
    orders: int
    kills: int


def play(seed: int) -> Verdict:
    """Tell the story of a seed in a world of its own."""
    teller = Teller(seed)

    async def told() -> Verdict:
        try:
            story = await teller.tell()
            faults = tuple(await judge(story))
            await story.end()
        except Exception as error:  # noqa: BLE001 - a story that breaks is a failing story
            story, faults = teller.story, (f"{type(error).__name__}: {error}",)
        return Verdict(
            seed=seed,
            faults=faults,
            lines=tuple(story.lines),
            orders=len(teller.tills.sold),
            kills=story.kills,
        )

    return run(told())
