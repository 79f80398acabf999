import { api, everyPage } from '$lib/api/client.ts';
import type { PaymentMade } from '$lib/api/types.ts';

type Wanted = { month?: string; state?: PaymentMade['state'][] };

/** Every payment of the network that is of this month, and of one of these states. */
export const allPayments = (wanted: Wanted): Promise<PaymentMade[]> =>
  everyPage((page) => api.GET('/api/v1/payments', { params: { query: { ...wanted, ...page } } }));

/** The same of one place: what it pays and is paid. */
export const paymentsOf = (place_id: string, wanted: Wanted = {}): Promise<PaymentMade[]> =>
  everyPage((page) =>
    api.GET('/api/v1/places/{place_id}/payments', { params: { path: { place_id }, query: { ...wanted, ...page } } }),
  );
