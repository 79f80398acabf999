/** English words of the pass that lives on the member's phone; keys as in fr-live.ts. */
export const englishLive = {
  live: {
    changesIn: (seconds: number) => `Changes in ${seconds} s`,
    renewed: 'Renews itself',
    card: 'My card',
    cardLead: 'For places that accept cards. They may ask for your name.',
    phone: 'My pass on this phone',
    elsewhere: 'Your pass is on another device',
    samePhone: 'Was it here? The browser erased what it kept: choose this phone.',
    ended: 'Your pass was ended',
    signInAgain: 'Sign in again',
    keyLost: 'This phone can show your pass no more',
    keyLostLead: 'Its browser erased the key. Choose it again: that needs a network for a moment.',
    over: 'This pass waits for a network',
    overLead: 'It was not renewed for a month. Go online for a moment: it renews itself.',
    wrongClock: 'The clock of this phone is wrong. The pass allows for it; if you set it, open the pass again online.',
    useThisPhone: 'Use this phone',
    moved: 'Your pass is on this phone now.',
    needsNetwork: 'Stay online: with this browser, the pass renews itself over the network.',
    noNetwork: 'Go online: this pass renews itself over the network.',
    newer: 'With an up-to-date browser it works without a network too.',
    keep: 'Keep on my phone',
    keepByHand: 'To keep it on your phone: Share, then “Add to Home Screen”.',
    forms: {
      live: (device: string | null) => (device ? `Pass on a phone (${device})` : 'Pass on a phone'),
      short_lived: 'Online pass, renewed every minute',
    },
    revokeLead:
      'This pass will open no place any more. Phone lost? The member signs in on another phone and gets a new one there at once.',
    giveCard: 'Give a card instead',
    giveCardLead: 'The pass of this phone becomes inactive. A card is ready at once, to be printed.',
  },
};
