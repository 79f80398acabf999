import type { Participant, Payment } from '$lib/api/types.ts';

/** A place: where it stands, and its name in one or two lines, `labelY` the first one's. */
export type Node = {
  who: Participant;
  x: number;
  y: number;
  lines: string[];
  labelX: number;
  labelY: number;
  anchor: 'start' | 'middle' | 'end';
};
export type Edge = { path: string; x: number; y: number; cents: number; isPayment: boolean };
export type Graph = { nodes: Node[]; edges: Edge[]; height: number };

export const WIDTH = 360;
export const LINE = 14;
const LEFT = 40;
const RIGHT = WIDTH - LEFT;
const STEP = 74;
/** Letters in a line of a name: two names and the amount between them stand beside each other. */
const LETTERS = 12;
/** More places between the two than this are told by the table alone. */
const MOST = 5;

/**
 * Why you pay C, as a drawing: who pays on the left, who is paid on the right, between them the places whose debts it
 * settles, and an arrow for each debt and for the payment. A debt of the one to the other passes below the places
 * between them. Nothing where there are too many to be read.
 */
export function graphOf(payment: Payment, nameOf: (who: Participant) => string): Graph | undefined {
  const { debtor, creditor, discharges } = payment;
  const between = new Map<string, Participant>();
  for (const step of discharges)
    for (const who of [step.debtor, step.creditor])
      if (who.code !== debtor.code && who.code !== creditor.code) between.set(who.code, who);
  if (between.size > MOST) return undefined;
  const middle = Math.max(1, between.size);
  const top = 2 * LINE;
  const half = top + (STEP * middle) / 2;
  const end = (who: Participant, x: number, anchor: 'start' | 'end'): Node => {
    const lines = linesOf(nameOf(who));
    const labelX = anchor === 'start' ? 4 : WIDTH - 4;
    return { who, x, y: half, lines, labelX, labelY: half - 20 - LINE * (lines.length - 1), anchor };
  };
  const nodes: Node[] = [
    end(debtor, LEFT, 'start'),
    ...[...between.values()].map((who, index): Node => {
      const [x, y, lines] = [WIDTH / 2, top + STEP * (index + 0.5), linesOf(nameOf(who))];
      // Away from the middle, where the names of the two others stand.
      const labelY = y < half ? y - 14 - LINE * (lines.length - 1) : y + 22;
      return { who, x, y, lines, labelX: x, labelY, anchor: 'middle' };
    }),
    end(creditor, RIGHT, 'end'),
  ];
  const at = new Map(nodes.map((node) => [node.who.code, node]));
  const isDirect = (step: { debtor: Participant; creditor: Participant }) =>
    between.size > 0 && step.debtor.code === debtor.code && step.creditor.code === creditor.code;
  const lowest = between.size ? top + STEP * (middle - 0.5) + 22 + LINE : half + 22;
  const direct = discharges.find(isDirect);
  const depth = lowest + (direct ? 2 * LINE : LINE);
  const edges = discharges.flatMap((step) =>
    isDirect(step)
      ? [{ path: below(half, depth), x: WIDTH / 2, y: depth - 5, cents: step.amount_cents, isPayment: false }]
      : edge(at, step.debtor, step.creditor, step.amount_cents),
  );
  const low = direct ? depth + 2 * LINE : depth;
  edges.push({ path: below(half, low), x: WIDTH / 2, y: low + 16, cents: payment.amount_cents, isPayment: true });
  return { nodes, edges, height: low + 24 };
}

/** A line from the one end to the other that hangs down as far as `depth`. */
function below(half: number, depth: number): string {
  const from = half + 12;
  const pull = round(from + (depth - from) / 0.75);
  return `M${LEFT} ${from} C${LEFT + 10} ${pull} ${RIGHT - 10} ${pull} ${RIGHT - 2} ${half + 14}`;
}

/** A name in two lines at most, broken between words where it can be. */
function linesOf(name: string): string[] {
  const cut = (text: string) => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1).trimEnd()}…` : text);
  if (name.length <= LETTERS) return [name];
  const space = name.lastIndexOf(' ', LETTERS);
  return space > 0 ? [name.slice(0, space), cut(name.slice(space + 1))] : [cut(name)];
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
