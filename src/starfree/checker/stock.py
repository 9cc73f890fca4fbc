"""Proofs that a running stock model is a language: the model, explored again through plain `transformers`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .automaton import Automaton
from .outcome import Meter, Rejected, Unavailable, require
from .proof import widen
from .reading import choice, flag, integer, items, record, shown, text
from .stock_files import WEIGHTS, read_checkpoint

DTYPES = ("float32", "bfloat16", "float16")
LIBRARIES = ("torch", "transformers")
BATCH = 2048
INSTALL = "Run `pip install starfree[hf]`."

Access = list[tuple[int, int] | None]
Cache = tuple[int, ...]


@dataclass(frozen=True)
class Tokens:
    """What each token does to the DFA, and which are legal.

    Arguments:
        start: the state after BOS.
        table: for each state and token the next state; after EOS, UNK and foreign symbols a dead one.
        legal: for each state and token whether it is legal; EOS stands for END.
        live: for each state whether a word can still come of it.
    """

    start: int
    table: list[list[int]]
    legal: list[list[bool]]
    live: list[bool]


def check_stock(
    certificate: dict[str, Any], automaton: Automaton, directory: Path | None, meter: Meter
) -> str:
    """Run the checkpoint beside the certificate through every product state; return what was checked.

    Raises: `Unavailable` when the libraries that the proof names are not the ones installed.
    Complexity: product states times classes of tokens times one step of the model.
    """
    require(text(certificate["model"], "model") == WEIGHTS, f"the model of a stock proof is {WEIGHTS}")
    dtype = choice(certificate["arithmetic"], "the arithmetic of a stock proof", DTYPES)
    fields = record(
        certificate["evidence"],
        "the evidence",
        ("kind", "sha256", *LIBRARIES, "single", "transitions", "access"),
    )
    claimed = read_access(fields["access"], meter)
    transitions = integer(fields["transitions"], "transitions", 0)
    single = flag(fields["single"], "single")
    versions = {name: text(fields[name], name) for name in LIBRARIES}
    digest = text(fields["sha256"], "sha256")
    if directory is None:
        raise Rejected("the model of the proof is not at hand")
    checkpoint = read_checkpoint(directory)
    require(hashlib.sha256(checkpoint.content).hexdigest() == digest, f"{WEIGHTS} has another sha256")
    tokens = over_tokens(automaton, checkpoint.alphabet)
    net = load(directory, dtype, versions)
    require(net.get_input_embeddings().weight.shape[0] == checkpoint.size, "the vocabulary has another size")
    with one_thread():
        caches = Caches(net, checkpoint.bos, single)
        access, count = explore(caches, tokens, checkpoint.pad, certificate["task"] == "predict", meter)
    require(access == claimed, "access is not what the model, run again, gives")
    require(count == transitions, f"the number of transitions is {count}")
    size = f"{len(access):,} product states"
    return f"the stock model, run again in {dtype}, closes after {size} with the legal sets of the dfa"


def read_access(value: object, meter: Meter) -> Access:
    """Return how the certificate says that each product state is reached."""
    entries = items(value, "access")
    meter.states(len(entries))
    require(bool(entries) and entries[0] is None, "access of the product state 0 is not null")
    access: Access = [None]
    for number, entry in enumerate(entries[1:], start=1):
        pair = items(entry, "an entry of access")
        require(len(pair) == 2, "an entry of access is not [parent, token]")
        access.append((integer(pair[0], "a parent", 0, number), integer(pair[1], "a token of access", 0)))
    return access


def over_tokens(automaton: Automaton, alphabet: tuple[str, ...]) -> Tokens:
    """Return the DFA over the tokens of the model, whose alphabet must contain the language's."""
    wide = widen(automaton, alphabet)
    dead = wide.live.tolist().index(False)  # the language's own dead state, if it has one
    table, legal = [], []
    for row, allowed in zip(wide.table.tolist(), wide.legal.tolist(), strict=True):
        symbols = [dead if state == automaton.states else state for state in row]
        table.append([*symbols, automaton.start, dead, automaton.start, dead])
        legal.append([*allowed[:-1], False, allowed[-1], False, False])
    return Tokens(automaton.start, table, legal, wide.live.tolist())


def load(directory: Path, dtype: str, versions: dict[str, str]) -> Any:
    """Return the model as `transformers` opens it, offline and with no code of the checkpoint."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise Unavailable(f"{error.name} is not installed", INSTALL) from None
    spoken: Any = transformers.utils.logging
    spoken.set_verbosity_error()  # its advice on speed is not about the check
    spoken.disable_progress_bar()
    for library in (torch, transformers):
        name, there = library.__name__, str(library.__version__)
        if there != versions[name]:
            asked = f"the proof is about {name} {shown(versions[name])[1:-1]}"
            raise Unavailable(f"{asked}, and {there} is installed", "Prove the model again, or install it.")
    try:
        opened: Any = transformers.AutoModelForCausalLM.from_pretrained(
            directory,
            dtype=getattr(torch, dtype),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except Exception as error:  # whatever a damaged file makes it raise
        raise Rejected(f"transformers cannot open the model ({type(error).__name__})") from None
    net, told = opened
    for what, names in told.items():
        require(not names, f"transformers reports {what.replace('_', ' ')}: {shown(str(names))}")
    return net.eval()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread, as the prover does: more could add up in another order."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class Caches:
    """The model's one-token path; a cache is a tuple of numbers, one for each tensor's bytes.

    Arguments:
        single: run each row alone.
    """

    def __init__(self, net: Any, bos: int, single: bool) -> None:
        import torch

        self.torch, self.net, self.single = torch, net, single
        with torch.inference_mode():
            out = net(input_ids=torch.tensor([[bos]]), use_cache=True)
        self.cache = out.cache_params
        self.parts = [
            part for layer in self.cache.layers for part in (layer.conv_states, layer.recurrent_states)
        ]
        self.numbers: list[dict[bytes, int]] = [{} for _ in self.parts]
        self.first = self.written()[0], out.logits[0, -1].float().tolist()

    def step(self, caches: list[Cache], read: list[int]) -> list[tuple[Cache, list[float]]]:
        """Return for each cache and token the cache after it, and the logits."""
        if not self.single:
            return self.run(caches, read)
        return [self.run([cache], [token])[0] for cache, token in zip(caches, read, strict=True)]

    def run(self, caches: list[Cache], read: list[int]) -> list[tuple[Cache, list[float]]]:
        """Do so in one batch."""
        for part, numbers, column in zip(self.parts, self.numbers, zip(*caches, strict=True), strict=True):
            contents = list(numbers)
            held = bytearray().join(contents[number] for number in column)
            shape = (len(caches), *part[0].shape[1:])
            part[0] = self.torch.frombuffer(held, dtype=part[0].dtype).reshape(shape)
        with self.torch.inference_mode():
            ids = self.torch.tensor(read)[:, None]
            logits = self.net(input_ids=ids, cache_params=self.cache, use_cache=True).logits[:, -1]
        return list(zip(self.written(), logits.float().tolist(), strict=True))

    def written(self) -> list[Cache]:
        """Return the rows of the cache as the model has left it."""
        columns = []
        for part, numbers in zip(self.parts, self.numbers, strict=True):
            raw = part[0].contiguous().view(self.torch.uint8).reshape(len(part[0]), -1).numpy()
            columns.append([numbers.setdefault(row.tobytes(), len(numbers)) for row in raw])
        return list(zip(*columns, strict=True))


def explore(caches: Caches, tokens: Tokens, pad: int, predict: bool, meter: Meter) -> tuple[Access, int]:
    """Return how each product state is first reached, breadth-first, and how many transitions there are."""
    read = classes(caches.net, tokens, pad)
    first, logits = caches.first
    if tokens.live[tokens.start] or not predict:
        require_legal(logits, tokens, tokens.start, "after BOS")
    found = {(first, tokens.start): 0}
    queue, transitions = [(first, tokens.start)], 0
    access: Access = [None]
    done = 0
    while done < len(queue):
        batch = queue[done : done + BATCH]
        taken = [
            (done + i, token)
            for i, (_, state) in enumerate(batch)
            for token in read
            if not predict or tokens.live[tokens.table[state][token]]
        ]
        done += len(batch)
        if not taken:
            continue
        meter.spend(len(taken))
        transitions += len(taken)
        before, symbols = [queue[source][0] for source, _ in taken], [token for _, token in taken]
        after = caches.step(before, symbols)
        alone = caches.run(before[:1], symbols[:1])
        require(repr(alone) == repr(after[:1]), "a row run alone has other bits than in a batch")
        for (source, token), (cache, logits) in zip(taken, after, strict=True):
            state = tokens.table[queue[source][1]][token]
            require_legal(logits, tokens, state, f"after the product state {source}")
            if (cache, state) not in found:
                found[cache, state] = len(queue)
                queue.append((cache, state))
                access.append((source, token))
                meter.keep(2)
        meter.states(len(queue))
    return access, transitions


def require_legal(logits: list[float], tokens: Tokens, state: int, where: str) -> None:
    """Reject unless the finite logits above 0 are those of the legal tokens."""
    legal = [0 < logit < np.inf for logit in logits]
    require(legal == tokens.legal[state], f"a legal set {where} differs from the language's")


def classes(net: Any, tokens: Tokens, pad: int) -> list[int]:
    """Return the first of the tokens, without PAD, that share an embedding, bit for bit, and a column."""
    import torch

    weight = net.get_input_embeddings().weight.detach().contiguous().view(torch.uint8).numpy()
    least: dict[tuple[bytes, tuple[int, ...]], int] = {}
    for token, column in enumerate(zip(*tokens.table, strict=True)):
        if token != pad:
            least.setdefault((weight[token].tobytes(), column), token)
    return sorted(least.values())
