"""Whether the transfers of a month settle what is owed, in as few payments as was agreed (R16), or carry it (R17)."""

from collections import Counter, defaultdict

from month import FUND, MODES

EXACT_UP_TO = 16  # so many positions, and the payments must be the fewest possible


def check_moves(books, result, transfers, carried):
    """Say in words what is wrong with what is paid and what is carried: what is between two places goes by the mode
    that both allow, and what is under the threshold waits, unless a place of it leaves."""
    malformed = [str(move) for move in (*transfers, *carried) if not _is_sound(move)]
    if malformed:
        return [f"Transfer without two places, a positive amount and what it discharges: {one}" for one in malformed]

    def allowed(debtor, creditor):
        return min(
            (result.month["netting"], *(result.lowered.get(p, MODES[-1]) for p in (debtor, creditor))), key=MODES.index
        )

    groups = defaultdict(lambda: ([], {}, Counter()))
    for move in sorted((*transfers, *carried), key=lambda move: (move["debtor"], move["creditor"])):
        groups[allowed(move["debtor"], move["creditor"])][0].append(move)
    for (debtor, creditor), cents in result.owed.items():
        _, owed, positions = groups[allowed(debtor, creditor)]
        owed[debtor, creditor] = cents
        positions[debtor] -= cents
        positions[creditor] += cents
    found = (
        []
        if _in_order(transfers) and _in_order(carried)
        else ["Transfers are not in the order of debtor and creditor."]
    )
    for mode, group in sorted(groups.items()):
        found += check_transfers(mode, *group)
    return found + _waiting(books, transfers, carried)


def _in_order(moves):
    pairs = [(move["debtor"], move["creditor"]) for move in moves]
    return pairs == sorted(pairs)


def _waiting(books, transfers, carried):
    """Whether exactly those wait that are too small, and none of a place that leaves before the month ends."""
    last = books.days()[-1]
    threshold = books.in_force_on(last).document.get("threshold_cents", 0)
    found = []
    for moves, waits in ((transfers, False), (carried, True)):
        for move in moves:
            both = (books.places[place] for place in (move["debtor"], move["creditor"]) if place != FUND)
            leaves = any(place.left_on and place.left_on <= last for place in both)
            if (move["amount_cents"] < threshold and not leaves) is not waits:
                name = f"Transfer {move['debtor']} → {move['creditor']} of {move['amount_cents']} cents"
                found.append(f"{name} {'waits' if waits else 'does not wait'}; the threshold is {threshold} cents.")
    return found


def _least_along_debts(paid, owed):
    """Each payment along a real debt and at most it, and no way round that would move less.

    What is paid moves least where no circle of more here and less there saves anything (no negative circle).
    """
    found = [
        f"Transfer {debtor} → {creditor} is {cents} cents, of a debt of {owed.get((debtor, creditor), 0)}."
        for (debtor, creditor), cents in sorted(paid.items())
        if cents > owed.get((debtor, creditor), 0)
    ]
    steps = [(one, other, 1) for (one, other), cents in owed.items() if paid[one, other] < cents]
    steps += [(other, one, -1) for (one, other), cents in paid.items() if cents]
    costs = {place: 0 for pair in owed for place in pair}
    for _ in costs:
        for one, other, cost in steps:
            costs[other] = min(costs[other], costs[one] + cost)
    if any(costs[other] > costs[one] + cost for one, other, cost in steps):
        found.append("Less can be paid along the same debts.")
    return found


def check_transfers(mode, transfers, owed, positions):
    """Say in words what is wrong with the transfers. ``owed``: (debtor, creditor): cents; positions sum to 0."""
    malformed = [str(transfer) for transfer in transfers if not _is_sound(transfer)]
    if malformed:
        return [f"Transfer without two places, a positive amount and what it discharges: {one}" for one in malformed]
    paid = Counter()
    for transfer in transfers:
        paid[transfer["debtor"], transfer["creditor"]] += transfer["amount_cents"]
    found = _moves(paid, positions)
    if len(paid) < len(transfers):
        found.append("Two transfers have the same debtor and creditor.")
    if [(t["debtor"], t["creditor"]) for t in transfers] != sorted((t["debtor"], t["creditor"]) for t in transfers):
        found.append("Transfers are not in the order of debtor and creditor.")
    if mode == "multilateral":
        found += _as_few_as_possible(paid, positions)
    elif mode == "existing_debts":
        found += _least_along_debts(paid, owed)
    else:
        found += _as_agreed(mode, paid, owed)
    return found + _discharges(mode, transfers, owed)


def _is_sound(transfer):
    pieces = transfer.get("discharges") if isinstance(transfer, dict) else None
    return isinstance(pieces, list) and all(
        isinstance(one, dict)
        and one.keys() - {"discharges"} == {"debtor", "creditor", "amount_cents"}
        and isinstance(one["debtor"], str)
        and isinstance(one["creditor"], str)
        and type(one["amount_cents"]) is int
        and one["amount_cents"] > 0
        for one in [transfer, *pieces]
    )


def _moves(paid, positions):
    """Everybody pays and gets exactly their position."""
    got = Counter()
    for (debtor, creditor), cents in paid.items():
        got[debtor] -= cents
        got[creditor] += cents
    return [
        f"By the transfers {place} gets {got[place]} cents in all; its position is {positions.get(place, 0)}."
        for place in sorted(got.keys() | positions.keys())
        if got[place] != positions.get(place, 0)
    ]


def _as_agreed(mode, paid, owed):
    """Every debt as it is, or one payment per pair: the difference of what they owe each other."""
    due = dict(owed)
    if mode == "bilateral":
        due = {
            (debtor, creditor): cents - owed.get((creditor, debtor), 0)
            for (debtor, creditor), cents in owed.items()
            if cents > owed.get((creditor, debtor), 0)
        }
    return [
        f"Transfer {debtor} → {creditor} is {paid.get((debtor, creditor), 0)} cents;"
        f" {mode} it is {due.get((debtor, creditor), 0)}."
        for debtor, creditor in sorted(due.keys() | paid.keys())
        if due.get((debtor, creditor), 0) != paid.get((debtor, creditor), 0)
    ]


def _as_few_as_possible(paid, positions):
    found = [
        f"{place} both pays and receives."
        for place in sorted({debtor for debtor, _ in paid} & {creditor for _, creditor in paid})
    ]
    least = sum(cents for cents in positions.values() if cents > 0)
    if sum(paid.values()) != least:
        found.append(f"The transfers move {sum(paid.values())} cents in all; {least} are enough.")
    amounts = [cents for cents in positions.values() if cents]
    exact = len(amounts) <= EXACT_UP_TO
    enough = fewest_payments(amounts) if exact else len(payments_of_the_simple_way(positions))
    if len(paid) > enough:
        found.append(f"There are {len(paid)} transfers; {enough} are enough.")
    return found


def fewest_payments(amounts):
    """How many payments settle amounts that sum to 0.

    A group that sums to 0 settles itself with one payment less than it has members: so all of them, less the greatest
    number of such groups. Found for every choice of the amounts, the smaller choices first; a choice is a number whose
    bits say which amounts are in it.
    """
    sums, groups = [0] * 2 ** len(amounts), [0] * 2 ** len(amounts)
    for chosen in range(1, len(sums)):
        members = [n for n in range(len(amounts)) if chosen >> n & 1]
        sums[chosen] = sums[chosen - 2 ** members[0]] + amounts[members[0]]
        groups[chosen] = max(groups[chosen - 2**n] for n in members) + (sums[chosen] == 0)
    return len(amounts) - groups[-1]


def payments_of_the_simple_way(positions):
    """What places pay each other where they are too many to try everything (R16): {(debtor, creditor): cents}.

    Equal opposite amounts settle each other; then always the largest debtor pays the largest creditor; ties by code.
    """
    owes = {place: -cents for place, cents in sorted(positions.items()) if cents < 0}
    gets = {place: cents for place, cents in sorted(positions.items()) if cents > 0}
    paid = {}

    def pay(debtor, creditor):
        paid[debtor, creditor] = cents = min(owes[debtor], gets[creditor])
        for left, place in ((owes, debtor), (gets, creditor)):
            left[place] -= cents
            if not left[place]:
                del left[place]

    for debtor in list(owes):
        for creditor in [place for place in gets if gets[place] == owes[debtor]][:1]:
            pay(debtor, creditor)
    while owes:
        pay(max(owes, key=owes.get), max(gets, key=gets.get))  # of several, max takes the first
    return paid


def _discharges(mode, transfers, owed):
    """Each transfer settles real debts, its own debtor's to its amount; and what is left over is set off."""
    found, left = [], Counter(owed)
    for transfer in transfers:
        name = f"Transfer {transfer['debtor']} → {transfer['creditor']}"
        pieces = [((one["debtor"], one["creditor"]), one["amount_cents"]) for one in transfer["discharges"]]
        if [pair for pair, _ in pieces] != sorted({pair for pair, _ in pieces}):
            found.append(f"{name}: what it discharges is not in the order of debtor and creditor, each pair once.")
        for pair, cents in pieces:
            left[pair] -= cents
        own = sum(cents for (debtor, _), cents in pieces if debtor == transfer["debtor"])
        if own != transfer["amount_cents"]:
            found.append(f"{name} is {transfer['amount_cents']} cents and discharges {own} cents of its debtor.")
        itself = [((transfer["debtor"], transfer["creditor"]), transfer["amount_cents"])]
        if mode != "multilateral" and pieces != itself:
            found.append(f"{name}: {mode}, it discharges itself and nothing else.")
    given, got = Counter(), Counter()
    for (debtor, creditor), cents in sorted(left.items()):
        if (debtor, creditor) not in owed:
            found.append(f"Discharged, but {debtor} owes {creditor} nothing.")
        elif cents < 0:
            found.append(f"{-cents} cents too many are discharged of what {debtor} owes {creditor}.")
        given[debtor] += cents
        got[creditor] += cents
        if mode == "bilateral" and cents > left[creditor, debtor]:
            found.append(f"{debtor} sets {cents} cents off with {creditor}, which sets off {left[creditor, debtor]}.")
    found += [
        f"Of what is set off, {place} gives {given[place]} cents and gets {got[place]}."
        for place in sorted(given.keys() | got.keys())
        if given[place] != got[place]
    ]
    return found
