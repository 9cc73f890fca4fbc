"""What a user's factory makes: found by its name, called, and tried on a few tokens before it is trained."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path, PurePath

import torch
from torch import Tensor, nn

from ...errors import BadInput

_LENGTH, _SAME = 8, 4  # of the words that causality is tried on, and of what they have in common
_CLOSE = 1e-4  # sums may be added in another order; what looks ahead differs by more


def factory_named(spec: str) -> Callable[..., object]:
    """Return what `module:factory` names; raises `BadInput` when there is no such function."""
    module, _, name = spec.partition(":")
    if module.endswith(".py"):
        file = PurePath(module)
        do = f"Write {file.stem}:{name}, in the directory of {file.name}."
        raise BadInput(f"model {spec}", "names a file where a module is wanted", do)
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        factory = getattr(importlib.import_module(module), name)
    except Exception as error:
        why = f"cannot be imported: {type(error).__name__}: {error}"
        raise BadInput(f"model {spec}", why, "Write module:factory, where Python finds it.") from None
    finally:
        sys.path.remove(here)
    if not callable(factory):
        raise BadInput(f"model {spec}", "is not a function or a class", "Name what makes the network.")
    return factory  # type: ignore[no-any-return]


def made(spec: str, factory: Callable[..., object], tokens: int, *, layers: int, width: int) -> nn.Module:
    """Return what a factory makes; raises `BadInput` when it fails or makes something else."""
    try:
        module = factory(tokens, layers=layers, width=width)
    except (Exception, SystemExit) as error:  # an exit would end the command without a word
        do = f"It was called with ({tokens}, layers={layers}, width={width}): mend it."
        if not _takes(factory, tokens, layers=layers, width=width):
            do = "Let it take (tokens, layers=, width=)."
        raise BadInput(f"model {spec}", f"failed: {type(error).__name__}: {error}", do) from None
    if not isinstance(module, nn.Module):
        raise BadInput(f"model {spec}", f"made a {type(module).__name__}", "Return a torch.nn.Module.")
    return module


def _takes(factory: Callable[..., object], *arguments: object, **named: object) -> bool:
    """Say whether a factory has parameters for what it is called with, as far as one can see."""
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):  # some callables do not tell
        return True
    try:
        signature.bind(*arguments, **named)
    except TypeError:
        return False
    return True


def check_module(spec: str, module: nn.Module, tokens: int) -> None:
    """Raise `BadInput` when a network gives no logits for each token, looks ahead, or cannot be trained."""
    training = module.training
    module.eval()  # without dropout, so that two runs on the same tokens are alike
    try:
        _check_logits(spec, _run(spec, module, torch.zeros(2, 3, dtype=torch.int64)), tokens)
        _check_causal(spec, module, tokens)
    finally:
        module.train(training)
    if not list(module.parameters()):
        raise BadInput(f"model {spec}", "has no parameters", "There is nothing to train.")


def _run(spec: str, module: nn.Module, tokens: Tensor) -> object:
    try:
        with torch.no_grad():
            return module(tokens)
    except (Exception, SystemExit) as error:
        why = f"failed on tokens of shape {tuple(tokens.shape)}: {type(error).__name__}: {error}"
        raise BadInput(f"model {spec}", why, "Let it map (batch, time) to (batch, time, tokens).") from None


def _check_logits(spec: str, found: object, tokens: int) -> None:
    if not isinstance(found, Tensor):
        kind = type(found).__name__
        raise BadInput(f"model {spec}", f"returned a {kind}, not a tensor", "Return the logits alone.")
    if tuple(found.shape) != (2, 3, tokens):
        why = f"returned shape {tuple(found.shape)} for tokens of shape (2, 3), not (2, 3, {tokens})"
        raise BadInput(f"model {spec}", why, "Return logits for every token of the vocabulary.")
    if not found.dtype.is_floating_point:
        kind = str(found.dtype).removeprefix("torch.")
        raise BadInput(f"model {spec}", f"returned logits of type {kind}", "Return floating point logits.")


def _check_causal(spec: str, module: nn.Module, tokens: int) -> None:
    """Look that what comes later changes nothing before: two words that begin alike."""
    one = torch.arange(_LENGTH).remainder(tokens)[None]
    other = one.clone()
    other[:, _SAME:] = (other[:, _SAME:] + 1) % tokens
    first, second = (_run(spec, module, word) for word in (one, other))
    assert isinstance(first, Tensor)
    assert isinstance(second, Tensor)
    before = (first[:, :_SAME], second[:, :_SAME])
    if not torch.allclose(*before, rtol=_CLOSE, atol=_CLOSE, equal_nan=True):
        why = "looks ahead: its logits at a position change with the tokens after it"
        raise BadInput(f"model {spec}", why, "Let each position see itself and what is before it only.")
