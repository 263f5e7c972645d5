"""Sixty-four comparisons in one word, by vector instructions that the compiler does not find by itself.

Compiled loops do not turn a row of comparisons into the places where they hold; with these two instructions it takes a
quarter of the time. They are instructions of LLVM, so they compile on every processor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

LANES = 64
"""Number of comparisons at a time: one for each bit of the word that holds the results."""


def _at_least(_typing: Any, row: Any, _bounds: Any, _start: Any) -> tuple[Any, Callable[..., Any]]:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.VectorType(context.get_value_type(row.dtype), LANES)
        x, bound = (
            builder.load(
                builder.bitcast(
                    builder.gep(context.make_array(kind)(context, builder, array).data, [arguments[2]]),
                    vector.as_pointer(),
                ),
                align=row.dtype.bitwidth // 8,
            )
            for kind, array in zip(signature.args[:2], arguments[:2], strict=True)
        )
        above = builder.fcmp_ordered(">=", x, bound)
        below = builder.fcmp_ordered(">=", builder.fneg(x), bound)
        return builder.bitcast(builder.or_(above, below), ir.IntType(LANES))

    return types.uint64(row, row, types.intp), generate


def _lowest(_typing: Any, _bits: Any) -> tuple[Any, Callable[..., Any]]:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.intp(types.uint64), generate


at_least: Callable[[Any, Any, int], Any] = cast("Any", intrinsic(_at_least))
"""The bits ``|row[start + k]| >= bounds[start + k]`` of ``(row, bounds, start)``, ``k`` from 0 to 63, 0 the lowest."""

lowest: Callable[[Any], int] = cast("Any", intrinsic(_lowest))
"""The place of the lowest bit that is set, one of 64; there must be one."""
