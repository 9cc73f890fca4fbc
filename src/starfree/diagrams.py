"""Decision diagrams over cell values, reduced with don't-cares and read off as conjunctions.

A cascade's rules are functions of many coordinates that depend on few of them. Written as a table they are
exponential; as a diagram whose equal parts are shared they stay small, and each path to a leaf is one
conjunction.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from .budgets import DEFAULT, Budget
from .errors import BudgetExceeded

Node = int
ANY: Node = -1
"""The node of situations that cannot arise: it may become whatever is convenient."""
_CLASH: Node = -2
_JOIN_DEPTH = 150  # joining is an optimisation: deeper diagrams are left apart


class Diagrams:
    """A store of shared, reduced multi-valued decision diagrams.

    A node is a leaf with an action, or a variable with one child per value. Making a node shares equal nodes,
    joins children that agree wherever both can arise, and drops a variable whose children have all become
    one.

    Arguments:
        sizes: number of values of each variable, in deciding order.
    """

    def __init__(self, sizes: Sequence[int], *, budget: Budget = DEFAULT) -> None:
        self.sizes = tuple(sizes)
        self._budget = budget
        self._keys: list[tuple[int, Hashable]] = []
        self._numbers: dict[tuple[int, Hashable], Node] = {}
        self._joins: dict[tuple[Node, Node], Node] = {}
        self._results: dict[tuple[Callable[..., Hashable], Node, Node], Node] = {}

    def leaf(self, action: Hashable) -> Node:
        """Return the leaf of an action; leaves stand below all variables."""
        return self._number((len(self.sizes), action))

    def node(self, variable: int, children: Sequence[Node]) -> Node:
        """Return the diagram that decides by `variable` first.

        Arguments:
            variable: smaller than all variables in the children.
            children: one node per value of the variable, `ANY` where a value cannot arise.
        """
        return self._node(variable, children, 0)

    def test(self, variable: int, values: Iterable[int]) -> Node:
        """Return the diagram of "the variable has one of these values", with leaves True and False."""
        allowed = frozenset(values)
        return self.node(variable, [self.leaf(v in allowed) for v in range(self.sizes[variable])])

    def opposite(self, node: Node) -> Node:
        """Return the diagram with True and False exchanged."""
        return self.mapped(operator.not_, node)

    def both(self, x: Node, y: Node) -> Node:
        """Return the conjunction of two diagrams with leaves True and False.

        Complexity: at most the product of their sizes.
        """
        no, yes = self.leaf(False), self.leaf(True)
        if no in (x, y):
            return no
        if yes in (x, y):
            return y if x == yes else x
        return self._product(operator.and_, self.both, x, y)

    def mapped(self, function: Callable[[Any], Hashable], node: Node) -> Node:
        """Return the diagram in which a function has been applied to every action."""
        key = function, node, node
        if key not in self._results:
            variable, content = self._keys[node]
            if variable == len(self.sizes):
                self._results[key] = self.leaf(function(content))
            else:
                assert isinstance(content, tuple)
                try:
                    children = [self.mapped(function, child) for child in content]
                except RecursionError:
                    raise _too_deep() from None
                self._results[key] = self._shared(variable, children)
        return self._results[key]

    def combined(self, function: Callable[[Any, Any], Hashable], x: Node, y: Node) -> Node:
        """Return the diagram whose action is a function of those of two diagrams without `ANY`.

        Arguments:
            function: a function with a name of its own: what it returned is remembered.

        Complexity: at most the product of their sizes.
        """
        (variable_x, content_x), (variable_y, content_y) = self._keys[x], self._keys[y]
        if variable_x == variable_y == len(self.sizes):
            return self.leaf(function(content_x, content_y))
        return self._product(function, partial(self.combined, function), x, y)

    def _product(
        self, function: Callable[..., Hashable], below: Callable[[Node, Node], Node], x: Node, y: Node
    ) -> Node:
        """Return two diagrams, not both of them leaves, combined child by child."""
        key = function, x, y
        if key not in self._results:
            (variable_x, content_x), (variable_y, content_y) = self._keys[x], self._keys[y]
            variable = min(variable_x, variable_y)
            width = self.sizes[variable]
            children_x = content_x if variable_x == variable else (x,) * width
            children_y = content_y if variable_y == variable else (y,) * width
            assert isinstance(children_x, tuple)
            assert isinstance(children_y, tuple)
            try:
                children = [below(*pair) for pair in zip(children_x, children_y, strict=True)]
            except RecursionError:
                raise _too_deep() from None
            self._results[key] = self._shared(variable, children)
        return self._results[key]

    def _shared(self, variable: int, children: Sequence[Node]) -> Node:
        """Return a node of a diagram in which every situation can arise."""
        if all(child == children[0] for child in children):
            return children[0]
        return self._number((variable, tuple(children)))

    def content(self, node: Node) -> tuple[int, Hashable]:
        """Return a node's variable and children, or the number of variables and a leaf's action."""
        return self._keys[node]

    def conjunctions(self, root: Node) -> Iterator[tuple[dict[int, tuple[int, ...]], Hashable]]:
        """Yield every path as (allowed values by variable, action).

        The paths are disjoint and cover all situations that can arise; one that cannot joins the largest
        branch.
        """
        stack: list[tuple[Node, dict[int, tuple[int, ...]]]] = [(root, {})] if root != ANY else []
        count = 0
        while stack:
            node, path = stack.pop()
            variable, content = self._keys[node]
            if variable == len(self.sizes):
                count += 1
                self._budget.check_elements(count, "writing the rules of a cascade")
                yield path, content
                continue
            assert isinstance(content, tuple)
            branches: dict[Node, list[int]] = {}
            for value, child in enumerate(content):
                branches.setdefault(child, []).append(value)
            spare = branches.pop(ANY, [])
            widest = max(branches, key=lambda child: len(branches[child]))
            branches[widest] = sorted(branches[widest] + spare)
            for child, values in reversed(branches.items()):
                stack.append((child, {**path, variable: tuple(values)}))

    def _number(self, key: tuple[int, Hashable]) -> Node:
        if key not in self._numbers:
            self._numbers[key] = len(self._keys)
            self._keys.append(key)
            self._budget.check_elements(len(self._keys), "writing the rules of a cascade")
        return self._numbers[key]

    def _node(self, variable: int, children: Sequence[Node], depth: int) -> Node:
        groups: list[Node] = []
        member: list[int] = []
        for child in children:
            if child == ANY:
                member.append(-1)
                continue
            for number, group in enumerate(groups):
                joined = self._join(group, child, depth)
                if joined != _CLASH:
                    groups[number] = joined
                    member.append(number)
                    break
            else:
                member.append(len(groups))
                groups.append(child)
        if len(groups) <= 1:
            return groups[0] if groups else ANY
        return self._number((variable, tuple(ANY if m < 0 else groups[m] for m in member)))

    def _join(self, x: Node, y: Node, depth: int) -> Node:
        """Return a diagram that agrees with both wherever each can arise, or `_CLASH`."""
        if x == y or y == ANY:
            return x
        if x == ANY:
            return y
        pair = (x, y) if x < y else (y, x)
        if pair not in self._joins:
            self._joins[pair] = _CLASH if depth > _JOIN_DEPTH else self._join_children(*pair, depth + 1)
        return self._joins[pair]

    def _join_children(self, x: Node, y: Node, depth: int) -> Node:
        (variable_x, content_x), (variable_y, content_y) = self._keys[x], self._keys[y]
        variable = min(variable_x, variable_y)
        if variable == len(self.sizes):
            return _CLASH
        width = self.sizes[variable]
        children_x = content_x if variable_x == variable else (x,) * width
        children_y = content_y if variable_y == variable else (y,) * width
        assert isinstance(children_x, tuple)
        assert isinstance(children_y, tuple)
        joined = []
        for child_x, child_y in zip(children_x, children_y, strict=True):
            child = self._join(child_x, child_y, depth)
            if child == _CLASH:
                return _CLASH
            joined.append(child)
        return self._node(variable, joined, depth)


def _too_deep() -> BudgetExceeded:
    """Functions on diagrams call themselves for each variable, which Python allows some hundred times."""
    why = "one of them depends on some hundred variables"
    return BudgetExceeded("writing conditions as diagrams", why, "Use conditions with fewer operators each.")
