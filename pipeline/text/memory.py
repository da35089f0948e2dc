"""Remembers what functions of texts gave, where texts come again and are short."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

__all__ = ["remembers_short"]

_Others = ParamSpec("_Others")
_Result = TypeVar("_Result")
_OfText = Callable[Concatenate[str, _Others], _Result]


def remembers_short(longest: int, last: int) -> Callable[[_OfText[_Others, _Result]], _OfText[_Others, _Result]]:
    """Makes a function of a text remember the `last` results for texts of up to `longest` characters.

    So what is remembered is bounded, however long the texts are.

    >>> @remembers_short(longest=8, last=100)
    ... def size(text):
    ...     print("reading")
    ...     return len(text)
    >>> size("pay $5"), size("pay $5")
    reading
    (6, 6)
    """

    def decorate(function: _OfText[_Others, _Result]) -> _OfText[_Others, _Result]:
        remembered = lru_cache(maxsize=last)(function)

        @wraps(remembered)
        def with_memory(text: str, /, *others: _Others.args, **named: _Others.kwargs) -> _Result:
            if len(text) > longest:
                return function(text, *others, **named)
            return remembered(text, *others, **named)  # type: ignore[arg-type]  # mypy wants all of it to be hashable

        return with_memory

    return decorate
