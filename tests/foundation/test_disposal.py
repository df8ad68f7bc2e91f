"""What is large is given back in turns of the event loop."""

import asyncio

import pytest

from mockserver.foundation.disposal import dispose


def test_outside_of_a_loop_it_is_given_back_at_once() -> None:
    large, small = dict.fromkeys(range(10_000)), {1: 1}
    dispose(large, small)
    assert (large, small) == ({}, {})


def test_in_a_loop_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.foundation.disposal._AT_ONCE", 100)

    async def turns() -> list[int]:
        large, small = dict.fromkeys(range(10_000)), {1: 1}
        dispose(large, small)
        assert small == {}
        lengths = [len(large)]
        while large:
            await asyncio.sleep(0)
            lengths.append(len(large))
        return lengths

    lengths = asyncio.run(turns())
    assert lengths[0] == 10_000
    assert len(lengths) == 101
