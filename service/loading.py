"""Loads everything that answering needs, from the settings. The one place where the parts meet."""

from collections.abc import Callable
from dataclasses import dataclass

from index.encoder import PackagedEncoder, SentenceTransformerEncoder, open_encoder
from index.index import Index
from index.opening import open_index
from index.settings import Settings
from service.agreement import Agreement
from service.ahead import RenderingAhead
from service.answering import Answerer
from service.claim_support import ClaimSupport, ReadSupport, claim_weights
from service.evidence import calibration
from service.guarding import SupportedGuard, guarded, guarded_synthesis
from service.packed_reader import PackedReader
from service.reader import JointPassageReader, load_network
from service.rendering import Check, Renderer
from service.reranking import LateInteraction
from service.services import Report, Services
from service.states import TokenStatesEncoder
from service.synthesis import Synthesiser
from service.writers.writer import open_writer


@dataclass(frozen=True, slots=True)
class Stages:
    """What finds and reads."""

    index: Index
    encoder: SentenceTransformerEncoder
    reranker: LateInteraction
    reader: JointPassageReader
    claim_support: ClaimSupport


def load_services(
    settings: Settings, report: Report = lambda _: None, *, count: Callable[[str, str], None] = lambda *_: None
) -> Services:
    """The encoder, the reader and the index; `report` is told which is next. The caller closes what is returned.

    The writer goes on loading in a thread: `writing.wait()` waits for it. `count` is told the method and the outcome of
    each claim that was to be written.

    Raises an `IndexingError` or a `ServiceError` that says what could not be loaded and the way out.
    """
    stages = load_stages(settings, report)
    writer = open_writer(settings)
    renderer = Renderer(
        writer, SupportedGuard(stages.claim_support), stages.index.renderings, deadline_s=settings.answer_deadline_s,
        count=lambda outcome: count("translation", outcome),
        synthesiser=_synthesiser(count) if settings.synthesis else None, recheck=guarded,
    )  # fmt: skip
    ahead = RenderingAhead(renderer, stages.index.renderings, writer, runs=_renders_ahead(settings))
    answerer = Answerer(
        stages.index, stages.encoder, stages.reranker, stages.reader, calibration(), renderer,
        Agreement(stages.claim_support),
    )  # fmt: skip
    return Services(answerer, stages.index, stages.encoder.name, lambda: answerer.generator, ahead)


def load_stages(settings: Settings, report: Report = lambda _: None) -> Stages:
    """The stages by themselves, for what looks between them. The caller closes the index. Raises as `load_services`."""
    report("encoder")
    encoder = open_encoder(settings)
    report("reader")
    network, name = load_network()
    report("index")
    index = open_index(settings, encoder, merges=True)
    states = TokenStatesEncoder(_packaged(encoder, settings), network.token_mean, index.states)
    packed = PackedReader(network.eval())
    reader = JointPassageReader(states, packed, name)
    return Stages(index, encoder, LateInteraction(states), reader, _claim_support(states, packed))


def load_guard(settings: Settings) -> Check:
    """The check of renderings by itself, as the service makes it. Raises as `load_services`."""
    return SupportedGuard(load_claim_support(settings))


def load_claim_support(settings: Settings) -> ClaimSupport:
    """It by itself. Raises as `load_services`."""
    network, _ = load_network()
    states = TokenStatesEncoder(_packaged(open_encoder(settings), settings), network.token_mean)
    return _claim_support(states, PackedReader(network.eval()))


def _claim_support(states: TokenStatesEncoder, packed: PackedReader) -> ClaimSupport:
    return ClaimSupport(ReadSupport(states, packed), claim_weights())


def _synthesiser(count: Callable[[str, str], None]) -> Synthesiser:
    return Synthesiser(guarded_synthesis, count=lambda outcome: count("generated", outcome))


def _renders_ahead(settings: Settings) -> bool:
    """An endpoint is asked for nothing that no reader asked for: it may be paid for."""
    return settings.render_ahead and settings.writer != "openai" and not settings.writer_url


def _packaged(encoder: SentenceTransformerEncoder, settings: Settings) -> PackagedEncoder:
    """The encoder that the reader was trained on: the packaged one, whatever the index uses."""
    if not isinstance(encoder, PackagedEncoder):
        encoder = open_encoder(settings.model_copy(update={"encoder": None}))
    assert isinstance(encoder, PackagedEncoder)
    return encoder
