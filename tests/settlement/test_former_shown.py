"""What a statement takes over of earlier months says where it comes from (settlement R14, R15, R17)."""

from datetime import timedelta

from tests.settlement.living import close, november, pass_time
from tests.settlement.months import agree, make_visit, statement_of
from tests.settlement.reporting import answer, reported
from tests.world import NOW

AFTER = timedelta(days=45)


def test_a_correction_names_the_month_that_it_corrects(world):
    agree(world)
    november(world, visits=2)
    close(world)
    answer(world.as_manager(world.moulin), reported(world), agrees=True)
    for place, direction, partner in ((world.hangar, "made", "moulin"), (world.moulin, "received", "hangar")):
        [row] = statement_of(world.as_manager(place), place, "2026-12")["adjustments"]
        assert row["partner"]["code"] == partner
        assert (row["direction"], row["kind"], row["origin"]) == (direction, "credit", "2026-11")
        assert (row["visits"], row["amount_cents"]) == (2, 1000)


def test_late_visits_name_the_month_in_which_they_were_made(world):
    agree(world)
    november(world)
    close(world)
    make_visit(world, world.hangar, world.moulin, NOW + timedelta(hours=2))
    pass_time(world, NOW + AFTER)
    [row] = statement_of(world.as_manager(world.hangar), world.hangar, "2026-12")["adjustments"]
    assert (row["direction"], row["kind"], row["origin"]) == ("made", "late", "2026-11")
    assert (row["visits"], row["amount_cents"]) == (1, 500)


def test_what_was_too_small_to_pay_is_carried_then_owed_by_the_month_after(world):
    agree(world, threshold_cents=1000)
    november(world)
    close(world)
    moulin = world.as_manager(world.moulin)
    [carried] = statement_of(moulin, world.moulin)["carried"]
    assert (carried["debtor"]["code"], carried["amount_cents"]) == ("hangar", 500)
    december = statement_of(moulin, world.moulin, "2026-12")
    [opening] = december["openings"]
    assert (opening["debtor"]["code"], opening["month"], opening["amount_cents"]) == ("hangar", "2026-11", 500)
    assert december["position_cents"] == 500
