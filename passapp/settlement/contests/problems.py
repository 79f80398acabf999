"""What is refused of an error in a month, and what to do then."""

from passapp.kernel.problems import ProblemType

CONTEST_UNKNOWN = ProblemType(
    "contest_unknown", 404, en="There is no such reported error.", fr="Cette erreur signalée n'existe pas."
)
NOT_YOUR_VISITS = ProblemType(
    "not_your_visits",
    404,
    en="These are no visits between your place and that one in {name:month}.",
    fr="Ce ne sont pas des passages entre votre lieu et celui-là en {name:month}.",
)
NOT_YOUR_BOOKINGS = ProblemType(
    "not_your_bookings",
    404,
    en="These are no bookings that one of the two places advances to the other in {name:month}.",
    fr="Ce ne sont pas des réservations que l'un des deux lieux avance à l'autre en {name:month}.",
)
AMOUNT_NOT_LESS = ProblemType(
    "amount_not_less",
    409,
    en="Write what the booking comes to, less than it says now: an error takes away, it adds nothing.",
    fr="Écrivez le montant juste, plus petit que celui d'aujourd'hui : une erreur se retire, elle n'ajoute rien.",
)
ONE_HOME_AT_A_TIME = ProblemType(
    "one_home_at_a_time",
    409,
    en="These visits are of members of several places that have left: report them place by place.",
    fr="Ces passages sont de membres de plusieurs lieux partis du réseau : signalez-les lieu par lieu.",
)
ONE_UNIT_ONLY = ProblemType(
    "one_unit_only",
    409,
    en="A visit of one unit has no half day to take out: choose another reason.",
    fr="Un passage d'une seule unité n'a pas de demi-journée à retirer : choisissez une autre raison.",
)
TWICE_IS_PICKED = ProblemType(
    "twice_is_picked",
    409,
    en="Say which visits are counted once too often: all of them together would be taken out, the right ones too.",
    fr="Dites quels passages sont comptés en trop : tous ensemble, les bons seraient retirés aussi.",
)
REPORTED_TOO_LATE = ProblemType(
    "reported_too_late",
    409,
    en="Errors in {name:month} could be reported until {day:day}. It is too late to correct this one.",
    fr="Une erreur en {name:month} pouvait être signalée jusqu'au {day:day}. Il est trop tard pour la corriger.",
)
REVIEW_OVER = ProblemType(
    "review_over",
    409,
    en="Errors in {name:month} could be reported until {day:day}. Once that month is closed you can report this one "
    "again: it is given back in a later month.",
    fr="Une erreur en {name:month} pouvait être signalée jusqu'au {day:day}. Une fois ce mois clos, signalez-la à "
    "nouveau : elle sera corrigée dans un mois suivant.",
)
ALREADY_REPORTED = ProblemType(
    "already_reported",
    409,
    en="An error was reported for one of them already: it is answered or decided there.",
    fr="Une erreur y est déjà signalée : la réponse et la décision sont là.",
)
CONTEST_SETTLED = ProblemType(
    "contest_settled",
    409,
    en="This is settled already: nothing can be added.",
    fr="C'est déjà réglé : rien ne peut plus y être ajouté.",
)
ALREADY_ANSWERED = ProblemType(
    "already_answered",
    409,
    en="Your place has answered: the coordination decides now.",
    fr="Votre lieu a répondu : la coordination décide maintenant.",
)
NOT_ASKED = ProblemType(
    "not_asked",
    403,
    en="The other place is asked here, not yours.",
    fr="C'est l'autre lieu qui est interrogé ici, pas le vôtre.",
)
REPORTED_BY_YOU = ProblemType(
    "reported_by_you",
    403,
    en="You reported this error yourself: somebody else answers for the other place.",
    fr="Vous avez signalé cette erreur vous-même : une autre personne répond pour l'autre lieu.",
)
NOT_HEARD_YET = ProblemType(
    "not_heard_yet",
    409,
    en="{name} can answer until {day:day}: decide once it has, or once that day is over.",
    fr="{name} peut répondre jusqu'au {day:day} : décidez après sa réponse, ou après ce jour.",
)
OWN_CASE = ProblemType(
    "own_case",
    403,
    en="You look after one of these two places: somebody else of the coordination decides.",
    fr="Vous gérez l'un des deux lieux : une autre personne de la coordination décide.",
)
