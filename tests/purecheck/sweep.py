"""Random and extreme arguments of every quantity, held against an independent computation.

Run as `python -m tests.purecheck.sweep [--cases N] [--seed S] [--json FILE]`; what it found is recorded in
`results/evaluate-sweep.json`.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import click
from flint import __version__ as flint_version
from sympy import Rational

from purecheck.closed_forms import QUANTITIES, evaluate, parse_arguments
from purecheck.enclosures.at_point import enclose_at_point
from purecheck.enclosures.problems import NotEnclosedError
from tests.purecheck.independent import within
from theory.contrastive import COLLAPSE_RADIUS

Arguments = dict[str, str]

RELATIVE = 1e-12
"""Largest relative bound of a value that is not exact."""
_LEAST = 1e-300
"""A value below this may have lost digits to the least floats."""
_LONG = 1.0
"""Seconds of processor time that one value may take."""


def drawn(name: str, rng: Random, *, small: bool) -> Arguments:
    """Arguments of a quantity; with `small` they are such that the independent computation takes milliseconds."""
    arguments: dict[str, str] = {}
    for argument, domain in QUANTITIES[name].domain.items():
        match argument:
            case "m":
                arguments[argument] = str(_order(rng, small=small) if name == "mean_gain" else _count(rng, small=small))
            case "d":
                arguments[argument] = str(_count(rng, small=small))
            case "p":
                arguments[argument] = _probability(rng)
            case "activation":
                arguments[argument] = rng.choice(domain.words)  # type: ignore[union-attr]
            case "alpha":
                arguments[argument] = str(Fraction(rng.randrange(1, 500), 1000))
            case "t":
                arguments[argument] = repr(rng.choice((rng.uniform(-10, 10), 10 ** rng.uniform(-20, 20))))
            case _:
                arguments[argument] = repr(10 ** rng.uniform(-2, 2))
    return _joint(name, arguments, rng, small=small)


def _count(rng: Random, *, small: bool) -> int:
    return rng.choice((1, 2, int(10 ** rng.uniform(0, 3 if small else 6)), 1000 if small else 10**6))


def _order(rng: Random, *, small: bool) -> int:
    return rng.choice((1, 2, 4, 12, 20, 64) if small else (1, 2, 8, 100, 664, 1024, 4096, 2**16))


def _probability(rng: Random) -> str:
    near_ends = (f"1e-{rng.randrange(1, 301)}", str(1 - Fraction(1, 10 ** rng.randrange(1, 16))), "1")
    return rng.choice((*near_ends, f"1/{rng.randrange(2, 40)}", repr(rng.uniform(0, 1)), repr(rng.uniform(0, 1))))


def _joint(name: str, arguments: Arguments, rng: Random, *, small: bool) -> Arguments:
    """Arguments that go together, and that the independent computation reaches."""
    if name == "mean_gain":
        arguments["d"] = str(int(arguments["m"]) * max(1, int(arguments["d"]) // int(arguments["m"])))
    if name == "purified_robust_accuracy":
        arguments["d"] = str(min(int(arguments["d"]), 60 if small else 400))
        arguments["eps"] = str(
            Fraction(arguments["r"]) * rng.choice((Fraction(1, 3), Fraction(rng.randrange(0, 500), 1000)))
        )
    if name == "contrastive_scale":
        arguments |= _before_collapse(arguments, rng, small=small)
    if name == "optimal_gate":
        arguments["p"] = arguments["p"] if Fraction(arguments["p"]) < 1 else "1/2"
    if name == "noise_energy":
        arguments["b"] = repr(rng.uniform(0, 5) * float(arguments["s"]))
    return arguments


def _before_collapse(arguments: Arguments, rng: Random, *, small: bool) -> Arguments:
    """An attack below the radius, within 1e-18 of it, beyond it, or none."""
    p, kind = Fraction(arguments["p"]), rng.random()
    clean = kind < 0.3 and p < 1
    d = rng.randrange(1, 9 if small else 40)
    if clean:
        d = rng.choice((d, rng.randrange(1, 60 if small else 2_000), 10 if small else 10_000))
    if clean and float(d * p) > 200 and small:
        d = 20
    eps = Fraction(0)
    if not clean:
        radius = _radius(d, arguments)
        share = rng.choice(
            (Fraction(rng.randrange(0, 1000), 1000), 1 - Fraction(1, 10 ** rng.randrange(1, 19)), Fraction(2))
        )
        eps = radius * share
    return {"d": str(d), "eps": str(eps)}


def _radius(d: int, arguments: Arguments) -> Fraction:
    """The collapse radius to forty digits more than the arguments are extreme."""
    names = COLLAPSE_RADIUS.arguments
    at = {names["d"]: Rational(d), **{names[x]: Rational(*Fraction(arguments[x]).as_integer_ratio()) for x in "pr"}}
    middle = enclose_at_point(COLLAPSE_RADIUS.expression, at, 256).mid().fmpq()
    return Fraction(int(middle.p), int(middle.q)).limit_denominator(10**60)


def examined(name: str, arguments: Arguments) -> str:
    """What became of one case: `within`, `refused`, or what is wrong."""
    form = QUANTITIES[name]
    start = time.process_time()
    try:
        found = evaluate(form, parse_arguments(form, [f"{key}={text}" for key, text in arguments.items()]))
    except NotEnclosedError as problem:
        return "refused" if "expected at most" in str(problem) else f"not enclosed: {problem}"
    if time.process_time() - start > _LONG:
        return f"took {time.process_time() - start:.1f} s"
    if found.exact is None and found.error_bound > max(RELATIVE * abs(found.value), _LEAST):
        return f"bound {found.error_bound:.2g} of {found.value!r}"
    if name == "leak":
        return "within"
    inside = within(name, arguments, found.value, found.error_bound)
    return "within" if inside else f"outside: {found.value!r} within {found.error_bound:.2g}"


def cases(count: int, seed: int, *, small: bool) -> Iterator[tuple[str, Arguments]]:
    """As many cases of each quantity."""
    rng = Random(seed)  # noqa: S311 - arguments, not secrets
    for i in range(count):
        name = list(QUANTITIES)[i % len(QUANTITIES)]
        yield name, drawn(name, rng, small=small)


@click.command()
@click.option("--cases", "count", default=5_000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Where the result is written.")
def main(count: int, seed: int, file: Path | None) -> None:
    """Count what becomes of random and extreme arguments of every quantity."""
    fates: Counter[str] = Counter()
    wrong = []
    by_quantity: Counter[str] = Counter()
    for name, arguments in cases(count, seed, small=False):
        fate = examined(name, arguments)
        fates[fate if fate in ("within", "refused") else "wrong"] += 1
        by_quantity[name] += 1
        if fate not in ("within", "refused"):
            wrong.append({"quantity": name, "arguments": arguments, "found": fate})
            click.echo(f"{name} {arguments}: {fate}")
    result = {
        "schema": "purecheck-evaluate-sweep/1",
        "seed": seed,
        "cases": dict(by_quantity),
        **{fate: fates[fate] for fate in ("within", "refused", "wrong")},
        "examples": wrong,
        "python-flint": flint_version,
    }
    click.echo(json.dumps({fate: fates[fate] for fate in ("within", "refused", "wrong")}))
    if file is not None:
        file.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
