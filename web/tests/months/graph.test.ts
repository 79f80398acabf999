import { expect, test } from 'vitest';
import type { Participant, Payment } from '../../src/lib/api/types.ts';
import { boxOf, graphOf as drawn, meets, type Graph } from '../../src/routes/months/graph.ts';

const graphOf = (payment: Payment, name = (who: Participant) => who.name) => drawn(payment, name, (cents) => `€${(cents / 100).toFixed(2)}`);
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
  expect(graph?.edges.map((edge) => [edge.said, edge.isPayment])).toEqual([
    ['€5.00', true],
    ['€3.00', false],
    ['€3.00', false],
  ]);
});

test('what would be too much to read is not drawn', () => {
  const chain = ['B', 'D', 'E', 'F', 'G', 'H'].map((code) => debt('A', code));
  expect(graphOf(payment(...chain))).toBeUndefined();
});

/** What each name and each amount covers. */
const labels = ({ nodes, edges }: Graph) => [
  ...nodes.flatMap(({ lines, labelX, labelY, anchor }) =>
    lines.map((line, index) => boxOf(line, labelX, labelY + 14 * index, anchor)),
  ),
  ...edges.map(({ x, y, said }) => boxOf(said, x, y)),
];

test.each([
  [['B'], []],
  [['B', 'D'], []],
  [['B', 'D'], [['B', 'D']]],
  [['B', 'D', 'E'], [['B', 'E']]],
  [['B', 'D', 'E', 'F'], []],
] as [string[], [string, string][]][])('no name and no amount stands on another: %j, debts among them %j', (between, among) => {
  const debts = [
    debt('A', 'C', 1800),
    ...between.flatMap((code) => [debt('A', code, 1390), debt(code, 'C', 290)]),
    ...among.map(([debtor, creditor]) => debt(debtor, creditor, 190)),
  ];
  const graph = graphOf(payment(...debts), ({ code }) => `L'Usine ${code} café et coworking`) as Graph;
  const all = labels(graph);
  expect(graph.edges).toHaveLength(debts.length + 1);
  expect(all.filter((one) => all.some((other) => one !== other && meets(one, other)))).toEqual([]);
  for (const { left, right, top, bottom } of all)
    expect([left >= 0, right <= 360, top >= 0, bottom <= graph.height]).toEqual([true, true, true, true]);
});

test('a debt of the one to the other passes below the places between them, above the payment', () => {
  const graph = graphOf(payment(debt('A', 'B', 170), debt('A', 'C', 1800), debt('B', 'C', 170)));
  const place = graph?.nodes[1];
  const [paid, direct] = graph?.edges ?? [];
  expect(direct?.said).toBe('€18.00');
  expect([(place?.y ?? 0) + 22 < (direct?.y ?? 0), (direct?.y ?? 0) < (paid?.y ?? 0)]).toEqual([true, true]);
});
