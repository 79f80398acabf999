import { expect, test } from 'vitest';
import { bodyOf } from '../../src/routes/door/body.ts';
import { corrected, deviceNow, errorOf, type Clock } from '../../src/routes/door/clock.ts';

const DAY = 86_400_000;
/** The server's clock when the door asked it last, when somebody came, and when the scan is sent. */
const SYNCED = Date.parse('2026-11-20T09:00:00Z');
const CAME = Date.parse('2026-11-20T10:00:00Z');
const SENT = Date.parse('2026-11-20T18:00:00Z');
const iso = (at: number) => new Date(at).toISOString();

/** What the device's clock says, `behind` the server's by so much. */
const said = (at: number, behind: number) => iso(at - behind);
const clockAt = (at: number, behind: number): Clock => ({ now: at - behind, behind });
/** As the server dates a scan (`corrected_time`). */
const dated = (scannedAt: string, now: string, received: number) => iso(Date.parse(scannedAt) + received - Date.parse(now));

test.each([
  ['right all along', 0, 0, 0],
  ['fast all along', -2 * DAY, -2 * DAY, -2 * DAY],
  ['slow all along', 2 * DAY, 2 * DAY, 2 * DAY],
  ['fast, and set right after the scan', -2 * DAY, -2 * DAY, 0],
  ['slow, and set right after the scan', 2 * DAY, 2 * DAY, 0],
  ['fast, and set right before the scan', -2 * DAY, 0, 0],
  ['slow, and set right before the scan', 2 * DAY, 0, 0],
  ['right, and set wrong after the scan', 0, 0, 3 * DAY],
  ['right, and fast by the scan', 0, -2 * DAY, -2 * DAY],
])('a clock that was %s dates a visit right', (_, whenSynced, whenRead, whenSent) => {
  const by = said(CAME, whenRead);
  const measured = { behind: whenSynced, synced_at: SYNCED };
  const clock = clockAt(SENT, whenSent);
  expect(dated(by, deviceNow(by, measured, clock), SENT)).toBe(iso(CAME));
  expect(corrected(by, measured, clock)).toBe(iso(CAME));
});

test('a clock that runs a little fast or slow is no clock that was set', () => {
  expect(errorOf(iso(CAME), { behind: 30_000, synced_at: SYNCED }, clockAt(SENT, 0))).toBe(0);
});

test('where nothing was measured, the clock is taken as it is', () => {
  const clock = { now: SENT, behind: undefined };
  for (const measured of [{}, { behind: DAY, synced_at: SYNCED }]) {
    expect(deviceNow(iso(CAME), measured, clock)).toBe(iso(SENT));
    expect(corrected(iso(CAME), measured, clock)).toBe(iso(CAME));
  }
});

test('what a scan says of its clock stays on the device', () => {
  const scan = { id: '1', place_id: 'p', pass: 'a.b.c', scanned_at: iso(CAME), behind: DAY, synced_at: SYNCED };
  expect(Object.keys(bodyOf(scan, clockAt(SENT, 0))).sort()).toEqual(
    ['attended', 'device_now', 'full_day', 'id', 'pass', 'scanned_at'].sort(),
  );
});
