"""Words that lead an image set back to itself."""

from __future__ import annotations

from .images import ImageOrbit
from .permutations import Permutation
from .words import Word

_DOING = "looking for loops"


def loops(orbit: ImageOrbit, root: int) -> list[tuple[Word, Permutation]]:
    """Return closed walks at a root, forwards only, that generate its group: words and permutations.

    One for each edge of the class: to its source, along it, and back from its target by a shortest way.
    """
    back = orbit.back(root)
    positions = {state: i for i, state in enumerate(orbit.beta(root))}
    columns = orbit.table.T.tolist()
    home: dict[int, Permutation] = {}
    for i, word in back.items():
        orbit.budget.check_time(_DOING)
        states = list(orbit.beta(i))
        for a in word:
            states = [columns[a][state] for state in states]
        home[i] = tuple(positions[state] for state in states)
    found: dict[Permutation, Word] = {}
    for i in back:
        orbit.budget.check_time(_DOING)
        beta, access = orbit.beta(i), orbit.access(i)
        for a, target in enumerate(orbit.successor[i].tolist()):
            if not orbit.inside[i, a]:
                continue
            named = {state: j for j, state in enumerate(orbit.beta(target))}
            p = tuple(home[target][named[columns[a][state]]] for state in beta)
            word = (*access, a, *back[target])
            if p not in found or len(word) < len(found[p]):
                found[p] = word
    return [(word, p) for p, word in found.items()]
