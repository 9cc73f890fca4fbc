"""Running a checkpoint through the unchanged classes of `transformers`, never through the network.

The class is filled with the weights of a `Mamba` value. That this is what `from_pretrained` makes of the
saved directory is tested, bit for bit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, MissingDependency
from ..languages import END, LegalSet, Word
from .architectures import CLASSES, complete
from .mamba import Mamba
from .tokens import encode, token_ids

if TYPE_CHECKING:
    from torch import Tensor, nn

DTYPES = ("float32", "bfloat16", "float16")


def stock_model(model: Mamba | str | Path, dtype: str = "float32") -> nn.Module:
    """Return a fresh `MambaForCausalLM` or `Mamba2ForCausalLM` with the model's weights, ready to run.

    Arguments:
        model: a value, or a directory that holds one.
        dtype: "float32", "bfloat16" or "float16": the weights are rounded to it.

    Raises:
        BadInput: for a damaged directory, or another dtype.
        MissingDependency: when torch or transformers is missing.

    Complexity: linear in the size of the model.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> from starfree.targets.mamba import lower_mamba
    >>> type(stock_model(lower_mamba(decompose(regex("(ab)*"))))).__name__
    'MambaForCausalLM'
    """
    if dtype not in DTYPES:
        raise BadInput(f"dtype {dtype!r}", "not a dtype of a checkpoint", f"Use one of {', '.join(DTYPES)}.")
    torch, transformers = libraries()
    if not isinstance(model, Mamba):
        from .open_model import open_provable

        opened = open_provable(model)
        if not isinstance(opened, Mamba):
            raise BadInput(f"the model in {model}", "is an ssm, which is no checkpoint", "Name a Mamba.")
        model = opened
    name = CLASSES[model.architecture]
    bos, eos, pad, _ = token_ids(len(model.alphabet))
    config = getattr(transformers, name.removesuffix("ForCausalLM") + "Config")(
        vocab_size=len(model.vocab),
        bos_token_id=bos,
        eos_token_id=eos,
        pad_token_id=pad,
        **complete(model.architecture, model.config),
    )
    with torch.device("meta"):
        made: nn.Module = getattr(transformers, name)(config)
    weights = {
        key: torch.tensor(weight, dtype=getattr(torch, dtype)) for key, weight in model.tensors.items()
    }
    made.load_state_dict(weights, strict=True, assign=True)
    return made.eval()


def forward(module: nn.Module, ids: Sequence[Sequence[int]]) -> Tensor:
    """Return the logits of one full forward, float32, shape `(batch, time, k + 4)`.

    Arguments:
        module: from `stock_model`.
        ids: token ids, `batch` sequences of equal length that begin with BOS.

    Complexity: linear in batch times time times parameters; all of it is in memory at once.
    """
    torch, _ = libraries()
    with one_thread(), torch.inference_mode():
        logits: Tensor = module(input_ids=torch.tensor(ids, dtype=torch.int64), use_cache=False).logits
    return logits


def legal_sets(model: Mamba, word: Word, dtype: str = "float32") -> list[LegalSet]:
    """Return the legal set after every prefix of a word, the empty one first, by one full forward.

    Only symbols and EOS, which stands for END, are looked at; `prove` also looks at the other tokens.

    Raises:
        BadInput: for a symbol outside the alphabet.
    """
    ids = encode(model.alphabet, word)
    return [legal_set(model.alphabet, row.tolist()) for row in forward(shared(model, dtype), [ids])[0] > 0]


def legal_set(alphabet: tuple[str, ...], flags: Sequence[bool]) -> LegalSet:
    """Return the legal set of flags by token id."""
    symbols = [symbol for symbol, flag in zip(alphabet, flags, strict=False) if flag]
    return frozenset([*symbols, END] if flags[token_ids(len(alphabet)).eos] else symbols)


@lru_cache(maxsize=2)
def shared(model: Mamba, dtype: str) -> nn.Module:
    """Return the same module each time, for those who only run it."""
    return stock_model(model, dtype)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: the models are small, and waiting for a busy core costs far more."""
    torch, _ = libraries()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@lru_cache(maxsize=1)
def libraries() -> tuple[Any, Any]:
    """Return torch and transformers, which no longer says that its exact path is not its fastest."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingDependency(
            "a stock Mamba", f"{error.name} is not installed", "Run `pip install starfree[hf]`."
        ) from None
    logging.getLogger("transformers.integrations.hub_kernels").addFilter(
        lambda record: "falling back to its reference" not in record.getMessage()
    )
    return torch, transformers
