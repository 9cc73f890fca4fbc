"""The counter languages of the paper, and brackets with bounded depth, as programs.

Source: Sarrof, Veitsman and Hahn 2024, arXiv:2405.17394. Layer counts after that paper: predicting Dyck-1,
the shuffles, Boolean expressions and a^n b^n ... takes one layer of counters, bounded Dyck a second layer of
latches; recognising takes a latch more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..errors import BadInput
from .expressions import TRUE, Expression, all_of, any_of, negation
from .operators import count, latch, once, read
from .program import Program

PAIRS = ("()", "[]", "{}", "<>", "+-", "ab")
OPERATORS = "~+>*^"  # the j-th takes j operands
_MOST_BRACKETS = 1000  # of bounded Dyck: types times depth, beyond which nobody can mean it


def shuffle(pairs: Sequence[str], spec: str) -> Program:
    """Return the words in which each pair of brackets on its own is balanced.

    Arguments:
        pairs: an opening and a closing bracket each.

    >>> "([)]" in shuffle(("()", "[]"), ""), "(]" in shuffle(("()", "[]"), "")
    (True, False)
    """
    open_now = [count(read(pair[0])) - count(read(pair[1])) for pair in pairs]
    legal: list[Expression] = []
    for number in open_now:
        legal += [TRUE, number > 0]
    return Program(
        tuple("".join(pairs)),
        tuple(legal),
        all_of(*(number == 0 for number in open_now)),
        once(any_of(*(number < 0 for number in open_now))),
        spec,
        counts=True,
    )


def boolean(arities: int, spec: str) -> Program:
    """Return the complete prefix expressions over 0 and 1 with operators of 1 to `arities` operands.

    >>> "+0~1" in boolean(3, ""), "+0" in boolean(3, "")
    (True, False)
    """
    operators = OPERATORS[:arities]
    missing = 1 - count(read("0", "1"))  # operands that are still to come
    for more, operator in enumerate(operators):
        if more:
            missing = missing + more * count(read(operator))
    complete = count(missing == 0)
    symbols = (*operators, "0", "1")
    going = missing > 0
    ended = missing == 0
    dead = any_of(complete > 1, all_of(complete > 0, negation(ended)))
    return Program(symbols, (going,) * len(symbols), ended, dead, spec, counts=True)


def blocks(symbols: str, spec: str) -> Program:
    """Return `{ a^n b^n ... : n >= 1 }` for the given symbols, two or more.

    >>> "aabb" in blocks("ab", ""), "aab" in blocks("ab", ""), "" in blocks("ab", "")
    (True, False, False)
    """
    numbers = [count(read(symbol)) for symbol in symbols]
    behind = [left - right for left, right in pairwise(numbers)]
    legal = [negation(read(*symbols[1:]))]
    for i in range(1, len(symbols)):
        more = [behind[i - 1] > 0] if i == 1 else [behind[i - 2] <= 0, behind[i - 1] > 0]
        legal.append(all_of(*more))
    end = all_of(read(symbols[-1]), *(gap == 0 for gap in behind))
    wrong = [all_of(read(symbol), numbers[i + 1] > 0) for i, symbol in enumerate(symbols[:-1])]
    wrong += [gap < 0 for gap in behind]
    wrong += [all_of(read(symbols[i]), behind[i - 2] > 0) for i in range(2, len(symbols))]
    return Program(tuple(symbols), tuple(legal), end, once(any_of(*wrong)), spec, counts=True)


def bounded_dyck(types: int, depth: int, spec: str = "") -> Program:
    """Return the well-nested words over some types of brackets, at most so deep.

    One counter holds the depth; for each level one latch for each bit of the bracket's type.

    Arguments:
        types: K, at least 1; their symbols are those of `bracket_pairs`.
        depth: h, at least 1.

    Raises:
        BadInput: for numbers that are too small, or absurdly large.

    Source: Hewitt et al. 2020 for the memory, h log K; Sarrof et al. 2024 for the two layers.

    >>> "([])" in bounded_dyck(2, 2), "([)]" in bounded_dyck(2, 2), "((()))" in bounded_dyck(2, 2)
    (True, False, False)
    """
    what = spec or f"bounded Dyck with {types} types to depth {depth}"
    if types < 1 or depth < 1:
        raise BadInput(what, "needs at least one type and one level", "Give larger numbers.")
    if types * depth > _MOST_BRACKETS:
        why = f"more than {_MOST_BRACKETS} types times levels"
        raise BadInput(what, why, "Give smaller numbers.")
    pairs = bracket_pairs(types)
    opening, closing = [a for a, _ in pairs], [b for _, b in pairs]
    now = count(read(*opening)) - count(read(*closing))
    bits = (types - 1).bit_length()
    level = {d: now == d for d in range(1, depth + 1)}
    stored = {
        (d, bit): latch(
            all_of(read(*(a for i, a in enumerate(opening) if i >> bit & 1)), level[d]),
            all_of(read(*(a for i, a in enumerate(opening) if not i >> bit & 1)), level[d]),
        )
        for d in range(1, depth + 1)
        for bit in range(bits)
    }

    def holds(d: int, kind: int) -> Expression:
        """The bracket opened at level d is of this type."""
        return all_of(*(stored[d, b] if kind >> b & 1 else negation(stored[d, b]) for b in range(bits)))

    legal: dict[str, Expression] = {}
    wrong = [now < 0, now > depth]
    for kind, (a, b) in enumerate(pairs):
        legal[a] = now < depth
        legal[b] = any_of(*(all_of(level[d], holds(d, kind)) for d in level))
        # A closing bracket ends the level above the depth that is left; its type is still stored there.
        bad = any_of(*(all_of(now == d - 1, negation(holds(d, kind))) for d in level))
        wrong.append(all_of(read(b), bad))
    symbols = tuple(symbol for pair in pairs for symbol in pair)
    return Program(symbols, tuple(legal[s] for s in symbols), now == 0, once(any_of(*wrong)), spec)


def bracket_pairs(types: int) -> list[tuple[str, str]]:
    """Return the symbols of some types of brackets: `()[]{}<>` for up to four, else `(a a) (b b) ...`."""
    if types <= 4:
        return [(pair[0], pair[1]) for pair in PAIRS[:types]]
    names = [chr(ord("a") + i) if types <= 26 else str(i + 1) for i in range(types)]
    return [(f"({name}", f"{name})") for name in names]
