export const englishDoorName = {
  doorName: {
    instead: 'No pass and no code? Come in by name',
    code: 'Come in by short code',
    title: 'Come in by name',
    lead: 'The person says their name, and something only they know. The visit is marked as typed in by hand.',
    name: 'Given and family name',
    second: 'Their e-mail or member number',
    secondHint: 'It is compared, never shown, and not kept on this phone.',
    look: 'Check and let in',
    wrong: 'The name and the second answer do not go together, or there is no pass. Read them again with the person.',
    offline: 'A name is checked over the network. Without it, scan the QR code.',
  },
};
