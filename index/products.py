"""Which products this processor makes fast, and whether a result depends on what is computed beside it.

Knows torch and the processor, nothing of what is computed.
"""

from functools import cache

import torch
from torch.nn.functional import linear

_TOKENS = (4, 5, 10, 12, 33, 64, 150, 400)  # numbers of rows that products are compared for
_SHAPES = ((384, 1152), (384, 384), (384, 1536), (1536, 384))  # of the encoder's and the reader's weights


def product_type() -> torch.dtype:
    """bfloat16 where the processor multiplies it by itself: elsewhere it is no faster than float32."""
    native = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


@cache
def steady() -> bool:
    """Whether a row of a product is the same, bit for bit, whatever rows are beside it and whatever the threads.

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
    oneDNN's products of whole heads; where oneDNN's are not in use, or torch's has AMX, it is not slower.
    """
    return steady() and not torch.cpu._is_amx_tile_supported()


def _is_steady(taken: int, given: int, generator: torch.Generator) -> bool:
    dtype = product_type()
    rows = torch.randn(max(_TOKENS) + 7, taken, generator=generator).to(dtype)
    weights = torch.randn(given, taken, generator=generator).to(dtype)
    bias = torch.randn(given, generator=generator).to(dtype)
    torch.set_num_threads(1)
    expected = linear(rows, weights, bias)
    for threads in (1,) if dtype is torch.bfloat16 else (1, 2):
        torch.set_num_threads(threads)
        for tokens in _TOKENS:
            if not torch.equal(linear(rows[7 : 7 + tokens].clone(), weights, bias), expected[7 : 7 + tokens]):
                return False
    return True
