const many = (count: number, one: string, more: string) =>
  `${new Intl.NumberFormat('en-GB').format(count)} ${count === 1 ? one : more}`;
const visits = (count: number) => many(count, 'visit', 'visits');
type About = 'visits' | 'bookings';
const counted = (about: About, count: number) =>
  about === 'bookings' ? many(count, 'booking', 'bookings') : visits(count);

/** The words of what waits for a place, and of what it says of its statement: an error, or that all is right. */
export const englishErrors = {
  waiting: {
    title: 'To do',
    answer: (month: string, day: string) => `${month}: an error is reported to you, answer by ${day}`,
    decide: (month: string, count: number) => `${month}: ${many(count, 'question', 'questions')} to decide`,
    close: (month: string) => `${month} can be closed`,
    validate: (month: string) => `${month}: its closing waits for you to validate it`,
    rules: (day: string) => `New rules of the network: your answer by ${day}`,
    pay: (count: number, day: string) => `${many(count, 'payment', 'payments')} to make by ${day}`,
    titleOthers: 'Waiting',
    asked: (month: string) => `${month}: its closing is asked for, and waits for another person`,
    iban: (place: string, amount: string) =>
      `${amount ? `${amount} to receive` : 'The network settles in euros'}: give the IBAN of ${place}`,
    proposal: (answered: number, asked: number, against: number, day: string) =>
      `New rules: ${answered} of ${many(asked, 'place has', 'places have')} answered${against ? `, ${against} against` : ''}, until ${day}`,
    refused: 'The new rules were not adopted: see why',
  },
  report: {
    open: 'Report an error',
    openDay: 'An error in a single visit? Open its day.',
    openAll: (count: number) => `Report an error in all these visits (${count})`,
    openAllBookings: (count: number) => `Report an error in all these bookings (${count})`,
    line: (place: string, count: number) => `All ${visits(count)} with ${place} together`,
    bookings: (place: string, count: number) => `All ${counted('bookings', count)} advanced, with ${place}, together`,
    booking: (day: string, room: string, amount: string) => `The booking of ${day}, ${room}, ${amount}`,
    owed: 'The right amount, in euros',
    owedHint: (amount: string) => `Less than ${amount}, tax included.`,
    visit: (day: string) => `The visit of ${day}`,
    why: 'What is not right?',
    reasons: {
      received: {
        not_our_member: 'They are no member of that place',
        not_here: 'This person did not come here',
        twice: 'Counted twice',
        wrong_units: 'A half day too many',
        other: 'Something else',
      },
      made: {
        not_our_member: 'They are no member of ours',
        not_here: 'This person did not go there',
        twice: 'Counted twice',
        wrong_units: 'A half day too many',
        other: 'Something else',
      },
      bookings: {
        did_not_happen: 'The booking did not take place',
        cancelled: 'It had been cancelled in time',
        wrong_amount: 'The amount is not right',
        not_our_member: 'They are no member of that place',
        other: 'Something else',
      },
    },
    words: 'In a few words',
    wordsHint: 'The other place and the coordination read these words.',
    send: (place: string) => `Ask ${place}`,
    sendFormer: 'Ask their place',
    sent: (place: string, day: string) => `Sent. ${place} has until ${day} to answer.`,
  },
  errors: {
    title: 'Reported error',
    of: (count: number) => many(count, 'reported error', 'reported errors'),
    between: (home: string, host: string) => `Members of ${home}, at ${host}`,
    back: 'Back to the statement',
    backClosing: 'Closing of the month',
    by: (place: string) => `Reported by ${place}`,
    reasons: {
      not_our_member: 'They are no member of that place.',
      not_here: 'The person did not come.',
      twice: 'The visit is counted twice.',
      wrong_units: 'A half day too many: only that one is taken out.',
      did_not_happen: 'The booking did not take place.',
      cancelled: 'It had been cancelled in time.',
      wrong_amount: 'The amount is not right.',
      other: 'Something else.',
    },
    states: {
      open: 'Waits for an answer',
      answered: 'To decide',
      accepted: 'Error corrected',
      refused: 'Nothing changes',
      withdrawn: 'Report taken back',
    },
    answerBy: (place: string, day: string) => `${place} answers by ${day}. Without an answer, the error is corrected.`,
    decideBy: (day: string) => `The two places do not agree: the coordination decides by ${day}.`,
    decideLate: (day: string) =>
      `The two places do not agree: the coordination was to decide by ${day}. It is late.`,
    things: counted,
    which: { visits: 'The visits', bookings: 'The bookings' },
    day: (day: string, time: string, units: number) => [day, time, units > 1 && `${units} half days`].filter(Boolean).join(', '),
    asked: (place: string) => `${place}: is this right?`,
    askedLead: 'Agree, and the error is corrected. Otherwise the coordination decides.',
    agree: 'Agreed, correct it',
    disagree: 'No, the statement is right',
    yourWords: 'Your words',
    said: 'What was said',
    silent: 'Has not answered yet.',
    network: 'Coordination',
    say: 'Add a word',
    send: 'Send',
    withdraw: 'It was no error',
    withdrawn: 'Report taken back',
    answered: 'Noted',
    decide: 'You decide',
    says: (place: string) => `${place} says`,
    counted: (about: About, count: number) => `${counted(about, count)} to count`,
    notCounted: (about: About, count: number) =>
      about === 'bookings'
        ? count === 1
          ? 'This booking is not owed'
          : `These ${counted(about, count)} are not owed`
        : count === 1
          ? 'This visit did not take place'
          : `These ${visits(count)} did not take place`,
    costs: (amount: string) => `This booking comes to ${amount}`,
    costsStill: (amount: string) => `This booking does come to ${amount}`,
    booking: (day: string, room: string, amount: string) => `${day}, ${room}, ${amount}`,
    correct: 'Correct it',
    keep: 'Keep',
    takeOut: 'Take out',
    keepLead: (about: About, count: number) =>
      count === 1 ? 'Keep: the statement stays as it is.' : `Keep: these ${counted(about, count)} stay on the statement.`,
    takeOutLead: (about: About, count: number) =>
      `Take out: ${about === 'bookings' ? (count === 1 ? 'this booking is owed no more' : `these ${counted(about, count)} are owed no more`) : count === 1 ? 'this visit counts no more' : `these ${visits(count)} count no more`}.`,
    halfOutLead: 'Take out: a half day counts no more.',
    correctLead: (amount: string) => `Correct it: the booking comes to ${amount}.`,
    ifClosed: 'The month is closed: the difference is given back in a later month.',
    final: 'Both places get a mail with your decision. It cannot be taken back.',
    sure: { keep: 'Keep, for good?', takeOut: 'Take out, for good?', correct: 'Correct it, for good?' },
    yes: { keep: 'Yes, keep', takeOut: 'Yes, take out', correct: 'Yes, correct it' },
    decision: 'Why',
    decidedSo: (words: string) => `Coordination: “${words}”`,
    decidedOn: (day: string) => `Settled on ${day}.`,
    inLater: 'The month was closed: the correction is in a later month.',
  },
  right: {
    until: (day: string) => `An error? Report it until ${day}.`,
    closes: (day: string) => `The month closes from ${day} on.`,
    closedSoon: (day: string, errors: number) =>
      `The month could be closed since ${day}${errors ? `: ${many(errors, 'error is', 'errors are')} still to be decided` : ''}.`,
    confirm: 'All is right',
    confirmed: (day: string) => `You said on ${day} that all is right. Thank you.`,
    again: 'The statement has changed since.',
    version: (number: number, day: string) => `Version ${number}, of ${day}`,
    thanks: 'Thank you!',
    closed: (day: string) => `Closed on ${day}: nothing in it changes any more.`,
    closedLater: 'An error can still be corrected: it is given back in a later month.',
  },
  former: {
    title: 'Other months',
    lead: 'What this month takes over of months that are closed. Before tax.',
    late: (month: string, count: number) => `${visits(count)} of ${month} that came to light late`,
    credit: (month: string, count: number) => `Correction of ${month}: ${visits(count)} taken out`,
    booking_credit: (month: string, count: number) =>
      `Correction of ${month}: ${many(count, 'booking', 'bookings')}, tax included`,
    owed: (debtor: string, creditor: string, amount: string, month: string) =>
      `Still owed of ${month}: ${debtor} owes ${creditor} ${amount}.`,
    fundGives: (place: string, amount: string) => `The common fund gives ${place} ${amount}.`,
    carried: (debtor: string, creditor: string, amount: string) =>
      `${debtor} owes ${creditor} ${amount}: too little for a transfer, the next month takes it over.`,
    inAccount: 'Still owed of other months',
  },
};
