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
export type Edge = { path: string; x: number; y: number; said: string; isPayment: boolean };
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
 * between them. Nothing where it could not be read: too many places, or no room left for an amount.
 */
export function graphOf(
  payment: Payment,
  nameOf: (who: Participant) => string,
  say: (cents: number, isPayment: boolean) => string,
): Graph | undefined {
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
  const low = direct ? depth + 2 * LINE : depth;
  const paid = say(payment.amount_cents, true);
  const edges: Edge[] = [
    { path: below(half, low), x: WIDTH / 2, y: low + 16, said: paid, isPayment: true },
  ];
  const taken = [
    ...nodes.flatMap(({ x, y, lines, labelX, labelY, anchor }) => [
      { left: x - 9, right: x + 9, top: y - 9, bottom: y + 9 },
      ...lines.map((line, index) => boxOf(line, labelX, labelY + LINE * index, anchor)),
    ]),
    boxOf(paid, WIDTH / 2, low + 16),
  ];
  if (direct) {
    const said = say(direct.amount_cents, false);
    edges.push({ path: below(half, depth), x: WIDTH / 2, y: depth - 5, said, isPayment: false });
    taken.push(boxOf(said, WIDTH / 2, depth - 5));
  }
  for (const step of discharges.filter((each) => !isDirect(each))) {
    const [one, other] = [at.get(step.debtor.code), at.get(step.creditor.code)];
    if (!one || !other) continue;
    const said = say(step.amount_cents, false);
    const { path, points } = line(one, other);
    const free = points
      .flatMap(([x, y]) => [[x, y - 5] as const, [x, y + 14] as const])
      .find(([x, y]) => taken.every((box) => !meets(box, boxOf(said, x, y))));
    if (!free) return undefined;
    const [x, y] = free;
    taken.push(boxOf(said, x, y));
    edges.push({ path, x, y, said, isPayment: false });
  }
  return { nodes, edges, height: low + 24 };
}

export type Box = { left: number; right: number; top: number; bottom: number };

/** What a text covers: names are in bold letters, some of them wide. */
export function boxOf(text: string, x: number, y: number, anchor?: Node['anchor']): Box {
  const width = text.length * (anchor ? 8.6 : 7.6);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - 9, bottom: y + 3 };
}

export const meets = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

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

/** Where along a line its amount may stand, the best place first. */
const ALONG = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];

/** A line from one place to another that stops short of both, around the names where they stand above each other. */
function line(one: Node, other: Node): { path: string; points: (readonly [number, number])[] } {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const [x1, y1, x2, y2] = [one.x + 12 * ux, one.y + 12 * uy, other.x - 15 * ux, other.y - 15 * uy];
  const [mx, my] = [(x1 + x2) / 2 + (dx === 0 ? 130 : 0), (y1 + y2) / 2];
  const on = (t: number, from: number, bend: number, to: number) =>
    round((1 - t) ** 2 * from + 2 * t * (1 - t) * bend + t ** 2 * to);
  return {
    path: `M${round(x1)} ${round(y1)} Q${round(mx)} ${round(my)} ${round(x2)} ${round(y2)}`,
    points: ALONG.map((t) => [on(t, x1, mx, x2), on(t, y1, my, y2)] as const),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
