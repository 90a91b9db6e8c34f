"""The engine as a whole: put together, opened, closed, and what it says no with."""

import pytest

from gateway.core.errors import OrderRefused
from gateway.core.order import Member
from gateway.engine.accepting import fingerprint, keys_of
from gateway.engine.doors import make_doors
from gateway.engine.notices import Notices
from gateway.engine.refusal import Refused, refused_by
from tests.engine.conftest import Shop, latte, opened
from tests.virtual import in_virtual_time

ANA = Member(kind="card", value="7", email="ana@example.test", phone="+1")


@in_virtual_time
async def test_what_was_never_opened_is_closed_without_harm() -> None:
    shop = Shop()
    await shop.gateway.start()
    gateway = shop.gateway
    never = make_doors(
        outbox=gateway.outbox,
        send=shop.wire,
        clock=shop.clock,
        chance=gateway.chance,
        log=gateway.log,
        plan=lambda: gateway.plan,
        rate=lambda _vendor: 5,
        retention_seconds=lambda: 3600,
    )
    await never.close()
    await gateway.kill()


@in_virtual_time
async def test_a_store_that_is_not_configured_is_unknown() -> None:
    async with opened() as shop:
        assert shop.gateway.doors.desk.store("0042") is shop.store
        with pytest.raises(Refused, match="no store 0099 is configured here") as refused:
            shop.gateway.doors.desk.store("0099")
        assert refused.value.code == "unknown_store"


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        ("vendor_unreachable", True),
        ("offline_refused", True),
        ("storage_full", True),
        ("draining", True),
        ("order_conflict", False),
        ("unsupported_by_vendor", False),
    ],
)
def test_who_is_refused_knows_whether_to_come_again(code: str, retryable: bool) -> None:
    assert Refused(code, "no").retryable is retryable


@pytest.mark.parametrize("path", ["lines.0.sku", ""])
def test_what_an_adapter_cannot_say_is_told_with_its_place_where_it_has_one(path: str) -> None:
    refused = refused_by(OrderRefused("no such item", path=path, code="visit_required"))
    assert (refused.code, refused.detail) == ("visit_required", "no such item")
    assert [(fault.path, fault.message) for fault in refused.faults] == (
        [(path, "no such item")] if path else []
    )


@pytest.mark.parametrize(
    ("member", "member_id", "expected"),
    [
        (None, None, ["order:1"]),
        (None, "m-1", ["order:1", "member:id=m-1"]),
        (ANA, "m-1", ["order:1", "member:id=m-1"]),
        (
            ANA,
            None,
            ["order:1", "member:card=7", "member:email=ana@example.test", "member:phone=+1"],
        ),
    ],
)
def test_an_entry_depends_on_its_order_and_its_member_by_the_best_name_known(
    member: Member | None, member_id: str | None, expected: list[str]
) -> None:
    assert list(keys_of("1", member, member_id)) == expected
    assert keys_of("1", None, None, "payment") == ("payment:1",)


def test_two_bodies_have_one_fingerprint_only_if_they_say_the_same() -> None:
    assert fingerprint(latte()) == fingerprint(latte())
    assert fingerprint(latte()) != fingerprint(latte(total="5.01"))
    assert fingerprint({"reason": "a"}) != fingerprint({"reason": "b"})


@in_virtual_time
async def test_a_bell_wakes_all_who_listen_to_it_and_is_forgotten_after_the_last() -> None:
    notices = Notices()
    notices.ring("entry:1")
    with notices.listen(["entry:1", "entry:2"]) as both:
        with notices.listen(["entry:1"]) as one:
            notices.ring("entry:2")
            assert [await both.rung(1), await one.rung(1)] == [True, False]
            notices.ring("entry:1")
            assert [await both.rung(1), await one.rung(1)] == [True, True]
        notices.ring("entry:1")
        assert await both.rung(1)
        assert not await both.rung(1)
    assert notices._bells == {}
