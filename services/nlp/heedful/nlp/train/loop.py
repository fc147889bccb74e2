"""The training loop: AdamW, warm-up, a level and a linear decay, averaging, checkpoints, a log.

bf16 autocast (Micikevicius et al. 2018) halves the time on processors that have it. The learning
rate stays level until the decay of the last part (Hu et al., "MiniCPM", 2024), so that the number
of steps may still be changed while a run has not begun to decay. The averaged weights (Polyak and
Juditsky 1992, exponential form) are what is exported.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import distributed

from heedful.nlp.backend.torch_network import Network, Outputs
from heedful.nlp.encoder.wordpiece import MASK, SPECIAL
from heedful.nlp.train.losses import losses, tensors
from heedful.nlp.train.samples import Sample

_CHECKPOINT_SECONDS: Final = 600
_LOG_EVERY: Final = 20
_CLIP: Final = 1.0
_DECAY: Final = 0.01
# A vocabulary begins with its marks.
_MASK: Final = SPECIAL.index(MASK)


@dataclass(frozen=True, slots=True)
class Settings:
    """`rate`: of the pretrained weights; new ones learn `faster` times as fast. `warm_up` steps at
    the start, `decay`: the share of all steps in which the rate falls to zero. `hidden`: the share
    of the pieces of a labelled voice that are not shown, so that no single word is relied on."""

    rate: float = 2e-4
    faster: float = 8.0
    warm_up: int = 150
    decay: float = 0.35
    average: float = 0.998
    hidden: float = 0.12
    seed: int = 7
    bf16: bool = True


class Run:
    """A run over a fixed list of batches; `checkpoint` is read when it exists.

    In a process group (torchrun) every step takes a batch for each process and the mean of their
    gradients: on few busy cores single-threaded processes waste less than threads that wait for
    each other in every operation.
    """

    def __init__(self, network: Network, settings: Settings, steps: int, folder: Path) -> None:
        self._grouped = distributed.is_initialized()
        self._rank = distributed.get_rank() if self._grouped else 0
        self._processes = distributed.get_world_size() if self._grouped else 1
        self.network = network
        self.settings = settings
        self.steps = steps
        self.step = 0
        self._checkpoint = folder / "checkpoint.pt"
        self._log = folder / "log.jsonl"
        self.average = {name: one.detach().clone() for name, one in network.state_dict().items()}
        self.optimiser = _optimiser(network, settings)
        folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint.exists():
            self._resume()

    def train(self, samples: Sequence[Sample], batches: Sequence[Sequence[int]], pad: int) -> None:
        """Go through the batches that are left."""
        self.network.train()
        if self.step == 0:
            torch.manual_seed(self.settings.seed + self._rank)
        started = saved = time.monotonic()
        pieces = texts = 0
        seen: dict[str, list[float]] = {}
        while self.step < self.steps:
            batch = [
                samples[number] for number in batches[self.step * self._processes + self._rank]
            ]
            for name, value in self._one(batch, pad).items():
                seen.setdefault(name, []).append(value)
            self.step += 1
            pieces += sum(map(len, batch))
            texts += len(batch)
            if self._rank == 0 and (self.step % _LOG_EVERY == 0 or self.step == self.steps):
                took = time.monotonic() - started
                each = self._processes / took
                self._write(seen, pieces * each, texts * each)
                seen, pieces, texts, started = {}, 0, 0, time.monotonic()
            due = time.monotonic() - saved > _CHECKPOINT_SECONDS or self.step == self.steps
            if self._rank == 0 and due:
                self.save()
                saved = time.monotonic()

    def averaged(self) -> Network:
        """The network with the averaged weights."""
        self.network.load_state_dict(self.average)
        self.network.eval()
        return self.network

    def save(self) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "step": self.step,
            "steps": self.steps,
            "settings": asdict(self.settings),
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }
        part = self._checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._checkpoint)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise ValueError(
                f"{self._checkpoint} is of a run with {state['settings']};"
                " remove it or choose another folder"
            )
        self.step = state["step"]
        level = (1 - self.settings.decay) * min(self.steps, state["steps"])
        if state["steps"] != self.steps and self.step > level:
            raise ValueError(
                f"{self._checkpoint} has begun to decay towards {state['steps']} steps;"
                f" it cannot go on towards {self.steps}"
            )
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])

    def _one(self, batch: Sequence[Sample], pad: int) -> dict[str, float]:
        ids, segments, mask = tensors(batch, pad)
        ids = self._hide(ids, batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.settings.bf16):
            outputs = Outputs(*self.network(ids, segments, mask))
        # Teachers count less from step to step (Clark et al. 2019).
        found = losses(outputs, batch, 1 - self.step / self.steps)
        self.optimiser.zero_grad(set_to_none=True)
        # A long text that nothing is marked in may be a batch of its own.
        if found:
            sum(found.values()).backward()
        if self._grouped:
            self._share_gradients()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        share = _share(self.step, self.steps, self.settings)
        for group in self.optimiser.param_groups:
            group["lr"] = group["full_rate"] * share
        self.optimiser.step()
        self._average()
        return {name: float(value.detach()) for name, value in found.items()}

    def _hide(self, ids: Any, batch: Sequence[Sample]) -> Any:
        """Puts the mask's piece in the place of some, in texts that no place is labelled in."""
        if not self.settings.hidden:
            return ids
        heard = torch.tensor(["flags" in sample.targets for sample in batch])
        drawn = torch.rand(ids.shape) < self.settings.hidden
        return ids.masked_fill(drawn & heard[:, None] & (ids >= len(SPECIAL)), _MASK)

    def _share_gradients(self) -> None:
        parameters = list(self.network.parameters())
        # A head that none of the batch is labelled for has no gradient in this process.
        for one in parameters:
            if one.grad is None:
                one.grad = torch.zeros_like(one)
        flat = torch.cat([one.grad.flatten() for one in parameters])
        distributed.all_reduce(flat)
        flat /= self._processes
        start = 0
        for one in parameters:
            one.grad.copy_(flat[start : start + one.numel()].view_as(one))
            start += one.numel()

    def _average(self) -> None:
        # Early on the average follows closely, or the random start would weigh on it.
        share = min(self.settings.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - share)

    def _write(self, seen: dict[str, list[float]], pieces: float, texts: float) -> None:
        line: dict[str, Any] = {
            "step": self.step,
            "of": self.steps,
            "rate": self.settings.rate * _share(self.step, self.steps, self.settings),
            "loss": {name: round(sum(all_) / len(all_), 4) for name, all_ in sorted(seen.items())},
            "pieces_per_s": round(pieces),
            "texts_per_s": round(texts, 1),
        }
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")


def _optimiser(network: Network, settings: Settings) -> Any:
    new = {id(one) for one in network.new_parameters()}
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for value in network.parameters():
        groups.setdefault((id(value) in new, value.dim() > 1), []).append(value)
    return torch.optim.AdamW(
        [
            {
                "params": members,
                "full_rate": settings.rate * (settings.faster if fresh else 1),
                "weight_decay": _DECAY if matrix else 0.0,
            }
            for (fresh, matrix), members in groups.items()
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def _share(step: int, steps: int, settings: Settings) -> float:
    """Of the full learning rate."""
    rising = (step + 1) / settings.warm_up
    falling = (steps - step) / max(1.0, steps * settings.decay)
    return max(0.0, min(1.0, rising, falling))
