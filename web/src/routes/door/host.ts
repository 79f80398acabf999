import { i18n } from '$lib/i18n/i18n.svelte.ts';
import type { KeptDeed, Recent } from '$lib/store.ts';
import { uuid7 } from '$lib/uuid.ts';
import type { Desk } from './desk.svelte.ts';
import type { DeedFate, Queue } from './queue.ts';
import { decidedLine, recentOf, takenBackWith } from './recent.ts';
import type { Shelf } from './shelf.ts';
import { viewOf, type Deed, type Shown } from './showing.ts';

/** What a host does after a verdict, and whom they receive without one: kept first, sent at once or later. */
export class Host {
  constructor(
    private readonly desk: Desk,
    private readonly shelf: Shelf,
    private readonly queue: Queue,
  ) {}

  /** Take a welcome back, and with it the scans of this phone that stand for its visit. Returns whether it worked. */
  async undo(line: Recent): Promise<boolean> {
    const { desk } = this;
    const scans = takenBackWith(desk.kept.lines, line);
    const ids = scans.map(({ id }) => id);
    const concerns = (shown: Shown | undefined): shown is Shown => shown !== undefined && ids.includes(shown.scan.id);
    if (concerns(desk.shown)) desk.hold();
    for (const id of ids) this.#mark(id, 'undo', 'doing');
    let worked = true;
    for (const each of scans) worked &&= await this.#takeBack(each);
    for (const shown of [desk.shown, desk.last]) {
      if (worked && concerns(shown) && shown.said.pass) desk.reader.readAgain(shown.said.pass);
    }
    for (const id of ids) this.#mark(id, 'undo', worked ? 'done' : 'failed');
    await desk.refresh();
    if (concerns(desk.shown)) desk.returnSoon();
    return worked;
  }

  /** Take back the welcome that stands on the screen. */
  undoShown = (shown: Shown): Promise<boolean> => this.undo(this.#lineOf(shown));

  async #takeBack(line: Recent): Promise<boolean> {
    const deed: KeptDeed = { ...this.#deed(line.id, line.check_in_id), kind: 'undo', reason: i18n.t.door.undoReason };
    const fate = await this.#perform(deed, { ...line, state: 'undone' });
    if (fate.kind === 'done' || fate.kind === 'kept') return true;
    if (fate.kind === 'refused' && fate.problem.code === 'nothing_to_undo') return true;
    await this.shelf.note(line);
    return false;
  }

  /** Let them in all the same: the reason goes to the home place. */
  async letIn(shown: Shown, reason: string): Promise<void> {
    const { desk } = this;
    const { scan } = shown;
    if (desk.shown?.scan.id === scan.id) desk.hold();
    this.#mark(scan.id, 'override', 'doing');
    const line: Recent = { ...this.#lineOf(shown), let_in: true };
    // A scan that waits carries it; one that left meanwhile has a check-in to say it of.
    const waits = shown.fate.kind === 'kept' && (await this.shelf.amend(scan.id, { override: { reason } }, line));
    if (waits) this.#mark(scan.id, 'override', 'done');
    else await this.#do(shown, { ...this.#deedOf(shown), kind: 'override', reason }, line);
    await desk.refresh();
    if (waits) void desk.flush();
    if (desk.shown?.scan.id === scan.id) desk.returnSoon();
  }

  /** House rules accepted, gone home, or offered. */
  async after(shown: Shown, kind: 'house-rules' | 'check-out' | 'offer'): Promise<void> {
    const { desk } = this;
    if (desk.shown?.scan.id === shown.scan.id) desk.hold();
    const deed = this.#deedOf(shown);
    const version = viewOf(shown)?.house_rules?.version ?? 0;
    await this.#do(shown, kind === 'house-rules' ? { ...deed, kind, version } : { ...deed, kind });
    if (desk.shown?.scan.id === shown.scan.id) desk.returnSoon();
  }

  /** Somebody without a pass, received for the day. */
  async receive(guest: { given_name?: string; minor: boolean; guardian_consents: boolean }): Promise<DeedFate> {
    const { scan_id: _, ...deed } = this.#deed('');
    const fate = await this.#perform({ ...deed, kind: 'guest', ...guest });
    await this.desk.refresh();
    return fate;
  }

  #deed = (scanId: string, checkInId?: string) => {
    const { scanned_at: at, ...measured } = this.desk.moment();
    return {
      id: uuid7(),
      place_id: this.desk.door.place.id,
      at,
      ...measured,
      scan_id: scanId,
      ...(checkInId !== undefined && { check_in_id: checkInId }),
    };
  };

  #deedOf = ({ scan, fate }: Shown) =>
    this.#deed(scan.id, fate.kind === 'answered' ? fate.answer.check_in_id : undefined);

  #lineOf = ({ scan, fate, decision }: Shown): Recent =>
    this.desk.kept.lines.find(({ id }) => id === scan.id) ?? recentOf(scan, fate, decidedLine(scan, decision));

  async #perform(deed: KeptDeed, line?: Recent): Promise<DeedFate> {
    const fate = await this.queue.perform(deed, line);
    if (fate.kind === 'cut-off') await this.desk.isCutOff();
    return fate;
  }

  async #do({ scan }: Shown, deed: KeptDeed, line?: Recent): Promise<void> {
    const kind = deed.kind as Deed;
    this.#mark(scan.id, kind, 'doing');
    const fate = await this.#perform(deed, line);
    const refused = fate.kind === 'refused' && { refused: fate.problem.detail };
    this.#mark(scan.id, kind, refused || (fate.kind === 'failed' ? 'failed' : 'done'));
    await this.desk.refresh();
  }

  #mark(scanId: string, kind: Deed, state: Shown['deeds'][Deed]): void {
    const { desk } = this;
    const marked = (shown: Shown): Shown => ({ ...shown, deeds: { ...shown.deeds, [kind]: state } });
    if (desk.shown?.scan.id === scanId) desk.shown = marked(desk.shown);
    if (desk.last?.scan.id === scanId) desk.last = marked(desk.last);
  }
}
