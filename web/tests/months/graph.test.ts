import { expect, test } from 'vitest';
import type { Payment } from '../../src/lib/api/types.ts';
import { graphOf } from '../../src/routes/months/graph.ts';

const who = (code: string) => ({ id: code, code, name: code });
const debt = (debtor: string, creditor: string, amount_cents = 500) => ({
  debtor: who(debtor),
  creditor: who(creditor),
  amount_cents,
});
const payment = (...discharges: ReturnType<typeof debt>[]): Payment => ({ ...debt('A', 'C'), discharges });

test('who pays stands on the left, who is paid on the right, whoever is between them in the middle', () => {
  const graph = graphOf(payment(debt('A', 'B'), debt('B', 'C')));
  expect(graph?.nodes.map((node) => node.who.code)).toEqual(['A', 'B', 'C']);
  const [left = 0, middle = 0, right = 0] = graph?.nodes.map((node) => node.x) ?? [];
  expect([left < middle, middle < right]).toEqual([true, true]);
});

test('each debt has its arrow, and the payment its own', () => {
  const graph = graphOf(payment(debt('A', 'B', 300), debt('B', 'C', 300)));
  expect(graph?.edges.map((edge) => [edge.cents, edge.isPayment])).toEqual([
    [300, false],
    [300, false],
    [500, true],
  ]);
});

test('what would be too much to read is not drawn', () => {
  const chain = ['B', 'D', 'E', 'F', 'G', 'H'].map((code) => debt('A', code));
  expect(graphOf(payment(...chain))).toBeUndefined();
});
