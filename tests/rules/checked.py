"""
An integer that traps where 64 bits would wrap.

Every operation whose result leaves int64 raises OverflowError, so evaluating a rule with such
integers proves that none of its intermediates overflows, not only that its result fits.
"""

import operator

LOW, HIGH = -(2**63), 2**63 - 1


class Checked(int):
    """An int64: like Python's integer, but it raises OverflowError beyond 64 bits."""

    def __new__(cls, value=0):
        number = int(value)
        if not LOW <= number <= HIGH:
            raise OverflowError(f"{number} is beyond 64 bits")
        return super().__new__(cls, number)


def _binary(operation):
    def forward(left, right):
        if not isinstance(right, int):
            return NotImplemented
        return Checked(operation(int(left), int(right)))

    def backward(right, left):
        if not isinstance(left, int):
            return NotImplemented
        return Checked(operation(int(left), int(right)))

    return forward, backward


for _name in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    _word = f"{_name}_" if _name in {"and", "or"} else _name
    _forward, _backward = _binary(getattr(operator, _word))
    setattr(Checked, f"__{_name}__", _forward)
    setattr(Checked, f"__r{_name}__", _backward)
Checked.__neg__ = lambda value: Checked(-int(value))
Checked.__abs__ = lambda value: Checked(abs(int(value)))


def checked(value):
    """Return an argument with every integer in it checked."""
    if isinstance(value, list):
        return [checked(item) for item in value]
    return value if isinstance(value, bool) else Checked(value)
