"""Each part of a stock checkpoint alone, on the unchanged modules of `transformers`, in each dtype.

A plan of a layer or two is written by hand. Its mixers are fed vectors of signs, as the blocks around them
would, and what the channels, the recurrent state and the output hold is compared with plain booleans.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from conftest import SEED, count
from plan_twin import fires, legal_tokens, run_signs
from torch import Tensor
from transformers import Mamba2Config, MambaConfig
from transformers.cache_utils import DynamicCache
from transformers.models.mamba.modeling_mamba import MambaMixer, MambaRMSNorm
from transformers.models.mamba2.modeling_mamba2 import Mamba2Mixer, Mamba2RMSNorm, MambaRMSNormGated

from starfree.models.architectures import EXACT, complete
from starfree.targets import mamba, mamba2
from starfree.targets.columns import Column
from starfree.targets.documents import Documents, Latch
from starfree.targets.plan import FIRST, Bit, Gate, Layer, Legal, Plan, Store, Write, with_signals
from starfree.targets.residual import Residual
from starfree.targets.stock import (
    CLEAR,
    EPSILON,
    SCALE,
    UNIT,
    embedding_weights,
    head_weights,
    unit_norm_weight,
)

CLASSES = 4  # of tokens; what they mean is up to the gates
MAMBA = EXACT["mamba"]
EVERY = [
    *((name, dtype) for name, dtypes in EXACT.items() for dtype in dtypes),
    *(("robust", dtype) for dtype in MAMBA),
]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield
    torch.set_num_threads(threads)


# Plans by hand, and the modules that run them


def x(number: int) -> Bit:
    """Return the boolean of a number."""
    return Bit("new", number, 0)


def hand_made(*layers: Layer, columns: Sequence[Column] = (), kept: Sequence[Bit] = ()) -> Plan:
    """Return a plan; some booleans are kept to its end, for one more layer reads them."""
    reading = (
        [Write(Gate(None, frozenset((feature, True) for feature in kept), 0), (Legal(99),))] if kept else []
    )
    latches = tuple(Latch(f"x{i}", 2, 1, ()) for i in range(100))
    return Plan(Documents(tuple(range(CLASSES)), latches, ()), tuple(columns), (*layers, Layer([], reading)))


def given(number: int) -> Layer:
    """Return a layer that makes room for booleans: a test puts their signs into the stream itself."""
    return Layer([], [Write(FIRST, (x(i),)) for i in range(number)])


def literals(*values: bool) -> frozenset[tuple[Bit, bool]]:
    """Return the literals that booleans 0, 1, ... have these values."""
    return frozenset((x(i), value) for i, value in enumerate(values))


def unit_norm(norm_class: type[torch.nn.Module], width: int, dtype: torch.dtype) -> torch.nn.Module:
    norm = norm_class(width, eps=EPSILON)
    norm.weight.data.fill_(unit_norm_weight())
    return norm.to(dtype)


@dataclass
class Seen:
    """What one forward of a mixer shows: its output, its channels, and its recurrent state at the end."""

    out: Tensor
    channels: Tensor = field(default_factory=lambda: torch.empty(0))
    state: Tensor = field(default_factory=lambda: torch.empty(0))


class Built:
    """The mixers of a hand-made plan."""

    def __init__(self, kind: str, dtype: str, plan: Plan) -> None:
        self.dtype = getattr(torch, dtype)
        architecture = "mamba2" if kind == "mamba2" else "mamba"
        if architecture == "mamba":
            lowering: Any = mamba._Lowering(plan, mamba.COPIES if kind == "robust" else 0)
            sizes = {"expand": lowering.expand, "time_step_rank": lowering.rank}
            config_class, mixer_class = MambaConfig, MambaMixer
        else:
            plan = with_signals(plan) if any(layer.stores for layer in plan.layers) else plan
            lowering = mamba2._Lowering(plan)
            sizes = {"expand": lowering.inner // lowering.residual.width, "num_heads": lowering.inner}
            sizes |= {"head_dim": 1, "n_groups": 1, "chunk_size": mamba2.CHUNK}
            config_class, mixer_class = Mamba2Config, Mamba2Mixer
        self.lowering, self.plan = lowering, plan
        self.residual: Residual = lowering.residual
        self.places: list[dict[Gate, int]] = [places for places, _ in lowering.places]
        shared = {
            "hidden_size": self.residual.width,
            "num_hidden_layers": len(self.residual.layers),
            "state_size": 1,
            "conv_kernel": 2,
            "use_bias": False,
            "use_conv_bias": False,
            "layer_norm_epsilon": EPSILON,
            "tie_word_embeddings": False,
        }
        self.config = config_class(**complete(architecture, shared | sizes))
        norm_class = Mamba2RMSNorm if architecture == "mamba2" else MambaRMSNorm
        self.norm = unit_norm(norm_class, self.residual.width, self.dtype)
        self.mixers = []
        for number, (layer, places) in enumerate(zip(self.residual.layers, self.places, strict=True)):
            mixer = mixer_class(self.config, number).to(self.dtype).eval()
            weights = lowering._mixer(layer, places)
            mixer.load_state_dict({k: torch.tensor(w, dtype=self.dtype) for k, w in weights.items()})
            self.mixers.append(mixer)

    def stream(self, classes: Sequence[int], values: Sequence[dict[Bit, bool]] | None = None) -> Tensor:
        """Return signs, shape `(1, time, H)`: the embedding's, with some booleans at each position."""
        found = embedding_weights(self.plan, self.residual)[list(classes)]
        for row, booleans in zip(found, values or [], strict=bool(values)):
            for feature, value in booleans.items():
                row[self.residual.place[feature]] = -1 if value else 1
        return torch.tensor(found, dtype=self.dtype)[None]

    def run(self, number: int, stream: Tensor, cache: Any = None) -> Seen:
        """Return what one mixer makes of a stream.

        The channels are read where SiLU has just cut them off: before `x_proj` in Mamba; in Mamba-2, where
        only the norm is a module of its own, what goes into that.
        """
        mixer = self.mixers[number]
        seen = Seen(torch.empty(0))

        def keep(_: Any, inputs: tuple[Tensor, ...]) -> None:
            seen.channels = inputs[0].clone()

        where = mixer.x_proj if isinstance(mixer, MambaMixer) else mixer.norm
        hook = where.register_forward_pre_hook(keep)
        cache = DynamicCache(config=self.config) if cache is None else cache
        seen.out = mixer(stream, cache_params=cache)
        hook.remove()
        seen.state = cache.get_recurrent_state(number, state_idx=0).clone()
        return seen

    def gate(self, number: int, seen: Seen, gate: Gate) -> Tensor:
        """Return the value of a gate at each position: K or 0 where nothing is wrong."""
        place = self.places[number][gate]
        values = seen.channels[0, :, place].float()
        if isinstance(self.mixers[number], Mamba2Mixer):
            return values / (mamba2.SIGNAL / CLEAR)
        pairs = self.lowering.wiring.pairs
        if pairs and not gate.first:
            both = seen.channels[0, :, place : place + 2 * pairs].float()
            return (both[:, ::2] - both[:, 1::2]).mean(dim=1)
        return values

    def through(self, classes: Sequence[int]) -> tuple[list[Tensor], list[Tensor]]:
        """Return the stream after each layer, and the recurrent state of each layer."""
        stream, streams, states = self.stream(classes), [], []
        for number in range(len(self.mixers)):
            seen = self.run(number, self.norm(stream))
            stream = stream + seen.out
            streams.append(stream)
            states.append(seen.state)
        return streams, states


def agrees(built: Built, classes: Sequence[int]) -> bool:
    """Say whether the stream is, bit for bit, that of the twin, which knows only booleans."""
    right = torch.tensor(run_signs(built.residual, classes), dtype=built.dtype)[None]
    return torch.equal(built.through(classes)[0][-1], right)


# The gate


TOKENS = [None, frozenset[int](), frozenset([1]), frozenset([0, 2]), frozenset(range(CLASSES))]


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_a_gate_is_k_or_0_on_every_truth_assignment(kind: str, dtype: str, number: int) -> None:
    """All values of up to six literals with all classes of tokens, at this position and the one before."""
    rng = np.random.default_rng(SEED + number)
    wanted = {literals(*rng.integers(0, 2, number).astype(bool).tolist()) for _ in range(count(2, 8))}
    gates = [Gate(t, some, lag) for t in TOKENS for some in wanted for lag in (0, 1)]
    written = [x(10 + i) for i in range(len(gates))]
    writes = [Write(gate, (feature,)) for gate, feature in zip(gates, written, strict=True)]
    kept = [*written, *map(x, range(number))]
    built = Built(kind, dtype, hand_made(given(number), Layer([], writes), kept=kept))
    cases = [(c, row) for c in range(CLASSES) for row in product((False, True), repeat=number)]
    order = rng.permutation(len(cases))
    classes = [cases[i][0] for i in order]
    values = [{x(j): value for j, value in enumerate(cases[i][1])} for i in order]
    seen = built.run(1, built.stream(classes, values))
    for gate, feature in zip(gates, written, strict=True):
        right = [fires(gate, at, classes, values) for at in range(len(cases))]
        assert built.gate(1, seen, gate).tolist() == [CLEAR * fired for fired in right]
        assert seen.out[0, :, built.residual.place[feature]].tolist() == [-2.0 * fired for fired in right]


@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_the_first_gate_fires_at_the_first_position_only(kind: str, dtype: str) -> None:
    built = Built(kind, dtype, hand_made(Layer([], [Write(FIRST, (x(0),))]), kept=[x(0)]))
    for start in range(CLASSES):
        seen = built.run(0, built.stream([start, 0, 1, 2, 3, start, start]))
        assert built.gate(0, seen, FIRST).tolist() == [CLEAR] + [0.0] * 6
        assert seen.out[0, :, built.residual.place[x(0)]].tolist() == [-2.0] + [0.0] * 6


# The stored bit


def storing() -> Plan:
    """Return a plan of four bits: first 0 or 1, switched at either lag, one by what another is."""
    some = [frozenset([c]) for c in range(CLASSES)]
    none = literals()
    first = Layer(
        [
            Store(x(0), (Gate(some[1], none, 0),), (Gate(some[2], none, 0), FIRST)),
            Store(x(1), (FIRST, Gate(some[3], none, 1)), (Gate(some[1], none, 1),)),
            Store(x(2), (Gate(some[2], none, 1), Gate(some[3], none, 1)), (FIRST,)),
        ]
    )
    told = (Gate(some[3], frozenset([(x(0), True)]), 1),)
    untold = (Gate(some[3], frozenset([(x(0), False)]), 1), Gate(some[1], literals(False, True), 1), FIRST)
    return hand_made(first, Layer([Store(x(3), told, untold)]), kept=[x(i) for i in range(4)])


def written(kind: str) -> tuple[float, float]:
    """Return what the recurrent state is when a bit is 0, and when it is 1."""
    unit = CLEAR * UNIT**2 if kind == "mamba2" else CLEAR
    return unit, (17 if kind == "robust" else 5) * unit


def storing_layer(built: Built, bit: int) -> tuple[int, slice]:
    """Return which layer stores a bit, and the channels that hold it."""
    for number, layer in enumerate(built.residual.layers):
        for order, store in enumerate(layer.stores):
            if store.feature == x(bit):
                copies = getattr(built.lowering, "copies", 1)
                return number, slice(order * copies, (order + 1) * copies)
    raise AssertionError(bit)


@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_bits_are_set_reset_and_held(kind: str, dtype: str) -> None:
    """Random events: the stream is the twin's, and the recurrent state tells each bit, at every length."""
    built = Built(kind, dtype, storing())
    rng = np.random.default_rng(SEED)
    for length in (1, 2, 3, *rng.integers(4, 70, count(6, 60))):
        classes = [0, *rng.choice(CLASSES, int(length) - 1, p=[0.55, 0.15, 0.15, 0.15]).tolist()]
        assert agrees(built, classes)
        streams, states = built.through(classes)
        for bit in range(4):
            number, channels = storing_layer(built, bit)
            value = bool(streams[number][0, -1, built.residual.place[x(bit)]] == -1)
            assert set(states[number].flatten()[channels].tolist()) == {written(kind)[value]}


@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_one_position_at_a_time_gives_the_same_bits(kind: str, dtype: str) -> None:
    built = Built(kind, dtype, storing())
    classes = [0, *np.random.default_rng(SEED).integers(0, CLASSES, count(30, 300)).tolist()]
    streams, states = built.through(classes)
    cache, stream = DynamicCache(config=built.config), built.stream(classes)
    for at in range(len(classes)):
        here = stream[:, at : at + 1]
        for number in range(len(built.mixers)):
            here = here + built.run(number, built.norm(here), cache).out
        assert torch.equal(here, streams[-1][:, at : at + 1])
    for number, state in enumerate(states):
        assert torch.equal(cache.get_recurrent_state(number, state_idx=0), state)


@pytest.mark.parametrize("event", [1, 2])
@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_a_bit_is_held_for_ever(kind: str, dtype: str, event: int) -> None:
    """The cache comes to a fixed point of the holding token, which covers every length; and one long hold."""
    built = Built(kind, dtype, storing())
    number, channels = storing_layer(built, 0)
    length = count(1_000, 10_000)
    streams, states = built.through([0, 3, event] + [0] * length)
    assert set(streams[number][0, 2:, built.residual.place[x(0)]].tolist()) == {-1.0 if event == 1 else 1.0}
    short = built.through([0, 3, event, 0, 0])[1]
    assert all(torch.equal(one, other) for one, other in zip(states, short, strict=True))
    assert set(states[number].flatten()[channels].tolist()) == {written(kind)[event == 1]}
    cache = DynamicCache(config=built.config)
    before: list[Tensor] = []
    for step, c in enumerate([0, 3, event, 0, 0, 0, 0]):
        here = built.stream([c])
        for i in range(len(built.mixers)):
            here = here + built.run(i, built.norm(here), cache).out
        layers = cache.layers
        after = [part[0].clone() for one in layers for part in (one.conv_states, one.recurrent_states)]
        if step > 4:
            assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
        before = after


@pytest.mark.parametrize("kind", ["mamba", "mamba2", "robust"])
def test_these_tests_notice_a_weight_that_is_gone(kind: str) -> None:
    """The first weight of each tensor that is not 0: without it the stream is no longer the twin's."""
    classes = [0, *np.random.default_rng(SEED).integers(0, CLASSES, 60).tolist()]
    built = Built(kind, "float32", storing())
    assert agrees(built, classes)
    number, _ = storing_layer(built, 0)
    tried = []
    for name, weight in built.mixers[number].named_parameters():
        if name != "A_log":  # which is 0
            place = tuple(weight.nonzero()[0])
            value = weight[place].clone()
            weight[place] = 0
            assert not agrees(built, classes), name
            weight[place] = value
            tried.append(name)
    assert len(tried) == (6 if kind == "mamba2" else 7)
    assert agrees(built, classes)


# Dimensions that are used again


def crowded() -> Plan:
    """Return a plan whose booleans need three dimensions, written and stored seven times."""
    some = [frozenset([c]) for c in range(CLASSES)]
    is_on = [frozenset([(x(i), True)]) for i in range(10)]
    written = [Write(Gate(some[i + 1], literals(), 0), (x(i),)) for i in range(3)]
    again = [Write(Gate(None, is_on[1 + i], 0), (x(3 + i),)) for i in range(2)]
    stored = Store(x(5), (Gate(some[3], is_on[0], 0),), (Gate(some[1], literals(), 0), FIRST))
    later = Write(Gate(some[1], frozenset([(x(3), True), (x(4), False)]), 0), (x(6),))
    last = Store(x(7), (Gate(None, is_on[5], 1),), (Gate(None, frozenset([(x(5), False)]), 1), FIRST))
    return hand_made(Layer([], written), Layer([stored], again), Layer([last], [later]), kept=[x(6), x(7)])


@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_a_dimension_is_reset_as_its_next_boolean_is_written(kind: str, dtype: str) -> None:
    built = Built(kind, dtype, crowded())
    place = [built.residual.place[x(i)] for i in range(8)]
    resets = [w for layer in built.residual.layers for w in layer.writes if w.off]
    if kind == "robust":
        assert not resets
        assert len(set(place)) == 8
    else:
        assert resets
        assert len(set(place)) < 8
    if kind == "mamba":  # one gate switches x1 off and x3 on in one dimension: nothing moves there
        assert place[3] == place[1]
        assert any(w.on == (x(3),) and w.off == (x(1),) for w in resets)
    rng = np.random.default_rng(SEED)
    for _ in range(count(4, 60)):
        assert agrees(built, [0, *rng.integers(0, CLASSES, 40).tolist()])


# The output


@pytest.mark.parametrize(("kind", "dtype"), EVERY)
def test_columns_of_either_polarity_and_columns_that_nothing_switches(kind: str, dtype: str) -> None:
    """Token 0 is legal when on, 1 when off, 2 never and 3 always; then no column names tokens 2 and 3."""
    every = [Column(frozenset([i]), i % 2 == 0) for i in range(4)]
    for columns in (every, every[:2], [Column(frozenset([0, 2]), True), Column(frozenset([1, 3]), False)]):
        writes = [Write(Gate(frozenset([j + 1]), literals(), 0), (Legal(j),)) for j in range(2)]
        built = Built(kind, dtype, hand_made(Layer([], writes), columns=columns))
        head = torch.nn.Linear(built.residual.width, CLASSES, bias=False, dtype=built.dtype)
        head.weight.data = torch.tensor(head_weights(built.plan, built.residual), dtype=built.dtype)
        classes = [0, 1, 2, 3, 2, 1, 1, 2, 2, 0]
        logits = head(built.norm(built.through(classes)[0][-1]))[0]
        for c, row in zip(classes, logits.tolist(), strict=True):
            legal = legal_tokens(columns, {Legal(0): c == 1, Legal(1): c == 2})
            assert row == [SCALE if token in legal else -SCALE for token in range(CLASSES)]


# The norms


@pytest.mark.parametrize("dtype", MAMBA)
@pytest.mark.parametrize("norm_class", [MambaRMSNorm, Mamba2RMSNorm])
def test_the_norm_gives_back_signs(norm_class: type[torch.nn.Module], dtype: str) -> None:
    rng = np.random.default_rng(SEED)
    for width in (8, 16, 32, 64, 128, 256):
        norm = unit_norm(norm_class, width, getattr(torch, dtype))
        signs = torch.tensor(rng.choice([-1.0, 1.0], (count(50, 5_000), width)), dtype=norm.weight.dtype)
        assert torch.equal(norm(signs), signs)


def test_without_its_weight_the_norm_does_not_give_back_signs() -> None:
    assert not torch.equal(MambaRMSNorm(8, eps=EPSILON)(torch.ones(8)), torch.ones(8))


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7, 8, 9])
@pytest.mark.parametrize("dtype", EXACT["mamba2"])
def test_the_gated_norm_does_not_see_how_many_gates_fire(dtype: str, number: int) -> None:
    """A gate for every set of booleans: from none to all 2^number fire at once, and each comes out as 1."""
    gates = [Gate(None, literals(), 1)]
    gates += [
        Gate(None, frozenset((x(i), True) for i in range(number) if chosen >> i & 1), 0)
        for chosen in range(1, 1 << number)
    ]
    plan = hand_made(given(number), Layer([], [Write(gate, (x(50),)) for gate in gates]), kept=[x(50)])
    built = Built("mamba2", dtype, plan)
    norm = built.mixers[1].norm
    assert isinstance(norm, MambaRMSNormGated)
    rng = np.random.default_rng(SEED)
    rows = [[False] * number, *([i < on for i in range(number)] for on in range(number + 1))]
    rows += rng.integers(0, 2, (count(5, 50), number)).astype(bool).tolist()
    values = [{x(i): value for i, value in enumerate(row)} for row in rows]
    normed: list[Tensor] = []
    hook = norm.register_forward_hook(lambda _module, _inputs, out: normed.append(out.clone()))
    built.run(1, built.stream([0] * len(rows), values))
    hook.remove()
    most = 0
    for at, row in enumerate(normed[0][0]):
        fired = [fires(gate, at, [0] * len(rows), values) for gate in gates]
        assert row[[built.places[1][gate] for gate in gates]].tolist() == [float(f) for f in fired]
        most = max(most, sum(fired))
    assert most == 1 << number


# The robust wiring


def pair_gate(dtype: str, values: tuple[bool, bool]) -> tuple[Built, Gate]:
    gate = Gate(None, literals(*values), 0)
    plan = hand_made(given(2), Layer([], [Write(gate, (x(5),))]), kept=[x(5)])
    return Built("robust", dtype, plan), gate


@pytest.mark.parametrize("values", list(product((False, True), repeat=2)))
@pytest.mark.parametrize("dtype", MAMBA)
def test_a_robust_gate_bears_errors_in_what_it_reads(dtype: str, values: tuple[bool, bool]) -> None:
    """Two signs, each wrong by up to 0.2: the gate is wrong by a 64th at most, and without errors by 0."""
    built, gate = pair_gate(dtype, values)
    places = [built.residual.place[x(i)] for i in range(2)]
    rows = list(product((False, True), repeat=2))
    right = torch.tensor([CLEAR * (row == values) for row in rows])
    exact = built.stream([0] * 4, [{x(0): one, x(1): other} for one, other in rows])
    assert torch.equal(built.gate(1, built.run(1, exact), gate), right)
    plain = Built("mamba", dtype, built.plan)
    bad = plain.stream([0] * 4, [{x(0): one, x(1): other} for one, other in rows])
    bad[0, :, [plain.residual.place[x(i)] for i in range(2)]] *= 0.8  # the plain one does not
    assert (plain.gate(1, plain.run(1, bad), gate) - right).abs().max() > CLEAR / 4
    for errors in product(np.linspace(-0.2, 0.2, 9).tolist(), repeat=2):
        stream = exact.clone()
        stream[0, :, places] += torch.tensor(errors, dtype=built.dtype)
        assert (built.gate(1, built.run(1, stream), gate) - right).abs().max() <= CLEAR / 64


@pytest.mark.parametrize("dtype", MAMBA)
def test_a_robust_gate_is_cut_off_at_both_ends(dtype: str) -> None:
    """However far beyond the signs: not more than K, and not less than 0; the plain gate has no upper end."""
    built, gate = pair_gate(dtype, (True, True))
    plain = Built("mamba", dtype, built.plan)
    for far, right, unbounded in ((-1.5, CLEAR, 2 * CLEAR), (-3, CLEAR, 5 * CLEAR), (3, 0.0, 0.0)):
        for each, end in ((built, right), (plain, unbounded)):
            stream = each.stream([0], [{x(0): True, x(1): True}])
            stream[0, 0, [each.residual.place[x(i)] for i in range(2)]] = far
            assert each.gate(1, each.run(1, stream), gate).tolist() == [end]
