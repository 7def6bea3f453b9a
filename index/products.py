"""Which products this processor makes fast, and whether a result depends on what is computed beside it.

Knows torch and the processor, nothing of what is computed.
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, pad

_TOKENS = (4, 5, 10, 12, 33, 64, 150, 300, 400)  # numbers of rows that products are compared for
_SHAPES = ((384, 1152), (384, 384), (384, 1536), (1536, 384))  # of the encoder's and the reader's weights
_SHORT_SUM, _FEW, _MANY = 384, 32, 384  # with AMX, oneDNN splits longer sums of more than few rows, less than many


def product_type() -> torch.dtype:
    """bfloat16 where the processor multiplies it by itself: elsewhere it is no faster than float32."""
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


class Product:
    """Rows times a weight (given, taken) plus a bias (given,), in the type of both.

    oneDNN multiplies. Of bfloat16 torch leaves it to it; of float32, and with AMX, it is asked here, with the weight
    laid out as it has it best: few rows take half the time, and of float32 torch's own choice is MKL, which gives a row
    other bits beside other rows. With AMX oneDNN does so too, where it splits a long sum: it is not given such numbers
    of rows.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight, self._bias = weight, bias
        self._laid_out: Any = None
        amx = torch.cpu._is_amx_tile_supported()
        self._splits = amx and weight.dtype is torch.bfloat16 and weight.shape[1] > _SHORT_SUM
        onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        if onednn and (amx or weight.dtype is torch.float32):
            self._laid_out = torch.ops.mkldnn._reorder_linear_weight(weight)

    def __call__(self, rows: Tensor) -> Tensor:
        """(n, taken) to (n, given)."""
        rows = rows.to(self._weight.dtype)
        if self._laid_out is None:
            return linear(rows, self._weight, self._bias)
        if self._splits and _FEW < len(rows) < _MANY:
            return self._unsplit(rows)
        return self._multiplied(rows)

    def _unsplit(self, rows: Tensor) -> Tensor:
        """A few at a time, or as one of many."""
        count = len(rows)
        if count <= 4 * _FEW:
            return torch.cat([self._multiplied(some) for some in torch.split(rows, _FEW)])
        return self._multiplied(pad(rows, (0, 0, 0, _MANY - count)))[:count]

    def _multiplied(self, rows: Tensor) -> Tensor:
        made: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self._laid_out, self._bias, "none", [], "")
        return made


@cache
def steady() -> bool:
    """Whether a row of a `Product` is the same, bit for bit, whatever rows are beside it and whatever the threads.

    It is with oneDNN's products, and is not with MKL's: tried out on this machine, once. Products of bfloat16 are tried
    on one thread only, which is all that they are given: with AMX they depend on the number.
    """
    before = torch.get_num_threads()
    generator = torch.Generator().manual_seed(0)
    try:
        with torch.inference_mode():
            return all(_is_steady(*shape, generator) for shape in _SHAPES)
    finally:
        torch.set_num_threads(before)


@cache
def plain_attention() -> bool:
    """Whether plain products attend faster than torch's own attention.

    Torch's multiplies small blocks by MKL, which on an AMD processor with AVX-512 takes 2 to 4 times as long as
    oneDNN's products of whole heads; with AVX2 alone, or with AMX, it is not slower.
    """
    return torch.cpu._is_avx512_supported() and steady() and not torch.cpu._is_amx_tile_supported()


def _is_steady(taken: int, given: int, generator: torch.Generator) -> bool:
    dtype = product_type()
    rows = torch.randn(max(_TOKENS) + 7, taken, generator=generator).to(dtype)
    product = Product(*(torch.randn(*shape, generator=generator).to(dtype) for shape in ((given, taken), (given,))))
    torch.set_num_threads(1)
    expected = product(rows)
    for threads in (1,) if dtype is torch.bfloat16 else (1, 2):
        torch.set_num_threads(threads)
        for tokens in _TOKENS:
            if not torch.equal(product(rows[7 : 7 + tokens].clone()), expected[7 : 7 + tokens]):
                return False
    return True
