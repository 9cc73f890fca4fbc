"""Step functions of networks: stock checkpoints, trained networks, and modules of the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import BadInput
from ..models.mamba import Mamba
from ..models.networks.network import Network
from ..models.networks.trained import Trained
from ..models.stock import DTYPES, forward, one_thread, stock_model
from ..models.tokens import token_ids
from .given import guarded
from .machine import Floats, Machine, States, Symbols, Way, no_dtype
from .stock_steps import StockSteps

_WHOLE = 1 << 21  # tokens that are read at once


class StockMachine:
    """A checkpoint, run by the unchanged classes of `transformers`, one token after the other."""

    path: Way = "recurrent"

    def __init__(self, model: Mamba, dtype: str) -> None:
        self.alphabet, self.arithmetic = model.alphabet, dtype
        self._ids = token_ids(len(model.alphabet))
        self._net = stock_model(model, dtype)
        self._steps = StockSteps(self._net, self._ids.bos)
        self.batch = self._steps.batch

    def begin(self) -> tuple[States, Floats]:
        codes, logits = self._steps.first
        return codes, self._read(logits)

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        with one_thread():
            codes, logits = self._steps.step(states, symbols)
        return codes, self._read(logits)

    def whole(self, words: Symbols) -> Floats:
        rows = max(1, _WHOLE // (words.shape[1] + 1))
        found = [
            forward(self._net, [[self._ids.bos, *word] for word in words[at : at + rows].tolist()])[:, -1]
            for at in range(0, len(words), rows)
        ]
        return self._read(torch.cat(found))

    def _read(self, logits: Tensor) -> Floats:
        kept = [*range(len(self.alphabet)), self._ids.eos]
        found: Floats = logits[:, kept].double().numpy()
        return found


class NetworkMachine:
    """A network of this package with a state of fixed size, an ensemble of one."""

    path: Way = "recurrent"
    arithmetic = "float32"

    def __init__(self, network: Network, alphabet: tuple[str, ...], *, classes: bool = False) -> None:
        self._net, self.alphabet = network.eval(), alphabet
        self._ids = token_ids(len(alphabet))
        outputs = int(network.lm_head.weight.shape[1])
        self._kept = list(range(outputs)) if classes else [*range(len(alphabet)), self._ids.eos]
        size = sum(part.numel() * part.element_size() for part in _parts(network.start(1)))
        self.batch = max(1, min(1 << 12, (1 << 27) // max(1, 64 * size)))

    def begin(self) -> tuple[States, Floats]:
        with torch.no_grad(), one_thread():
            return self._after(*self._net.step(torch.tensor([[self._ids.bos]]), self._net.start(1)))

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        with torch.no_grad(), one_thread():
            held = self._unpacked(states)
            return self._after(*self._net.step(torch.from_numpy(symbols)[None], held))

    def whole(self, words: Symbols) -> Floats:
        found, rows = [], max(1, _WHOLE // (words.shape[1] + 1))
        with torch.no_grad(), one_thread():
            for at in range(0, len(words), rows):
                part = torch.from_numpy(words[at : at + rows])
                first = torch.full((len(part), 1), self._ids.bos)
                found.append(self._net(torch.cat([first, part], 1)[None])[0, :, -1, self._kept])
        return torch.cat(found).double().numpy()

    def _after(self, logits: Tensor, state: Any) -> tuple[States, Floats]:
        rows = [torch.view_as_real(part) if part.is_complex() else part for part in _parts(state)]
        flat = torch.cat([part[0].reshape(len(part[0]), -1) for part in rows], 1)
        return (flat + 0.0).numpy(), logits[0][:, self._kept].double().numpy()

    def _unpacked(self, states: States) -> Any:
        """Return the state of the network that rows stand for."""
        flat, at = torch.from_numpy(np.ascontiguousarray(states)), 0

        def taken(like: Any) -> Any:
            nonlocal at
            if isinstance(like, Tensor):
                shape = (1, len(flat), *like.shape[2:])
                size = like[0, 0].numel() * (2 if like.is_complex() else 1)
                part = flat[:, at : at + size]
                at += size
                if like.is_complex():
                    return torch.view_as_complex(part.reshape(*shape, 2).contiguous())
                return part.reshape(shape)
            if isinstance(like, (tuple, list)):
                return type(like)(map(taken, like))
            return like

        return taken(self._net.start(1))


class WordMachine:
    """What can only read whole words: its state is the word so far."""

    path: Way = "parallel"
    arithmetic = "float32"
    batch = 1 << 10

    def __init__(
        self, module: Any, alphabet: tuple[str, ...], *, members: bool = False, classes: bool = False
    ) -> None:
        self._module, self.alphabet, self._members = module, alphabet, members
        self._ids = token_ids(len(alphabet))
        self._kept = slice(None) if classes else [*range(len(alphabet)), self._ids.eos]

    def begin(self) -> tuple[States, Floats]:
        states = np.array([[self._ids.bos]])
        return states, self._read(states)

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        after = np.column_stack([states, symbols])
        return after, self._read(after)

    def whole(self, words: Symbols) -> Floats:
        return self._read(np.column_stack([np.full(len(words), self._ids.bos), words]))

    def _read(self, tokens: States) -> Floats:
        found, rows = [], max(1, _WHOLE // 8 // tokens.shape[1])
        with torch.no_grad(), one_thread():
            for at in range(0, len(tokens), rows):
                part = torch.from_numpy(tokens[at : at + rows])
                logits = self._logits(part)
                found.append(logits[:, -1, self._kept])
        return torch.cat(found).double().numpy()

    def _logits(self, tokens: Tensor) -> Tensor:
        if self._members:
            found: Tensor = self._module(tokens[None])[0]
            return found
        logits = guarded(lambda: self._module(tokens))
        wanted = (*tokens.shape, len(self.alphabet) + 4)
        if not isinstance(logits, Tensor) or tuple(logits.shape) != wanted or logits.is_complex():
            shape = tuple(getattr(logits, "shape", ()))
            why = f"returns shape {shape} for tokens of shape {tuple(tokens.shape)}, not {wanted}"
            do = f"Its tokens are the {len(self.alphabet)} symbols, then BOS, EOS, PAD and UNK."
            raise BadInput("the model", why, do)
        return logits


def torch_machine(model: Any, alphabet: tuple[str, ...], dtype: str | None) -> Machine:
    """Return the step function of a checkpoint, a trained network, or a module; see `machine_of`."""
    if isinstance(model, Mamba):
        return StockMachine(model, DTYPES[0] if dtype is None else dtype)
    no_dtype(dtype, "float32")
    if isinstance(model, Trained):
        if model.name.startswith("transformer"):
            return WordMachine(model.network, model.alphabet, members=True, classes=model.classes is not None)
        return NetworkMachine(model.network, model.alphabet, classes=model.classes is not None)
    if not isinstance(model, nn.Module):
        why = f"is a {type(model).__name__}, which has no step function"
        raise BadInput("the model", why, "Give a saved model, a torch.nn.Module, or begin, step and whole.")
    machine = WordMachine(model, alphabet)
    machine.whole(np.zeros((2, 2), np.int64))  # says at once what does not fit
    return machine


def _parts(state: Any) -> list[Tensor]:
    """Return the tensors of a state, in order."""
    if isinstance(state, Tensor):
        return [state]
    if isinstance(state, (tuple, list)):
        return [part for each in state for part in _parts(each)]
    return []
