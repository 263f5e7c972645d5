"""Names of what is measured on trained networks: statistics, training runs, and the words for both.

What a statistic *is*, computed from networks or from records, is the business of a reader (`purecheck.experiments`),
which knows no threshold of a claim.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast

from sympy import Rational

T = TypeVar("T")

_SLOT = re.compile(r"\[\[(\w+)\]\]")


def decimal(number: Rational) -> str:
    """The number as a decimal where that ends, else as a fraction."""
    twos = fives = 0
    rest = int(number.q)
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return str(number) if rest > 1 else f"{number.p / number.q:,.{max(twos, fives)}f}"


def plain(text: str) -> str:
    """The words without marks for mathematics."""
    return text.replace("$", "").replace(r"\infty", "inf").replace(r"\epsilon", "eps")


def listed(words: Iterable[str]) -> str:
    """Words in a row: `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Named:
    """A thing with a name for programs and words for readers, as an attack or a norm."""

    name: str
    says: str

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True)
class Size:
    """The size of an attack as a multiple of the amplitude `r`."""

    multiple: Rational

    def __str__(self) -> str:
        return f"${decimal(self.multiple)} r$"


@dataclass(frozen=True)
class Ball:
    """The perturbations that an attack may choose: a norm, and a size as a multiple of the amplitude `r`."""

    norm: Named
    size: Rational

    def __str__(self) -> str:
        return f"{self.norm} at ${decimal(self.size)} r$"


@dataclass(frozen=True)
class Each(Generic[T]):
    """A parameter that takes every one of these values; wherever the same values stand, it is the same parameter."""

    values: tuple[T, ...]

    def __str__(self) -> str:
        if all(isinstance(value, Ball) for value in self.values):
            return _balls(self.values)
        return listed(words(value) for value in self.values)


def _balls(balls: Iterable[Any]) -> str:
    """Balls in a row, each norm once."""
    sizes: dict[Named, list[str]] = {}
    for ball in balls:
        sizes.setdefault(ball.norm, []).append(f"${decimal(ball.size)} r$")
    return listed(f"{norm} at {listed(found)}" for norm, found in sizes.items())


def each(*values: T) -> T:
    """A parameter that takes every one of these values, wherever one value may stand."""
    return cast(T, Each(values))


def words(value: Any) -> str:
    """A value for a reader; numbers as decimals where these end."""
    return decimal(value) if isinstance(value, Rational) else str(value)


@dataclass(frozen=True)
class Arm:
    """Something on which statistics are measured: a way to train, as a rule. `str` gives its words."""

    preposition: ClassVar[str] = "after"
    again: ClassVar[str] = "after the same training"

    @property
    def short(self) -> str:
        """The arm in a few words, where little room is."""
        return str(self)


@dataclass(frozen=True)
class Statistic:
    """A registered way to measure an arm, one number a seed unless it says more.

    Attributes
    ----------
    name
        A few words, unique in the suite.
    says
        What is measured, a noun phrase with a slot `[[name]]` for every argument; mathematics between dollar signs.
    """

    name: str
    says: str

    def __call__(self, arm: Arm, **at: Any) -> "Measurement":
        """The statistic of an arm at these arguments.

        Raises
        ------
        ValueError
            If the arguments are not those of its slots.
        """
        if set(at) != self.arguments:
            raise ValueError(f"statistic {self.name!r}: arguments were {sorted(at)}; expected {sorted(self.arguments)}")
        return Measurement(self, arm, tuple(at.items()))

    @property
    def arguments(self) -> set[str]:
        """The names of its slots."""
        return set(_SLOT.findall(self.says))


@dataclass(frozen=True)
class Measurement:
    """A statistic of an arm.

    Attributes
    ----------
    statistic, arm
        What is measured, and on what; `Each` arm, where several are meant.
    at
        Arguments by name, for example the attack and its size.
    """

    statistic: Statistic
    arm: Any
    at: tuple[tuple[str, Any], ...] = ()

    def __getitem__(self, argument: str) -> Any:
        return dict(self.at)[argument]

    @property
    def what(self) -> str:
        """What is measured, without the arm."""
        return _SLOT.sub(lambda found: words(self[found.group(1)]), self.statistic.says)

    @property
    def where(self) -> str:
        """The arm, with its preposition."""
        return f"{self.arms[0].preposition} {self.named}"

    @property
    def named(self) -> str:
        """The arm, or every one that is meant."""
        *others, last = map(str, self.arms)
        return f"{'; '.join(others)}{' and ' if others else ''}{last}"

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arm, or all that are meant."""
        return self.arm.values if isinstance(self.arm, Each) else (self.arm,)

    @property
    def title(self) -> str:
        """What is measured in a few plain words, without the arm."""
        return plain(", ".join([self.statistic.name, *(words(value) for _, value in self.at)]))

    @property
    def short(self) -> str:
        """The measurement in a few plain words."""
        return ", ".join(filter(None, (self.title, plain(self.arm.short))))

    @property
    def again(self) -> str:
        """The arm where it was named before."""
        return self.arms[0].again

    def __str__(self) -> str:
        return f"{self.what} {self.where}"


@dataclass(frozen=True)
class Fall:
    """By how much a statistic falls from one arm to another, on the same seeds."""

    start: Measurement
    end: Measurement

    def __str__(self) -> str:
        return f"the fall of {self.start.what} from {self.start.named} to {self.end.named}"

    @property
    def short(self) -> str:
        """The fall in a few plain words."""
        return f"fall of {self.start.title} from {plain(self.start.arm.short)} to {plain(self.end.arm.short)}"


Term: TypeAlias = Measurement | Fall


def parameters(thing: Any) -> Iterator[Each[Any]]:
    """All parameters inside a thing made of dataclasses and tuples, in their order, with repetitions."""
    if isinstance(thing, Each):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from parameters(part)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for one in fields(thing):
            yield from parameters(getattr(thing, one.name))


def put(thing: T, values: Mapping[Each[Any], Any]) -> T:
    """The same thing with a value for every parameter."""
    found: Any = thing
    if isinstance(thing, Each):
        found = values[thing]
    elif isinstance(thing, tuple):
        found = tuple(put(part, values) for part in thing)
    elif is_dataclass(thing) and not isinstance(thing, type):
        found = replace(thing, **{one.name: put(getattr(thing, one.name), values) for one in fields(thing)})
    return found  # type: ignore[no-any-return]
