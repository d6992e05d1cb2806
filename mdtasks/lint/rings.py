"""Rings in a graph: who waits for whom until it comes back to the first.

Rule: numbers in, numbers out; linear in what is asked for, whatever is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

Graph = Sequence[Sequence[int]]


def rings(after: Graph) -> Iterator[list[int]]:
    """Yield one ring of two or more for each knot of nodes that reach each other.

    `after[n]` are the nodes that n points to. A ring begins with the smallest node of its knot
    and is as short as can be; the knots come by their smallest node.
    """
    for knot in sorted(map(sorted, _knots(after))):
        yield _ring(after, knot[0], frozenset(knot))


def _knots(after: Graph) -> Iterator[list[int]]:
    """Yield the strongly connected components of two or more nodes (Kosaraju's way)."""
    before: list[list[int]] = [[] for _ in after]
    for node, others in enumerate(after):
        for other in others:
            before[other].append(node)
    seen = [False] * len(after)
    for node in reversed(_by_end(after)):
        knot = list(_reached(before, node, seen))
        if len(knot) > 1:
            yield knot


def _by_end(graph: Graph) -> list[int]:
    """Return the nodes in the order in which a depth-first walk leaves them."""
    left: list[int] = []
    seen = [False] * len(graph)
    for root in range(len(graph)):
        if seen[root]:
            continue
        seen[root] = True
        path = [(root, iter(graph[root]))]
        while path:
            node, others = path[-1]
            following = next((other for other in others if not seen[other]), None)
            if following is None:
                left.append(node)
                path.pop()
            else:
                seen[following] = True
                path.append((following, iter(graph[following])))
    return left


def _reached(graph: Graph, root: int, seen: list[bool]) -> Iterator[int]:
    ahead = [] if seen[root] else [root]
    seen[root] = True
    while ahead:
        node = ahead.pop()
        yield node
        for other in graph[node]:
            if not seen[other]:
                seen[other] = True
                ahead.append(other)


def _ring(graph: Graph, first: int, knot: frozenset[int]) -> list[int]:
    """Return the shortest way from the first back to itself, inside its knot."""
    came_from: dict[int, int] = {}
    ahead = deque([first])
    while ahead:
        node = ahead.popleft()
        for other in graph[node]:
            if other == first:
                way = [node]
                while way[-1] != first:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if other in knot and other not in came_from:
                came_from[other] = node
                ahead.append(other)
    raise ValueError(f"{first} is in no ring")
