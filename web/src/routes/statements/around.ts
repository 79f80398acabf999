import { answer, api } from '$lib/api/client.ts';
import type { Contest, MonthLife, PaymentMade, SettlementDetails } from '$lib/api/types.ts';
import { paymentsOf } from '../payments/everything.ts';

/** What stands around a statement of a month that is over: its dates, what was reported in it, what is paid for it. */
export type Around = {
  life: MonthLife;
  contests: Contest[];
  payments: PaymentMade[];
  details: SettlementDetails;
  /** Of the place: its days are told by its clock. */
  zone: string;
};

export const isClosed = (state: string): boolean => state === 'closed' || state === 'netted' || state === 'paid';

export async function aroundOf(placeId: string, month: string): Promise<Around> {
  const path = { place_id: placeId };
  const [life, contests, payments, details, place] = await Promise.all([
    answer(api.GET('/api/v1/months/{month}/life', { params: { path: { month } } })),
    answer(api.GET('/api/v1/months/{month}/contests', { params: { path: { month } } })),
    paymentsOf(placeId, { month }),
    answer(api.GET('/api/v1/places/{place_id}/settlement-details', { params: { path } })),
    answer(api.GET('/api/v1/places/{place_id}', { params: { path } })),
  ]);
  const own = contests.items.filter(({ home, host }) => [home.id, host.id].includes(placeId));
  return { life, contests: own, payments, details, zone: place.zone };
}

/** Whether errors may be reported today: until the review ends, and again for a while once the month is closed. */
export const mayReport = (life: MonthLife, today: string): boolean =>
  life.state !== 'open' && today <= life.errors_until;
