/** The words of a door that works by itself. */
const many = (count: number, one: string, more: string) =>
  `${new Intl.NumberFormat('fr-FR').format(count)} ${count < 2 ? one : more}`;

export const frenchOffline = {
  offline: {
    state: 'État de ce téléphone',
    online: 'En ligne',
    offline: 'Hors connexion',
    toSend: (count: number) => `${new Intl.NumberFormat('fr-FR').format(count)} à envoyer`,
    sending: (count: number) => `envoi de ${many(count, 'élément', 'éléments')}…`,
    list: (age: string) => `liste de ${age}`,
    listNow: 'liste à jour',
    listNone: 'pas encore de liste',
    listOld: (age: string) => `Liste de ${age} : reconnectez ce téléphone dès que possible.`,
    listExpired: 'Liste trop ancienne : ce téléphone ne peut plus vérifier seul. Reconnectez-le.',
    ready: 'prêt hors connexion',
    minutes: (count: number) => `${count} min`,
    hours: (count: number) => `${count} h`,
    days: (count: number) => many(count, 'jour', 'jours'),
    alone: 'Hors connexion : vérifié par ce téléphone',
    unsure: 'À vérifier avec du réseau',
    unsureLead:
      'Laissez entrer : sans réseau, ce téléphone ne peut pas vérifier ce pass, et le passage sera vérifié plus tard.',
    corrected: 'Le serveur a répondu autrement',
    full: "Ce téléphone n'a plus de place",
    gone: "Ce téléphone n'arrive plus à enregistrer",
    fullLead: (count: number) =>
      `Notez le prénom sur papier, libérez de la place, et ne fermez pas cette page${
        count ? ` : elle seule connaît ${many(count, 'scan', 'scans')}` : ''
      }.`,
    goneLead: (count: number) =>
      count
        ? `Notez le prénom sur papier. ${many(count, 'scan n’est connu', 'scans ne sont connus')} que de cette page : retrouvez du réseau avant de la fermer.`
        : 'Notez le prénom sur papier, et rechargez cette page.',
    reload: 'Recharger',
    notPromised: 'Le navigateur peut effacer ce qui attend ici : envoyez-le dès que possible.',
    leaveTitle: 'Quitter avec des passages à envoyer ?',
    leaveLead: (count: number) =>
      `${many(count, 'élément attend', 'éléments attendent')} sur ce téléphone. Ils y restent, et partiront quand vous rouvrirez cette page avec du réseau.`,
    stay: 'Rester',
    leaveAnyway: 'Quitter quand même',
    pairTitle: (count: number, place: string) => `${many(count, 'passage à envoyer', 'passages à envoyer')}, scannés pour ${place}`,
    pairLead:
      'Envoyez-les d’abord : relié à un autre lieu, ce téléphone les garde, mais ne peut plus les envoyer avant d’être relié ici à nouveau.',
    sendFirst: 'Les envoyer d’abord',
    letIn: 'Laisser entrer quand même',
    letInTitle: 'Pourquoi laisser entrer ?',
    letInLead: 'Son lieu verra la raison.',
    letInDone: 'Entrée notée',
    letInDoneLead: 'Son lieu verra que vous avez laissé entrer.',
    reasons: {
      known: 'Je connais cette personne',
      manager: 'La personne responsable est d’accord',
      sortedOut: 'Vu avec son lieu',
      phone: 'Son téléphone a un souci',
    },
    another: 'Une autre raison',
    anotherHint: 'En quelques mots, sans rien d’intime.',
    confirm: 'Laisser entrer',
    reasonOf: (verdict: string) => `${verdict} : accepté à l’accueil`,
    otherHome: 'Un autre lieu',
    rulesAsked: 'D’accord avec les règles du lieu ?',
    readRules: 'Les lire',
    rulesNote: 'Oui, le noter',
    attention: (words: string) => `À savoir : ${words}`,
    left: 'Noter son départ',
    leftDone: 'Départ noté',
    offer: 'Offrir ce passage',
    offered: 'Passage offert',
    notDone: 'Ça n’a pas marché. Réessayez avec du réseau.',
    welcomeAfterAll: 'finalement accepté',
    letInLine: 'laissé entrer',
    guest: 'Invité·e du jour',
    guestTitle: 'Recevoir sans pass',
    guestLead: 'Pour une personne de passage, comptée à part et jamais facturée.',
    guestName: 'Prénom',
    guestNameHint: 'Pour la liste d’évacuation, oublié après une semaine.',
    minor: 'Moins de 18 ans',
    consent: 'Un parent ou responsable est d’accord',
    guestIn: 'Noter son entrée',
    guestDone: (name: string) => (name ? `${name} : entrée notée.` : 'Entrée notée.'),
    guestKept: (name: string) => (name ? `${name} : gardé, envoyé plus tard.` : 'Gardé, envoyé plus tard.'),
    guestFailed: 'Ce téléphone n’a pas pu le garder. Notez-le sur papier.',
  },
};
