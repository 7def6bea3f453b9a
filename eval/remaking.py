"""Remakes what `service/weights/` holds: what the reader is trained on, and the probability and thresholds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from eval.calibrating import Asked, dev_contrasts, dev_questions, read_scores, score_all, write_scores
from eval.datasets import Part, datasets_folder
from eval.fitting import calibration_error, figures, fit
from eval.judged_lists import JUDGED_LISTS, own_questions, read_lists
from eval.made_questions import CONTRASTS, ENGLISH, QUESTIONS, read_english, read_questions
from eval.making import make
from eval.pools import build_pool, question_pool
from eval.questions import GoldQuestion
from eval.serving import index_articles
from eval.teaching_articles import invented_articles, teaching_articles
from eval.training_claims import claims
from eval.training_data import Claimed, Made, training_data
from eval.training_file import save
from eval.training_preparing import keeping, prepare
from index.encoder import open_encoder
from index.settings import Settings
from index.types import Article
from service.evidence import CALIBRATION


def prepare_training(settings: Settings, file: Path) -> None:
    """Makes the file that training reads, of the data sets' train and dev parts and the questions that a model made.

    Vectors are kept beside it. Some seven minutes on two cores the first time.
    """
    folder = datasets_folder()
    encoder = open_encoder(settings.model_copy(update={"encoder": None}))
    vectors = file.with_name("training_vectors.npz")
    articles = teaching_articles(folder)
    invented = invented_articles()
    questions, contrasts = (read_questions(path, articles) for path in (QUESTIONS, CONTRASTS))
    judged = read_lists(JUDGED_LISTS, [*articles, *invented], own_questions(folder))
    made = Made((*articles, *invented), questions, contrasts, judged)
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


def score(
    settings: Settings, folder: Path, news: Mapping[str, tuple[Path, list[GoldQuestion]]], out: Path
) -> None:  # fmt: skip
    """Reads what the service would read for every development question, and writes the scores of every sentence.

    `folder` holds the indexes between runs; `news` are articles and the dev questions on them, by name.
    """
    datasets = datasets_folder()
    contrasted, contrasts = dev_contrasts(datasets)
    asked: dict[str, Sequence[Asked]] = {"pool": dev_questions(datasets), "contrasts": contrasts}
    asked |= {name: questions for name, (_, questions) in news.items()}
    at = {name: settings.model_copy(update={"data": folder / name}) for name in asked}
    _index(question_pool(datasets), at["pool"])
    _index(contrasted, at["contrasts"])
    for name, (articles, _) in news.items():
        index_articles(articles, at[name])
    every = chain.from_iterable(score_all(at[name], name, questions) for name, questions in asked.items())
    write_scores(tqdm(every, total=sum(map(len, asked.values())), desc="questions", disable=None), out)


def _index(articles: Sequence[Article], settings: Settings) -> None:
    with tqdm(total=len(articles), desc="articles", disable=None) as bar:
        build_pool(articles, settings, lambda done, _of: bar.update(done - bar.n))


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
