/** The words of mails, in English. */
export const englishMails = {
  mails: {
    title: 'The demo’s mails',
    lead: 'None really leaves: what the network would have sent arrives here, for everybody to read.',
    open: 'Read the mails',
    openLead: 'What each person would have got: a sign-in link, a pass that is ready…',
    none: 'No mail yet',
    noneLead: 'Ask for a sign-in link, or make a pass: the mail arrives here by itself, within a minute.',
    to: (address: string) => `To ${address}`,
    from: (sender: string) => `From ${sender}`,
    all: 'All mails',
  },
  trialMail: {
    title: 'A trial mail',
    lead: 'Passapp writes to people to sign them in and to tell them that their pass is ready. Let us see that its mails arrive.',
    noServer: 'No mail server is set',
    noServerLead:
      'Without one, nobody gets a sign-in link. Where Passapp is installed, add these two settings, then restart it:',
    noServerWho: 'Whoever hosts your mail gives you these values.',
    later: 'You can go on without: the trial stays on the home page, under “Mails”.',
    tile: 'Mails',
    tileLead: 'See that the mails of Passapp leave and arrive.',
    open: 'Send a trial mail',
    way: (sender: string, to: string) => `From ${sender}, to ${to}.`,
    send: 'Send a trial mail',
    again: 'Try again',
    sending: 'Sending… It may take a minute.',
    outcomes: {
      sent: ['The server took the mail', 'Has it arrived? If it is slow, look among the unwanted mails.'],
      no_server: ['No mail server is set', 'Set PASSAPP_SMTP_URL, then restart Passapp.'],
      no_connection: [
        'The mail server does not answer',
        'Look at the host and the port in PASSAPP_SMTP_URL, and whether this machine may reach it.',
      ],
      no_tls: [
        'The mail server does not encrypt, or its certificate is wrong',
        'Nothing was sent. Try smtps:// or another port in PASSAPP_SMTP_URL.',
      ],
      login_refused: [
        'The mail server refuses the user name or the password',
        'Look at them in PASSAPP_SMTP_URL. An “@” becomes %40 there.',
      ],
      sender_refused: [
        'The mail server refuses the sender’s address',
        'Give PASSAPP_MAIL_FROM an address that it lets you use.',
      ],
      recipient_refused: ['The mail server refuses your address', 'Is it right? The server may need time: try again.'],
      message_refused: ['The mail server refuses this mail', 'It takes it for an unwanted one: ask whoever runs it.'],
      no_answer: ['The mail server hung up half-way', 'Try again. If it happens again, ask whoever runs it.'],
    } as Record<string, readonly [string, string]>,
  },
};
