import { answer, api, ifMatch } from '$lib/api/client.ts';
import type { PaymentMade } from '$lib/api/types.ts';

/** Say what became of a payment. */
export const markPayment = (payment: PaymentMade, state: 'due' | 'paid' | 'failed'): Promise<PaymentMade> =>
  answer(
    api.PUT('/api/v1/payments/{payment_id}/state', {
      params: { path: { payment_id: payment.id } },
      headers: { 'If-Match': ifMatch(payment.version) },
      body: { state },
    }),
  );
