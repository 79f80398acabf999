/** The words of coming in by name. */
export const frenchDoorName = {
  doorName: {
    instead: 'Ni pass, ni code ? Entrer par le nom',
    code: 'Entrer par le code court',
    title: 'Entrer par le nom',
    lead: 'La personne dit son nom, et une chose qu’elle seule connaît. L’entrée est marquée « saisie à la main ».',
    name: 'Prénom et nom',
    second: 'Son e-mail ou son numéro de membre',
    secondHint: 'C’est comparé, jamais affiché ni gardé sur ce téléphone.',
    look: 'Vérifier et laisser entrer',
    wrong: 'Le nom et la seconde information ne vont pas ensemble, ou il n’y a pas de pass. Relisez-les avec la personne.',
    offline: 'Le nom se vérifie avec le réseau. Sans réseau, scannez le QR code.',
  },
};
