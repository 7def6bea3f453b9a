"""Products of rows and weights: the same whatever rows are beside a row, on every processor that can."""

from collections.abc import Iterator

import pytest
import torch
from torch.nn.functional import linear

from index.products import Product, product_type, steady

COUNTS = (1, 5, 32, 33, 64, 128, 129, 150, 383, 384, 500)


@pytest.fixture
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _made(taken: int, given: int, dtype: torch.dtype) -> tuple[Product, torch.Tensor, torch.Tensor]:
    """A product, its rows, and what comes of them in exact arithmetic."""
    torch.manual_seed(1)
    weight, bias, rows = (torch.randn(shape).to(dtype) for shape in ((given, taken), (given,), (max(COUNTS), taken)))
    return Product(weight, bias), rows, linear(rows.double(), weight.double(), bias.double())


@pytest.mark.usefixtures("exact_products")
def test_rows_that_are_not_given_as_they_are_come_out_as_they_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with AMX, on any processor: some rows are multiplied a few at a time, some as one of many."""
    product, rows, exact = _made(768, 8, torch.float32)
    if product._laid_out is None:
        pytest.skip("this build of torch has no oneDNN")
    monkeypatch.setattr(product, "_splits", True)
    given: list[int] = []
    monkeypatch.setattr(product, "_multiplied", lambda some: given.append(len(some)) or multiplied(some))
    multiplied = Product._multiplied.__get__(product)
    for count in COUNTS:
        given.clear()
        made = product(rows[:count])
        torch.testing.assert_close(made.double(), exact[:count], atol=1e-4, rtol=1e-4)
        assert all(few <= 32 or few >= 384 for few in given)


@pytest.mark.usefixtures("_one_thread")
def test_a_row_of_a_steady_product_is_the_same_beside_any_others() -> None:
    if not steady():
        pytest.skip("products of this machine depend on their shape: texts are encoded one by one here")
    for taken, given in ((384, 1536), (1536, 384)):
        product, rows, exact = _made(taken, given, product_type())
        every = product(rows)
        torch.testing.assert_close(every.double(), exact, atol=0.5, rtol=0.02)
        for count in COUNTS:
            assert torch.equal(product(rows[:count].clone()), every[:count]), (taken, given, count)
