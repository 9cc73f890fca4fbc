"""Running jobs: worker processes with one thread each; whatever happens, what is finished is kept."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, StarfreeError
from ..models.stock import one_thread
from .job import Job, grouped
from .store import Store

if TYPE_CHECKING:
    import torch

    from ..models.mamba import Mamba
    from ..models.networks import Ensemble
    from ..models.networks.trained import Trained
    from .batches import Source
    from .examples import Examples
    from .material import Material
    from .train import Member

Report = Callable[["Progress"], None]
_LOOK = 0.2  # seconds between two looks at what the workers say
# Jobs trained as one ensemble: on a CPU more gain little, and cannot be shared out.
_TOGETHER = {"cpu": 3, "cuda": 64}


@dataclass(frozen=True)
class Progress:
    """What a worker says at an evaluation, or at the end of a group of jobs.

    Arguments:
        group: its number.
        label: what is trained.
        steps: made so far by each job.
        of: the most that each may make.
        right: share of validation words right, of the worst and the best job.
        done: whether the group is at its end.
    """

    group: int
    label: str
    steps: int
    of: int
    right: tuple[float, float]
    done: bool = False


def run_jobs(
    jobs: Sequence[Job],
    directory: Path,
    *,
    workers: int | None = None,
    device: str | None = None,
    report: Report | None = None,
) -> list[StarfreeError]:
    """Run the jobs that the store of a directory does not have yet; what is stopped goes on from there.

    Arguments:
        jobs: what to train.
        directory: of the results; checkpoints of what runs stand in it too.
        workers: processes; as many as there are cores, at most one a group, when None; one on a GPU.
        device: "cpu" or "cuda"; a GPU where torch finds one, when None.
        report: told how far a group is.

    Returns:
        one error for each group that could not be run; the other groups are finished.

    Complexity: that of the jobs, over the workers.
    """
    device = device_named(device)
    known = {record.run.id for record in Store.open(directory).runs()}
    every = [[job for job in group if job.id not in known] for group in grouped(jobs, _TOGETHER[device])]
    groups = [(place, group) for place, group in enumerate(every) if group]
    number = min(len(groups), 1 if device == "cuda" else workers or os.cpu_count() or 1)
    say = report or (lambda progress: None)
    if number <= 1:
        with one_thread():
            errors = [_run(place, group, directory, device, say) for place, group in groups]
    else:
        errors = list(_side_by_side(groups, directory, number, say))
    return [error for error in errors if error is not None]


def _side_by_side(
    groups: Sequence[tuple[int, Sequence[Job]]], directory: Path, number: int, say: Report
) -> Iterator[StarfreeError | None]:
    """Run groups in processes of their own, and yield what became of each."""
    context = get_context("spawn")
    with one_thread_each(), context.Manager() as manager:
        said = manager.Queue()
        pool = ProcessPoolExecutor(number, mp_context=context, initializer=_alone)
        try:
            running: set[Future[StarfreeError | None]] = {
                pool.submit(_run, place, group, directory, "cpu", said.put) for place, group in groups
            }
            while running:
                done, running = wait(running, timeout=_LOOK, return_when=FIRST_COMPLETED)
                for progress in _drain(said):
                    say(progress)
                yield from (future.result() for future in done)
        except BrokenProcessPool:
            why = "a worker process was killed, perhaps because memory ran out"
            do = "Run it again with fewer workers: it goes on where it was."
            raise BadInput("training", why, do) from None
        except BaseException:
            for process in list(pool._processes.values()):  # an interrupt: nobody waits for their end
                process.kill()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def device_named(device: str | None) -> str:
    """Return "cpu" or "cuda"; when None, a GPU where there is one."""
    import torch

    found = torch.cuda.is_available()
    if device not in (None, *_TOGETHER) or (device == "cuda" and not found):
        why = "is not one that torch finds here"
        raise BadInput(f"device {device}", why, f"Use {'cpu or cuda' if found else 'cpu'}.")
    return device or ("cuda" if found else "cpu")


def run_group(
    jobs: Sequence[Job],
    directory: Path,
    told: Callable[[int, Sequence[Member]], None],
    device: str = "cpu",
) -> None:
    """Train jobs as one ensemble, measure them, and add them to the store of a directory.

    Raises:
        BadInput: for a language without words in a bin, a network that cannot be made, a full disk.
        BudgetExceeded: when the language is too large.
    """
    from .batches import Batches
    from .heads import KHot
    from .initial import initial_network
    from .material import material
    from .origin import git_commit, versions
    from .results import Run
    from .scoring import bin_results
    from .train import train

    began = time.perf_counter()
    found = material(jobs[0])
    network = initial_network(jobs, found.language, found.head.outputs).to(device)
    checkpoint = directory / "checkpoints" / f"{'-'.join(job.id for job in jobs)[:100]}.pt"
    words = training_words(jobs[0], found, network.device)
    held = Batches.of(
        found.validation.examples, network.device, head=found.head, targets=found.validation.targets
    )
    members = train(network, jobs, words, held, checkpoint=checkpoint, progress=told)
    measured = bin_results(network, [job.id for job in jobs], found)
    store = Store.open(directory)
    if isinstance(found.head, KHot) or found.classes is not None:  # others do not answer by legal sets
        save_members(network, jobs, found, directory / "models")
    seconds = (time.perf_counter() - began) / len(jobs)
    for member, bins in zip(members, measured, strict=True):
        one = member.job
        finished = member.status != "nan"
        best = member.best[0] if member.best else 0
        run = Run(
            one.id,
            one.language,
            "predict",
            one.model,
            *size_of(network, one),
            network.parameters_each,
            one.to_json(),
            one.seed,
            "finished" if finished else "nan",
            member.curve[-1].step,
            best,
            seconds,
            versions("transformers"),
            git_commit(),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        store.add(run, bins if finished else (), member.curve)
    checkpoint.unlink(missing_ok=True)


def size_of(network: Ensemble, job: Job) -> tuple[int, int]:
    """Return layers and width: those of the job, or those that built weights have."""
    from ..models.networks import Network

    if job.init == "random" or not isinstance(network, Network):
        return job.layers, job.width
    return len(network.blocks), network.backbone.embeddings.weight.shape[-1]


def training_words(job: Job, found: Material, device: torch.device) -> Source:
    """Return where the training words of a job come from: the same ones again and again, or new ones."""
    from .batches import Batches, Epochs, Streaming
    from .heads import NextToken
    from .material import class_targets, next_targets

    if found.stream is None:
        part = found.training
        words = Batches.of(part.examples, device, head=found.head, targets=part.targets)
        return Epochs(words, job.batch)

    def encode(examples: Examples) -> Batches:
        targets = None if found.classes is None else class_targets(examples, found.classes)
        if isinstance(found.head, NextToken):
            targets = next_targets(examples)
        return Batches.of(examples, device, head=found.head, targets=targets)

    return Streaming(found.stream, encode, found.head, job.data_seed)


def save_members(network: Ensemble, jobs: Sequence[Job], found: Material, folder: Path) -> None:
    """Save each member under the id of its job: as a stock checkpoint where `transformers` has its class.

    A network of the user's own is not saved: only its factory could make it again.
    """
    from ..models.networks import Network
    from ..models.networks.exchange import to_stock
    from ..models.networks.trained import member_of

    if not isinstance(network, Network):
        return
    alphabet = found.language.alphabet
    classes = None if found.classes is None else found.classes.table
    for member, job in enumerate(jobs):
        origin = {"language": job.language, "variant": "trained", "job": job.to_json()}
        model: Mamba | Trained
        if job.model in ("mamba", "mamba2") and classes is None:
            model = to_stock(network, member, alphabet, "predict", origin)
        else:
            about = {"name": job.model, "alphabet": alphabet, "task": "predict", "origin": origin}
            sizes = {"layers": job.layers, "width": job.width}
            model = member_of(network, member, classes=classes, **about, **sizes)
        model.save(folder / job.id)


def _run(number: int, jobs: Sequence[Job], directory: Path, device: str, say: Report) -> StarfreeError | None:
    """Run a group; an error of the user's comes back as a value, so that the other groups go on."""
    job = jobs[0]
    label = f"{job.language} {job.model}, layers {job.layers}"

    def told(step: int, members: Sequence[Member]) -> None:
        last = [one.curve[-1] for one in members if one.curve]
        shares = [point.validation_words_right / point.validation_words for point in last]
        say(Progress(number, label, step, job.steps, (min(shares), max(shares))))

    try:
        run_group(jobs, directory, told, device)
    except StarfreeError as error:
        return error
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        what = f"{job.model}, layers {job.layers}, width {job.width}"
        return BadInput(what, "needs more memory than there is", "Give a smaller width, or fewer layers.")
    finally:
        say(Progress(number, label, job.steps, job.steps, (0.0, 0.0), done=True))
    return None


def _out_of_memory(error: Exception) -> bool:
    """Say whether an error is torch's way, or Python's, to say that memory ran out."""
    import torch

    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return "can't allocate memory" in str(error) or "Storage size calculation overflowed" in str(error)


def _alone() -> None:
    """Let a worker process use one thread, and leave interrupts to the process that started it."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def _drain(said: Any) -> Iterator[Progress]:
    while True:
        try:
            yield said.get_nowait()
        except Empty:
            return


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let the processes that are started meanwhile use one thread each, and memory as large tensors need it.

    glibc gives large blocks back to the system at once; training asks for the same ones again and again.
    """
    wanted = {
        "OMP_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": str(1 << 32),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
        "MALLOC_TOP_PAD_": str(1 << 28),
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update({name: value for name, value in wanted.items() if before[name] is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
