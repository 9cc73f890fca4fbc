"""Training: members are apart, what is stopped goes on, what is known comes out."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from starfree.errors import BadInput
from starfree.learning.batches import Batches, Epochs, words_in_order
from starfree.learning.control import shuffled
from starfree.learning.heads import Joint, KHot, NextToken
from starfree.learning.initial import initial_network
from starfree.learning.job import Job, grouped, job_from_json
from starfree.learning.material import Material, material
from starfree.learning.optimiser import EnsembleAdamW, learning_rate_factor
from starfree.learning.results import READS
from starfree.learning.runner import run_group, run_jobs, training_words
from starfree.learning.store import Store
from starfree.learning.train import evaluate, summed_loss, train
from starfree.models.networks import make

SMALL = Job(
    "@tomita_4",
    width=16,
    window=(1, 12),
    bins=((1, 12), (13, 24)),
    words=200,
    test_words=50,
    steps=60,
    warm_up=10,
    evaluate_every=10,
    patience=0,
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


CPU = torch.device("cpu")


def words_of(job: Job) -> tuple[Material, Epochs, Batches]:
    found = material(job)
    words, held = (
        Batches.of(part.examples, CPU, head=found.head, targets=part.targets)
        for part in (found.training, found.validation)
    )
    return found, Epochs(words, job.batch), held


@pytest.mark.parametrize("model", ["mamba", "lstm", "transformer"])
def test_an_ensemble_is_what_its_members_are_alone(model: str) -> None:
    jobs = [
        replace(SMALL, model=model, seed=seed, learning_rate=rate)
        for seed, rate in [(0, 3e-3), (1, 1e-3), (2, 1e-2)]
    ]
    found, words, held = words_of(SMALL)
    together = initial_network(jobs, found.language).double()
    members = train(together, jobs, words, held)
    for place, job in enumerate(jobs):
        alone = initial_network([job], found.language).double()
        (member,) = train(alone, [job], words, held)
        ours = [weight[place] for weight in together.parameters()]
        own = [weight[0] for weight in alone.parameters()]
        assert all(torch.allclose(a, b, rtol=0, atol=1e-9) for a, b in zip(ours, own, strict=True))
        assert [point.step for point in member.curve] == [point.step for point in members[place].curve]
        losses = [[point.loss for point in one.curve] for one in (member, members[place])]
        assert np.allclose(*losses, rtol=0, atol=1e-6)


def test_the_optimiser_is_torchs() -> None:
    words = words_of(SMALL)[1].words
    ours = make("mamba", 6, layers=1, width=16, seeds=[0]).double()
    theirs = make("mamba", 6, layers=1, width=16, seeds=[0]).double()
    optimiser = EnsembleAdamW(ours, torch.tensor([1e-2], dtype=torch.float64), 0.1, 0.5)
    from starfree.learning.optimiser import decayed

    named = list(theirs.named_parameters())
    groups = [
        {"params": [w for n, w in named if decayed(n, w) == flag], "weight_decay": 0.1 * flag}
        for flag in (0, 1)
    ]
    assert all(group["params"] for group in groups)
    reference = torch.optim.AdamW(groups, lr=1e-2)
    order = words_in_order(len(words), 8, 0)
    for _ in range(20):
        rows = next(order)[None]
        for network in (ours, theirs):
            for weight in network.parameters():
                weight.grad = None
            (summed_loss(network, words.head, *words.rows(rows)) / 30).sum().backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        optimiser.step(1.0)
        reference.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-9)


def test_the_learning_rate_rises_and_falls() -> None:
    factors = [learning_rate_factor(step, 10, 100) for step in range(100)]
    assert factors[9] == 1 == max(factors)
    assert factors[:10] == sorted(factors[:10])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert 0 < factors[-1] < 1e-2


def test_every_word_comes_once_an_epoch() -> None:
    order = words_in_order(10, 4, seed=3)
    rows = np.concatenate([next(order) for _ in range(10)])
    assert all(sorted(rows[i : i + 10].tolist()) == list(range(10)) for i in range(0, 40, 10))
    later = words_in_order(10, 4, seed=3, step=7)
    assert np.array_equal(next(later), rows[28:32])


def test_batches_are_those_of_their_step_in_whatever_order_they_are_asked_for() -> None:
    found, words, _ = words_of(SMALL)
    asked = [(step, seed) for step in (0, 1, 1, 4, 2, 3, 3, 40) for seed in (0, 7)]
    for step, seed in asked:
        rows = next(words_in_order(len(words.words), SMALL.batch, seed, step))
        assert torch.equal(words.batch([seed], step).tokens, words.words.tokens[torch.as_tensor(rows)])
        both = words.batch([seed, seed], step).tokens
        assert torch.equal(both[: SMALL.batch], both[SMALL.batch :])
    assert len(found.training.examples) == len(words.words)


def test_networks_are_measured_without_dropout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dropping.py").write_text(
        "from torch import nn\n"
        "def net(tokens, layers, width):\n"
        "    return nn.Sequential(nn.Embedding(tokens, width), nn.Dropout(0.9), nn.Linear(width, tokens))\n"
    )
    monkeypatch.chdir(tmp_path)
    job = replace(SMALL, model="dropping:net")
    found, _, held = words_of(job)
    network = initial_network([job], found.language)
    network.train()
    first, second = evaluate(network, held), evaluate(network, held)
    assert first == second


def test_padding_does_not_count() -> None:
    """The loss of words of different lengths is the mean over their positions, each on its own."""
    words = words_of(SMALL)[1].words
    network = make("mamba", 6, layers=1, width=16, seeds=[0]).double()
    rows = np.arange(6)[None]
    together = summed_loss(network, words.head, *words.rows(rows))
    apart = sum(summed_loss(network, words.head, *words.rows(rows[:, i : i + 1])) for i in range(6))
    assert torch.allclose(together, apart, rtol=1e-12)
    assert len({int(length) for length in words.lengths[:6]}) > 1


def test_a_batch_that_does_not_fit_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradients are the same when memory runs out for more than two words at a time."""
    from starfree.learning import train as module

    _, words, held = words_of(SMALL)
    results = []
    for most in (32, 2, 0):
        network = make("mamba", 6, layers=1, width=16, seeds=[0]).double()

        def small(network, head, tokens, targets, asked, most=most):  # type: ignore[no-untyped-def]
            if tokens.shape[1] > most:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return summed_loss(network, head, tokens, targets, asked)

        monkeypatch.setattr(module, "summed_loss", small)
        job = replace(SMALL, steps=3, evaluate_every=3)
        if most == 0:
            with pytest.raises(BadInput, match="does not fit in memory"):
                train(network, [job], words, held)
            continue
        train(network, [job], words, held)
        results.append([weight.detach().clone() for weight in network.parameters()])
    assert all(torch.allclose(a, b, rtol=0, atol=1e-10) for a, b in zip(*results, strict=True))


def test_a_loss_that_is_no_number_stops_one_member_only(tmp_path: Path) -> None:
    jobs = [replace(SMALL, seed=0), replace(SMALL, seed=1, learning_rate=1e30), replace(SMALL, seed=2)]
    run_group(jobs, tmp_path, lambda step, members: None)
    records = Store.open(tmp_path).runs()
    assert [record.run.status for record in records] == ["finished", "nan", "finished"]
    assert [len(record.bins) for record in records] == [2, 0, 2]
    assert records[1].run.steps < 60 == records[0].run.steps


def test_built_weights_are_right_in_every_bin(tmp_path: Path) -> None:
    """The harness where the answer is known: exact weights, trained for no step that matters."""
    jobs = [
        replace(
            SMALL,
            language=language,
            model=model,
            init="built",
            steps=1,
            warm_up=10_000,
            learning_rate=1e-30,
            test_words=100,
        )
        for language in ("@tomita_4", "@d_2", "@ab_d_bc")
        for model in ("mamba", "mamba2")
    ]
    assert run_jobs(jobs, tmp_path, workers=1) == []
    for record in Store.open(tmp_path).runs():
        assert all(each.words_right == each.words for each in record.bins), record.run.language


def test_shuffled_labels_score_as_a_constant_does(tmp_path: Path) -> None:
    job = replace(
        SMALL,
        language="@parity",
        shuffled=True,
        steps=200,
        evaluate_every=100,
        window=(4, 12),
        bins=((4, 12), (13, 24)),
        words=1000,
    )
    run_group([job], tmp_path, lambda step, members: None)
    (record,) = Store.open(tmp_path).runs()
    for each in record.bins:
        assert each.words_right == each.extra["baselines"]["majority"]["words"] == 0
        assert abs(each.ends_right - each.extra["baselines"]["majority"]["end"]) <= 0.1 * each.positions


def test_shuffling_keeps_how_frequent_each_legal_set_is() -> None:
    words = material(SMALL).training.examples
    other = shuffled(words, 0)
    first, second = (np.unique(each.legal[each.mask], axis=0, return_counts=True) for each in (words, other))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert (other.legal != words.legal).any()


def _run(jobs: list[Job], directory: Path, seen: str | None) -> None:
    torch.set_num_threads(1)

    def told(step: int, members: object) -> None:
        if seen is not None:
            Path(seen).write_text(str(step))
            time.sleep(0.2)

    run_group(jobs, directory, told)


def test_killed_in_the_middle_it_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    jobs = [replace(SMALL, seed=seed) for seed in (0, 1)]
    _run(jobs, tmp_path / "whole", None)
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(jobs, tmp_path / "killed", str(tmp_path / "seen"))
    )
    process.start()
    while not (tmp_path / "seen").exists() or (tmp_path / "seen").read_text() not in ("20", "30", "40"):
        assert process.is_alive()
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert Store.open(tmp_path / "killed").runs() == []
    steps: list[int] = []
    run_group(jobs, tmp_path / "killed", lambda step, members: steps.append(step))
    assert steps[0] >= 30, "it began from the start"
    first, second = (Store.open(tmp_path / name).runs() for name in ("whole", "killed"))
    for one, two in zip(first, second, strict=True):
        assert one.bins == two.bins
        assert one.curve == two.curve


def _run_without_room(directory: Path, out: str) -> None:
    torch.set_num_threads(1)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
    try:
        run_group([SMALL], directory, lambda step, members: None)
    except BadInput as error:
        os.write(int(out), str(error).encode())


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    Store.open(tmp_path)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_without_room(tmp_path, str(write))
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    said = os.read(read, 10_000).decode()
    os.close(read)
    assert "cannot be written" in said
    assert not list((tmp_path / "checkpoints").glob("*.part"))


def test_jobs_that_are_there_are_not_run_again(tmp_path: Path) -> None:
    assert run_jobs([SMALL], tmp_path, workers=1) == []
    before = Store.open(tmp_path).to_json()
    assert run_jobs([SMALL], tmp_path, workers=1) == []
    assert Store.open(tmp_path).to_json() == before
    assert not list((tmp_path / "checkpoints").iterdir())


def test_an_error_of_one_group_leaves_the_others(tmp_path: Path) -> None:
    bad = replace(SMALL, language="(aa)*", window=(1, 1), bins=((1, 1),))
    (error,) = run_jobs([bad, SMALL], tmp_path, workers=1)
    assert "no word has such a length" in str(error)
    assert [record.run.language for record in Store.open(tmp_path).runs()] == ["@tomita_4"]


def test_another_checkpoint_is_refused(tmp_path: Path) -> None:
    found, words, held = words_of(SMALL)
    file = tmp_path / "x.pt"
    file.write_bytes(b"not one")
    with pytest.raises(BadInput, match="is not one of these jobs"):
        train(initial_network([SMALL], found.language), [SMALL], words, held, checkpoint=file)


def test_selection_looks_at_validation_only() -> None:
    """The weights kept are those of the best validation point, whatever came after."""
    job = replace(SMALL, learning_rate=0.05, steps=120, warm_up=1)
    found, words, held = words_of(job)
    network = initial_network([job], found.language)
    (member,) = train(network, [job], words, held)
    assert member.best is not None
    best = max(point.validation_words_right for point in member.curve)
    kept = next(point for point in member.curve if point.step == member.best[0])
    assert kept.validation_words_right == best
    assert evaluate(network, held)[0][0] == best


def test_jobs_are_documents() -> None:
    job = replace(SMALL, seed=7)
    assert job_from_json(job.to_json()) == job
    assert job_from_json(job.to_json()).id == job.id != SMALL.id
    for bad, why in [
        ({"language": "a", "depth": 1}, "is not one"),
        ({"language": "a", "layers": "x"}, "another type"),
        ({}, "names no language"),
    ]:
        with pytest.raises(BadInput, match=why):
            job_from_json(bad)
    assert [len(group) for group in grouped([SMALL, job, replace(job, width=32)], 5)] == [2, 1]


def test_heads_say_what_is_right() -> None:
    """By hand: two symbols, three positions."""
    legal = torch.tensor([[[[1, 0, 1], [0, 1, 0], [1, 1, 0]]]], dtype=torch.uint8)
    logits = torch.tensor([[[[2.0, -1, 9, 1, 0, 0], [-1, 3, 9, -1, 0, 0], [1, -1, 9, -1, 0, 0]]]])
    assert KHot(2).right(logits, legal).tolist() == [[[True, True, False]]]
    expected = torch.nn.functional.softplus(torch.tensor([-2.0, -1, -1])).mean()
    assert KHot(2).losses(logits, legal)[0, 0, 0] == pytest.approx(float(expected))
    joint, classes = torch.tensor([[[[2.0, 1], [0, 3], [5, 0]]]]), torch.tensor([[[0, 0, 2]]])
    assert Joint(2).right(joint, classes).tolist() == [[[True, False, False]]]
    assert Joint(2).losses(joint, classes)[0, 0, 1] == pytest.approx(np.log1p(np.exp(3.0)))
    following = torch.cat([legal, torch.tensor([[[[0], [1], [2]]]])], -1)
    even = torch.zeros(1, 1, 3, 6)
    assert NextToken(2).losses(even, following)[0, 0].tolist() == pytest.approx([np.log(3)] * 3)
    even[0, 0, 1, [0, 3]] = -9  # only the second symbol is left
    assert NextToken(2).right(even, following).tolist() == [[[False, True, False]]]
    assert Joint(2, "mse").losses(joint, classes)[0, 0, 0] == pytest.approx((1 + 1) / 2)


@pytest.mark.parametrize("language", ["@tomita_4", "@flip_flop", "@dyck_1"])
def test_the_joint_head_learns_too(tmp_path: Path, language: str) -> None:
    job = replace(
        SMALL,
        language=language,
        head="joint",
        steps=150,
        learning_rate=0.01,
        patience=2,
        window=(2, 8),
        bins=((2, 8), (9, 12)),
        words=100,
    )
    run_group([job], tmp_path, lambda step, members: None)
    (record,) = Store.open(tmp_path).runs()
    first = record.bins[0]
    assert first.words_right > 0.5 * first.words
    assert first.ends_right >= first.positions_right
    assert (READS in first.extra["measures"]) == (language == "@flip_flop")


def test_as_published_trains_on_the_published_classes(tmp_path: Path) -> None:
    job = replace(SMALL, language="@ab_d_bc", source="as-published", steps=20, evaluate_every=20, batch=32)
    run_group([job], tmp_path, lambda step, members: None)
    (record,) = Store.open(tmp_path).runs()
    assert [each.extra["published"] for each in record.bins] == [True, True]
    # The look-up of 1 and of 4 symbols has about the words right that the committed files give it.
    shares = [
        record.bins[0].extra["baselines"][name]["words"] / record.bins[0].words
        for name in ("lookup_1", "lookup_4")
    ]
    assert shares == pytest.approx([0.141, 0.750], abs=0.06)
    with pytest.raises(BadInput, match="not among the published"):
        material(replace(job, language="@c_comment"))


def test_new_words_at_every_step(tmp_path: Path) -> None:
    """Streaming: the words depend on seed and step only, none is tested on, and stopping changes nothing."""
    job = replace(SMALL, words=0, seed=3)
    found = material(job)
    source = training_words(job, found, CPU)
    first, other = source.batch([3, 4], 5), source.batch([4], 5)
    assert torch.equal(first.tokens[32:], other.tokens)
    assert not torch.equal(first.tokens[:32], other.tokens)
    assert torch.equal(training_words(job, found, CPU).batch([3], 5).tokens, first.tokens[:32])
    held = {*found.validation.examples.words(), *found.bins[0].examples.words()}
    drawn = {tuple(row) for step in range(40) for row in source.batch([3], step).tokens.tolist()}
    assert len(drawn) > 100
    tested = {(2, *map(int, word)) for word in held}
    assert not {tuple(t for t in row if t != 4) for row in drawn} & tested
    for head in ("khot", "joint"):
        run_group([replace(job, head=head)], tmp_path / head, lambda step, members: None)
        (record,) = Store.open(tmp_path / head).runs()
        assert record.curve[-1].loss < record.curve[0].loss


def test_memory_that_runs_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ["DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes", "another mistake"]

    def fails(*_: object) -> None:
        raise RuntimeError(said[0])

    monkeypatch.setattr("starfree.learning.initial.initial_network", fails)
    (error,) = run_jobs([SMALL], tmp_path, workers=1)
    assert "mamba, layers 1, width 16: needs more memory" in str(error)
    del said[0]
    with pytest.raises(RuntimeError, match="another mistake"):
        run_jobs([SMALL], tmp_path, workers=1)
