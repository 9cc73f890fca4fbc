"""Strongly connected components and cycles of a small graph."""

from __future__ import annotations

from collections.abc import Sequence

from .outcome import Meter


def components(successors: Sequence[Sequence[int]], meter: Meter) -> list[int]:
    """Return the number of the strongly connected component of each node.

    Arguments:
        successors: for each node the nodes it has edges to.

    Complexity: O(nodes + edges), Kosaraju's two searches with explicit stacks. Components are numbered
    in topological order: every edge stays or leads to a higher number.
    """
    count = len(successors)
    meter.keep(2 * count + sum(map(len, successors)))
    finished: list[int] = []
    seen = [False] * count
    for root in range(count):
        stack = [] if seen[root] else [(root, 0)]
        seen[root] = True
        while stack:
            node, position = stack.pop()
            if position == len(successors[node]):
                finished.append(node)
                continue
            stack.append((node, position + 1))
            target = successors[node][position]
            if not seen[target]:
                seen[target] = True
                stack.append((target, 0))
    predecessors: list[list[int]] = [[] for _ in range(count)]
    for node, targets in enumerate(successors):
        for target in targets:
            predecessors[target].append(node)
    number = [-1] * count
    current = 0
    for root in reversed(finished):
        if number[root] >= 0:
            continue
        number[root] = current
        waiting = [root]
        while waiting:
            for source in predecessors[waiting.pop()]:
                if number[source] < 0:
                    number[source] = current
                    waiting.append(source)
        current += 1
    return number
