"""Money: integer cents, percentages in basis points, rounded half away from zero (settlement R1). Pure."""

BASIS_POINTS = 10_000


def share(cents: int, basis_points: int) -> int:
    """A percentage of an amount: 2.5 cents are 3, -2.5 cents are -3."""
    return divide(cents * basis_points, BASIS_POINTS)


def divide(numerator: int, denominator: int) -> int:
    """A quotient of integers, rounded half away from zero; ``denominator`` is positive."""
    whole, rest = divmod(abs(numerator), denominator)
    rounded = whole + (2 * rest >= denominator)
    return rounded if numerator >= 0 else -rounded


def amount_said(cents: int, currency: str | None = None) -> str:
    """``-1234`` as ``-12.34 euros``, for who checks on a terminal. ``currency``: a local one."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02} {currency or 'euros'}"


def largest_remainder(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """Share an amount out by weight, to the last cent; ties to the lowest code, weight 0 gets 0 (settlement R12).

    Where every weight is 0 nobody gets anything.
    """
    total = sum(weights.values())
    if total == 0:
        return dict.fromkeys(weights, 0)
    sign = 1 if amount >= 0 else -1
    parts = {code: divmod(abs(amount) * weight, total) for code, weight in weights.items()}
    shares = {code: whole for code, (whole, _) in parts.items()}
    left = abs(amount) - sum(shares.values())
    for code in sorted((c for c, w in weights.items() if w), key=lambda c: (-parts[c][1], c))[:left]:
        shares[code] += 1
    return {code: sign * cents for code, cents in shares.items()}
