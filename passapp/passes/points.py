"""Whether 32 bytes are an Ed25519 public key that somebody can hold a private key to (RFC 8032, section 5.1).

A device chooses its own key, and may choose it badly on purpose: with a point of small order as its key, one proof is
good at every step, and a photograph of the pass never dies. So a key is taken only if it is a point of the large
subgroup, written in the one canonical way. Some milliseconds; the libraries that verify leave it out.
"""

from typing import Final

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int]
"""A point in projective coordinates: x/z, y/z."""
_NEUTRAL: Final = (0, 1, 1)


def is_public_key(data: bytes) -> bool:
    """Whether these bytes are an Ed25519 public key, in the large subgroup and canonical."""
    point = _decompress(data) if len(data) == 32 else None  # noqa: PLR2004 (an Ed25519 key)
    return point is not None and not _is_neutral(point) and _is_neutral(_times(_ORDER, point))


def _decompress(data: bytes) -> _Point | None:
    """Read a point (RFC 8032, section 5.1.3); None where there is none, or another way of writing it."""
    number = int.from_bytes(data, "little")
    y, is_odd = number & ~(1 << 255), number >> 255
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if v * x * x % _P != u or (x == 0 and is_odd):
        return None
    return (x if x & 1 == is_odd else _P - x, y, 1)


def _times(factor: int, point: _Point) -> _Point:
    total: _Point = _NEUTRAL
    for bit in f"{factor:b}":
        total = _add(total, total)
        if bit == "1":
            total = _add(total, point)
    return total


def _add(one: _Point, other: _Point) -> _Point:
    """Add on -x² + y² = 1 + d·x²·y²; the formulas hold for every two points, equal ones too (d is no square)."""
    (x1, y1, z1), (x2, y2, z2) = one, other
    z, x, y = z1 * z2 % _P, x1 * x2 % _P, y1 * y2 % _P
    product = _D * x * y % _P
    less, more = (z * z - product) % _P, (z * z + product) % _P
    crossed = (x1 * y2 + x2 * y1) % _P
    return (z * less * crossed % _P, z * more * (y + x) % _P, less * more % _P)


def _is_neutral(point: _Point) -> bool:
    x, y, z = point
    return x == 0 and y == z
