"""A month's counts as a table, for the terminal."""

from passapp.settlement.service import Month


def counts_table(month: Month) -> str:
    """Home, host and visits, line by line, in the order of the places' codes."""
    code = {key: place.code for key, place in month.places.items()}
    rows = sorted((code[home], code[host], visits) for (home, host), visits in month.counts.between.items())
    width = max([10, *(len(c) for c in code.values())])  # two columns hold the words of the last line
    lines = [f"{month.month}  {month.state}", "", f"{'home':<{width}}  {'host':<{width}}  visits"]
    lines += [f"{home:<{width}}  {host:<{width}}  {visits:>6}" for home, host, visits in rows]
    lines += ["", f"{'between places':<{2 * width + 2}}  {month.counts.total:>6}"]
    lines.append(f"{'at home (not settled)':<{2 * width + 2}}  {sum(month.counts.at_home.values()):>6}")
    return "\n".join(lines)
