"""Train the shipped encoder with all its heads.

    torchrun --standalone --nproc-per-node 2 -m heedful.nlp.train --data ../shared/data

Needs the extra `train`. The order of all batches follows from the seed, so the same command after
an interruption goes on from the last checkpoint (one every ten minutes). `--exclude NAME` leaves a
set out; a head that nothing is left for stays untrained, and the shipped file says nothing there.
`--corrections FILE` adds what people corrected, as `heedful nlp export-corrections` writes it.
`--taught FOLDER`: what encoders of one set think of its texts (`heedful.nlp.train.heeding`).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import distributed

from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.train.batches import plan
from heedful.nlp.train.corpora import SETS, training
from heedful.nlp.train.corrected import CORRECTED, corrected
from heedful.nlp.train.heeding import heeding
from heedful.nlp.train.loop import Run, Settings
from heedful.nlp.train.own import OWN
from heedful.nlp.train.pretrained import pretrained
from heedful.nlp.train.recipe import BUDGET, LIMITS, PASSES, STEPS
from heedful.nlp.train.samples import encode


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", type=Path, default=Path("../shared/models/bge-small-zh-v1.5"))
    parser.add_argument("--folder", type=Path, default=Path("build/train"))
    parser.add_argument("--exclude", action="append", choices=(*SETS, *OWN), default=[])
    parser.add_argument("--only", choices=SETS, help="a baseline: this set and no other")
    parser.add_argument("--corrections", type=Path, help="of heedful nlp export-corrections")
    parser.add_argument("--taught", type=Path, help="folder that train.heeding wrote to")
    parser.add_argument("--fp32", action="store_true", help="not in bf16: twice the time")
    parser.add_argument(
        "--steps", type=int, default=STEPS, help="at most; each a batch per process"
    )
    parser.add_argument("--seed", type=int, default=Settings().seed)
    options = parser.parse_args(arguments)

    processes = 1
    if distributed.is_torchelastic_launched():
        # One process a core: see `heedful.nlp.train.loop.Run`.
        torch.set_num_threads(1)
        distributed.init_process_group("gloo")
        processes = distributed.get_world_size()
    torch.manual_seed(options.seed)
    network, vocabulary = pretrained(options.encoder)
    pieces = WordPieces(vocabulary)
    if options.only:
        options.exclude = [name for name in (*SETS, *OWN) if name != options.only]
    examples, report = training(options.data, options.exclude)
    if options.corrections:
        taught = corrected(options.corrections)
        report.kept[CORRECTED] = len(taught)
        examples.extend(taught)
    samples = [encode(one, pieces, LIMITS[one.set]) for one in examples]
    sets = [one.set for one in examples]
    teachers = sorted(options.taught.glob("*.npz")) if options.taught else []
    for one in teachers:
        own = [number for number, name in enumerate(sets) if name == one.stem]
        heeded = heeding(one, [samples[number] for number in own])
        for number, sample in zip(own, heeded, strict=True):
            samples[number] = sample
    batches = plan(
        [len(one) for one in samples],
        sets,
        PASSES,
        budget=BUDGET,
        seed=options.seed,
    )
    steps = min(options.steps, len(batches) // processes)
    total = sum(len(samples[number]) for batch in batches[: steps * processes] for number in batch)
    summary = {
        "kept": report.kept,
        "dropped": report.dropped,
        "steps": steps,
        "planned": len(batches) // processes,
        "processes": processes,
        "pieces": total,
        "excluded": options.exclude,
        "teachers": [one.stem for one in teachers],
        "seed": options.seed,
    }
    settings = Settings(seed=options.seed, bf16=not options.fp32)
    run = Run(network, settings, steps, options.folder)
    written = json.dumps(summary, ensure_ascii=False)
    sys.stdout.write(written + "\n")
    sys.stdout.flush()
    (options.folder / "summary.json").write_text(written, encoding="utf-8")
    (options.folder / "vocabulary.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    run.train(samples, batches, pieces.pad)


if __name__ == "__main__":
    main(sys.argv[1:])
