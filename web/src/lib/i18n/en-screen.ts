import type { Widened } from './types.ts';
import type { frenchScreen } from './fr-screen.ts';

/** The tablet outside a room. */
export const englishScreen: Widened<typeof frenchScreen> = {
  screen: {
    notPaired: 'This tablet belongs to no place yet',
    notPairedLead: 'Pair it as a phone at the door is paired: the place’s page shows the link. Then come back here.',
    pair: 'Pair this tablet',
    which: 'Which room is this?',
    noRooms: 'This place has no room yet. A manager adds them under “Rooms and equipment”.',
    needsNetwork: 'The network is needed once.',
    loading: 'One moment…',
    people: (count: number) => (count < 2 ? '1 person' : `${count} people`),
    free: 'Free',
    freeUntil: (time: string) => `Free until ${time}`,
    busy: 'Busy',
    busyUntil: (time: string) => `Busy until ${time}`,
    onTheSpot: 'Booked on the spot',
    why: { hold: 'Being booked', closure: 'Closed', external: 'Booked elsewhere', booking: 'Booked' },
    weAreHere: (who: string) => (who ? `${who}, we are here` : 'We are here'),
    weLeave: 'We are leaving',
    weStay: 'We are staying',
    leaveTitle: 'Free the room?',
    leaveLead: 'It is free at once for whoever comes next. The price stays.',
    bookNow: 'Book now',
    minutes: (minutes: number) => (minutes < 60 ? `${minutes} min` : `${minutes / 60} h`),
    askReception: 'To book now, ask at the reception.',
    bookTitle: 'Take this room?',
    until: (time: string) => `Now, until ${time}`,
    toPay: (amount: string) => `${amount} to pay at the reception`,
    book: 'Book',
    next: 'Next',
    nothingMore: 'Nothing else today.',
    toldAt: (time: string) => `Offline: the calendar of ${time}`,
    otherRoom: 'Another room',
  },
};
