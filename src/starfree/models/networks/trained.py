"""One trained network of an architecture that `transformers` does not have, with its weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import BadInput
from ...languages import END, LegalSet, Word
from ...languages.words import check_alphabet
from ..saved import CONFIG, WEIGHTS, damaged, is_texts, read_tensors, write_model
from ..steps import legal_set as chosen
from ..stock import legal_set
from ..tokens import encode, token_strings
from .make import MODELS, make
from .network import Network

FORMAT = "starfree-network-1"


@dataclass(frozen=True, eq=False, repr=False)
class Trained:
    """A network as a value.

    Arguments:
        name: one of `MODELS`.
        alphabet: the symbols; the tokens are these, then BOS, EOS, PAD and UNK.
        task: "predict".
        layers, width: its sizes.
        tensors: float32 weights by name, without a dimension for members.
        origin: the job that made it.
        classes: of a network that chooses one of several legal sets: shape `(c, k + 1)`, END last, one for
            each output; None where each token has a logit of its own.
    """

    name: str
    alphabet: tuple[str, ...]
    task: str
    layers: int
    width: int
    tensors: dict[str, NDArray[np.float32]]
    origin: dict[str, Any]
    classes: NDArray[np.bool_] | None = None

    def __repr__(self) -> str:
        return (
            f"<Trained {self.name}: {self.layers} layers, width {self.width}, {self.parameters} parameters>"
        )

    @property
    def parameters(self) -> int:
        """How many numbers the weights are."""
        return sum(int(weight.size) for weight in self.tensors.values())

    @cached_property
    def network(self) -> Network:
        """The network, an ensemble of one."""
        import torch

        tokens = len(token_strings(self.alphabet))
        outputs = None if self.classes is None else len(self.classes)
        made = make(self.name, tokens, layers=self.layers, width=self.width, seeds=[0], outputs=outputs)
        weights = {name: torch.from_numpy(weight.copy())[None] for name, weight in self.tensors.items()}
        made.load_state_dict(weights)
        return made.eval()

    def legal_sets(self, word: Word) -> list[LegalSet]:
        """Return the legal set after every prefix of a word, the empty one first.

        Raises:
            BadInput: for a foreign symbol.
        """
        import torch

        with torch.no_grad():
            logits = self.network(torch.tensor([[encode(self.alphabet, word)]]))[0, 0]
        if self.classes is not None:
            return [chosen(self.alphabet, row) for row in self.classes[logits.argmax(1).numpy()]]
        return [legal_set(self.alphabet, row.tolist()) for row in logits > 0]

    def accepts(self, word: Word) -> bool:
        """Say whether END is legal after the word."""
        return END in self.legal_sets(word)[-1]

    def to_json(self) -> dict[str, Any]:
        """Return what `config.json` says."""
        return {
            "format": FORMAT,
            "model": self.name,
            "alphabet": list(self.alphabet),
            "task": self.task,
            "layers": self.layers,
            "width": self.width,
            "origin": self.origin,
            "classes": None if self.classes is None else self.classes.astype(int).tolist(),
        }

    def save(self, directory: str | Path) -> None:
        """Write a directory that `starfree.open_model` opens; it is made if needed."""
        write_model(directory, self.to_json(), sorted(self.tensors.items()))


def member_of(network: Network, member: int, **about: Any) -> Trained:
    """Return one member of an ensemble; `about` are the other fields of a `Trained`."""
    weights = {name: weight[member].cpu().numpy().copy() for name, weight in network.state_dict().items()}
    return Trained(tensors=weights, **about)


def open_trained(path: Path, config: dict[str, Any]) -> Trained:
    """Return the network saved in a directory.

    Raises:
        BadInput: when something is missing or does not fit the rest.
    """
    sizes = all(type(config.get(key)) is int and 1 <= config[key] < 2**16 for key in ("layers", "width"))
    if not sizes or config.get("model") not in MODELS or not is_texts(config.get("alphabet")):
        raise damaged(path, f"{CONFIG} has no valid model, alphabet, layers or width")
    try:
        alphabet = check_alphabet(config["alphabet"])
    except BadInput as error:
        raise damaged(path, f"{CONFIG}: {error.what} {error.why}") from None
    origin = config.get("origin") if isinstance(config.get("origin"), dict) else {}
    about = (config["model"], alphabet, "predict", config["layers"], config["width"])
    classes = config.get("classes")
    if classes is not None:
        sets = [row for row in classes if isinstance(row, list)] if isinstance(classes, list) else []
        bits = all(len(row) == len(alphabet) + 1 and all(bit in (0, 1) for bit in row) for row in sets)
        if not sets or len(sets) != len(classes) or not bits:
            raise damaged(path, f"{CONFIG} has classes that are no legal sets")
        classes = np.array(sets, bool)
    found = Trained(*about, read_tensors(path, WEIGHTS), origin or {}, classes)
    try:
        found.network.start(1)
    except RuntimeError as error:
        raise damaged(path, f"{WEIGHTS} does not fit: {str(error).splitlines()[-1].strip()}") from None
    return found
