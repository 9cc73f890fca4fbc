"""Programs: what they mean, the languages of the catalogue, and the weights they become."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from conftest import SEED, count
from numpy.typing import NDArray
from program_models import assert_legal, mamba_legal, ssm_legal
from program_oracles import all_words, legal_table

import starfree
from starfree import program as p
from starfree.cascades.counted import counted
from starfree.errors import BadInput, BudgetExceeded, NotRegular
from starfree.models.mamba import Mamba
from starfree.models.ssm import SSM
from starfree.models.stock import stock_model
from starfree.models.tokens import token_ids
from starfree.programs import Program
from starfree.programs.expressions import all_of
from starfree.programs.memory import least_bits, live_states, program_bits
from starfree.proofs.prove_program import ProgramProof
from starfree.targets.build import depth as layers_of

COUNTERS = (
    "dyck_1",
    "shuffle_2",
    "shuffle_4",
    "shuffle_6",
    "boolean_3",
    "boolean_5",
    "anbn",
    "anbncn",
    "anbncndn",
)
BRACKETS = ("bounded_dyck_1_3", "bounded_dyck_2_3", "bounded_dyck_3_2", "bounded_dyck_8_10")
# Layers in the paper's model, to predict and to recognise; in stock Mamba at most twice as many and two.
LAYERS = dict.fromkeys(COUNTERS, (1, 2)) | dict.fromkeys(BRACKETS, (2, 3)) | {"bounded_dyck_1_3": (1, 2)}
TASKS = ("predict", "recognise")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def load(name: str) -> Program:
    language = starfree.load(f"@{name}")
    assert isinstance(language, Program)
    return language


def short_words(language: Program, most: int) -> NDArray[np.int64]:
    """Return all words of the greatest length with at most so many words; all shorter ones are prefixes."""
    k = len(language.alphabet)
    length = 1
    while k ** (length + 1) <= most:
        length += 1
    return np.array(list(itertools.product(range(k), repeat=length)), np.int64)


def long_words(language: Program, number: int, length: int, seed: int) -> NDArray[np.int64]:
    """Return random words that mostly follow the legal sets, some with a wrong symbol somewhere."""
    rng = np.random.default_rng(seed)
    k = len(language.alphabet)
    rows = []
    for i in range(number):
        state, row = language.start, []
        for _ in range(length):
            legal = [j for j, s in enumerate(language.alphabet) if s in language.legal(state)]
            row.append(int(rng.choice(legal)) if legal else int(rng.integers(k)))
            state = language.step(state, language.alphabet[row[-1]])
        if i % 2:
            row[int(rng.integers(length // 2, length))] = int(rng.integers(k))
        rows.append(row)
    return np.array(rows, np.int64)


@pytest.mark.parametrize("name", [*COUNTERS, *BRACKETS])
def test_languages_are_their_definitions(name: str) -> None:
    language = load(name)
    words = short_words(language, count(3_000, 60_000))
    texts = [tuple(language.alphabet[i] for i in row) for row in words.tolist()]
    right = legal_table(name, language.alphabet, texts)
    assert np.array_equal(language.legal_along(words), right)
    some = np.random.default_rng(SEED).choice(len(texts), min(len(texts), 100), replace=False)
    for i in some.tolist():
        assert (texts[i] in language) == right[i, -1, -1]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", [*COUNTERS, *BRACKETS])
def test_ssm_models_are_the_languages(name: str, task: str) -> None:
    language = load(name)
    model = starfree.build(language, task=task)
    assert isinstance(model, SSM)
    assert len(model.layers) == LAYERS[name][task == "recognise"]
    words = short_words(language, count(3_000, 100_000))
    assert_legal(ssm_legal(model, words), language.legal_along(words), task)
    words = long_words(language, 4, count(300, 100_000), SEED)
    assert_legal(ssm_legal(model, words), language.legal_along(words), task)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", [*COUNTERS, *BRACKETS])
def test_stock_mambas_are_the_languages(name: str, task: str) -> None:
    language = load(name)
    model = starfree.build(language, task=task, target="mamba")
    assert isinstance(model, Mamba)
    assert model.layers <= 2 * LAYERS[name][task == "recognise"] + 2
    words = short_words(language, count(500, 30_000))
    for part in np.array_split(words, -(-len(words) // 2_000)):
        assert_legal(mamba_legal(model, part), language.legal_along(part), task)
    words = long_words(language, 4, count(120, 10_000), SEED)
    assert_legal(mamba_legal(model, words), language.legal_along(words), task)


def test_bounded_brackets_use_little_memory() -> None:
    """At most h ceil(log2 K) + ceil(log2(h + 1)) bits, and never fewer than any model needs."""
    for types, depth in ((1, 3), (2, 3), (3, 4), (8, 10), (5, 7)):
        bits = program_bits(types, depth)
        assert least_bits(types, depth) <= bits
        assert bits <= depth * (types - 1).bit_length() + depth.bit_length()
    for types, depth in ((1, 3), (2, 3), (3, 3)):
        language = load(f"bounded_dyck_{types}_{depth}")
        assert language.dfa.live.sum() == live_states(types, depth)
        states = {language.start}
        while (
            more := {
                after for s in states for a in language.alphabet if (after := language.step(s, a)) is not None
            }
            - states
        ):
            states |= more
        assert len({memory for memory, _ in states}) <= 2 ** program_bits(types, depth)


def test_counter_languages_are_counted_and_drawn_from() -> None:
    for name in ("dyck_1", "shuffle_2", "anbncn", "boolean_3"):
        language = load(name)
        for length in range(7):
            words = all_words(language.alphabet, length)
            members = {word for word in words if word in language}
            assert language.count(length) == len(members)
            if members:
                assert set(language.sample(length, 20 * len(members), seed=SEED)) <= members
    assert [load("dyck_1").count(2 * n) for n in range(9)] == [1, 1, 2, 5, 14, 42, 132, 429, 1430]
    drawn = load("dyck_1").sample(8, 1400, seed=SEED)
    assert len(set(drawn)) == 14
    assert all(60 < drawn.count(word) < 145 for word in set(drawn))  # 100 expected of each
    a, b = p.count(p.read("a")), p.count(p.read("b"))
    mine = p.program("ab", legal={"a": True, "b": a > b}, end=a == b)  # nobody said that it counts
    assert [mine.count(2 * n) for n in range(7)] == [1, 1, 2, 5, 14, 42, 132]
    assert mine.sample(2, 1, seed=SEED) == [("a", "b")]
    with pytest.raises(BadInput, match="4 and 6"):
        load("dyck_1").sample(5, 1, seed=0)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["d_2", "d_12", "hex_bytes_colon", "brackets_8"])
def test_one_counter_stands_for_a_chain_of_latches(name: str, task: str) -> None:
    dfa = starfree.load(f"@{name}").dfa
    counting = counted(dfa)
    assert counting is not None
    assert counting.dfa == dfa
    model = starfree.build(dfa, prefer="layers", task=task)
    assert isinstance(model, SSM)
    assert len(model.layers) == 1 + (task == "recognise")
    proof = starfree.prove(model, dfa, words=1, length=50)
    assert isinstance(proof, ProgramProof)
    assert proof.every_length
    stock = starfree.build(dfa, prefer="layers", task=task, target="mamba")
    assert stock.layers <= 4
    words = short_words(counting, 1_000)
    assert_legal(mamba_legal(stock, words), counting.legal_along(words), task)


@pytest.mark.parametrize("target", ["ssm", "mamba"])
@pytest.mark.parametrize("name", ["tomita_2", "d_1", "d_2", "d_4"])
def test_preferring_layers_never_takes_more(name: str, target: str) -> None:
    plain, preferred = (starfree.build(f"@{name}", target=target, prefer=p) for p in ("bits", "layers"))
    assert layers_of(preferred) <= layers_of(plain)
    for options in ({"target": "mamba2"}, {"shift": True}, {"target": "mamba", "robust": True}):
        with pytest.raises(BadInput, match="has no counters"):
            starfree.build(f"@{name}", prefer="layers", **options)


def test_what_a_newcomer_wrote_by_mistake() -> None:
    """Each ends in one short message, none in an error of Python or a wrong language."""
    a, b = p.read("a"), p.read("b")
    mistakes = [
        lambda: p.count(a) / 2,
        lambda: p.count(a) // 2 >= 1,
        lambda: p.count(a) % 2 == 0,
        lambda: p.count(a) ** 2,
        lambda: ~p.count(a),
        lambda: p.count(a) >= 1.5,
        lambda: p.count(a) >= "1",
        lambda: a + 1,
        lambda: a ^ b,
        lambda: p.rotor(a, 2) >= 1,
        lambda: p.rotor(a, 2) + 1,
        lambda: p.rotor(a, 3) == 3,
        lambda: p.once(a == b),
        lambda: p.count(a == b),
        lambda: p.latch(a, b, initial="x"),
        lambda: p.program(5, accept=a),
        lambda: p.program(None, accept=a),
        lambda: p.program(["a", 1], accept=a),
        lambda: p.program("ab", legal=["a"], end=True),
        lambda: p.program("ab", legal="a", end=True),
        lambda: starfree.load("@bounded_dyck(8)"),
        lambda: starfree.load("@bounded_dyck(-1,2)"),
        lambda: starfree.load("@shuffle_100000000000"),
    ]
    for mistake in mistakes:
        with pytest.raises(BadInput) as caught:
            mistake()
        assert len(str(caught.value)) < 300
    assert p.program("ab", accept=p.iff(p.once(a), p.once(b))).same_words("()|(a|b)*(ab|ba)(a|b)*")
    assert str(starfree.show("()", form="program")).startswith("accept = ")


def test_programs_that_count_are_not_followed_for_long() -> None:
    deep = p.count(p.read("(")) - p.count(p.read(")"))
    dyck = p.program("()", legal={"(": True, ")": deep > 0}, end=deep == 0)
    for options in ({"target": "mamba2"}, {"shift": True}, {"target": "mamba", "robust": True}):
        with pytest.raises(BadInput, match="this program counts"):
            starfree.build(dyck, **options)


def test_a_difference_of_counters_is_one_that_cannot_be_shortened() -> None:
    found = p.count(p.read("a")) - p.count(p.read("b"))
    legal = {"a": True, "b": True}
    first, second = (p.program("ab", legal=legal, end=found >= bound, dead=False) for bound in (20, 21))
    outcome = starfree.prove(starfree.build(first), second)
    assert outcome.word == ("a",) * 20
    assert not outcome.shortest


def test_where_no_counter_tells_the_states_the_cascade_is_built() -> None:
    for name in ("tomita_4", "flip_flop", "aa_bb_cc_dd_ee", "parity", "json_number"):
        assert counted(starfree.load(f"@{name}").dfa) is None
    assert starfree.build("@tomita_4", prefer="layers") == starfree.build("@tomita_4")


def test_verdicts_on_programs() -> None:
    brackets = starfree.decide("@bounded_dyck_8_10")
    assert brackets.language.states is None
    assert brackets["diagonal-nonnegative"].expressible == "yes"
    assert brackets["transformer-hard"].expressible == "open"
    small = starfree.decide("@bounded_dyck_2_3")
    assert (small.language.states, small["transformer-hard"].expressible) == (16, "yes")
    a, more = p.read("a"), p.count(p.read("a")) > p.count(p.read("b"))
    turned = p.program("ab", legal={"a": True, "b": more & (p.rotor(a, 3) == 0)}, end=True)
    assert starfree.decide(turned, max_states=50)["diagonal-nonnegative"].expressible == "open"
    assert starfree.decide(turned, max_states=50)["rnn"].expressible == "yes"
    assert starfree.decide("@dyck_1")["transformer-hard"].expressible == "no"
    latched = p.program("ab", legal={"a": True, "b": more & p.latch(a, p.read("b"))}, end=True)
    assert starfree.decide(latched, max_states=50)["time-invariant-unit"].expressible == "open"
    assert starfree.decide("@shuffle_2")["time-invariant-unit"].expressible == "yes"


@pytest.mark.parametrize("task", TASKS)
def test_a_stock_mamba_starts_again_at_bos(task: str) -> None:
    """Documents packed one after another, with EOS between them or cut off, are as each one alone."""
    for name in ("dyck_1", "anbncndn", "boolean_3", "bounded_dyck_2_3"):
        language = load(name)
        model = starfree.build(language, task=task, target="mamba")
        k = len(model.alphabet)
        bos, eos, *_ = token_ids(k)
        pieces = [long_words(language, 2, 30, SEED + i) for i in range(3)]
        tokens = [np.column_stack([np.full(2, bos), piece, np.full(2, eos)]) for piece in pieces]
        packed = torch.from_numpy(np.column_stack([tokens[0][:, :-1], *tokens[1:]]))
        with torch.inference_mode():
            logits = stock_model(model)(input_ids=packed, use_cache=False).logits.numpy()
        at = 0
        for number, piece in enumerate(pieces):
            right = language.legal_along(piece)
            found = logits[:, at : at + 31][..., [*range(k), eos]] > 0
            assert_legal(found, right, task)
            at += 31 + (number > 0)
            if number and task == "recognise":
                assert (logits[:, at - 1] < 0).all()  # after EOS nothing is legal


@pytest.mark.parametrize("name", ["dyck_1", "anbncndn", "bounded_dyck_2_3"])
def test_all_ways_to_run_a_counting_mamba_give_the_same_bits(name: str) -> None:
    language = load(name)
    model = starfree.build(language, target="mamba")
    words = long_words(language, 3, count(40, 400), SEED)
    bos, _, pad, _ = token_ids(len(model.alphabet))
    tokens = torch.from_numpy(np.column_stack([np.full(len(words), bos), words]))
    net = stock_model(model)
    with torch.inference_mode():
        whole = net(input_ids=tokens, use_cache=False).logits
        out, pieces = net(input_ids=tokens[:, :5], use_cache=True), []
        pieces.append(out.logits)
        for at in range(5, tokens.shape[1]):
            out = net(input_ids=tokens[:, at : at + 1], cache_params=out.cache_params, use_cache=True)
            pieces.append(out.logits)
        padded = torch.cat([torch.full((len(words), 4), pad), tokens], dim=1)
        mask = (torch.arange(padded.shape[1]) >= 4).long().expand(len(padded), -1)
        behind = net(input_ids=padded, attention_mask=mask, use_cache=False).logits[:, 4:]
    assert torch.equal(torch.cat(pieces, dim=1), whole)
    assert torch.equal(behind, whole)


def test_counts_are_exact_up_to_the_horizon_and_not_far_beyond() -> None:
    """Six counters at once, of very different size, with states written into the cache near the horizon."""
    reads = [p.read(symbol) for symbol in "abcdef"]
    numbers = [p.count(one) for one in reads]
    limits = [3, 1_000, 2**16 + 1, 2**20 + 7, 2**23 - 3, 2**24 - 20]
    tests = [number >= limit for number, limit in zip(numbers, limits, strict=True)]
    language = p.program("abcdef", legal=dict(zip("abcdef", tests, strict=True)), end=numbers[0] == limits[0])
    model = starfree.build(language, target="mamba", task="predict")
    assert isinstance(model, Mamba)
    assert model.horizon == 2**24
    assert "16,777,216 symbols" in model.to_json()["arithmetic"]
    net = stock_model(model)
    channels = _counter_channels(model)
    for near in (-2, -1, 0, 1):  # each counter stands so far from its limit before the symbol is read
        for read in range(6):
            cache = _cache_after_bos(net, model)
            for form, limit in enumerate(limits):
                cache.layers[0].recurrent_states[0][0, channels[form], 0] = 128.0 * (limit + near)
            with torch.no_grad():
                logits = net(input_ids=torch.tensor([[read]]), cache_params=cache, use_cache=True).logits[
                    0, 0
                ]
            right = [near + (form == read) >= 0 for form in range(6)]
            assert (logits[:6] > 0).tolist() == right, (near, read)
            assert set(logits.abs().tolist()) == {64.0}
    # Past 2^24 a sum no longer grows: the horizon is there, and the card says where.
    cache = _cache_after_bos(net, model)
    cache.layers[0].recurrent_states[0][0, channels[5], 0] = 128.0 * 2**24
    with torch.no_grad():
        net(input_ids=torch.tensor([[5]]), cache_params=cache, use_cache=True)
    assert cache.layers[0].recurrent_states[0][0, channels[5], 0] == 128.0 * 2**24


def _cache_after_bos(net: torch.nn.Module, model: Mamba) -> object:
    bos = token_ids(len(model.alphabet)).bos
    with torch.no_grad():
        return net(input_ids=torch.tensor([[bos]]), use_cache=True).cache_params


def _counter_channels(model: Mamba) -> list[int]:
    """Return the channel of each counter, by the symbol that it counts: found by reading that symbol."""
    net, found = stock_model(model), []
    for symbol in range(6):
        cache = _cache_after_bos(net, model)
        before = cache.layers[0].recurrent_states[0].clone()
        with torch.no_grad():
            net(input_ids=torch.tensor([[symbol]]), cache_params=cache, use_cache=True)
        (changed,) = torch.nonzero((cache.layers[0].recurrent_states[0] != before)[0, :, 0]).tolist()
        found.append(changed[0])
    return found


# Programs as people write them


def test_the_operators_mean_what_they_say() -> None:
    a, b = p.read("a"), p.read("b")
    programs = {
        "previously": (p.previously(a), lambda w: len(w) >= 2 and w[-2] == "a"),
        "once": (p.once(a), lambda w: "a" in w),
        "historically": (p.historically(a), lambda w: "b" not in w),
        "since": (p.since(b, a), lambda w: "a" in w),
        "latch": (p.latch(a, b, initial=True), lambda w: not w or w[-1] == "a"),
        "count": (p.once(p.count(a) - 2 * p.count(b) == 1), None),
        "rotor": (p.rotor(a, 3) == 2, lambda w: w.count("a") % 3 == 2),
        "rotor of two": (~(p.rotor(a, 2) == 0) & p.previously(p.rotor(b, 2) == 1), None),
        "not first": (p.previously(True), lambda w: len(w) >= 2),
    }
    for name, (accept, member) in programs.items():
        if member is None:
            continue
        language = p.program("ab", accept=accept)
        for length in range(8):
            for word in all_words("ab", length):
                assert (word in language) == member(word), (name, word)


def test_dead_prefixes_are_found_without_being_told() -> None:
    for name in ("dyck_1", "anbn", "boolean_3", "bounded_dyck_2_3"):
        known = load(name)
        legal = dict(zip(known.alphabet, known.legal_when, strict=True))
        found = p.program(known.alphabet, legal=legal, end=known.end_when)
        model = starfree.build(found)
        words = short_words(found, 3_000)
        assert_legal(ssm_legal(model, words), known.legal_along(words), "recognise")


def test_programs_print_as_programs() -> None:
    a, b = p.read("a"), p.read("b")
    for condition in (
        p.once(a & ~p.previously(b)),
        p.historically(a | b),
        p.since(a, b) & ~p.latch(a, b, initial=True),
        (2 * p.count(a) - p.count(b) + 3 > 0) | (p.rotor(a, 3) == 1),
        p.since(~a, b >> a),
    ):
        again = eval(str(condition), {name: getattr(p, name) for name in p.__all__})
        assert again == condition
        assert hash(again) == hash(condition)


def test_programs_with_nothing_to_remember_are_built() -> None:
    for accept in (True, False):
        language = p.program("ab", accept=accept)
        for task, target in itertools.product(TASKS, ("ssm", "mamba")):
            assert starfree.build(language, task=task, target=target).accepts("ab") == accept


def test_fragments_and_kinds() -> None:
    a = p.read("a")
    assert p.program("ab", accept=p.once(a)).fragment == "star-free"
    assert p.program("ab", accept=p.rotor(a, 2) == 0).fragment == "modular"
    assert load("dyck_1").fragment == "counting"
    assert load("dyck_1").kind == "counter"
    assert load("bounded_dyck_2_3").dfa.states == 2 ** (3 + 1) - 1 + 1
    with pytest.raises(NotRegular):
        load("dyck_1").dfa  # noqa: B018
    with pytest.raises(BudgetExceeded):
        p.program("ab", accept=p.rotor(a, 99991) == 7, budget=starfree.budgets.Budget.of(max_states=1000))


def test_bad_programs() -> None:
    a, n = p.read("a"), p.count(p.read("a"))
    for wrong, says in (
        (lambda: n * n, "whole numbers"),
        (lambda: n * 0.5, "whole numbers"),
        (lambda: n > a, "condition"),
        (lambda: a > 3, "number"),
        (lambda: a == 3, "number"),
        (lambda: a & n, "not a condition"),
        (lambda: bool(a), "truth value"),
        (lambda: bool(n), "Compare"),
        (lambda: p.rotor(a, 1), "order"),
        (lambda: p.rotor(a, 3) == a, "integer"),
        (lambda: p.count(3), "not a condition"),
        (lambda: p.read(""), "symbol"),
        (lambda: p.program("b", accept=a), "not in the alphabet"),
        (lambda: p.program("ab", accept=n > 0), "legal="),
        (lambda: p.program("ab"), "accept"),
        (lambda: p.program("ab", accept=a, end=a), "accept"),
        (lambda: p.program("ab", legal={"c": True}, end=a), "'c'"),
        (lambda: load("bounded_dyck_0_3"), "at least one"),
        (lambda: load("bounded_dyck_3_0"), "at least one"),
        (lambda: load("bounded_dyck_100_100"), "1000"),
        (lambda: load("shuffle_7"), "1 to 6"),
        (lambda: starfree.build("@dyck_1", target="mamba2"), "mamba2"),
        (lambda: starfree.build("@dyck_1", shift=True), "shift"),
    ):
        with pytest.raises(BadInput, match=says):
            wrong()
    counted = p.program("ab", legal={"a": p.rotor(a, 2) == 0, "b": n > 3}, end=True)
    with pytest.raises(BadInput, match="rotor"):
        starfree.build(counted)


@pytest.mark.parametrize("target", ["ssm", "mamba"])
def test_numbers_that_are_no_weights_in_float32_are_refused(target: str) -> None:
    number = p.count(p.read("a"))
    for more in (number >= 2**24 + 1, number >= 10**400, (2**24 + 1) * number - p.count(p.read("b")) >= 0):
        with pytest.raises(BadInput, match="float32"):
            starfree.build(p.program("ab", legal={"a": True, "b": more}, end=True), target=target)
    largest = p.program("ab", legal={"a": True, "b": number >= 2**24 - 1}, end=True)
    assert starfree.build(largest, target=target)


def test_conditions_on_too_many_things_end_as_a_budget_does() -> None:
    symbols = [f"s{number}" for number in range(400)]
    for one in (p.once, lambda part: p.count(part) >= 2):
        end = all_of(*(one(p.read(symbol)) for symbol in symbols))
        language = p.program(symbols, legal=dict.fromkeys(symbols, True), end=end)
        with pytest.raises(BudgetExceeded, match="hundred variables"):
            starfree.build(language, task="predict")
