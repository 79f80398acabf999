/** The words of the pass that lives on the member's phone. */
export const frenchLive = {
  live: {
    changesIn: (seconds: number) => `Change dans ${seconds} s`,
    renewed: 'Se renouvelle tout seul',
    card: 'Ma carte',
    cardLead: 'Pour les lieux qui acceptent les cartes. On vous y demandera peut-être votre nom.',
    phone: 'Mon pass sur ce téléphone',
    elsewhere: 'Votre pass est sur un autre appareil',
    revoked: 'Le pass de ce téléphone est désactivé',
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
      'Ce pass n’ouvrira plus aucun lieu. Téléphone perdu ? Le membre ouvre son pass sur un autre téléphone : il en reçoit un nouveau aussitôt.',
    giveCard: 'Donner une carte à la place',
    giveCardLead: 'Le pass de ce téléphone devient inactif. Une carte est prête aussitôt, à imprimer.',
  },
};
