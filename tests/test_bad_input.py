"""Where each kind of bad input is refused, so that whoever changes one finds the tests that hold it.

Schemathesis (``tests/api``) sends everything that the API's document allows, and much that it does not.
"""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = {
    "look-alikes and case in e-mail addresses": [
        "accounts/test_rules_email.py::test_before_the_at_sign_a_letter_that_only_looks_like_ours_is_refused",
        "accounts/test_rules_email.py::test_capitals_and_wide_letters_of_the_domain_make_no_other_person",
        "accounts/test_sign_in_by_mail.py::test_an_address_that_looks_like_another_or_is_none_is_refused_at_its_field",
        "accounts/test_sign_in_by_mail.py::test_capitals_lead_to_the_same_account",
    ],
    "oversized names, addresses and bodies": [
        "kernel/test_hostile_input.py::test_a_name_with_control_characters_or_none_at_all_is_refused",
        "kernel/test_hostile_input.py::test_a_body_over_one_megabyte_that_does_not_say_so_is_refused",
        "accounts/test_sign_in_by_mail.py::test_an_oversized_address_is_refused",
        "accounts/test_invitations.py::test_what_does_not_fit_into_a_mail_is_refused",
        "accounts/test_passkeys.py::test_an_id_longer_than_webauthn_allows_is_refused",
    ],
    "words that every phone at a door shows": [
        "members/test_attention.py::test_what_does_not_fit_on_a_phones_screen_is_refused",
        "door/test_door_policy.py::test_what_makes_no_sense_is_refused_at_its_field",
        "door/test_guests.py::test_what_is_no_name_is_refused",
    ],
    "header injection in mails": [
        "kernel/test_mail.py::test_no_name_makes_a_header_a_recipient_or_an_element",
        "kernel/test_mail.py::test_an_address_that_is_none_is_refused",
    ],
    "open redirects after sign-in": [
        "accounts/test_rules_next.py::test_only_a_path_of_this_site_is_gone_to",
        "accounts/test_sign_in_by_mail.py::test_a_link_that_would_lead_to_another_site_leads_to_the_home_page",
        "accounts/test_provider.py::test_but_never_to_another_site",
    ],
    "session fixation": [
        "accounts/test_sign_in_links.py::test_a_cookie_planted_before_signing_in_is_worth_nothing_afterwards",
        "accounts/test_sign_in_links.py::test_a_session_planted_by_its_owner_does_not_become_that_of_who_signs_in",
        "accounts/test_sign_in_links.py::test_signing_in_again_ends_the_browsers_former_session",
        "accounts/test_provider.py::test_what_another_browser_began_is_not_finished_by_this_one",
    ],
    "replayed links": [
        "accounts/test_sign_in_links.py::test_a_link_works_once",
        "accounts/test_sign_in_links.py::test_two_tabs_that_use_one_link_at_the_same_moment_open_one_session",
        "accounts/test_invitations.py::test_an_invitation_works_once",
        "accounts/test_provider.py::test_a_code_counts_once",
        "accounts/test_passkeys.py::test_an_answer_counts_once",
    ],
    "passkeys of another site": [
        "accounts/test_passkeys.py::test_a_passkey_of_another_site_is_not_added",
        "accounts/test_passkeys.py::test_a_passkey_used_on_another_site_signs_nobody_in",
    ],
    "keys and texts of live passes": [
        "passes/test_live_texts.py::test_a_key_that_one_proof_would_be_good_for_at_every_step_is_none",
        "passes/test_live_texts.py::test_every_flipped_bit_of_the_text_is_refused",
        "passes/test_live_texts.py::test_a_live_text_is_read_to_the_letter",
        "passes/test_live_pass.py::test_what_is_no_key_is_refused_and_said_to_be_none",
    ],
    "recurrence bombs": [
        "bookings/test_series.py::test_a_recurrence_bomb_is_refused_and_nothing_is_stored",
    ],
    "rules that leave a gap, never match, contradict themselves, begin too soon, or hold what is no text": [
        "network/test_drafts.py::test_each_flaw_is_named_where_it_is",
        "network/test_drafts.py::test_a_name_that_no_text_can_hold_is_refused",
        "network/test_drafts.py::test_rules_that_begin_before_everybody_has_answered_are_not_proposed",
        "network/test_drafts.py::test_a_reason_that_is_no_sentence_is_refused",
        "network/test_drafts.py::test_nobody_answers_for_another_place",
    ],
    "closures that make no sense": [
        "bookings/test_closures.py::test_a_closure_that_makes_no_sense_is_refused",
    ],
    "too many tries": [
        "passes/test_live_pass.py::test_nobody_moves_their_pass_all_day_long",
        "kernel/test_limits.py::test_one_try_too_many_is_refused_and_says_how_long_to_wait",
        "accounts/test_sign_in_by_mail.py::test_one_network_address_asks_sixty_times_in_ten_minutes",
        "door/test_short_code_check_in.py::test_thirty_codes_may_be_typed_at_a_place_in_five_minutes_and_no_more",
        "door/test_check_in_by_name.py::test_names_and_codes_are_counted_together_thirty_at_a_place_in_five_minutes",
        "door/test_poster.py::test_asking_for_posters_that_are_none_ends_after_a_while",
        "door/test_team.py::test_guessing_team_links_ends_after_a_while_and_says_how_long_to_wait",
        "first_start/test_set_up.py::test_guessing_the_secret_ends_after_a_while",
    ],
    "another site's requests": [
        "accounts/test_cross_origin.py::test_a_write_from_another_origin_is_refused_and_the_session_stays",
        "kernel/test_headers.py::test_no_script_and_no_style_runs_that_is_not_a_file_of_ours",
    ],
    "files that are none of ours": [
        "door/test_recover.py::test_a_broken_file_is_refused_and_nothing_is_written",
        "door/test_recover.py::test_a_file_of_another_phone_or_place_is_refused_and_nothing_is_written",
    ],
    "times of bookings: before the start, off the grid, past, too far ahead, 24:00, second 60, no such day": [
        "bookings/test_booking_bad_input.py::test_what_is_no_time_is_refused_at_its_field",
        "bookings/test_booking_bad_input.py::test_a_time_at_which_nothing_can_be_booked_says_why",
        "bookings/test_booking_bad_input.py::test_an_absurd_length_is_refused_within_the_opening_hours_too",
        "bookings/test_booking_bad_input.py::test_a_local_time_that_the_clocks_leave_out_comes_with_what_to_send_instead",
        "bookings/test_booking_bad_input.py::test_a_local_time_that_the_clocks_show_twice_comes_with_both",
    ],
    "rooms: negative capacity, names, parts that contain each other, prices and policies that make no sense": [
        "bookings/test_resources.py::test_what_makes_no_sense_is_refused_at_its_field_and_nothing_is_stored",
        "bookings/test_resources.py::test_parts_that_make_no_sense_are_refused",
        "bookings/test_resources.py::test_what_there_is_not_is_not_found_whatever_its_number",
        "bookings/test_advances.py::test_a_ceiling_that_makes_no_sense_is_refused",
        "bookings/test_advances.py::test_a_month_that_is_none_is_refused",
    ],
    "looking for rooms: times, places and distances that make no sense": [
        "bookings/test_availability.py::test_what_makes_no_sense_is_refused",
        "bookings/test_days.py::test_what_makes_no_sense_is_refused",
    ],
    "codes of no pass, tried one after the other": [
        "bookings/test_trainings.py::test_a_code_of_no_pass_is_refused_and_names_nobody",
        "bookings/test_answers.py::test_what_is_no_list_of_dates_is_refused_at_its_field",
        "bookings/test_screen.py::test_what_is_no_instant_of_a_clock_changes_nothing",
        "bookings/test_trainings.py::test_guessing_codes_ends_after_a_while",
    ],
    "titles of bookings, numbers of people and of rooms, keys of repeated requests": [
        "bookings/test_booking_bad_input.py::test_what_is_no_title_is_refused_at_its_field",
        "bookings/test_booking_bad_input.py::test_what_is_no_number_of_people_is_refused_at_its_field",
        "bookings/test_booking_bad_input.py::test_what_is_no_room_is_refused_at_its_field",
        "bookings/test_booking_bad_input.py::test_a_field_that_there_is_not_is_refused",
        "bookings/test_idempotency.py::test_what_is_no_key_is_refused",
        "bookings/test_idempotency.py::test_a_key_used_for_another_request_is_refused",
    ],
    "links of mails to managers": [
        "bookings/test_place_bookings.py::test_a_manager_answers_from_the_mail_in_two_steps_without_signing_in",
        "bookings/test_place_bookings.py::test_a_link_answers_only_what_it_asked",
        "bookings/test_place_bookings.py::test_guessing_links_ends_after_a_while",
    ],
    "huge, slow and endless external calendars, and recurrence bombs": [
        "bookings/calendars/test_external.py::test_what_cannot_be_read_is_told_in_words_and_what_was_known_stays",
        "bookings/calendars/test_external.py::test_a_calendar_without_end_is_cut_and_nothing_is_stored",
        "bookings/calendars/test_external.py::test_a_recurrence_bomb_is_told_and_nothing_is_stored",
        "bookings/calendars/test_busy.py::test_a_rule_without_end_ends_after_a_while",
        "bookings/calendars/test_busy.py::test_many_rules_that_are_slow_together_end_too",
        "bookings/calendars/test_busy.py::test_what_is_no_calendar_is_told",
        "kernel/test_fetching.py::test_a_byte_at_a_time_does_not_keep_us_longer_than_the_limit",
    ],
    "addresses and redirects that lead into a private network": [
        "bookings/calendars/test_external.py::test_in_earnest_nothing_of_this_machine_is_read",
        "bookings/calendars/test_external.py::test_a_redirect_into_ones_own_network_is_told_and_not_followed",
        "bookings/calendars/test_external.py::test_what_is_no_address_is_refused_and_nothing_is_stored",
        "kernel/test_fetching.py::test_machines_of_a_network_of_ones_own_are_not_however_their_address_is_written",
        "kernel/test_fetching.py::test_a_name_is_looked_up_once_and_what_it_means_later_leads_nowhere_else",
    ],
    "control characters in calendars": [
        "bookings/calendars/test_files.py::test_control_characters_and_halves_of_characters_are_left_out_and_nothing_is_smuggled_in",
        "bookings/calendars/test_files.py::test_whatever_is_typed_lines_are_short_whole_and_end_as_they_must",
    ],
    "IBANs, SIRETs and VAT numbers that are none, names of 3 kB": [
        "settlement/details/test_details.py::test_what_is_not_valid_is_refused_at_its_field_and_nothing_is_stored",
        "settlement/files/test_bank_files.py::test_whatever_was_typed_the_schema_accepts_it",
    ],
    "bank statements of another account, read twice, broken or hostile": [
        "settlement/payments/test_bank_statements.py::test_a_statement_of_another_account_is_refused_and_nothing_is_changed",
        "settlement/payments/test_bank_statements.py::test_the_same_file_twice_is_refused",
        "settlement/payments/test_bank_statements.py::test_what_is_no_bank_statement_or_would_do_harm_is_refused_and_nothing_is_changed",
    ],
    "months closed too early, out of order, twice, or by one person where money moves": [
        "settlement/test_months_closed.py::test_before_its_day_a_month_is_not_closed_and_the_day_is_said",
        "settlement/test_months_closed.py::test_months_are_closed_in_their_order",
        "settlement/test_months_closed.py::test_closed_twice_it_is_closed_once",
        "settlement/test_months_closed.py::test_where_money_moves_a_second_person_closes_it",
        "settlement/test_months_closed.py::test_a_month_that_is_closed_by_two_at_the_same_moment_is_closed_once",
    ],
    "errors reported by strangers, twice, too late, or of visits that are not theirs": [
        "settlement/test_contests.py::test_a_stranger_sees_and_reports_nothing",
        "settlement/test_contests.py::test_the_same_visit_is_reported_once",
        "settlement/test_contests.py::test_after_the_review_an_error_waits_until_the_month_is_closed",
        "settlement/test_contests.py::test_what_is_no_visit_between_the_two_places_cannot_be_reported",
        "settlement/test_contests.py::test_words_that_are_too_long_or_unreadable_are_refused",
    ],
    "signed statements that were changed, and keys that are none": [
        "settlement/test_months_signed.py::test_whatever_is_changed_in_it_is_noticed",
        "settlement/test_months_signed.py::test_a_statement_that_is_not_signed_or_keys_that_are_none_are_said_to_be_so",
    ],
    "payments marked by strangers, twice at once, or on a day to come": [
        "settlement/payments/test_payments.py::test_a_stranger_marks_nothing",
        "settlement/payments/test_payments.py::test_two_who_mark_it_at_once_do_not_overwrite_one_another",
        "settlement/payments/test_payments.py::test_a_day_to_come_is_refused",
    ],
    "formulas in files for spreadsheets": [
        "settlement/files/test_workbooks.py::test_amounts_are_numbers_and_names_are_text_whatever_they_begin_with",
        "privacy/test_audit_log.py::test_no_cell_of_the_spreadsheet_is_a_formula",
        "bookings/test_advances.py::test_a_spreadsheet_reads_the_same_and_runs_nothing_of_it",
    ],
}


@pytest.mark.parametrize("kind", TABLE)
def test_each_kind_of_bad_input_has_its_tests(kind):
    for name in TABLE[kind]:
        file, _, test = name.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name
