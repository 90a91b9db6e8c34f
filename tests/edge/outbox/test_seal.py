"""What rests on disk opens only whole, only in its place, and only with its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.seal import KEY_BYTES, Seal, SealKey, keyed_hash
from gateway.engine.ports import Damaged

OLD, NEW = SealKey(b"o" * KEY_BYTES), SealKey(b"n" * KEY_BYTES)
PLACE = "ask|7|0042/tiny-ca|3|tiny-ca|submit"
BOX = Seal([OLD]).close(b'{"total":"5.00"}', PLACE)


def test_a_box_opens_in_its_place() -> None:
    assert Seal([OLD]).open(BOX, PLACE) == b'{"total":"5.00"}'


def test_two_boxes_of_the_same_thing_differ_and_show_nothing_of_it() -> None:
    again = Seal([OLD]).close(b'{"total":"5.00"}', PLACE)
    assert again != BOX
    assert b"total" not in BOX


def test_every_flipped_bit_is_damage() -> None:
    seal = Seal([OLD])
    for bit in range(len(BOX) * 8):
        altered = bytearray(BOX)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            seal.open(bytes(altered), PLACE)


def test_every_cut_is_damage() -> None:
    seal = Seal([OLD])
    for length in range(len(BOX)):
        with pytest.raises(Damaged):
            seal.open(BOX[:length], PLACE)


@given(place=st.text().filter(lambda place: place != PLACE))
def test_a_box_moved_to_another_place_is_damage(place: str) -> None:
    with pytest.raises(Damaged, match="moved here from another row"):
        Seal([OLD]).open(BOX, place)


def test_a_new_key_seals_and_an_old_one_still_opens() -> None:
    rotated = Seal([NEW, OLD])
    assert rotated.open(BOX, PLACE) == b'{"total":"5.00"}'
    with pytest.raises(Damaged, match="a key that is not configured"):
        Seal([OLD]).open(rotated.close(b"x", PLACE), PLACE)


def test_a_key_that_is_gone_is_named_as_what_is_wrong() -> None:
    with pytest.raises(Damaged, match="a key that is not configured"):
        Seal([NEW]).open(BOX, PLACE)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a seal key has 32 bytes, got 5"):
        SealKey(b"short")


def test_a_key_does_not_show_itself() -> None:
    assert "value" not in repr(OLD)
    assert OLD.id not in repr(OLD).encode()


def test_a_keyed_hash_names_the_same_thing_the_same_under_one_key_alone() -> None:
    name = keyed_hash(b"k1", "ana@example.test")
    assert name == keyed_hash(b"k1", "ana@example.test")
    assert name != keyed_hash(b"k2", "ana@example.test")
    assert name != keyed_hash(b"k1", "anb@example.test")
    assert len(name) == 32
