"""Remakes what `service/weights/` holds: the reader (`train`) and the probability and thresholds (`calibrate`)."""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from eval.calibrating import Scored, dev_questions, read_scores, score_all, write_scores
from eval.datasets import Part, datasets_folder, piaf, questions_fr
from eval.fitting import calibration_error, figures, fit
from eval.made_questions import make_english, read_english
from eval.pools import build_pool, question_pool
from eval.questions import GoldQuestion
from eval.serving import index_articles
from eval.training import SEED, STEPS, Trainer, save
from eval.training_data import Perturbing, training_data
from index.encoder import open_encoder
from index.settings import Settings
from service.evidence import CALIBRATION
from service.reader import WEIGHTS, load_network

SAVED_EVERY = 1000  # steps


def train(
    settings: Settings, english: Path, *, start: Path | None = None, steps: int = STEPS, out: Path = WEIGHTS
) -> Path:
    """Trains the reader on the data sets' train parts and writes its weights, those so far every thousand steps.

    `english`: the file of English wordings (`make_english`). From `start`'s weights, if given. About an hour on a core
    that multiplies bfloat16, three on others.
    """
    folder = datasets_folder()
    encoder = open_encoder(settings.model_copy(update={"encoder": None}))
    data = training_data(folder, encoder, read_english(english))
    perturb = Perturbing(folder, random.Random(SEED))
    trainer = Trainer(data, encoder, perturb, load_network(start)[0] if start else None)
    with tqdm(total=steps, desc="steps", disable=None) as bar:

        def progress(step: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.2f}")
            bar.update()
            if step % SAVED_EVERY == SAVED_EVERY - 1:
                save(trainer.reader, out)

        save(trainer.train(steps, progress), out)
    return out


def translate(path: Path) -> None:
    """Puts the questions that are trained on into English, where the file lacks them: a quarter of an hour or more."""
    folder = datasets_folder()
    asked = [q for q in [*piaf(folder)[1], *questions_fr(folder)] if q.part is Part.TRAIN]
    with tqdm(total=len(asked), desc="questions in English", disable=None) as bar:
        for done in make_english(asked, path):
            bar.update(done)


def score(settings: Settings, folder: Path, seeds: tuple[Path, list[GoldQuestion]], out: Path) -> None:
    """Reads what the service would read for every development question, and writes the scores of every sentence.

    `folder` holds the indexes between runs; `seeds` are the articles and the questions on them, their dev part only.
    """
    datasets = datasets_folder()
    articles, asked = question_pool(datasets), dev_questions(datasets)
    pooled = settings.model_copy(update={"data": folder / "pool"})
    own = settings.model_copy(update={"data": folder / "seeds"})
    with tqdm(total=len(articles), desc="articles", disable=None) as bar:
        build_pool(articles, pooled, lambda done, _of: bar.update(done - bar.n))
    index_articles(seeds[0], own)
    every: Iterator[list[Scored]] = chain(score_all(pooled, asked), score_all(own, seeds[1]))
    write_scores(tqdm(every, total=len(asked) + len(seeds[1]), desc="questions", disable=None), out)


def calibrate(scores: Path, out: Path = CALIBRATION) -> Iterator[str]:
    """Fits the probability and the thresholds, writes them, and says how well they do."""
    questions = read_scores(scores)
    fitted = fit(questions)
    out.write_text(json.dumps(asdict(fitted), indent=1) + "\n", encoding="utf-8")
    yield json.dumps(asdict(fitted))
    yield f"expected calibration error of the best sentence's support: {calibration_error(fitted, questions):.3f}"
    yield "dev part of, n, AUC, answered though unanswerable, refused though answerable, best sentence right"
    for name, found in figures(fitted, questions).items():
        shares = (found.answered_unanswerable, found.refused_answerable, found.top_right)
        yield f"{name:<16} {found.questions:<4} {found.auc:.3f}" + "".join(f"  {share:.3f}" for share in shares)
