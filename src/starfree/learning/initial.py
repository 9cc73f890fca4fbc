"""The networks that jobs start from: random weights, or those by construction."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from ..errors import BadInput
from ..languages import Language
from ..models.mamba import Mamba
from ..models.networks import Ensemble, Network, make, stack
from ..models.networks.exchange import from_stock
from ..models.networks.foreign import foreign
from ..models.tokens import token_ids
from .job import Job


def initial_network(jobs: Sequence[Job], language: Language, outputs: int | None = None) -> Ensemble:
    """Return an ensemble with a member for each job.

    Arguments:
        jobs: they share model, layers, width and the kind of `init`.
        language: what they learn.
        outputs: logits at each position; None means one for each token.

    Raises:
        BadInput: for an unknown model, or built weights of a model that cannot be built.
        NotExpressible: when the built weights of a language are asked for that has none.

    Complexity: linear in the parameters; that of `build` for built weights.
    """
    job = jobs[0]
    ids, seeds = token_ids(len(language.alphabet)), [one.seed for one in jobs]
    tokens = ids.unk + 1
    if job.init == "random":
        if ":" in job.model:
            if outputs is not None:
                why = "needs logits that its factory does not know of"
                raise BadInput(f"a joint head of {job.model}", why, "Leave out --head and --as-published.")
            return foreign(job.model, tokens, layers=job.layers, width=job.width, seeds=seeds)
        network = make(job.model, tokens, layers=job.layers, width=job.width, seeds=seeds, outputs=outputs)
        if (
            outputs is None
        ):  # what no word has in it is never legal: its logit is 0, and training leaves it so
            with torch.no_grad():
                network.lm_head.weight[:, [ids.bos, ids.pad, ids.unk]] = 0
        return network
    check_built(job)
    from ..targets.build import build

    built = build(language, target=job.model, task="predict")
    assert isinstance(built, Mamba)
    return stack([noised(from_stock(built), noise(one.init), one.seed) for one in jobs])


def check_built(job: Job) -> None:
    """Raise `BadInput` when a job cannot begin with built weights."""
    noise(job.init)
    if job.model not in ("mamba", "mamba2"):
        why = f"there are no built weights of {job.model}"
        raise BadInput(f"init {job.init}", why, "Use mamba or mamba2.")


def noise(init: str) -> float:
    """Return X of `built:X`, 0 for `built`.

    Raises:
        BadInput: for what is no initial value.
    """
    kind, _, number = init.partition(":")
    try:
        found = float(number or "0")
    except ValueError:
        found = math.nan
    if kind != "built" or not 0 <= found < math.inf:
        raise BadInput(f"init {init}", "is no way to begin", "Write random, built or built:0.01.")
    return found


def noised(network: Network, deviation: float, seed: int) -> Network:
    """Multiply every weight by 1 + X N(0, 1) in place, and return the network."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(1 + deviation * torch.randn(weight.shape, generator=generator))
    return network
