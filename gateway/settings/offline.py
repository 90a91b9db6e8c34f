"""What the door does when a vendor cannot be reached, as one store has it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from pydantic import Field

from gateway.core.adapter import Adapter, Offline
from gateway.core.duration import Seconds
from gateway.core.frozen import Frozen
from gateway.core.operation import Name
from gateway.settings.faults import Faults, listed, nearest
from gateway.settings.validation import block_of, check, known_only
from gateway.settings.yaml import Block, Node, Scalar, found

AGE_LIMIT_SECONDS = 90 * 86400
"""Three months: a queue that old is a loss, not a delay."""

CONVERSATIONS: Collection[str] = ("identify", "rewards", "quote")
"""Operations that never stand in a lane."""

NAMES: tuple[Name, ...] = get_args(Name)
POLICIES: tuple[Offline, ...] = get_args(Offline)


class AgeShape(Frozen):
    """How long an entry may wait, counted from its acceptance."""

    max_age: Annotated[Seconds, Field(gt=0, le=AGE_LIMIT_SECONDS)]


class RewardShape(Frozen):
    """What happens offline to an order with a reward that was never quoted."""

    reward: Literal["queue", "refuse"] = "refuse"


@dataclass(frozen=True, kw_only=True)
class Offlines:
    """A store's choices by (operation, adapter); what is not here is the adapter's own."""

    reward: Literal["queue", "refuse"] = "refuse"
    policies: Mapping[tuple[str, str], str] = field(default_factory=dict)
    max_age_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)


def offlines(
    node: Node, adapters: Mapping[str, Adapter], routed: Collection[str], faults: Faults
) -> Offlines:
    """Read a store's `offline`; `routed` are the adapters its routes use."""
    block = block_of(node, "offline", faults)
    if block is None:
        return Offlines()
    block = known_only(block, (*RewardShape.model_fields, *NAMES), faults)
    reward = check(RewardShape, block.only(RewardShape.model_fields), faults) or RewardShape()
    reading = _Reading(adapters, routed, faults)
    for name in NAMES:
        if name in block.values:
            reading.operation(name, block.values[name])
    return Offlines(
        reward=reward.reward, policies=reading.policies, max_age_seconds=reading.max_age_seconds
    )


class _Reading:
    def __init__(
        self, adapters: Mapping[str, Adapter], routed: Collection[str], faults: Faults
    ) -> None:
        self.policies: dict[tuple[str, str], str] = {}
        self.max_age_seconds: dict[tuple[str, str], float] = {}
        self._adapters = adapters
        self._routed = routed
        self._faults = faults

    def operation(self, name: Name, node: Node) -> None:
        """Read what one operation says: a policy for all, or adapters and an age for the rest."""
        able = [key for key, adapter in self._adapters.items() if name in adapter.operations]
        if not isinstance(node, Block):
            self._policy(name, node, able, self._routed)
            return
        block = known_only(node, (*AgeShape.model_fields, *self._adapters), self._faults)
        for key in block.only(self._adapters).values:
            self._adapter(name, key, block)
        rest = [key for key in able if key not in block.values]
        self._age(name, block.only(AgeShape.model_fields), rest)

    def _adapter(self, name: Name, key: str, block: Block) -> None:
        node = block.values[key]
        if name not in self._adapters[key].operations:
            why = self._adapters[key].cannot.get(name, f"{key} has no {name}")
            self._faults.add(block.keys[key], f"{name} is not said to {key}: {why}")
        elif isinstance(node, Block):
            self._age(name, known_only(node, AgeShape.model_fields, self._faults), [key])
        else:
            self._policy(name, node, [key], [key])

    def _age(self, name: Name, block: Block, keys: Iterable[str]) -> None:
        if not block.values:
            return
        if name in CONVERSATIONS:
            self._faults.add(block.keys["max_age"], f"{name} is never queued, so it has no age")
            return
        age = check(AgeShape, block, self._faults)
        if age is not None:
            self.max_age_seconds.update(dict.fromkeys([(name, key) for key in keys], age.max_age))

    def _policy(self, name: Name, node: Node, keys: Iterable[str], must: Collection[str]) -> None:
        word = node.text if isinstance(node, Scalar) else ""
        if word not in POLICIES:
            self._faults.add(
                node.place,
                f"{name}: found {found(node)}, allowed: {listed(POLICIES)}, or adapters with "
                f"{{max_age: 15m}}{nearest(word, POLICIES)}",
            )
            return
        for key in keys:
            why = self._impossible(name, key, word)
            if why is None:
                self.policies[name, key] = word
            elif key in must:
                self._faults.add(node.place, f"{name}: {why}")

    def _impossible(self, name: Name, key: str, word: str) -> str | None:
        says = self._adapters[key].operations[name]
        if word == "queue" and name in CONVERSATIONS:
            return f"{name} is a conversation and never queued; allowed: refuse"
        if word == "queue" and says.doubt == "money":
            return f"{key} moves money there, which is never queued; allowed: refuse"
        if word == "local" and says.offline != "local":
            return f"{key} cannot answer it without its vendor; allowed: queue, refuse"
        return None
