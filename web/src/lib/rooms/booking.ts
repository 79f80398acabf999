import type { Booking } from '../api/types.ts';
import type { Dictionary, Language } from '../i18n/types.ts';
import { momentSaid } from './when.ts';

/** How a booking stands, as the title of its page: « C'est réservé », « Demande envoyée, réponse avant lundi 18 h ». */
export function titleOf(
  booking: Pick<Booking, 'state' | 'ends_at' | 'answer_by' | 'expires_at'>,
  t: Dictionary['bookings'],
  language: Language,
  now: Date = new Date(),
): string {
  const until = (at: string) => momentSaid(at, language, undefined, now);
  switch (booking.state) {
    case 'held':
      return t.held(until(booking.expires_at ?? booking.ends_at));
    case 'requested':
      return t.requested(until(booking.answer_by ?? booking.ends_at));
    case 'cancelled':
      return t.cancelled;
    case 'rejected':
      return t.rejected;
    case 'no_show':
      return t.noShow;
    default:
      return new Date(booking.ends_at) <= now ? t.over : t.booked;
  }
}
