"""The slow twins of a plan: booleans one by one, position by position, and every promise checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starfree.cascades.cascade import holds
from starfree.targets.columns import Column
from starfree.targets.documents import Documents
from starfree.targets.plan import Feature, Gate, Layer, Legal
from starfree.targets.residual import Residual

Values = dict[Feature, bool]


def fires(gate: Gate, at: int, classes: Sequence[int], values: Sequence[Values]) -> bool:
    """Say whether a gate holds at a position.

    Arguments:
        classes: the class of the token at each position.
        values: what is known at each position; reading what is not known is an error.
    """
    if gate.first:
        return at == 0
    where = at - gate.lag
    if where < 0:
        return False
    read = gate.tokens is None or classes[where] in gate.tokens
    return all([read, *(values[where][feature] is value for feature, value in gate.literals)])


def run_store(on: Sequence[int], off: Sequence[int]) -> list[bool]:
    """Return what a stored bit is at each position, given how many gates switch it on, and off."""
    found: list[bool] = []
    for at, (switched_on, switched_off) in enumerate(zip(on, off, strict=True)):
        assert switched_on + switched_off <= 1, "two gates at a time"
        assert at > 0 or switched_on + switched_off == 1, "nothing at the first position"
        found.append(bool(switched_on) if switched_on + switched_off else found[-1])
    return found


def run_layers(layers: Iterable[Layer], classes: Sequence[int]) -> list[Values]:
    """Return all booleans at each position.

    One layer writes a boolean and only later ones read it. Several may write a `Legal`, which nobody reads.
    """
    positions = range(len(classes))
    known: list[Values] = [{} for _ in positions]
    for layer in layers:
        after = [dict(values) for values in known]
        for store in layer.stores:
            assert store.feature not in known[0]
            on, off = (
                [sum(fires(gate, at, classes, known) for gate in gates) for at in positions]
                for gates in (store.on, store.off)
            )
            for at, value in enumerate(run_store(on, off)):
                after[at][store.feature] = value
        for write in layer.writes:
            assert not any(isinstance(feature, Legal) for feature, _ in write.gate.literals)
            assert not write.off, "only `arrange` switches booleans off"
            for feature in write.on:
                assert feature not in known[0] or isinstance(feature, Legal)
                for at in positions:
                    now = fires(write.gate, at, classes, known)
                    assert not (now and after[at].get(feature, False)), "switched on twice"
                    after[at][feature] = now or after[at].get(feature, False)
        known = after
    return known


def run_signs(residual: Residual, classes: Sequence[int]) -> list[list[int]]:
    """Return the residual stream at each position after the last layer, as signs."""
    positions = range(len(classes))
    fixed = residual.constants + residual.classes
    streams = [
        [1] * residual.constants
        + [1 if number == c else -1 for number in range(residual.classes)]
        + [1] * (residual.width - fixed)
        for c in classes
    ]
    for number, layer in enumerate(residual.layers, 1):
        there = residual.after[number - 1]
        assert all(dim >= fixed for dim in there)
        known = [{feature: signs[dim] == -1 for dim, feature in there.items()} for signs in streams]
        after = [list(signs) for signs in streams]
        for store in layer.stores:
            on, off = (
                [sum(fires(gate, at, classes, known) for gate in gates) for at in positions]
                for gates in (store.on, store.off)
            )
            for at, value in enumerate(run_store(on, off)):
                after[at][residual.place[store.feature]] -= 2 * value
        for write in layer.writes:
            for features, change in ((write.on, -2), (write.off, 2)):
                for feature in features:
                    for at in positions:
                        after[at][residual.place[feature]] += change * fires(write.gate, at, classes, known)
        assert {sign for signs in after for sign in signs} <= {1, -1}, "no longer signs"
        streams = after
    return streams


def legal_tokens(columns: Iterable[Column], values: Values) -> frozenset[int]:
    """Return which tokens the columns say are legal; a column that nothing switches is off."""
    found: set[int] = set()
    for number, column in enumerate(columns):
        if values.get(Legal(number), False) is column.legal_when_on:
            found |= column.tokens
    return frozenset(found)


def run_documents(found: Documents, tokens: Sequence[int]) -> list[frozenset[int]]:
    """Return the legal tokens after each token, straight from the settings."""
    values = [0] * len(found.latches)
    legal = []
    for token in tokens:
        new = list(values)
        for number, latch in enumerate(found.latches):
            said = {
                setting.value
                for setting in latch.settings
                if found.classes[token] in setting.tokens and holds(setting.when, values)
            }
            assert len(said) <= 1, "two values at a time"
            new[number] = said.pop() if said else values[number]
        values = new
        applying = [symbols for when, symbols in found.outcomes if holds(when, values)]
        assert len(applying) <= 1, "two outcomes at a time"
        legal.append(applying[0] if applying else frozenset())
    return legal
