"""A second reader of the Rocq terms that the exporter writes: it knows Rocq's grammar and libraries, and no SymPy."""

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

Value = Any
Environment = Mapping[str, Value]

_TOKENS = re.compile(r"\s*(=>|<=|>=|<>|%nat|[A-Za-z_][A-Za-z_0-9'.]*|\d+|[-+*/^():=<>])")


def evaluated(text: str, environment: Environment, *, natural: bool = False) -> Value:
    """The value of a term, as Rocq computes it: total functions and truncated subtraction included."""
    reader = _Reader(_tokens(text), dict(environment))
    value = reader.sum(natural)
    if reader.tokens:
        raise ValueError(f"left over: {reader.tokens}")
    return value


def compared(text: str, environment: Environment) -> tuple[Value, str, Value]:
    """Both sides of a proposition with the relation between them."""
    reader = _Reader(_tokens(text), dict(environment))
    left = reader.sum(False)
    relation = reader.tokens.pop(0)
    right = reader.sum(False)
    if reader.tokens:
        raise ValueError(f"left over: {reader.tokens}")
    return left, relation, right


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKENS.match(text, place)
        if match is None:
            raise ValueError(f"no token at {text[place:]!r}")
        found.append(match.group(1))
        place = match.end()
    return found


def _inverse(x: Value) -> Value:
    """Division by zero has a value in Rocq that nothing is known of; no test may rest on it."""
    if x == 0:
        raise ZeroDivisionError
    return 1 / x if isinstance(x, float) else Fraction(1) / x


def _choose(n: int, k: int) -> Fraction:
    """The standard library's quotient of factorials, whose difference is cut off at zero."""
    return Fraction(math.factorial(n), math.factorial(k) * math.factorial(max(n - k, 0)))


_REAL: Mapping[str, tuple[str, Callable[..., Value]]] = {
    "INR": ("n", lambda n: n),
    "sqrt": ("r", lambda x: math.sqrt(x) if x > 0 else 0.0),
    "exp": ("r", math.exp),
    "ln": ("r", lambda x: math.log(x) if x > 0 else 0.0),
    "sin": ("r", math.sin),
    "cos": ("r", math.cos),
    "Rabs": ("r", abs),
    "Rmax": ("rr", max),
    "Rmin": ("rr", min),
    "Rpower": ("rr", lambda x, y: math.exp(y * math.log(x))),
    "Binomial.C": ("nn", _choose),
    "sum_n_m": ("fnn", lambda f, low, high: sum((f(i) for i in range(low, high + 1)), start=Fraction(0))),
}


class _Reader:
    """Recursive descent; `natural` says in which scope symbols of arithmetic are read."""

    def __init__(self, tokens: list[str], environment: dict[str, Value]) -> None:
        self.tokens = tokens
        self.environment = environment

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def sum(self, natural: bool) -> Value:
        value = self.product(natural)
        while self.peek() in ("+", "-"):
            if self.tokens.pop(0) == "+":
                value = value + self.product(natural)
            else:
                other = self.product(natural)
                value = max(value - other, 0) if natural else value - other
        return value

    def product(self, natural: bool) -> Value:
        value = self.unary(natural)
        while self.peek() in ("*", "/"):
            if self.tokens.pop(0) == "*":
                value = value * self.unary(natural)
            else:
                other = self.unary(natural)
                value = value // other if natural else value * _inverse(other)
        return value

    def unary(self, natural: bool) -> Value:
        if self.peek() == "-":
            self.tokens.pop(0)
            return -self.unary(natural)
        if self.peek() == "/":
            self.tokens.pop(0)
            return _inverse(self.unary(natural))
        return self.power(natural)

    def power(self, natural: bool) -> Value:
        base = self.application(natural)
        if self.peek() == "^":
            self.tokens.pop(0)
            return base ** self.power(True)
        return base

    def application(self, natural: bool) -> Value:
        name = self.peek()
        if name in _REAL:
            self.tokens.pop(0)
            kinds, function = _REAL[name]
            return function(*(self.abstraction() if kind == "f" else self.atom(kind == "n") for kind in kinds))
        value = self.atom(natural)
        while callable(value) and self.tokens and re.match(r"[\w(]", self.peek()):
            value = value(self.atom(True))
        return value

    def abstraction(self) -> Callable[[int], Value]:
        """`(fun i : nat => ...)`: the body is read again for every value of the index."""
        for expected in ("(", "fun"):
            self.expect(expected)
        index = self.tokens.pop(0)
        for expected in (":", "nat", "=>"):
            self.expect(expected)
        depth, body = 1, []
        while depth:
            body.append(self.tokens.pop(0))
            depth += {"(": 1, ")": -1}.get(body[-1], 0)
        body.pop()
        return lambda i: _Reader(list(body), {**self.environment, index: i}).sum(False)

    def atom(self, natural: bool) -> Value:
        word = self.tokens.pop(0)
        if word == "(":
            # What stands before `%nat` is read in the other scope.
            inside = natural or self.closes_with_nat()
            value = self.sum(inside)
            self.expect(")")
            self.scope()
            return value
        if word.isdigit():
            self.scope()
            return int(word) if natural else Fraction(int(word))
        if word == "PI":
            return math.pi
        return self.environment[word]

    def closes_with_nat(self) -> bool:
        depth = 1
        for place, word in enumerate(self.tokens):
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth == 0:
                return self.tokens[place + 1 : place + 2] == ["%nat"]
        return False

    def scope(self) -> None:
        if self.peek() == "%nat":
            self.tokens.pop(0)

    def expect(self, token: str) -> None:
        found = self.tokens.pop(0)
        if found != token:
            raise ValueError(f"found {found!r}; expected {token!r}")
