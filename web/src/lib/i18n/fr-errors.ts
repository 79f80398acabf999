import { at, of } from './french.ts';

const many = (count: number, one: string, more: string) =>
  `${new Intl.NumberFormat('fr-FR').format(count)} ${count < 2 ? one : more}`;
const passages = (count: number) => many(count, 'passage', 'passages');
type About = 'visits' | 'bookings';
const counted = (about: About, count: number) =>
  about === 'bookings' ? many(count, 'réservation', 'réservations') : passages(count);

/** The words of what waits for a place, and of what it says of its statement: an error, or that all is right. */
export const frenchErrors = {
  waiting: {
    title: 'À faire',
    answer: (month: string, day: string) => `${month} : une erreur vous est signalée, répondez au plus tard le ${day}`,
    decide: (month: string, count: number) => `${month} : ${many(count, 'question', 'questions')} à décider`,
    close: (month: string) => `${month} peut être clos`,
    validate: (month: string) => `${month} : la clôture attend votre validation`,
    rules: (day: string) => `Nouvelles règles du réseau : votre accord jusqu'au ${day}`,
    pay: (count: number, day: string) => `${many(count, 'virement', 'virements')} à faire au plus tard le ${day}`,
    titleOthers: 'En attente',
    asked: (month: string) => `${month} : clôture demandée, une autre personne doit la valider`,
    iban: (place: string, amount: string) =>
      `${amount ? `${amount} à recevoir` : 'Le réseau règle en euros'} : donnez l'IBAN ${of(place)}`,
    proposal: (answered: number, asked: number, against: number, day: string) =>
      `Nouvelles règles : ${answered} ${answered < 2 ? 'lieu a' : 'lieux ont'} répondu sur ${asked}${against ? `, dont ${against} pas d'accord` : ''}, jusqu'au ${day}`,
    refused: "Les nouvelles règles n'ont pas été adoptées : voir pourquoi",
  },
  report: {
    open: 'Signaler une erreur',
    openDay: 'Une erreur sur un seul passage ? Ouvrez son jour.',
    openAll: (count: number) => `Signaler une erreur sur tous ces passages (${count})`,
    openAllBookings: (count: number) => `Signaler une erreur sur toutes ces réservations (${count})`,
    line: (place: string, count: number) => `Les ${passages(count)} avec ${place}, tous ensemble`,
    bookings: (place: string, count: number) => `Les ${counted('bookings', count)} avancées, avec ${place}, toutes ensemble`,
    booking: (day: string, room: string, amount: string) => `La réservation du ${day}, ${room}, ${amount}`,
    owed: 'Le bon montant, en euros',
    owedHint: (amount: string) => `Moins que ${amount}, TVA comprise.`,
    visit: (day: string) => `Le passage du ${day}`,
    why: "Qu'est-ce qui n'est pas juste ?",
    reasons: {
      received: {
        not_our_member: "Ce n'est pas un membre de ce lieu",
        not_here: "Cette personne n'est pas venue ici",
        twice: 'Compté deux fois',
        wrong_units: 'Une demi-journée de trop',
        other: 'Autre chose',
      },
      made: {
        not_our_member: "Ce n'est pas un membre de chez nous",
        not_here: "Cette personne n'est pas allée là-bas",
        twice: 'Compté deux fois',
        wrong_units: 'Une demi-journée de trop',
        other: 'Autre chose',
      },
      bookings: {
        did_not_happen: "La réservation n'a pas eu lieu",
        cancelled: 'Elle avait été annulée à temps',
        wrong_amount: "Le montant n'est pas juste",
        not_our_member: "Ce n'est pas un membre de ce lieu",
        other: 'Autre chose',
      },
    },
    words: 'En quelques mots',
    wordsHint: "L'autre lieu et la coordination lisent ces mots.",
    send: (place: string) => `Demander ${at(place)}`,
    sendFormer: 'Demander à leur lieu',
    sent: (place: string, day: string) => `C'est envoyé. ${place} a jusqu'au ${day} pour répondre.`,
  },
  errors: {
    title: 'Erreur signalée',
    of: (count: number) => many(count, 'erreur signalée', 'erreurs signalées'),
    between: (home: string, host: string) => `Membres ${of(home)}, venus ${at(host)}`,
    back: 'Retour au relevé',
    backClosing: 'Clôture du mois',
    by: (place: string) => `Signalée par ${place}`,
    reasons: {
      not_our_member: "Ce n'est pas un membre de ce lieu.",
      not_here: "La personne n'est pas venue.",
      twice: 'Le passage est compté deux fois.',
      wrong_units: 'Une demi-journée de trop : seule celle-là est retirée.',
      did_not_happen: "La réservation n'a pas eu lieu.",
      cancelled: 'Elle avait été annulée à temps.',
      wrong_amount: "Le montant n'est pas juste.",
      other: 'Autre chose.',
    },
    states: {
      open: 'Attend une réponse',
      answered: 'À décider',
      accepted: 'Erreur corrigée',
      refused: 'Rien ne change',
      withdrawn: 'Signalement retiré',
    },
    answerBy: (place: string, day: string) => `${place} répond au plus tard le ${day}. Sans réponse, l'erreur est corrigée.`,
    decideBy: (day: string) => `Les deux lieux ne sont pas d'accord : la coordination décide au plus tard le ${day}.`,
    decideLate: (day: string) =>
      `Les deux lieux ne sont pas d'accord : la coordination devait décider au plus tard le ${day}. C'est en retard.`,
    things: counted,
    which: { visits: 'Les passages', bookings: 'Les réservations' },
    day: (day: string, time: string, units: number) => [day, time, units > 1 && `${units} demi-journées`].filter(Boolean).join(', '),
    asked: (place: string) => `${place} : est-ce juste ?`,
    askedLead: "D'accord, et l'erreur est corrigée. Sinon la coordination décide.",
    agree: "D'accord, corriger",
    disagree: 'Non, le relevé est juste',
    yourWords: 'Vos mots',
    said: 'Ce qui a été dit',
    silent: "N'a pas encore répondu.",
    network: 'Coordination',
    say: 'Ajouter un mot',
    send: 'Envoyer',
    withdraw: "Ce n'était pas une erreur",
    withdrawn: 'Signalement retiré',
    answered: "C'est noté",
    decide: 'À vous de décider',
    says: (place: string) => `Selon ${place}`,
    counted: (about: About, count: number) => `${counted(about, count)} à compter`,
    notCounted: (about: About, count: number) =>
      about === 'bookings'
        ? count < 2
          ? "Cette réservation n'est pas due"
          : `Ces ${counted(about, count)} ne sont pas dues`
        : count < 2
          ? "Ce passage n'a pas eu lieu"
          : `Ces ${passages(count)} n'ont pas eu lieu`,
    costs: (amount: string) => `Cette réservation coûte ${amount}`,
    costsStill: (amount: string) => `Cette réservation coûte bien ${amount}`,
    booking: (day: string, room: string, amount: string) => `${day}, ${room}, ${amount}`,
    correct: 'Corriger',
    keep: 'Garder',
    takeOut: 'Retirer',
    keepLead: (about: About, count: number) =>
      count < 2 ? 'Garder : le relevé reste comme il est.' : `Garder : ces ${counted(about, count)} restent sur le relevé.`,
    takeOutLead: (about: About, count: number) =>
      `Retirer : ${about === 'bookings' ? (count < 2 ? "cette réservation n'est plus due" : `ces ${counted(about, count)} ne sont plus dues`) : count < 2 ? "ce passage n'est plus compté" : `ces ${passages(count)} ne sont plus comptés`}.`,
    halfOutLead: "Retirer : une demi-journée n'est plus comptée.",
    correctLead: (amount: string) => `Corriger : la réservation coûte ${amount}.`,
    ifClosed: 'Le mois est clos : la différence est rendue dans un mois suivant.',
    final: 'Les deux lieux reçoivent un mail avec votre décision. Elle ne se reprend pas.',
    sure: { keep: 'Garder, pour de bon ?', takeOut: 'Retirer, pour de bon ?', correct: 'Corriger, pour de bon ?' },
    yes: { keep: 'Oui, garder', takeOut: 'Oui, retirer', correct: 'Oui, corriger' },
    decision: 'Pourquoi',
    decidedSo: (words: string) => `Coordination : « ${words} »`,
    decidedOn: (day: string) => `Réglé le ${day}.`,
    inLater: 'Le mois était clos : la correction est dans un mois suivant.',
  },
  right: {
    until: (day: string) => `Une erreur ? Signalez-la jusqu'au ${day}.`,
    closes: (day: string) => `Le mois se clôt à partir du ${day}.`,
    closedSoon: (day: string, errors: number) =>
      `Le mois peut être clos depuis le ${day}${errors ? ` : ${many(errors, 'erreur reste', 'erreurs restent')} à décider` : ''}.`,
    confirm: 'Tout est juste',
    confirmed: (day: string) => `Vous avez dit que tout est juste, le ${day}. Merci.`,
    again: 'Le relevé a changé depuis.',
    version: (number: number, day: string) => `Version ${number}, du ${day}`,
    thanks: 'Merci !',
    closed: (day: string) => `Clos le ${day} : plus rien n'y change.`,
    closedLater: "Une erreur se corrige encore : elle sera rendue dans un mois suivant.",
  },
  former: {
    title: "D'autres mois",
    lead: 'Ce que ce mois reprend de mois déjà clos. Hors taxe.',
    late: (month: string, count: number) => `${many(count, 'passage', 'passages')} de ${month}, ${count < 2 ? 'connu' : 'connus'} après coup`,
    credit: (month: string, count: number) => `Correction de ${month} : ${many(count, 'passage retiré', 'passages retirés')}`,
    booking_credit: (month: string, count: number) =>
      `Correction de ${month} : ${many(count, 'réservation', 'réservations')}, TVA comprise`,
    owed: (debtor: string, creditor: string, amount: string, month: string) =>
      `Resté dû de ${month} : ${debtor} doit ${amount} ${at(creditor)}.`,
    fundGives: (place: string, amount: string) => `La caisse commune donne ${amount} ${at(place)}.`,
    carried: (debtor: string, creditor: string, amount: string) =>
      `${debtor} doit ${amount} ${at(creditor)} : trop peu pour un virement, le mois suivant le reprend.`,
    inAccount: "Resté dû d'autres mois",
  },
};
