"""What answers show of passes."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from passapp.kernel.api import Shown
from passapp.members.models import Member
from passapp.passes.models import IssuedPass
from passapp.passes.rules import Form, print_short_code
from passapp.passes.service import State, state_of


class PassShown(Shown):
    """A pass.

    `inactive`: its member is suspended, or has no membership running. `superseded`: their live pass went to another
    device. `device_name` is what the browser of a live or short-lived pass calls itself.
    """

    id: UUID
    member_id: UUID
    membership_id: UUID | None
    form: Form
    device_name: str | None = Field(examples=["Firefox, Android"])
    plan: str
    short_code: str = Field(examples=["K7M2-9QX4"])
    issued_at: datetime
    not_before: datetime
    expires_at: datetime
    state: State
    superseded_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None


def show_pass(issued: IssuedPass, member: Member, at: datetime) -> PassShown:
    """Show a pass as it stands at that instant."""
    derived = {
        "form": Form(issued.form),
        "state": state_of(issued, member, at),
        "short_code": print_short_code(issued.short_code),
    }
    kept = {name: getattr(issued, name) for name in PassShown.model_fields if name not in derived}
    return PassShown.model_validate(kept | derived)
