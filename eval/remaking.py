"""Remakes what `service/weights/` holds: what the reader is trained on, and the probability and thresholds."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from eval.calibrating import Scored, dev_questions, read_scores, score_all, write_scores
from eval.datasets import Part, datasets_folder
from eval.fitting import calibration_error, figures, fit
from eval.made_questions import ENGLISH, QUESTIONS, read_english, read_questions
from eval.making import make
from eval.pools import build_pool, question_pool
from eval.questions import GoldQuestion
from eval.serving import index_articles
from eval.teaching_articles import teaching_articles
from eval.training_claims import claims
from eval.training_data import Claimed, Made, training_data
from eval.training_file import save
from eval.training_preparing import keeping, prepare
from index.encoder import open_encoder
from index.settings import Settings
from service.evidence import CALIBRATION


def prepare_training(settings: Settings, file: Path) -> None:
    """Makes the file that training reads, of the data sets' train and dev parts and the questions that a model made.

    Vectors are kept beside it. Some seven minutes on two cores the first time.
    """
    folder = datasets_folder()
    encoder = open_encoder(settings.model_copy(update={"encoder": None}))
    vectors = file.with_name("training_vectors.npz")
    articles = teaching_articles(folder)
    made = Made(tuple(articles), read_questions(QUESTIONS, articles))
    claimed = Claimed(tuple(claims(folder, Part.TRAIN, articles)), tuple(claims(folder, Part.DEV)))
    with tqdm(desc="texts encoded", disable=None) as bar:
        passages = keeping(encoder.encode_passages, vectors, f"{encoder.name} passage", bar.update)
        queries = keeping(encoder.encode_symmetric, vectors, f"{encoder.name} query", bar.update)
        data = training_data(folder, passages, queries, read_english(ENGLISH), made, claimed)
    save(prepare(data, encoder, folder), file)


def make_questions() -> None:
    """Makes them again, with the local writer's model."""
    with tqdm(desc="requests", disable=None) as bar:
        make(datasets_folder(), QUESTIONS, ENGLISH, bar.update)


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
