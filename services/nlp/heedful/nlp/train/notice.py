"""The notice that goes with a trained model: what it learned from, and how well it does."""

from collections.abc import Mapping
from datetime import date

_TEMPLATE = """\
# Sentiment model

Version `{version}`, trained {day} by `python -m heedful.nlp.train.sentiment` on {examples:,} texts.

Hashed character n-grams (1 to 4) into a table of 131,072 rows of 16 numbers (int8, one scale),
summed over the root of their number; one hidden layer of 32; softmax over negative, neutral,
positive.

## Data

The texts are not part of this package; the weights were computed from them.

- reviews, for positive and negative: online_shopping_10_cats and waimai_10k
  (SophonPlus/ChineseNlpCorpus); the hotel category is ChnSentiCorp's hotel set. Licence: none
  stated.
- posts, for positive, negative and neutral: SMP2020-EWECT, usual (weibo); angry, sad and fear as
  negative, surprise left out. Licence: none stated.
- cars, for positive, negative and neutral: CCF BDCI 2018, car forum; texts of one sign only.
  Licence: none stated.

- service talk, for all three: {talk} sentences of `train/talk.yaml`, written for this project
  (its own licence), each filled with several words.

For none of the first three is a licence stated by its publishers. Whoever needs weights of known
licence trains them again on texts of their own.

## Measured

On the dev part of the reviews, which is no part of training: {right:,} of {total:,} right,
accuracy {share:.4f} (95 % interval {low:.4f} to {high:.4f}). The likelier of positive and negative
counts; the model alone, without the lexicon. Some labels of these sets are wrong. Width, epochs
and dropout were chosen on the same part, so it flatters a little.

| category | n | accuracy |
|---|---|---|
{rows}

## At work

The model does not judge alone. `sentiment.py` weighs it against the opinion words of the lexicon,
with weights that `train/calibrate.py` fitted on domains the model had not read: there it is worth
about as much as the words, and in a text of a few characters less. Where no word judges, it is
heard above a threshold at which one in ten texts that blame nothing would be called negative on an
unread domain; below that, and for questions and requests, the sentiment is null.

## Limits

It has read Chinese reviews and posts. English is judged by the lexicon alone. It knows nothing of
urgency: that is for rules (`urgency.yaml`). Neutral was learned from posts, car talk and written
service talk, so calm reports of faults without a word that blames are mostly null; so is praise
that tells what was done and does not judge it. Irony is mostly missed.
"""


def notice(
    version: str, day: date, examples: int, talk: int, counts: Mapping[str, tuple[int, int]]
) -> str:
    """The text of MODEL.md; `talk`: sentences of talk.yaml among the examples."""
    right = sum(one for one, _ in counts.values())
    total = sum(one for _, one in counts.values())
    low, high = wilson(right, total)
    rows = "\n".join(
        f"| {group} | {n} | {hits / n:.3f} |" for group, (hits, n) in sorted(counts.items())
    )
    return _TEMPLATE.format(
        version=version,
        day=day.isoformat(),
        examples=examples,
        talk=talk,
        right=right,
        total=total,
        share=right / total,
        low=low,
        high=high,
        rows=rows,
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share: Wilson, "Probable inference" (1927)."""
    z = 1.96
    share = right / total
    centre = share + z * z / (2 * total)
    half = z * (share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5
    scale = 1 + z * z / total
    return (centre - half) / scale, (centre + half) / scale
