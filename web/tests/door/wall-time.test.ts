import { expect, test } from 'vitest';
import { dayBefore, isWithin, localAt, minutesOf } from '../../src/routes/door/rules/wall-time.ts';

test.each([
  ['Europe/Paris', '2026-11-18T09:30:00Z', { date: '2026-11-18', minute: 630, weekday: 2 }],
  ['Europe/Paris', '2026-10-31T22:59:59.999Z', { date: '2026-10-31', minute: 1439, weekday: 5 }],
  ['Europe/Paris', '2026-10-31T23:00:00Z', { date: '2026-11-01', minute: 0, weekday: 6 }],
  ['Europe/Paris', '2026-06-30T22:00:00Z', { date: '2026-07-01', minute: 0, weekday: 2 }],
  ['Europe/Paris', '2026-10-25T00:30:00Z', { date: '2026-10-25', minute: 150, weekday: 6 }],
  ['Europe/Paris', '2026-10-25T01:30:00Z', { date: '2026-10-25', minute: 150, weekday: 6 }],
  ['Indian/Reunion', '2026-10-31T20:00:00Z', { date: '2026-11-01', minute: 0, weekday: 6 }],
  ['America/Cayenne', '2026-11-01T02:59:59Z', { date: '2026-10-31', minute: 1439, weekday: 5 }],
  ['Pacific/Kiritimati', '2026-10-31T10:00:00Z', { date: '2026-11-01', minute: 0, weekday: 6 }],
  ['Pacific/Pago_Pago', '2026-11-01T10:59:59Z', { date: '2026-10-31', minute: 1439, weekday: 5 }],
])('in %s, %s is %j', (zone, instant, local) => {
  expect(localAt(Date.parse(instant), zone)).toEqual(local);
});

test.each([
  ['2026-11-18', '2026-11-17'],
  ['2026-11-01', '2026-10-31'],
  ['2027-01-01', '2026-12-31'],
  ['2028-03-01', '2028-02-29'],
])('the day before %s is %s', (day, before) => {
  expect(dayBefore(day)).toBe(before);
});

test('hours past midnight hold on the next day, until just before they end', () => {
  const night = [[minutesOf('18:00'), minutesOf('26:00')]] as const;
  expect([1079, 1080, 1439].map((minute) => isWithin(minute, night, []))).toEqual([false, true, true]);
  expect([0, 119, 120].map((minute) => isWithin(minute, [], night))).toEqual([true, true, false]);
});
