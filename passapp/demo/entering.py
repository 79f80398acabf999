"""Who signs in at a door of the demo: its person, or somebody like them once they have erased themselves."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.demo.people import ROLE_EMAILS
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.passes.models import IssuedPass

DEMO_PERSON_ERASED = ProblemType(
    "demo_person_erased",
    410,
    en="This person has erased themselves, and nobody else here has that role. To begin again, delete the demo's data "
    "folder and start it once more.",
    fr="Cette personne s'est effacée, et nulle autre n'a ce rôle. Pour recommencer, supprimez le dossier de données de "
    "la démonstration, puis relancez-la.",
)
_ROLES = {
    "member": Role.MEMBER,
    "manager": Role.MANAGER,
    "neighbour": Role.MANAGER,
    "coordinator": Role.COORDINATOR,
    "accountant": Role.NETWORK_ACCOUNTANT,
}


def person_of_the_demo(session: Session, role: str, *, at: datetime) -> Account:
    """Whom one click signs in as. ``role``: as in the demo's links. Raises ``demo_person_erased``."""
    person = session.scalar(select(Account).where(Account.email == ROLE_EMAILS[role]))
    return person or _somebody_else(session, role, at)


def _somebody_else(session: Session, role: str, at: datetime) -> Account:
    holds = exists().where(RoleGrant.account_id == Account.id, RoleGrant.role == _ROLES[role])
    others = select(Account).where(holds)
    if role == "member":  # one whose card opens doors
        is_good = IssuedPass.revoked_at.is_(None) & (IssuedPass.expires_at > at)
        others = others.join(Member, Member.account_id == Account.id).where(
            Member.suspended_at.is_(None), exists().where(IssuedPass.member_id == Member.id, is_good)
        )
    somebody = session.scalar(others.order_by(Account.id).limit(1))
    if somebody is None:
        raise DEMO_PERSON_ERASED.error()
    return somebody
