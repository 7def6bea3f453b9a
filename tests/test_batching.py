"""Questions asked at once are encoded together, and nothing of an answer depends on that."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from index.batching import Batcher
from index.cores import Cores
from index.encoder import PackagedEncoder, open_encoder
from index.passages import cut
from index.products import steady
from index.settings import Settings
from index.types import Article
from service.joint_reader import HIDDEN, JointReader
from service.packed_reader import PackedReader
from service.reader import JointPassageReader, load_network
from service.states import TokenStatesEncoder

QUESTIONS = [
    "Combien de soldats l’Allemagne fournit-elle à l’OTAN ?",
    "Qui ?",
    "How many doses were delivered to Montréal in February, and by whom were they paid for?",
    "Où se réunissent les ministres ?",
]


def test_what_comes_while_a_batch_is_done_is_the_next_batch() -> None:
    batches: list[list[int]] = []
    first_began, go_on = threading.Event(), threading.Event()

    def double(items: list[int]) -> list[int]:
        batches.append(items)
        first_began.set()
        assert go_on.wait(10)
        return [2 * item for item in items]

    batcher = Batcher(double, most=3)
    with ThreadPoolExecutor(8) as pool:
        alone = pool.submit(batcher, 0)
        assert first_began.wait(10)
        others = [pool.submit(batcher, item) for item in range(1, 6)]
        while len(batcher._waiting) < 5:
            threading.Event().wait(0.001)
        go_on.set()
        assert alone.result() == 0
        assert [future.result() for future in others] == [2, 4, 6, 8, 10]
    assert [len(batch) for batch in batches] == [1, 3, 2]


def test_an_error_is_raised_to_everyone_of_its_batch_and_to_nobody_after() -> None:
    def invert(items: Sequence[int]) -> list[float]:
        return [1 / item for item in items]

    batcher = Batcher(invert, most=4)
    with pytest.raises(ZeroDivisionError):
        batcher(0)
    assert batcher(4) == 0.25


def test_cores_are_idle_where_no_thread_computes() -> None:
    cores = Cores(2)
    assert cores.idle
    with cores.share(most=1):
        assert not cores.idle
    assert cores.idle


def test_one_thread_alone_gets_all_cores_and_several_get_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.cores.steady", lambda: True)
    cores = Cores(2)
    assert _threads_given(cores) == 2
    with cores.share(most=1):
        assert torch.get_num_threads() == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_threads_given, cores).result() == 1


def test_where_products_are_not_steady_threads_take_turns_with_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.cores.steady", lambda: False)
    cores = Cores(2)
    with ThreadPoolExecutor(1) as pool:
        with cores.share(most=1):
            assert torch.get_num_threads() == 2
            other = pool.submit(_threads_given, cores)
            threading.Event().wait(0.05)
            assert not other.done()
        assert other.result() == 2


def _threads_given(cores: Cores) -> int:
    with cores.share():
        return torch.get_num_threads()


@pytest.fixture(scope="module")
def encoder() -> Iterator[PackagedEncoder]:
    threads = torch.get_num_threads()
    opened = open_encoder(Settings(threads=2))
    assert isinstance(opened, PackagedEncoder)
    yield opened
    torch.set_num_threads(threads)


@pytest.mark.real
def test_a_question_has_the_same_states_alone_and_among_others(encoder: PackagedEncoder) -> None:
    if not steady():
        pytest.skip("products of this machine depend on their shape: questions are encoded one by one here")
    tokens = [encoder.tokens.tokenise(text)[0] for text in QUESTIONS]
    with encoder.cores.share(most=1):
        for states in (encoder.tokens.query_states, encoder.tokens.reading_states):
            for ids, together in zip(tokens, states(tokens), strict=True):
                assert torch.equal(states([ids])[0], together)


@pytest.mark.real
def test_a_question_has_the_same_vector_whoever_asks_at_the_same_time(encoder: PackagedEncoder) -> None:
    alone = {text: encoder.encode_queries([text]) for text in QUESTIONS}
    encoder._found_by.cache_clear()  # type: ignore[attr-defined]  # of an lru_cache
    with ThreadPoolExecutor(8) as pool:
        vectors = pool.map(lambda text: encoder.encode_queries([text]), QUESTIONS * 4)
        for text, vector in zip(QUESTIONS * 4, vectors, strict=True):
            assert (vector == alone[text]).all()


@pytest.mark.real
def test_the_states_are_those_of_the_model_itself(encoder: PackagedEncoder) -> None:
    ids, _ = encoder.tokens.tokenise(QUESTIONS[0])
    with torch.inference_mode():
        expected = encoder.model[0].auto_model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    torch.testing.assert_close(encoder.tokens.states([ids])[0][1], expected, atol=0.02, rtol=0.02)


@pytest.mark.usefixtures("exact_products")
def test_the_packed_reader_gives_what_the_trained_network_gives() -> None:
    network = load_network()[0].eval()
    question, passages = _states(7), [_states(length) for length in (40, 3, 61)]
    packed = PackedReader(network, torch.float32).read(question, passages)
    for passage, output in zip(passages, packed, strict=True):
        expected = _one_by_one(network, question, passage)
        for ours, theirs in zip(output, expected, strict=True):
            torch.testing.assert_close(ours[0], theirs, atol=1e-3, rtol=1e-3)


@pytest.mark.real
def test_a_question_is_read_the_same_whatever_the_number_of_threads(encoder: PackagedEncoder) -> None:
    if not steady():
        pytest.skip("products of this machine depend on the number of threads: all are always taken here")
    network, name = load_network()
    article = Article("a", " ".join(f"La mission {n} de l’OTAN compte {n} soldats." for n in range(60)), "Irak")
    pairs = [(article, passage) for passage in cut(article)]
    readings = []
    for threads in (1, 2):
        encoder.cores = Cores(threads)
        reader = JointPassageReader(TokenStatesEncoder(encoder, network.token_mean), PackedReader(network.eval()), name)
        readings.append(reader.read(QUESTIONS[0], pairs))
    assert len(pairs) > 3
    assert readings[0] == readings[1]


def _states(tokens: int) -> torch.Tensor:
    return torch.randn(tokens, HIDDEN, generator=torch.Generator().manual_seed(tokens)).half()


def _one_by_one(network: JointReader, question: torch.Tensor, passage: torch.Tensor) -> list[torch.Tensor]:
    states = torch.cat([question, passage]).float()[None]
    is_passage = torch.arange(len(states[0]))[None] >= len(question)
    with torch.inference_mode():
        start, end, evidence, null, relevance = network(states, is_passage, torch.ones_like(is_passage))
    asked = len(question)
    return [start[0, asked:], end[0, asked:], evidence[0, asked:], null[0], relevance[0]]
