import { answer, api } from '$lib/api/client.ts';
import type { PaymentMade } from '$lib/api/types.ts';

type Wanted = { month?: string; state?: PaymentMade['state'][] };

/** Every payment of the network that is of this month, and of one of these states: a page is read after another. */
export async function allPayments(wanted: Wanted): Promise<PaymentMade[]> {
  const payments: PaymentMade[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: PaymentMade[]; next?: string | null } = await answer(
      api.GET('/api/v1/payments', { params: { query: { ...wanted, limit: 200, ...(cursor ? { cursor } : {}) } } }),
    );
    payments.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor);
  return payments;
}
