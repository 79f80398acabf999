import { expect, test } from 'vitest';
import type { Participant, Payment } from '../../src/lib/api/types.ts';
import { graphOf as drawn, type Graph } from '../../src/routes/months/graph.ts';

const graphOf = (payment: Payment, name = (who: Participant) => who.name) => drawn(payment, name);
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

/** Where each name and each amount stands, as wide as bold letters of 12.5 px are at most. */
function labels({ nodes, edges }: Graph) {
  const box = (text: string, x: number, y: number, anchor: string, letter: number) => {
    const width = text.length * letter;
    const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
    return { text, left, right: left + width, top: y - 9, bottom: y + 3 };
  };
  return [
    ...nodes.flatMap(({ lines, labelX, labelY, anchor }) =>
      lines.map((line, index) => box(line, labelX, labelY + 14 * index, anchor, 7.2)),
    ),
    ...edges.map(({ x, y }) => box('18,00', x, y, 'middle', 7.2)),
  ];
}

test('no name and no amount stands on another, however long the names are', () => {
  const names = (code: string) => ({ id: code, code, name: `L'Usine ${code} café et coworking` });
  for (const between of [['B'], ['B', 'D'], ['B', 'D', 'E'], ['B', 'D', 'E', 'F']]) {
    const chain = between.flatMap((code) => [debt('A', code), debt(code, 'C')]);
    const graph = graphOf(payment(debt('A', 'C', 1800), ...chain), ({ code }) => names(code).name) as Graph;
    const all = labels(graph);
    for (const one of all)
      for (const other of all)
        if (one !== other)
          expect(
            one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top,
            `${between.length} between: ${JSON.stringify([one, other])}`,
          ).toBe(true);
    for (const { left, right, top, bottom } of all)
      expect([left >= 0, right <= 360, top >= 0, bottom <= graph.height]).toEqual([true, true, true, true]);
  }
});

test('a debt of the one to the other passes below the places between them, above the payment', () => {
  const graph = graphOf(payment(debt('A', 'B', 170), debt('A', 'C', 1800), debt('B', 'C', 170)));
  const place = graph?.nodes[1];
  const [, direct, , paid] = graph?.edges ?? [];
  expect(direct?.cents).toBe(1800);
  expect([(place?.y ?? 0) + 22 < (direct?.y ?? 0), (direct?.y ?? 0) < (paid?.y ?? 0)]).toEqual([true, true]);
});
