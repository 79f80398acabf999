"""The mails of accounts."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.invitations import draw_secret
from passapp.accounts.models import Account
from passapp.accounts.rules import safe_next
from passapp.accounts.service import SIGN_IN_LINK_LASTS, make_sign_in_link
from passapp.kernel.audit import SYSTEM
from passapp.kernel.french import of
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language

_SIGN_IN: dict[Language, tuple[str, ...]] = {
    "fr": (
        "Votre lien de connexion",
        "Bonjour {name},",
        "Ce bouton vous connecte. Il sert une seule fois, dans les 15 minutes.",
        "Vous n'avez rien demandé ? Ne faites rien : sans ce mail, personne n'entre.",
        "Me connecter",
    ),
    "en": (
        "Your sign-in link",
        "Hello {name},",
        "This button signs you in. It works once, within 15 minutes.",
        "You did not ask for it? Do nothing: without this mail, nobody gets in.",
        "Sign me in",
    ),
}


def _sign_in(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """The link, made as it leaves; nothing to an address that nobody here has, nor to who has waited too long."""
    account = session.scalar(select(Account).where(Account.email == message.payload["email"]))
    if account is None or now > message.created_at + SIGN_IN_LINK_LASTS:
        return None
    language = language_named(account.locale)
    subject, hello, lead, not_you, button = _SIGN_IN[language]
    message.recipient_id = account.id  # known from now on, and among what they see of themselves
    secret = make_sign_in_link(session, account, at=now, actor=SYSTEM, how="mail")
    next_path = safe_next(message.payload.get("next"))
    query = "" if next_path == "/" else f"?next={quote(next_path, safe='/')}"
    paragraphs = (hello.format(name=first_name(account.name)), lead, not_you)
    return Letter(account.email, language, subject, paragraphs, (button, f"/sign-in{query}#{secret}"))


_ROLES: dict[Language, dict[str, tuple[str, str]]] = {
    "fr": {
        "host": ("à l'accueil {of}", "Vous accueillez les personnes et scannez leur pass."),
        "manager": (
            "comme responsable {of}",
            "Vous tenez la fiche du lieu, ses membres, ses téléphones d'accueil et son équipe.",
        ),
        "place_accountant": ("à la comptabilité {of}", "Vous lisez les relevés du lieu, mois par mois."),
        "coordinator": (
            "à la coordination du réseau",
            "Vous tenez les lieux, les membres et les rôles de tout le réseau.",
        ),
        "network_accountant": ("à la comptabilité du réseau", "Vous lisez les relevés de tous les lieux."),
    },
    "en": {
        "host": ("to welcome people at {place}", "You welcome people and scan their pass."),
        "manager": (
            "as a manager of {place}",
            "You look after the place's card, its members, its phones and its team.",
        ),
        "place_accountant": ("to the accounts of {place}", "You read the place's statements, month by month."),
        "coordinator": (
            "to the coordination of the network",
            "You look after the network's places, members and roles.",
        ),
        "network_accountant": ("to the accounts of the network", "You read the statements of every place."),
    },
}
_INVITATION: dict[Language, tuple[str, ...]] = {
    "fr": (
        "Invitation {role}",
        "Bonjour {name},",
        "{inviter} vous invite {role}.",
        "Ce bouton sert une seule fois, dans les 14 jours. Il est pour vous : ne transférez pas ce mail.",
        "Vous n'attendiez rien ? Ne faites rien : le rôle n'est donné qu'à qui l'accepte.",
        "Voir et accepter",
    ),
    "en": (
        "Invitation {role}",
        "Hello {name},",
        "{inviter} invites you {role}.",
        "This button works once, within 14 days. It is yours: do not forward this mail.",
        "You did not expect this? Do nothing: the role is given only to whoever accepts it.",
        "See and accept",
    ),
}


def _invitation(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """The invitation, with a link made as it leaves; nothing once it was taken back or answered."""
    drawn = draw_secret(session, UUID(message.payload["invitation_id"]), at=now)
    if drawn is None:
        return None
    invitation, secret = drawn
    message.recipient_id = session.scalar(select(Account.id).where(Account.email == invitation.email))
    language = language_named(invitation.locale)
    role, lead = _ROLES[language][invitation.role]
    inviter = session.get_one(Account, invitation.invited_by)
    place = invitation.place.name if invitation.place else ""
    values = {
        "name": first_name(invitation.name),
        "inviter": inviter.name,
        "role": role.format(place=place, of=of(place)),
    }
    # A name may hold braces: it is put in, and never read as a pattern.
    subject, hello, invited, once, not_you, button = (text.format_map(values) for text in _INVITATION[language])
    paragraphs = (hello, invited, lead, once, not_you)
    return Letter(invitation.email, language, subject, paragraphs, (button, f"/invitation#{secret}"))


_WAYS_IN: dict[str, dict[Language, tuple[str, ...]]] = {
    "passkey_added": {
        "fr": (
            "Une clé d'accès a été ajoutée",
            "Bonjour {name},",
            "Un appareil peut maintenant vous connecter, par l'empreinte, le visage ou le code de son écran.",
            "Ce n'était pas vous ? Retirez cette clé et déconnectez les autres appareils, tout de suite.",
            "Voir mon compte",
        ),
        "en": (
            "A passkey was added",
            "Hello {name},",
            "A device can now sign you in, with a fingerprint, a face or the code of its screen.",
            "It was not you? Remove that passkey and sign the other devices out, right away.",
            "See my account",
        ),
    },
    "passkey_removed": {
        "fr": (
            "Une clé d'accès a été retirée",
            "Bonjour {name},",
            "Une clé d'accès ne vous connecte plus. Les autres moyens de vous connecter restent.",
            "Ce n'était pas vous ? Regardez vos appareils et déconnectez ceux que vous ne connaissez pas.",
            "Voir mon compte",
        ),
        "en": (
            "A passkey was removed",
            "Hello {name},",
            "A passkey no longer signs you in. The other ways to sign in stay.",
            "It was not you? Look at your devices and sign out those that you do not know.",
            "See my account",
        ),
    },
    "identity_linked": {
        "fr": (
            "Votre compte est relié à un service d'identité",
            "Bonjour {name},",
            "Le service d'identité du réseau peut maintenant vous connecter.",
            "Ce n'était pas vous ? Retirez ce lien et déconnectez les autres appareils, tout de suite.",
            "Voir mon compte",
        ),
        "en": (
            "Your account is linked with an identity provider",
            "Hello {name},",
            "The network's identity provider can now sign you in.",
            "It was not you? Unlink it and sign the other devices out, right away.",
            "See my account",
        ),
    },
    "identity_unlinked": {
        "fr": (
            "Votre compte n'est plus relié au service d'identité",
            "Bonjour {name},",
            "Les autres moyens de vous connecter restent.",
            "Ce n'était pas vous ? Regardez vos appareils et déconnectez ceux que vous ne connaissez pas.",
            "Voir mon compte",
        ),
        "en": (
            "Your account is no longer linked with the identity provider",
            "Hello {name},",
            "The other ways to sign in stay.",
            "It was not you? Look at your devices and sign out those that you do not know.",
            "See my account",
        ),
    },
}


def _way_in(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """To whose account a way in was added, or removed from it: it may have been somebody else."""
    account = session.get(Account, message.recipient_id)
    if account is None:
        return None
    language = language_named(account.locale)
    subject, hello, lead, not_you, button = _WAYS_IN[message.kind][language]
    return Letter(
        account.email,
        language,
        subject,
        (hello.format(name=first_name(account.name)), lead, not_you),
        (button, "/account"),
    )


LETTERS: dict[str, Writer] = {
    "identity_linked": _way_in,
    "identity_unlinked": _way_in,
    "invitation": _invitation,
    "passkey_added": _way_in,
    "passkey_removed": _way_in,
    "sign_in": _sign_in,
}
