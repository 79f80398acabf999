"""Who may call what, written out by hand: a change of an access rule is made here too, or a test fails.

Per operation: who may call it with what belongs to their own place (or to themselves), and who may with what belongs
to another place. An API key acts as the coordination or as the manager of its place, where it holds the scope.
"""

from typing import NamedTuple

ANYONE = frozenset({"anyone"})
COORDINATION = frozenset({"coordinator"})
MANAGEMENT = COORDINATION | {"manager"}
STAFF = MANAGEMENT | {"network_accountant", "place_accountant"}
NETWORK = COORDINATION | {"network_accountant"}
MEMBER = frozenset({"member"})
DOOR = frozenset({"door"})
RECEIVING = frozenset({"manager", "host"})
PEOPLE = STAFF | MEMBER | {"host"}
BOOKING = MANAGEMENT | MEMBER | {"host"}  # whoever it is for, and those who receive at its place
NOBODY: frozenset[str] = frozenset()
ROLES = (*sorted(PEOPLE | DOOR), "nobody")


class Row(NamedTuple):
    """``elsewhere`` None: the operation names nothing that belongs to a place. ``scope`` None: no key may call it."""

    here: frozenset[str]
    elsewhere: frozenset[str] | None = None
    scope: str | None = None


TABLE = {
    "who_am_i": Row(ANYONE),
    "change_me": Row(PEOPLE),
    "list_my_sessions": Row(PEOPLE),
    "revoke_my_session": Row(PEOPLE),
    "revoke_my_other_sessions": Row(PEOPLE),
    "list_my_passkeys": Row(PEOPLE),
    "ask_for_new_passkey": Row(PEOPLE),
    "add_passkey": Row(PEOPLE),
    "rename_passkey": Row(PEOPLE),
    "remove_passkey": Row(PEOPLE),
    "list_my_identities": Row(PEOPLE),
    "unlink_my_identities": Row(PEOPLE),
    "get_sign_in_ways": Row(ANYONE),
    "ask_for_passkey": Row(ANYONE),
    "sign_in_with_passkey": Row(ANYONE),
    "start_at_provider": Row(ANYONE),
    "finish_at_provider": Row(ANYONE),
    "ask_for_sign_in_link": Row(ANYONE),
    "sign_in": Row(ANYONE),
    "sign_out": Row(ANYONE),
    "list_role_grants": Row(COORDINATION),
    "list_role_grants_at_place": Row(MANAGEMENT, COORDINATION),
    "withdraw_role": Row(MANAGEMENT, COORDINATION),
    "list_invitations": Row(COORDINATION),
    "list_invitations_at_place": Row(MANAGEMENT, COORDINATION),
    "invite": Row(MANAGEMENT, COORDINATION),
    "cancel_invitation": Row(MANAGEMENT, COORDINATION),
    "look_at_invitation": Row(ANYONE),
    "accept_invitation": Row(ANYONE),
    "list_keys": Row(COORDINATION),
    "make_key": Row(COORDINATION),
    "revoke_key": Row(COORDINATION),
    "list_keys_of_place": Row(MANAGEMENT, COORDINATION),
    "make_key_of_place": Row(MANAGEMENT, COORDINATION),
    "revoke_key_of_place": Row(MANAGEMENT, COORDINATION),
    "set_up": Row(ANYONE),  # who knows the secret that the operator's terminal shows, on an empty deployment
    "get_set_up": Row(COORDINATION),
    "get_mail_set_up": Row(COORDINATION),
    "send_trial_mail": Row(COORDINATION),
    "get_network": Row(ANYONE),
    "change_network": Row(COORDINATION),
    "list_plans": Row(PEOPLE | DOOR, scope="places:read"),
    "add_plan": Row(COORDINATION),
    "change_plan": Row(COORDINATION),
    "list_conventions": Row(PEOPLE, scope="places:read"),
    "list_places": Row(PEOPLE | DOOR, scope="places:read"),
    "add_place": Row(COORDINATION, scope="places:write"),
    "get_place": Row(PEOPLE, PEOPLE, scope="places:read"),
    "change_place": Row(MANAGEMENT, COORDINATION, scope="places:write"),
    "set_hours": Row(MANAGEMENT, COORDINATION, scope="places:write"),
    "get_opening": Row(PEOPLE, PEOPLE, scope="places:read"),
    "list_members": Row(MANAGEMENT, scope="members:read"),
    "add_member": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "get_member": Row(MANAGEMENT, COORDINATION, scope="members:read"),
    "change_member": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "suspend_member": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "resume_member": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "add_membership": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "change_membership": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "move_home": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "import_members": Row(MANAGEMENT, scope="members:write"),
    "get_my_member": Row(MEMBER),
    "write_my_attention": Row(MEMBER),
    "mark_unpaid": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "mark_paid": Row(MANAGEMENT, COORDINATION, scope="members:write"),
    "list_passes": Row(MANAGEMENT, COORDINATION, scope="members:read"),
    "issue_pass": Row(MANAGEMENT, COORDINATION, scope="passes:write"),
    "issue_missing_passes": Row(MANAGEMENT, scope="passes:write"),
    "revoke_pass": Row(MANAGEMENT, COORDINATION, scope="passes:write"),
    "reissue_pass": Row(MANAGEMENT, COORDINATION, scope="passes:write"),
    "list_my_passes": Row(MEMBER),
    "bind_live_pass": Row(MEMBER),
    "get_short_lived_pass": Row(MEMBER),
    "get_pass_qr_svg": Row(MANAGEMENT | MEMBER, COORDINATION, scope="passes:write"),
    "get_pass_qr_png": Row(MANAGEMENT | MEMBER, COORDINATION, scope="passes:write"),
    "get_pass_card": Row(MANAGEMENT | MEMBER, COORDINATION, scope="passes:write"),
    "get_place_cards": Row(MANAGEMENT, COORDINATION, scope="passes:write"),
    "get_keys": Row(ANYONE),
    "get_status_list": Row(DOOR),
    "sync_door": Row(DOOR),
    "list_door_rooms": Row(DOOR),
    "get_room_screen": Row(DOOR),
    "book_room_now": Row(DOOR),
    "check_in_to_room": Row(DOOR),
    "leave_room": Row(DOOR),
    "make_pairing_link": Row(MANAGEMENT, COORDINATION),
    "list_pairing_links": Row(MANAGEMENT, COORDINATION),
    "cut_off_pairing_link": Row(MANAGEMENT, COORDINATION),
    "pair_with_link": Row(ANYONE),
    "pair_this_device": Row(frozenset({"manager", "host"}), NOBODY),
    "list_doors": Row(MANAGEMENT, COORDINATION),
    "cut_off_door": Row(MANAGEMENT, COORDINATION),
    "recover_check_ins": Row(MANAGEMENT, COORDINATION),
    "get_my_door": Row(DOOR),
    "get_trial_pass": Row(MANAGEMENT | {"host"}, COORDINATION),
    "try_door": Row(DOOR),
    "check_in": Row(DOOR),
    "check_in_batch": Row(DOOR),
    "undo_check_in": Row(MANAGEMENT | DOOR, COORDINATION),
    "look_up_short_code": Row(DOOR),
    "get_poster": Row(MANAGEMENT, COORDINATION),
    "renew_poster": Row(MANAGEMENT, COORDINATION),
    "print_poster": Row(MANAGEMENT, COORDINATION),
    "look_up_poster": Row(ANYONE),
    "check_myself_in": Row(MEMBER),
    "override_check_in": Row(frozenset({"manager", "host", "door"}), NOBODY),
    "offer_visit": Row(frozenset({"manager", "host", "door"}), NOBODY),
    "review_check_in": Row(frozenset({"manager"}), NOBODY),
    "list_reviews": Row(frozenset({"manager", "host"}), NOBODY, scope="visits:read"),
    "accept_day": Row(frozenset({"manager"}), NOBODY),
    "add_forgotten_visit": Row(frozenset({"manager", "host"}), NOBODY),
    "list_check_ins": Row(frozenset({"manager"}), NOBODY, scope="visits:read"),
    "export_check_ins": Row(frozenset({"manager"}), NOBODY, scope="visits:read"),
    "list_notices": Row(frozenset({"manager"}), NOBODY, scope="visits:read"),
    "get_place_today": Row(frozenset({"manager", "host"}), NOBODY, scope="visits:read"),
    "list_my_visits": Row(MEMBER),
    "get_door_policy": Row(MANAGEMENT, COORDINATION),
    "set_door_policy": Row(MANAGEMENT, COORDINATION),
    "list_my_house_rules": Row(MEMBER),
    "accept_house_rules": Row(MEMBER, MEMBER),
    "accept_house_rules_at_door": Row(RECEIVING | DOOR, NOBODY),
    "check_out": Row(RECEIVING | DOOR, NOBODY),
    "receive_guest_at_door": Row(DOOR),
    "receive_guest": Row(RECEIVING, NOBODY),
    "guest_left": Row(RECEIVING | DOOR, NOBODY),
    "undo_guest": Row(RECEIVING | DOOR, NOBODY),
    "list_my_feeds": Row(MEMBER),
    "make_my_feed": Row(MEMBER),
    "list_resource_feeds": Row(MANAGEMENT, COORDINATION),
    "make_resource_feed": Row(MANAGEMENT, COORDINATION),
    "list_place_feeds": Row(MANAGEMENT, COORDINATION),
    "make_place_feed": Row(MANAGEMENT, COORDINATION),
    "revoke_feed": Row(MANAGEMENT | MEMBER, COORDINATION),
    "read_feed": Row(ANYONE),  # who has its address
    "get_booking_file": Row(BOOKING, COORDINATION),
    "get_external_calendar": Row(MANAGEMENT, COORDINATION),
    "set_external_calendar": Row(MANAGEMENT, COORDINATION),
    "remove_external_calendar": Row(MANAGEMENT, COORDINATION),
    "read_external_calendar": Row(MANAGEMENT, COORDINATION),
    "quote_booking": Row(MEMBER, MEMBER),
    "book": Row(MEMBER, MEMBER),
    "list_my_bookings": Row(MEMBER),
    "get_booking": Row(BOOKING, COORDINATION),
    "confirm_booking": Row(MEMBER),
    "change_booking": Row(BOOKING, COORDINATION),
    "cancel_booking": Row(BOOKING, COORDINATION),
    "end_booking_early": Row(BOOKING, COORDINATION),
    "check_in_to_booking": Row(BOOKING, COORDINATION),
    "list_bookings_of_place": Row(MANAGEMENT | {"host"}, COORDINATION),
    "list_booking_requests": Row(MANAGEMENT, COORDINATION),
    "answer_booking": Row(MANAGEMENT, COORDINATION),
    "book_series": Row(MEMBER, MEMBER),
    "change_series": Row(BOOKING, COORDINATION),
    "cancel_series": Row(BOOKING, COORDINATION),
    "wait_for": Row(MEMBER, MEMBER),
    "list_my_waits": Row(MEMBER),
    "stop_waiting": Row(MEMBER, NOBODY),
    "list_closures": Row(MANAGEMENT | {"host"}, COORDINATION),
    "make_closure": Row(MANAGEMENT, COORDINATION),
    "remove_closure": Row(MANAGEMENT, COORDINATION),
    "look_at_booking_request": Row(ANYONE),
    "answer_booking_by_link": Row(ANYONE),
    "list_months": Row(STAFF, scope="settlement:read"),
    "get_month": Row(STAFF, scope="settlement:read"),
    "get_month_document": Row(STAFF, scope="settlement:read"),
    "get_month_lines": Row(STAFF, scope="settlement:read"),
    "get_statement": Row(STAFF, NETWORK, scope="settlement:read"),
    "list_statement_visits": Row(STAFF, NETWORK, scope="visits:read"),
    "list_statement_bookings": Row(STAFF, NETWORK, scope="settlement:read"),
    "list_resources": Row(PEOPLE, PEOPLE),
    "add_resource": Row(MANAGEMENT, COORDINATION),
    "get_resource": Row(PEOPLE, PEOPLE),
    "change_resource": Row(MANAGEMENT, COORDINATION),
    "retire_resource": Row(MANAGEMENT, COORDINATION),
    "get_resource_hours": Row(PEOPLE, PEOPLE),
    "get_resource_taken": Row(PEOPLE, PEOPLE),
    "find_rooms": Row(PEOPLE),
    "find_room_days": Row(PEOPLE),
    "list_trained": Row(MANAGEMENT, COORDINATION),
    "train_whoever_is_here": Row(MANAGEMENT, COORDINATION),
    "add_trained": Row(MANAGEMENT, COORDINATION),
    "remove_trained": Row(MANAGEMENT, COORDINATION),
    "get_booking_advance": Row(MANAGEMENT | {"place_accountant"}, COORDINATION),
    "set_booking_advance": Row(MANAGEMENT, COORDINATION),
    "list_advanced_bookings": Row(MANAGEMENT | {"place_accountant"}, COORDINATION),
    "get_advanced_bookings_csv": Row(MANAGEMENT | {"place_accountant"}, COORDINATION),
    "get_statement_document": Row(STAFF, NETWORK, scope="settlement:read"),
    "get_statement_lines": Row(STAFF, NETWORK, scope="settlement:read"),
    "list_audit_entries": Row(COORDINATION, scope="audit:read"),
    "export_audit_csv": Row(COORDINATION, scope="audit:read"),
    "export_audit_jsonl": Row(COORDINATION, scope="audit:read"),
    "get_my_data": Row(PEOPLE),
    "export_my_data": Row(PEOPLE),
    "make_my_choice": Row(MEMBER),
    "erase_me": Row(PEOPLE),
    "erase_member": Row(MANAGEMENT, COORDINATION),
    "list_year_figures": Row(STAFF, scope="settlement:read"),
    "is_alive": Row(ANYONE),
    "is_ready": Row(ANYONE),
    "get_metrics": Row(ANYONE),  # who shows PASSAPP_METRICS_TOKEN: no role is asked for
}

ONESELF = {
    "change_me",
    "list_my_sessions",
    "revoke_my_session",
    "revoke_my_other_sessions",
    "list_my_identities",
    "unlink_my_identities",
    "list_my_passkeys",
    "ask_for_new_passkey",
    "add_passkey",
    "rename_passkey",
    "remove_passkey",
    "get_my_data",
    "export_my_data",
    "erase_me",
}
"""What somebody may still call who lost their last role: it is about them alone."""

LET_IN_WITH = {
    "set_up": 409,  # the network exists
    "add_passkey": 410,  # no device was asked anything
    "sign_in_with_passkey": 403,  # asked just before, but answered with nothing
    "start_at_provider": 404,  # this network has no identity provider
    "finish_at_provider": 404,
    "override_check_in": 409,  # they came in, at home, before somebody's eyes: nothing to decide
    "offer_visit": 409,
    "review_check_in": 409,
    "check_out": 409,  # the place does not write down who leaves
    "change_series": 409,  # it does not repeat
    "cancel_series": 409,
    "end_booking_early": 409,  # it has not begun
    "check_in_to_room": 409,
    "leave_room": 409,
    "check_in_to_booking": 409,
    "erase_me": 422,  # what was typed is not their address
    "erase_member": 422,
}
"""How those who may ask are answered, where not with success."""

DEMO_ONLY = {
    "demo_sign_in": Row(ANYONE),
    "demo_door": Row(ANYONE),
    "demo_list_mails": Row(ANYONE),
    "demo_read_mail": Row(ANYONE),
}
