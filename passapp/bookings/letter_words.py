"""What the mails of bookings say, in French and in English: ``letters`` puts it together."""

from typing import Final

from passapp.kernel.problems import Language

WORDS: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    # kind: the subject, and what it says first
    "fr": {
        "booking_booked": ("C'est réservé : {room}, {day}", "C'est réservé : {what}."),
        "booking_requested": (
            "Demande envoyée : {room}, {day}",
            "Votre demande est envoyée : {what}. Réponse avant {answer_by}, par mail.",
        ),
        "booking_accepted": ("C'est accepté : {room}, {day}", "Le lieu accepte votre demande : {what}."),
        "booking_rejected": ("Demande refusée : {room}, {day}", "Le lieu ne peut pas vous recevoir : {what}."),
        "booking_moved": (
            "Réservation changée : {room}, {day}",
            "Votre réservation a changé. C'est maintenant : {what}.",
        ),
        "booking_cancelled": ("Réservation annulée : {room}, {day}", "Votre réservation est annulée : {what}."),
        "booking_cancelled_by_place": (
            "Le lieu annule votre réservation : {room}, {day}",
            "Le lieu a dû annuler votre réservation : {what}. Vous ne devez rien.",
        ),
        "booking_no_show": (
            "Réservation libérée : {room}, {day}",
            (
                "Personne n'a noté votre arrivée : {what}. D'autres peuvent maintenant réserver ce temps. Vous y "
                "étiez ? Dites-le au lieu, et la prochaine fois touchez « Je suis là » en arrivant."
            ),
        ),
        "booking_kept": (
            "Réservation gardée : {room}, {day}",
            "Vous aviez bien dit que vous étiez là, et le réseau manquait : {what}. Votre réservation tient.",
        ),
        "booking_ended_early": (
            "Réservation terminée plus tôt : {room}, {day}",
            "C'est noté : {what}. La salle est libre pour d'autres, le prix reste le même.",
        ),
        "booking_unanswered": (
            "Demande sans réponse : {room}, {day}",
            "Le lieu n'a pas répondu à temps : {what}. Rien n'est réservé. Appelez-le, ou choisissez autre chose.",
        ),
        "series_booked": (
            "C'est réservé : {room}, {dates} à partir du {day}",
            "C'est réservé : {former}, {dates}.",
        ),
        "series_requested": (
            "Demande envoyée : {room}, {dates} à partir du {day}",
            "Votre demande est envoyée : {former}, {dates}. Réponse avant {answer_by}, par mail.",
        ),
        "series_moved": (
            "Série changée : {room}, {dates} à partir du {day}",
            "Vos réservations ont changé : {former}, {dates}.",
        ),
        "series_cancelled": (
            "Série annulée : {room}, {dates} à partir du {day}",
            "Vos réservations sont annulées : {former}, {dates}.",
        ),
        "series_cancelled_by_place": (
            "Le lieu annule vos réservations : {room}, {dates} à partir du {day}",
            "Le lieu a dû annuler vos réservations : {former}, {dates}. Vous ne devez rien.",
        ),
        "booking_offered": (
            "C'est libre : {room}, {day}",
            "Vous attendiez : {what}. C'est libre, et gardé pour vous jusqu'au {until}.",
        ),
        "booking_rehoused": (
            "Une autre salle pour vous : {room}, {day}",
            "À la place de {former}, nous gardons pour vous {what}, jusqu'au {until}. Cela ne vous engage à rien.",
        ),
        "booking_asked": (
            "À répondre : {room}, {day}",
            (
                "{who} demande à réserver : {what}, pour {people} ({title}). Sans réponse avant {answer_by}, la "
                "demande tombe."
            ),
        ),
    },
    "en": {
        "booking_booked": ("It is booked: {room}, {day}", "It is booked: {what}."),
        "booking_requested": (
            "Request sent: {room}, {day}",
            "Your request is sent: {what}. You get an answer by mail before {answer_by}.",
        ),
        "booking_accepted": ("It is accepted: {room}, {day}", "The place accepts your request: {what}."),
        "booking_rejected": ("Request refused: {room}, {day}", "The place cannot receive you: {what}."),
        "booking_moved": ("Booking changed: {room}, {day}", "Your booking has changed. It is now: {what}."),
        "booking_cancelled": ("Booking cancelled: {room}, {day}", "Your booking is cancelled: {what}."),
        "booking_cancelled_by_place": (
            "The place cancels your booking: {room}, {day}",
            "The place had to cancel your booking: {what}. You owe nothing.",
        ),
        "booking_no_show": (
            "Booking released: {room}, {day}",
            (
                "Nobody noted that you came: {what}. Others may now book that time. You were there? Tell the place, "
                "and next time tap “I am here” as you arrive."
            ),
        ),
        "booking_kept": (
            "Booking kept: {room}, {day}",
            "You did say that you were there, and the network was away: {what}. Your booking stands.",
        ),
        "booking_ended_early": (
            "Booking ended earlier: {room}, {day}",
            "It is noted: {what}. The room is free for others, and the price stays.",
        ),
        "booking_unanswered": (
            "Request without an answer: {room}, {day}",
            "The place did not answer in time: {what}. Nothing is booked. Call it, or choose something else.",
        ),
        "series_booked": (
            "It is booked: {room}, {dates} from {day} on",
            "It is booked: {former}, {dates}.",
        ),
        "series_requested": (
            "Request sent: {room}, {dates} from {day} on",
            "Your request is sent: {former}, {dates}. You get an answer by mail before {answer_by}.",
        ),
        "series_moved": (
            "Series changed: {room}, {dates} from {day} on",
            "Your bookings have changed: {former}, {dates}.",
        ),
        "series_cancelled": (
            "Series cancelled: {room}, {dates} from {day} on",
            "Your bookings are cancelled: {former}, {dates}.",
        ),
        "series_cancelled_by_place": (
            "The place cancels your bookings: {room}, {dates} from {day} on",
            "The place had to cancel your bookings: {former}, {dates}. You owe nothing.",
        ),
        "booking_offered": (
            "It is free: {room}, {day}",
            "You were waiting for {what}. It is free, and kept for you until {until}.",
        ),
        "booking_rehoused": (
            "Another room for you: {room}, {day}",
            "Instead of {former}, we keep {what} for you, until {until}. It commits you to nothing.",
        ),
        "booking_asked": (
            "To answer: {room}, {day}",
            (
                "{who} asks to book: {what}, for {people} ({title}). Without an answer before {answer_by}, the "
                "request lapses."
            ),
        ),
    },
}
MORE: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "what": "{room}, {place}, {span}",
        "elsewhere": "{what} (heure du lieu)",
        "member": "{price} à régler sur place.",
        "home": "{price}, que votre lieu règle pour vous.",
        "in_all": "En tout : {price}",
        "nothing": "Rien à payer.",
        "fee": "Frais d'annulation : {fee}.",
        "free_until": "Annulation sans frais jusqu'au {until}.",
        "each_free": "Chaque date s'annule sans frais jusqu'à {hours} h avant son début.",
        "each_free_always": "Chaque date s'annule sans frais jusqu'à son début.",
        "access": "Pour entrer : {access}",
        "contact": "À qui s'adresser : {contact}",
        "reason": "Raison donnée : « {reason} »",
        "when": "{day} à {time}",
        "people": "{count} {people}",
        "one": "personne",
        "many": "personnes",
        "somebody": "Quelqu'un",
        "of": "{name} ({home})",
        "mine": "Voir mes réservations",
        "look": "Chercher une autre salle",
        "rehoused": "Une autre salle est gardée pour vous : un second mail vous la propose.",
        "not_rehoused": "Aucune salle semblable n'est libre tout près à ce moment-là.",
        "answer": "Répondre à la demande",
        "take": "Voir et confirmer",
        "date": "1 date",
        "dates": "{count} dates",
        "still": "À venir dans cette série : {dates}.",
        "and_more": "{dates}, et {count} autres",
        "unread": "L'autre agenda de cette salle n'a pas pu être relu à ce moment-là : regardez-le avant de répondre.",
        "answer_all": "La demande se répète, sur {count} dates : la réponse vaut pour toutes.",
        "answered_all": "La réponse vaut pour toutes les dates de votre série.",
        "former": "{room}, {place}",
        "follows": "Votre agenda suit déjà vos réservations : n'acceptez pas aussi l'invitation de ce mail.",
        "once": "Ce bouton est pour vous : ne transférez pas ce mail. Il montre la demande, vous choisissez ensuite.",
    },
    "en": {
        "hello": "Hello {name},",
        "what": "{room}, {place}, {span}",
        "elsewhere": "{what} (the place's time)",
        "member": "{price} to pay on the spot.",
        "home": "{price}, which your place pays for you.",
        "in_all": "In all: {price}",
        "nothing": "Nothing to pay.",
        "fee": "Cancellation fee: {fee}.",
        "free_until": "Free cancellation until {until}.",
        "each_free": "Each date is cancelled free of charge until {hours} h before it begins.",
        "each_free_always": "Each date is cancelled free of charge until it begins.",
        "access": "How to get in: {access}",
        "contact": "Whom to ask: {contact}",
        "reason": "Reason given: “{reason}”",
        "when": "{day} at {time}",
        "people": "{count} {people}",
        "one": "person",
        "many": "people",
        "somebody": "Somebody",
        "of": "{name} ({home})",
        "mine": "See my bookings",
        "look": "Look for another room",
        "rehoused": "Another room is kept for you: a second mail offers it.",
        "not_rehoused": "No similar room close by is free at that time.",
        "answer": "Answer the request",
        "take": "Look and confirm",
        "date": "1 date",
        "dates": "{count} dates",
        "still": "Ahead in this series: {dates}.",
        "and_more": "{dates}, and {count} more",
        "unread": "The other calendar of this room could not be read again then: look at it before you answer.",
        "answer_all": "The request repeats, on {count} dates: the answer is for all of them.",
        "answered_all": "The answer is for all dates of your series.",
        "former": "{room}, {place}",
        "follows": "Your calendar follows your bookings already: do not accept the invitation in this mail as well.",
        "once": "This button is yours: do not forward this mail. It shows the request, and you choose then.",
    },
}
