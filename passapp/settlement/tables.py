"""A month as a table for the terminal."""

from passapp.door.rules import Waived
from passapp.settlement.service import Month


def euros(cents: int) -> str:
    """``-1234`` as ``-12.34``."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def month_table(month: Month) -> str:
    """Who visited whom; with money also what is owed, where everybody stands, and the payments."""
    settled = month.settlement
    names = [code for pair in settled.pairs for code in (pair.home, pair.host)]
    width = max([10, *(len(name) for name in names)])  # two columns hold the words of the last line
    currency = f"  (in {settled.currency})" if month.has_money and settled.currency else ""
    lines = [f"{month.month}  {month.state}{currency}", "", f"{'home':<{width}}  {'host':<{width}}  visits"]
    if month.has_money:
        lines[-1] += "    free    paid  over cap      amount"
    for pair in settled.pairs:
        line = f"{pair.home:<{width}}  {pair.host:<{width}}  {pair.visits:>6}"
        if month.has_money:
            free, paid, over = (
                sum(getattr(each, name) for each in pair.lines)
                for name in ("free_units", "paid_units", "over_cap_units")
            )
            line += f"  {free:>6}  {paid:>6}  {over:>8}  {euros(pair.total_cents):>10}"
        lines.append(line)
    lines += ["", f"{'between places':<{2 * width + 2}}  {settled.visits:>6}"]
    lines.append(f"{'at home (not settled)':<{2 * width + 2}}  {sum(settled.at_home.values()):>6}")
    for each in settled.not_settled:
        lines.append(
            f"{each.visits} visits of {each.home} at {each.host} are worth nothing: one of them took no part then."
        )
    for booked in settled.bookings:
        words = f"{len(booked.bookings)} bookings of {booked.home}'s members at {booked.host}, advanced by their home"
        back = f", less {euros(booked.credited_cents)} given back" if booked.credits else ""
        amount = "in euros" if booked.not_settled == "in_euros" else euros(booked.total_cents)
        lines.append(f"{words}{back}: {amount}")
    for reason, words in _WAIVED.items():
        visits = sum(line.visits for line in settled.lines if line.key.waived == reason)
        if visits:
            lines.append(f"{visits} visits are counted and worth nothing: {words}.")
    return "\n".join(lines + (_money(month, width) if month.has_money else []))


def _money(month: Month, width: int) -> list[str]:
    settled = month.settlement
    lines = ["", f"{'position':<{width}}  {'receives':>10}"]
    lines += [f"{code:<{width}}  {euros(cents):>10}" for code, cents in settled.positions.items()]
    before = sum(owed.amount_cents for owed in settled.obligations)
    after = sum(transfer.amount_cents for transfer in settled.transfers)
    lines += ["", f"payments ({settled.netting}): {len(settled.transfers)} of {euros(after)} in all,"]
    lines[-1] += f" instead of {len(settled.obligations)} of {euros(before)}"
    lines += [
        f"{transfer.debtor:<{width}}  pays {transfer.creditor:<{width}}  {euros(transfer.amount_cents):>10}"
        for transfer in settled.transfers
    ]
    return lines


_WAIVED = {
    Waived.OFFERED: "the place visited offered them",
    Waived.STALE_LIST: "an old list of passes let them in",
    Waived.TOO_LATE: "they came to light too late",
}
