"""Proofs of running stock models, against search by words, and their certificates, against changed ones."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import SEED, count
from mutations import get, paths, put

import starfree
from starfree.checker import BudgetError, check
from starfree.checker.outcome import Unavailable
from starfree.cli.screen import Screen
from starfree.cli.verb_prove import _stock_proof
from starfree.errors import BadInput, BudgetExceeded, Unchecked
from starfree.languages import catalog, regex
from starfree.models.mamba import Mamba
from starfree.models.stock import stock_model
from starfree.models.tokens import token_ids
from starfree.proofs.explore_stock import (
    StockMismatch,
    StockProduct,
    TokenDFA,
    explore_stock,
    legal_flags,
    token_classes,
)
from starfree.proofs.prove import prove
from starfree.proofs.prove_stock import StockDifference, StockProof
from starfree.proofs.stock_paths import compare_paths, long_words, same_alone
from starfree.proofs.stock_steps import StockSteps

QUICK: dict[str, Any] = {"words": 1, "length": 20}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Matrices this small only lose by a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def build(spec: str, **options: object) -> Mamba:
    model = starfree.build(spec, **{"target": "mamba", **options})
    assert isinstance(model, Mamba)
    return model


def changed(model: Mamba, name: str, place: tuple[int, ...], value: float) -> Mamba:
    weight = model.tensors[name].copy()
    weight[place] = value
    return replace(model, tensors={**model.tensors, name: weight})


def proved(model: Mamba | Path, language: Any, **options: Any) -> StockProof:
    found = prove(model, language, **{**QUICK, **options})
    assert isinstance(found, StockProof)
    return found


def differs(model: Mamba, language: Any, **options: Any) -> StockDifference:
    found = prove(model, language, **{**QUICK, **options})
    assert isinstance(found, StockDifference)
    return found


def first_by_words(model: Mamba, over: TokenDFA, task: str, length: int) -> tuple[int, ...] | None:
    """The slow twin: one sequence of tokens after the other, alone, each token in its own call."""
    net = stock_model(model)
    bos, _, pad, unk = token_ids(len(model.alphabet))
    tokens = [token for token in range(unk + 1) if token != pad]
    for size in range(length + 1):
        for word in product(tokens, repeat=size):
            state, cache, lives = over.start, None, True
            for token in (bos, *word):
                with torch.inference_mode():
                    ids = torch.tensor([[token]])
                    out = net(input_ids=ids, cache_params=copy.deepcopy(cache), use_cache=True)
                cache, state = out.cache_params, over.table[state, token]
                lives = lives and bool(over.live[state])
            flags = legal_flags(out.logits[0, -1])
            if (lives or task == "recognise") and not np.array_equal(flags, over.legal[state]):
                return word
    return None


@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_a_changed_weight_is_found_by_its_shortest_word_or_is_invisible(task: str) -> None:
    rng = np.random.default_rng(SEED)
    model, language = build("(ab)*", task=task), regex("(ab)*")
    over = TokenDFA.of(language.dfa, model.alphabet)
    names = [name for name in model.tensors if not name.endswith("norm_f.weight")]
    outcomes = set()
    for _ in range(count(5, 200)):
        name = str(rng.choice(names))
        place = tuple(int(rng.integers(size)) for size in model.tensors[name].shape)
        value = float(model.tensors[name][place]) + float(rng.choice([-200, -64, -1, 1, 64, 200]))
        edited = changed(model, name, place, value)
        slow = first_by_words(edited, over, task, 3)
        try:
            found = prove(edited, language, words=0, max_states=2_000)
        except BudgetExceeded:  # it forgets slowly, bit by bit: unknown
            assert slow is None
            continue
        outcomes.add(found.proved)
        if isinstance(found, StockDifference):
            word = tuple(edited.vocab.index(token) for token in found.word)
            assert slow == (word if len(word) <= 3 else None), (name, place, value)
        else:
            assert slow is None
    assert outcomes == {True, False}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_not_legal(value: float) -> None:
    model = build("(ab)*")
    found = differs(changed(model, "lm_head.weight", (0, 0), value), "(ab)*")
    assert found.word == ()
    assert "a" in found.language_legal
    assert "a" not in found.model_legal
    for name in model.tensors:
        place = (0,) * model.tensors[name].ndim
        prove(changed(model, name, place, value), "(ab)*", words=0, max_states=5_000)  # it ends


def test_special_tokens_are_read_in_the_middle_too() -> None:
    """Were BOS or EOS to do something else to the language, a word with them would be found."""
    model = build("(ab)*")
    over = TokenDFA.of(regex("(ab)*").dfa, model.alphabet)
    bos, eos, _, unk = token_ids(2)
    net = stock_model(model)
    for token, others in ((bos, []), (eos, [unk])):
        table = over.table.copy()
        table[:, [token, *others]] = over.table[:, [0]]  # as if it were an a
        edited = replace(over, table=table)
        found = explore_stock(StockSteps(net, bos), edited, token_classes(net, edited), task="recognise")
        assert isinstance(found, StockMismatch)
        assert found.tokens == (token,)


def test_special_tokens_in_a_word_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A model for predict does anything after EOS: to recognise it must be dead there, and it is not."""
    from starfree.cli import main

    model = build("(a|b)*", task="predict")
    found = differs(model, "(a|b)*", task="recognise")
    assert found.word == (model.vocab[token_ids(2).eos],)
    assert not found.plain
    assert found.to_json()["word"] == "<eos>"
    model.save(tmp_path)
    assert main(["prove", str(tmp_path), "(a|b)*", "--task", "recognise"]) == 1
    assert "special tokens, which are no symbols: <eos>" in " ".join(capsys.readouterr().out.split())


def test_symbols_of_the_model_that_the_language_lacks_are_dead() -> None:
    wide = build("(ab)*|~(.*)&c")
    assert wide.alphabet == ("a", "b", "c")
    proved(wide, "(ab)*")
    assert differs(build("(ab)*c?"), "(ab)*").word == ()
    with pytest.raises(BadInput, match="'c'"):
        prove(build("(ab)*"), "(abc)*")


@pytest.mark.parametrize("spec", ["@flip_flop", "@d_3", "(a|b)*d(b|c)*"])
def test_tokens_that_act_alike_are_read_once(spec: str) -> None:
    model = build(spec)
    dfa = starfree.load(spec).dfa
    net, over = stock_model(model), TokenDFA.of(dfa, model.alphabet)
    bos, eos, pad, unk = token_ids(len(model.alphabet))
    explored = token_classes(net, over).tolist()
    columns = {tuple(dfa.table[:, i]) for i in range(len(dfa.alphabet))}
    assert len(explored) == len(columns) + 2
    assert explored[-2:] == [bos, eos]
    assert not {pad, unk} & set(explored)


@pytest.mark.parametrize("target", ["mamba", "mamba2"])
@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_a_proof_holds_what_it_found(task: str, target: str) -> None:
    model = build("@d_3", task=task, target=target)
    dfa = catalog["d_3"].dfa
    net, over = stock_model(model), TokenDFA.of(dfa, model.alphabet)
    steps = StockSteps(net, token_ids(len(model.alphabet)).bos)
    told: list[int] = []
    found = explore_stock(steps, over, token_classes(net, over), task=task, progress=told.append)
    assert isinstance(found, StockProduct)
    assert told[-1] == len(found) == len(set(map(tuple, np.column_stack([found.codes, found.states]))))
    explored = found.successors >= 0
    live = over.live[over.table[found.states]][:, found.explored]
    assert np.array_equal(explored, live if task == "predict" else np.ones_like(live))
    for state in range(1, len(found)):
        column = found.explored.tolist().index(found.token[state])
        assert found.successors[found.parent[state], column] == state
    some = np.random.default_rng(SEED).permutation(np.argwhere(explored))[: count(40, 10_000)]
    for state, column in some:  # the twin: each row alone
        after, _ = steps.step(found.codes[[state]], found.explored[[column]])
        assert np.array_equal(after[0], found.codes[found.successors[state, column]])
    assert same_alone(steps, found, rows=8, seed=SEED)
    assert (found.margin, found.illegal_mass) == (64.0, 0.0)


def test_a_hold_is_a_fixed_point() -> None:
    model = build("@flip_flop")
    net, over = stock_model(model), TokenDFA.of(catalog["flip_flop"].dfa, model.alphabet)
    found = explore_stock(
        StockSteps(net, token_ids(len(model.alphabet)).bos), over, token_classes(net, over), task="recognise"
    )
    assert isinstance(found, StockProduct)
    # Nothing moves when a dead prefix grows by the same token again, whatever the token.
    assert (found.held() > 0).all()


def test_the_first_shortest_word_whatever_the_batch() -> None:
    model, dfa = build("@d_3"), catalog["d_2"].dfa
    net, over = stock_model(model), TokenDFA.of(dfa, model.alphabet)
    for batch in (1, 3, 4096):
        steps = StockSteps(net, token_ids(2).bos)
        steps.batch = batch
        found = explore_stock(steps, over, token_classes(net, over), task="recognise")
        assert isinstance(found, StockMismatch)
        assert found.tokens == (0, 0)


def test_errors_in_the_weights_make_the_batch_matter_and_single_rows_do_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(SEED)
    model = build("a*", robust=True)
    edited = replace(
        model,
        tensors={
            name: (weight * (1 + 0.01 * rng.standard_normal(weight.shape))).astype(np.float32)
            for name, weight in model.tensors.items()
        },
    )
    alone = proved(edited, "a*", single=True)
    assert alone.alone
    assert alone.single
    edited.save(tmp_path)
    certificate = json.loads(json.dumps(alone.certificate()))
    assert check(certificate, directory=tmp_path).accepted
    together = proved(edited, "a*")
    with pytest.raises(BadInput, match="--single"):
        replace(together, alone=False).certificate()
    assert (
        proved(model, "a*", single=True).product.parent.tolist()
        == proved(model, "a*").product.parent.tolist()
    )


@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_long_words_err_and_begin_again(task: str) -> None:
    over = TokenDFA.of(catalog["d_3"].dfa, ("a", "b"))
    words = long_words(over, task=task, words=3, length=2_000, seed=SEED)
    assert np.array_equal(words, long_words(over, task=task, words=3, length=2_000, seed=SEED))
    bos, eos, pad, unk = token_ids(2)
    assert (words[:, 0] == bos).all()
    assert (words[:, 1:] == bos).any(axis=1).all()
    assert not (words == pad).any()
    dead = np.zeros(3, np.bool_)
    state = np.full(3, over.start)
    for column in words.T:
        state = over.table[state, column]
        dead |= ~over.live[state]
    assert dead.all() == (task == "recognise")
    assert np.isin(words, [eos, unk]).any() == (task == "recognise")


def test_a_full_forward_that_differs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model, dfa = build("(ab)*"), regex("(ab)*").dfa
    net, over = stock_model(model), TokenDFA.of(dfa, model.alphabet)
    whole = type(net).forward

    def late(self: Any, *args: Any, **more: Any) -> Any:
        out = whole(self, *args, **more)
        if not more["use_cache"]:
            out.logits[:, 3] = change(out.logits[:, 3])
        return out

    monkeypatch.setattr(type(net), "forward", late)
    for change, equal in ((lambda logits: logits * 2, False), (lambda logits: logits, True)):  # noqa: B007
        found = compare_paths(
            net, over, task="recognise", words=2, length=9, seed=SEED, budget=starfree.budgets.DEFAULT
        )
        assert not isinstance(found, StockMismatch)
        assert found.equal == equal
        assert found.largest == (0 if equal else 64)
    change = torch.neg
    difference = differs(model, "(ab)*")
    assert (difference.path, len(difference.word)) == ("parallel", 3)


def test_budgets_end_a_proof() -> None:
    model = build("@d_6")
    with pytest.raises(BudgetExceeded, match="max-states"):
        prove(model, "@d_6", max_states=500)
    with pytest.raises(BudgetExceeded, match="timeout"):
        prove(model, "@d_6", timeout=0.0)


def test_a_dtype_or_single_rows_of_an_ssm_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="own arithmetic"):
        prove(starfree.build("(ab)*"), "(ab)*", dtype="float32")
    with pytest.raises(BadInput, match="own arithmetic"):
        prove(starfree.build("(ab)*"), "(ab)*", single=True)
    for dtype in ("float64", "", "float32 "):
        with pytest.raises(BadInput, match="not a dtype"):
            prove(build("(ab)*"), "(ab)*", dtype=dtype)


# The checker


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    directory = tmp_path_factory.mktemp("stock")
    build("(ab)*").save(directory)
    return json.loads(json.dumps(proved(directory, "(ab)*").certificate())), directory


@pytest.mark.parametrize("target", ["mamba", "mamba2"])
@pytest.mark.parametrize("task", ["recognise", "predict"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_certificate_is_accepted(target: str, task: str, dtype: str, tmp_path: Path) -> None:
    build("@d_3", target=target, task=task).save(tmp_path)
    found = proved(tmp_path, "@d_3", dtype=dtype)
    result = check(json.loads(json.dumps(found.certificate())), directory=tmp_path)
    assert result.accepted, result.reason
    assert f"{found.size:,} product states" in result.reason
    assert dtype in result.statement


def test_the_digest_of_a_value_is_that_of_its_file(case: tuple[dict[str, Any], Path]) -> None:
    certificate, _ = case
    assert proved(build("(ab)*"), "(ab)*").digest == certificate["evidence"]["sha256"]


def test_every_place_of_a_certificate_is_checked(case: tuple[dict[str, Any], Path]) -> None:
    certificate, directory = case
    places = [path for path in list(paths(certificate))[1:] if path != ("language", "spec")]
    step = 1 if count(0, 1) else 7
    versions = {("evidence", "torch"), ("evidence", "transformers")}
    for path in [*places[::step], *versions]:
        for odd in ("x", 1.5, {}):
            mutant = copy.deepcopy(certificate)
            put(mutant, path, odd)
            if get(mutant, path) == get(certificate, path):
                continue
            if path in versions and odd == "x":
                with pytest.raises(Unavailable, match="x, and"):
                    check(mutant, directory=directory)
            else:
                assert not check(mutant, directory=directory).accepted, path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("evidence", "transitions"), 163),
        (("evidence", "single"), 1),
        (("evidence", "access", 1), [0, 1]),
        (("evidence", "access"), [None]),
        (("evidence", "sha256"), "0" * 64),
        (("task",), "predict"),
        (("arithmetic",), "float64"),
        (("model",), "../model.safetensors"),
        (("language", "spec"), "(ab)*a?"),
    ],
)
def test_another_claim_is_rejected(case: tuple[dict[str, Any], Path], path: Any, value: Any) -> None:
    certificate, directory = case
    mutant = copy.deepcopy(certificate)
    put(mutant, path, value)
    assert not check(mutant, directory=directory).accepted


def damaged(case: tuple[dict[str, Any], Path], folder: Path) -> tuple[dict[str, Any], Path]:
    certificate, directory = case
    for file in directory.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return copy.deepcopy(certificate), folder


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model_type", "gpt2"),
        ("num_hidden_layers", 10**9),
        ("num_hidden_layers", 2),
        ("hidden_size", 10**9),
        ("expand", 4),
        ("layer_norm_epsilon", 1.0),
        ("bos_token_id", 0),
        ("vocab_size", 5),
        ("quantization_config", {}),
        ("state_size", True),
    ],
)
def test_another_configuration_is_rejected(
    case: tuple[dict[str, Any], Path], name: str, value: object, tmp_path: Path
) -> None:
    certificate, folder = damaged(case, tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, name: value}))
    assert not check(certificate, directory=folder).accepted


def test_damaged_files_are_rejected(case: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    import hashlib

    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        content = (case[1] / name).read_bytes()
        for edit in (b"", content[:-9], b"[]", b"\xff" * 20):
            certificate, folder = damaged(case, tmp_path)
            (folder / name).write_bytes(edit)
            if name == "model.safetensors":
                certificate["evidence"]["sha256"] = hashlib.sha256(edit).hexdigest()
            assert not check(certificate, directory=folder).accepted
        damaged(case, tmp_path)
        (folder / name).unlink()
        assert "is not there" in check(certificate, directory=folder).reason
    assert "not at hand" in check(case[0]).reason


def test_a_check_has_budgets(case: tuple[dict[str, Any], Path]) -> None:
    certificate, directory = case
    with pytest.raises(BudgetError):
        check(certificate, directory=directory, max_states=10)


def test_without_transformers_a_check_is_unknown(case: tuple[dict[str, Any], Path]) -> None:
    certificate, directory = case
    (directory / "proof.json").write_text(json.dumps(certificate))
    code = (
        "import sys; sys.modules['transformers'] = None; from starfree.cli import main; "
        f"sys.exit(main(['check', {str(directory / 'proof.json')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "unknown, because transformers is not installed" in done.stderr
    assert "pip install starfree[hf]" in done.stderr


def test_another_version_is_unknown(case: tuple[dict[str, Any], Path]) -> None:
    certificate, directory = case
    other = copy.deepcopy(certificate)
    other["evidence"]["transformers"] = "4.0.0"
    with pytest.raises(Unchecked, match=r"4\.0\.0"):
        starfree.check(other, directory=directory)


def test_a_changed_weight_is_rejected(case: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    """With the digest of the changed file: what it does is what counts."""
    edited = changed(build("(ab)*"), "lm_head.weight", (0, 0), 500.0)
    edited.save(tmp_path)
    certificate = copy.deepcopy(case[0])
    from starfree.proofs.prove_stock import weights_digest

    certificate["evidence"]["sha256"] = weights_digest(tmp_path)
    assert "a legal set" in check(certificate, directory=tmp_path).reason


def test_a_proof_about_batches_says_so_in_its_first_words() -> None:
    proof = prove(build("(ab)*"), "(ab)*", words=1, length=10)
    assert isinstance(proof, StockProof)
    screen = Screen()
    assert "float32): " in _stock_proof(screen, proof)
    assert "float32, in these batches only): " in _stock_proof(screen, replace(proof, alone=False))
