"""A process that syncs and is killed: for each line `DATA<tab>FILE<tab>SECONDS` on stdin it forks a child that syncs.

After so many seconds the child is killed; 0 lets it end. Lines on stdout: `ID STATUS` for each article once it is
committed, then `ended`. The parent has loaded everything, so that the child's whole life is its sync.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fakes import HashEncoder

from index.build import sync
from index.index import Index, Outcome


def say(*lines: str) -> None:
    os.write(1, "".join(line + "\n" for line in lines).encode())  # one write: a line is told whole or not at all


def told(outcomes: Sequence[Outcome]) -> None:
    say(*(f"{outcome.article_id} {outcome.status}" for outcome in outcomes))


def work(data: str, file: str) -> None:
    index = Index.open(Path(data), HashEncoder())
    sync(index, [Path(file)], listener=told, batch_articles=4)
    index.close()


if __name__ == "__main__":
    say("ready")
    for request in sys.stdin:
        data, file, seconds = request.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            work(data, file)
            os._exit(0)
        if float(seconds):
            time.sleep(float(seconds))
            os.kill(child, signal.SIGKILL)  # it may have ended, but is not yet waited for: the id is still its own
        os.waitpid(child, 0)
        say("ended")
