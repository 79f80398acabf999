import type { Booking } from '../api/types.ts';
import type { Dictionary, Language } from '../i18n/types.ts';
import { momentSaid } from './when.ts';
import { cents, priceSaid } from './words.ts';

/** How a booking stands, as the title of its page: « C'est réservé », « Demande envoyée, réponse avant lundi 18 h » there. */
export function titleOf(
  booking: Pick<Booking, 'state' | 'ends_at' | 'answer_by' | 'expires_at' | 'zone'>,
  t: Dictionary['bookings'],
  language: Language,
  now: Date = new Date(),
): string {
  const until = (at: string) => momentSaid(at, language, booking.zone, now);
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

/** What cancelling it costs, and to whom: one's home, where that pays first, or the place where the room is. */
export function cancelCostSaid(
  { cancel_costs, payer, home }: Pick<Booking, 'cancel_costs' | 'payer' | 'home'>,
  t: Dictionary['bookings'],
  language: Language,
): string {
  if (cancel_costs === 0) return t.cancelFreeLead;
  const fee = cents(cancel_costs, language);
  return payer === 'home' && home ? t.cancelFeeAdvanced(fee, home.name) : t.cancelFeeLead(fee);
}

/** What is to be paid for it, as it stands: of one that is off its fee, and nothing where there is none. */
export function owedSaid(
  booking: Pick<Booking, 'state' | 'price' | 'fee' | 'payer' | 'home'>,
  t: Pick<Dictionary, 'rooms' | 'bookings'>,
  language: Language,
): string {
  const isOff = ['cancelled', 'rejected'].includes(booking.state);
  if (isOff && booking.fee === 0) return t.bookings.nothingDue;
  return priceSaid(isOff ? { ...booking, price: booking.fee } : booking, t.rooms, language);
}
