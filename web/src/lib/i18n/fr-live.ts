/** The words of the pass that lives on the member's phone. */
export const frenchLive = {
  live: {
    changesIn: (seconds: number) => `Change dans ${seconds} s`,
    renewed: 'Se renouvelle tout seul',
    card: 'Ma carte',
    cardLead: 'Pour les lieux qui acceptent les cartes. On vous y demandera peut-être votre nom.',
    phone: 'Mon pass sur ce téléphone',
    elsewhere: 'Votre pass est sur un autre appareil',
    samePhone: 'C’était ici ? Le navigateur a effacé ce qu’il gardait : choisissez ce téléphone.',
    ended: 'Votre pass a été désactivé',
    signInAgain: 'Me connecter de nouveau',
    keyLost: 'Ce téléphone ne peut plus montrer votre pass',
    keyLostLead: 'Son navigateur a effacé la clé. Choisissez-le de nouveau : il faut du réseau un instant.',
    over: 'Ce pass attend du réseau',
    overLead: 'Il n’a pas été renouvelé depuis un mois. Retrouvez du réseau un instant : il se renouvelle tout seul.',
    wrongClock:
      'L’heure de ce téléphone est fausse. Le pass en tient compte ; si vous la réglez, rouvrez-le avec du réseau.',
    useThisPhone: 'Utiliser ce téléphone',
    moved: 'Votre pass est maintenant sur ce téléphone.',
    needsNetwork: 'Gardez le réseau : avec ce navigateur, le pass se renouvelle en ligne.',
    noNetwork: 'Retrouvez du réseau : ce pass se renouvelle en ligne.',
    newer: 'Avec un navigateur à jour, il marche aussi sans réseau.',
    keep: 'Garder sur mon téléphone',
    keepByHand: 'Pour le garder sur votre téléphone : Partager, puis « Sur l’écran d’accueil ».',
    forms: {
      live: (device: string | null) => (device ? `Pass sur téléphone (${device})` : 'Pass sur téléphone'),
      short_lived: 'Pass en ligne, renouvelé chaque minute',
    },
    revokeLead:
      'Ce pass n’ouvrira plus aucun lieu. Téléphone perdu ? Le membre se connecte sur un autre téléphone : il y reçoit un nouveau pass aussitôt.',
    giveCard: 'Donner une carte à la place',
    giveCardLead: 'Le pass de ce téléphone devient inactif. Une carte est prête aussitôt, à imprimer.',
  },
};
