"""Rings of tasks that wait for each other, against a search that tries everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdtasks.lint.rings import rings

GRAPHS = st.integers(1, 7).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, n - 1), max_size=3, unique=True), min_size=n, max_size=n
    )
)


@given(GRAPHS)
def test_every_knot_has_one_ring_and_each_ring_holds(after: list[list[int]]) -> None:
    after = [[other for other in others if other != node] for node, others in enumerate(after)]
    found = list(rings(after))
    for ring in found:
        assert len(set(ring)) == len(ring) > 1
        assert all(b in after[a] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    reach = [reached(after, node) for node in range(len(after))]
    knots = {
        frozenset(b for b in reach[a] if a in reach[b]) for a in range(len(after)) if a in reach[a]
    }
    assert sorted(min(knot) for knot in knots) == [ring[0] for ring in found]
    assert all(any(set(ring) <= knot for knot in knots) for ring in found)


def reached(after: list[list[int]], node: int) -> set[int]:
    seen: set[int] = set()
    ahead = [*after[node]]
    while ahead:
        if (other := ahead.pop()) not in seen:
            seen.add(other)
            ahead += after[other]
    return seen


def test_a_ring_of_thousands_is_found_without_recursion() -> None:
    size = 20_000
    assert next(rings([[(node + 1) % size] for node in range(size)])) == list(range(size))
    assert list(rings([[node + 1] for node in range(size)] + [[]])) == []
