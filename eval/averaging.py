"""The mean of two trainings' weights: `python -m eval.averaging ONE OTHER --share 0.5 --out WEIGHTS`.

What runs that go on from each other learn is kept, and what each has by chance is less (Wortsman et al. 2022,
"Model soups").
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.training_reader import narrowed
from eval.training_runs import read, write
from index.query_layers import whole


def average(one: Path, other: Path, share: float, out: Path) -> None:
    """Writes the mean, of which `share` is of `other`; of factors, those of the mean of what they are of. Raises
    `ValueError` where the files are not of one network."""
    ours, theirs = read(one), read(other)
    shapes, others = ({name: tensor.shape for name, tensor in weights.items()} for weights in (ours, theirs))
    if shapes != others:
        raise ValueError(f"{one} and {other} are weights of different networks; give two of the joint reader's")
    rank = max((tensor.shape[1] for name, tensor in ours.items() if name.endswith(".left")), default=0)
    ours, theirs = whole(ours), whole(theirs)
    mean = {name: (1 - share) * ours[name] + share * theirs[name] for name in ours}
    write(narrowed(mean, rank) if rank else mean, out)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.averaging", description="Average the weights of two readers.")
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    average(options.one, options.other, options.share, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
