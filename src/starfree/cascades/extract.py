"""From nested image sets to the rules of a cascade, without listing value tuples.

Where a coordinate holds and where it is reset depends on the earlier coordinates only through two sets: the
set of states that the old values leave possible, and the set that the new ones do. Reading the coordinates in
order, these pairs are few, so each coordinate's rules are a decision diagram over pairs instead of a table
over tuples.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ..algebra.images import ImageOrbit, members
from ..budgets import DEFAULT, Budget
from ..diagrams import ANY, Diagrams, Node
from ..languages import DFA
from .cascade import Cascade, Cell, Condition, Outcome, Rule
from .coordinates import HOLD, Add, Coordinate, coordinates, names, permutation, total
from .holonomy import Holonomy, States, image
from .rotors import Rotors


@dataclass(frozen=True)
class _Letter:
    """What one letter does to the coordinates: a layered graph of pairs (old possible set, new possible set).

    Arguments:
        layers: the pairs before each coordinate; the last layer stands after all of them.
        children: for each layer, pair and value, the number of the pair in the next layer, or -1 when the
            value cannot arise or the letter is undefined.
        actions: for each layer and pair, what the coordinate does: `HOLD`, a tile, a permutation of tiles, or
            None when it does not matter.
    """

    layers: list[list[tuple[States, States]]]
    children: list[list[list[int]]]
    actions: list[list[Hashable]]


def extract(
    dfa: DFA,
    orbit: ImageOrbit,
    tower: Holonomy,
    *,
    task: str,
    latch: bool,
    tidy: bool,
    rotors: Rotors | None = None,
    budget: Budget = DEFAULT,
) -> Cascade:
    """Return the cascade that follows the coordinates of `tower`.

    Arguments:
        dfa: the automaton.
        orbit: its image sets, of all states or of the live ones (then letters are undefined where the prefix
            dies).
        tower: their nesting.
        latch: add a cell that remembers that a letter was undefined.
        tidy: reset a coordinate to 0 while it is not in use; more rules, far fewer reachable values.
        rotors: which rotors there are, for a tower whose letters permute tiles.

    Raises:
        BadInput: when a group of the tower is not made of such rotors.
        BudgetExceeded: when the rules are too many.

    Complexity: proportional to depths times the pairs of sets met, plus the rules written.
    """
    places = coordinates(orbit, tower, rotors, budget=budget)
    sizes = total(places)
    diagrams = Diagrams(sizes, budget=budget)
    groups: dict[tuple[int, ...], list[int]] = {}
    for letter, column in enumerate(orbit.table.T.tolist()):
        groups.setdefault(tuple(column), []).append(letter)
    rules: list[dict[tuple[Condition, Hashable], list[int]]] = [{} for _ in range(len(sizes) + latch)]
    for column, letters in groups.items():
        graph = _follow(column, tower, places, tidy, budget)
        for d, place in enumerate(places):
            for cell in range(len(place.sizes)):
                root = _reduce(
                    diagrams, places, tower, graph, d, _acts(diagrams, place, tower, graph, d, cell)
                )
                _write(rules[place.first + cell], diagrams, root, letters)
        if latch:
            lost = [diagrams.leaf(1 if column[members(old)[0]] < 0 else HOLD) for old, _ in graph.layers[-1]]
            root = _reduce(diagrams, places, tower, graph, tower.depths, lost)
            _write(rules[-1], diagrams, root, letters)
    outcomes = _outcomes(dfa, tower, diagrams, places, latch)
    called = [name for d, place in enumerate(places) for name in names(place, _name(d, tower))]
    cells = tuple(
        Cell(name, size, tuple(_rule(_symbols(dfa, ls), *key) for key, ls in table.items()), 0)
        for name, size, table in zip([*called, "dead"], [*sizes, 2], rules, strict=False)
    )
    origin = tower.origin + (" with a dead latch" if latch else "")
    return Cascade(dfa.alphabet, cells, tuple(outcomes), task, origin)


def _follow(
    column: Sequence[int], tower: Holonomy, places: Sequence[Coordinate], tidy: bool, budget: Budget
) -> _Letter:
    images: dict[States, States] = {}

    def moved(s: States) -> States:
        if s not in images:
            images[s] = image(column, s)
        return images[s]

    layers = [[(tower.whole, tower.whole if moved(tower.whole) else 0)]]
    children: list[list[list[int]]] = []
    actions: list[list[Hashable]] = []
    for d in range(tower.depths):
        numbers: dict[tuple[States, States], int] = {}
        below: list[list[int]] = []
        acts: list[Hashable] = []
        for old, new in layers[d]:
            reads = tower.depth.get(old) == d
            target = moved(old)
            act: int | str | tuple[int, ...] | None = None
            if tower.depth.get(new) == d:
                if reads and target == new:
                    act = HOLD
                    if tower.root[new] in places[d].registers:
                        moves = permutation(tower, column, old, new)
                        act = HOLD if moves == tuple(range(len(moves))) else moves
                else:
                    act = next(i for i, tile in enumerate(tower.tiles[new]) if target & ~tile == 0)
            acts.append(0 if act is None and tidy else act)
            row = []
            arising = len(tower.tiles[old]) if reads else 1 if tidy else places[d].tiles
            for value in range(places[d].tiles):
                if value >= arising:
                    row.append(-1)
                    continue
                old_next = tower.tiles[old][value] if reads else old
                new_next = new
                if act is not None:
                    at = act if isinstance(act, int) else act[value] if isinstance(act, tuple) else value
                    new_next = tower.tiles[new][at]
                if moved(old_next) == 0:
                    new_next = 0  # undefined: nothing below matters
                row.append(numbers.setdefault((old_next, new_next), len(numbers)))
            below.append(row)
        budget.check_elements(len(numbers), "following the coordinates of a cascade")
        children.append(below)
        actions.append(acts)
        layers.append(list(numbers))
    return _Letter(layers, children, actions)


def _acts(
    diagrams: Diagrams, place: Coordinate, tower: Holonomy, graph: _Letter, depth: int, cell: int
) -> list[Node]:
    """Return what a cell of a coordinate does, for each pair that stands before it."""
    found = []
    for (_, new), act in zip(graph.layers[depth], graph.actions[depth], strict=True):
        if act is None:
            found.append(ANY)
        elif tower.depth.get(new) == depth:
            found.append(place.action(diagrams, cell, tower.root[new], act))
        else:
            found.append(diagrams.leaf(0))  # not in use, and tidy
    return found


def _reduce(
    diagrams: Diagrams,
    places: Sequence[Coordinate],
    tower: Holonomy,
    graph: _Letter,
    depth: int,
    below: list[Node],
) -> Node:
    """Return the diagram of a function of the pairs that stand before coordinate `depth`."""
    for d in range(depth - 1, -1, -1):
        below = [
            places[d].branch(
                diagrams,
                tower.root[old] if tower.depth.get(old) == d else None,
                [ANY if child < 0 else below[child] for child in row],
            )
            for (old, _), row in zip(graph.layers[d], graph.children[d], strict=True)
        ]
    return below[0]


def _write(
    table: dict[tuple[Condition, Hashable], list[int]], diagrams: Diagrams, root: Node, letters: Sequence[int]
) -> None:
    for path, action in diagrams.conjunctions(root):
        if action != HOLD:
            table.setdefault((tuple(path.items()), action), []).extend(letters)


def _rule(symbols: tuple[str, ...], when: Condition, action: Hashable) -> Rule:
    if isinstance(action, Add):
        return Rule(symbols, when, action.value, adds=True)
    assert isinstance(action, int)
    return Rule(symbols, when, action)


def _outcomes(
    dfa: DFA, tower: Holonomy, diagrams: Diagrams, places: Sequence[Coordinate], latch: bool
) -> list[Outcome]:
    legal = dfa.legal_table

    nodes: dict[States, Node] = {}
    for s in sorted({t for tiles in tower.tiles.values() for t in tiles} | {tower.whole}, key=int.bit_count):
        if s & (s - 1):
            place = places[tower.depth[s]]
            below = [nodes[tile] for tile in tower.tiles[s]]
            nodes[s] = place.branch(diagrams, tower.root[s], below + [ANY] * (place.tiles - len(below)))
        else:
            (state,) = members(s)
            nodes[s] = diagrams.leaf(tuple(legal[state].tolist()))
    outcomes = []
    for path, action in diagrams.conjunctions(nodes[tower.whole]):
        assert isinstance(action, tuple)
        if any(action):
            when = tuple(path.items()) + (((len(diagrams.sizes), (0,)),) if latch else ())
            symbols = tuple(symbol for symbol, flag in zip(dfa.alphabet, action, strict=False) if flag)
            outcomes.append(Outcome(when, symbols, bool(action[-1])))
    return outcomes


def _name(depth: int, tower: Holonomy) -> str:
    """Name a coordinate by the tiles of the largest set it divides."""
    head = max((s for s in tower.tiles if tower.depth[s] == depth), key=int.bit_count)
    return "|".join("{" + ",".join(f"q{q}" for q in members(tile)) + "}" for tile in tower.tiles[head])


def _symbols(dfa: DFA, letters: Sequence[int]) -> tuple[str, ...]:
    return tuple(dfa.alphabet[letter] for letter in sorted(letters))
