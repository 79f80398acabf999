import type { Participant, Payment } from '$lib/api/types.ts';

export type Node = { who: Participant; x: number; y: number; anchor: 'start' | 'middle' | 'end' };
export type Edge = { path: string; x: number; y: number; cents: number; isPayment: boolean };
export type Graph = { nodes: Node[]; edges: Edge[]; height: number };

export const WIDTH = 360;
const LEFT = 40;
const RIGHT = WIDTH - LEFT;
const STEP = 74;
/** More places between the two than this are told by the table alone. */
const MOST = 5;

/**
 * Why you pay C, as a drawing: who pays on the left, who is paid on the right, between them the places whose debts it
 * settles, and an arrow for each debt and for the payment. Nothing where there are too many to be read.
 */
export function graphOf(payment: Payment): Graph | undefined {
  const { debtor, creditor, discharges } = payment;
  const between = new Map<string, Participant>();
  for (const step of discharges)
    for (const who of [step.debtor, step.creditor])
      if (who.code !== debtor.code && who.code !== creditor.code) between.set(who.code, who);
  if (between.size > MOST) return undefined;
  const middle = Math.max(1, between.size);
  const height = STEP * middle + 70;
  const half = (STEP * middle) / 2 + 14;
  const nodes: Node[] = [
    { who: debtor, x: LEFT, y: half, anchor: 'start' },
    ...[...between.values()].map((who, index) => ({
      who,
      x: WIDTH / 2,
      y: 14 + STEP * (index + 0.5),
      anchor: 'middle' as const,
    })),
    { who: creditor, x: RIGHT, y: half, anchor: 'end' },
  ];
  const at = new Map(nodes.map((node) => [node.who.code, node]));
  const edges = discharges.flatMap((step) => edge(at, step.debtor, step.creditor, step.amount_cents));
  const low = height - 18;
  const bend = `M${LEFT} ${half + 12} C${LEFT + 40} ${low} ${RIGHT - 40} ${low} ${RIGHT - 2} ${half + 14}`;
  edges.push({ path: bend, x: WIDTH / 2, y: low - 2, cents: payment.amount_cents, isPayment: true });
  return { nodes, edges, height };
}

/** A line from one place to another that stops short of both, bent where they stand above each other. */
function edge(at: Map<string, Node>, from: Participant, to: Participant, cents: number): Edge[] {
  const one = at.get(from.code);
  const other = at.get(to.code);
  if (!one || !other) return [];
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const [x1, y1, x2, y2] = [one.x + 12 * ux, one.y + 12 * uy, other.x - 15 * ux, other.y - 15 * uy];
  const bow = dx === 0 ? 46 : 0;
  const [mx, my] = [(x1 + x2) / 2 + bow, (y1 + y2) / 2];
  const path = `M${round(x1)} ${round(y1)} Q${round(mx)} ${round(my)} ${round(x2)} ${round(y2)}`;
  return [{ path, x: round((x1 + x2) / 2 + bow / 2), y: round(my - 5), cents, isPayment: false }];
}

const round = (value: number): number => Math.round(value * 10) / 10;
