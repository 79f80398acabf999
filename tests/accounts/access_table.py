"""Who may call what, written out by hand: a change of an access rule is made here too, or a test fails.

Per operation: who may call it with what belongs to their own place (or to themselves), and who may with what belongs
to another place.
"""

from typing import NamedTuple

ANYONE = frozenset({"anyone"})
COORDINATION = frozenset({"coordinator"})
MANAGEMENT = COORDINATION | {"manager"}
STAFF = MANAGEMENT | {"network_accountant", "place_accountant"}
NETWORK = COORDINATION | {"network_accountant"}
MEMBER = frozenset({"member"})
DOOR = frozenset({"door"})
PEOPLE = STAFF | MEMBER | {"host"}
NOBODY: frozenset[str] = frozenset()
ROLES = (*sorted(PEOPLE | DOOR), "nobody")


class Row(NamedTuple):
    """``elsewhere`` None: the operation names nothing that belongs to a place."""

    here: frozenset[str]
    elsewhere: frozenset[str] | None = None


TABLE = {
    "who_am_i": Row(ANYONE),
    "sign_in": Row(ANYONE),
    "sign_out": Row(ANYONE),
    "list_role_grants": Row(COORDINATION),
    "grant_role": Row(COORDINATION, COORDINATION),
    "withdraw_role": Row(COORDINATION),
    "set_up": Row(ANYONE),  # who knows the secret that the operator's terminal shows, on an empty deployment
    "get_set_up": Row(COORDINATION),
    "get_network": Row(ANYONE),
    "change_network": Row(COORDINATION),
    "list_plans": Row(PEOPLE | DOOR),
    "add_plan": Row(COORDINATION),
    "change_plan": Row(COORDINATION),
    "list_conventions": Row(PEOPLE),
    "list_places": Row(PEOPLE | DOOR),
    "add_place": Row(COORDINATION),
    "get_place": Row(PEOPLE, PEOPLE),
    "change_place": Row(MANAGEMENT, COORDINATION),
    "set_hours": Row(MANAGEMENT, COORDINATION),
    "get_opening": Row(PEOPLE, PEOPLE),
    "list_members": Row(MANAGEMENT),
    "add_member": Row(MANAGEMENT, COORDINATION),
    "get_member": Row(MANAGEMENT, COORDINATION),
    "change_member": Row(MANAGEMENT, COORDINATION),
    "suspend_member": Row(MANAGEMENT, COORDINATION),
    "resume_member": Row(MANAGEMENT, COORDINATION),
    "add_membership": Row(MANAGEMENT, COORDINATION),
    "change_membership": Row(MANAGEMENT, COORDINATION),
    "move_home": Row(MANAGEMENT, COORDINATION),
    "import_members": Row(MANAGEMENT),
    "get_my_member": Row(MEMBER),
    "list_passes": Row(MANAGEMENT, COORDINATION),
    "issue_pass": Row(MANAGEMENT, COORDINATION),
    "issue_missing_passes": Row(MANAGEMENT),
    "revoke_pass": Row(MANAGEMENT, COORDINATION),
    "reissue_pass": Row(MANAGEMENT, COORDINATION),
    "list_my_passes": Row(MEMBER),
    "get_pass_qr_svg": Row(MANAGEMENT | MEMBER, COORDINATION),
    "get_pass_qr_png": Row(MANAGEMENT | MEMBER, COORDINATION),
    "get_pass_card": Row(MANAGEMENT | MEMBER, COORDINATION),
    "get_place_cards": Row(MANAGEMENT, COORDINATION),
    "get_keys": Row(ANYONE),
    "get_status_list": Row(DOOR),
    "make_pairing_link": Row(MANAGEMENT, COORDINATION),
    "list_pairing_links": Row(MANAGEMENT, COORDINATION),
    "cut_off_pairing_link": Row(MANAGEMENT, COORDINATION),
    "pair_with_link": Row(ANYONE),
    "pair_this_device": Row(frozenset({"manager", "host"}), NOBODY),
    "list_doors": Row(MANAGEMENT, COORDINATION),
    "cut_off_door": Row(MANAGEMENT, COORDINATION),
    "get_my_door": Row(DOOR),
    "get_trial_pass": Row(MANAGEMENT | {"host"}, COORDINATION),
    "try_door": Row(DOOR),
    "check_in": Row(DOOR),
    "check_in_batch": Row(DOOR),
    "undo_check_in": Row(MANAGEMENT | DOOR, COORDINATION),
    "look_up_short_code": Row(DOOR),
    "get_place_today": Row(frozenset({"manager", "host"}), NOBODY),
    "list_my_visits": Row(MEMBER),
    "list_months": Row(STAFF),
    "get_month": Row(STAFF),
    "get_month_document": Row(STAFF),
    "get_month_lines": Row(STAFF),
    "get_statement": Row(STAFF, NETWORK),
    "list_statement_visits": Row(STAFF, NETWORK),
    "get_statement_document": Row(STAFF, NETWORK),
    "get_statement_lines": Row(STAFF, NETWORK),
    "is_alive": Row(ANYONE),
    "is_ready": Row(ANYONE),
    "get_metrics": Row(ANYONE),  # who shows PASSAPP_METRICS_TOKEN: no role is asked for
}

FOUNDED_ALREADY = {"set_up"}
"""What anybody may ask, but a network that exists answers with 409."""

DEMO_ONLY = {"demo_sign_in": Row(ANYONE), "demo_door": Row(ANYONE)}
