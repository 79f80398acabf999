/** The words of mails: the demo's, to read on a page, and the trial mail of the first start. */
export const frenchMails = {
  mails: {
    title: 'Les mails de la démonstration',
    lead: 'Aucun ne part vraiment : ce que le réseau aurait envoyé arrive ici, et tout le monde peut le lire.',
    open: 'Lire les mails',
    openLead: 'Ce que chacun aurait reçu : lien de connexion, pass prêt…',
    none: 'Pas encore de mail',
    noneLead: 'Demandez un lien de connexion, ou faites un pass : le mail arrive ici tout seul, dans la minute.',
    to: (address: string) => `À ${address}`,
    from: (sender: string) => `De ${sender}`,
    all: 'Tous les mails',
  },
  trialMail: {
    title: "Un mail d'essai",
    lead: 'Passapp écrit pour connecter les gens et leur annoncer leur pass. Vérifions que ses mails arrivent.',
    noServer: "Aucun serveur de mail n'est réglé",
    noServerLead:
      'Sans lui, personne ne reçoit de lien de connexion. Là où Passapp est installé, ajoutez ces deux réglages, puis redémarrez-le :',
    noServerWho:
      'Votre hébergeur de mail vous donne ces valeurs.',
    later: "Vous pouvez continuer sans : l'essai reste sur l'accueil, sous « Mails ».",
    tile: 'Mails',
    tileLead: "Vérifier que les mails de Passapp partent et arrivent.",
    open: "Envoyer un mail d'essai",
    way: (sender: string, to: string) => `De ${sender}, à ${to}.`,
    send: "Envoyer un mail d'essai",
    again: 'Réessayer',
    sending: 'On envoie… Cela peut prendre une minute.',
    outcomes: {
      sent: ['Le serveur a pris le mail', "Est-il arrivé ? S'il tarde, regardez dans les indésirables."],
      no_server: ["Aucun serveur de mail n'est réglé", 'Réglez PASSAPP_SMTP_URL, puis redémarrez Passapp.'],
      no_connection: [
        'Le serveur de mail ne répond pas',
        "Vérifiez l'hôte et le port dans PASSAPP_SMTP_URL, et que cette machine a le droit d'y aller.",
      ],
      no_tls: [
        'Le serveur de mail ne chiffre pas, ou son certificat est faux',
        "Rien n'a été envoyé. Essayez smtps:// ou un autre port dans PASSAPP_SMTP_URL.",
      ],
      login_refused: [
        "Le serveur de mail refuse l'identifiant ou le mot de passe",
        'Vérifiez-les dans PASSAPP_SMTP_URL. Un « @ » y devient %40.',
      ],
      sender_refused: [
        "Le serveur de mail refuse l'adresse d'expédition",
        "Donnez à PASSAPP_MAIL_FROM une adresse qu'il vous permet d'utiliser.",
      ],
      recipient_refused: ['Le serveur de mail refuse votre adresse', 'Est-elle juste ? Il a peut-être besoin de temps : réessayez.'],
      message_refused: ['Le serveur de mail refuse ce mail', 'Il le prend pour un indésirable : voyez avec qui le gère.'],
      no_answer: ['Le serveur de mail a raccroché en route', 'Réessayez. Si cela recommence, voyez avec qui le gère.'],
    } as Record<string, readonly [string, string]>,
  },
};
