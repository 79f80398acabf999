import { describe, expect, test } from 'vitest';
import type { Device, KeptScan } from '../../src/lib/store.ts';
import { fileOf, partsOf, readFile, type ScanFile } from '../../src/routes/door/recovery.ts';

const NOW = new Date('2026-11-22T09:00:00Z');
const DEVICE: Device = {
  id: 'device-1',
  cut_off: true,
  door: {
    id: 'door-1',
    name: 'Camille',
    place: { id: 'place-1', code: 'moulin', name: 'Le Moulin', town: 'Caen', zone: 'Europe/Paris' },
    network: { code: 'RESEAU', name: 'Le Réseau' },
  },
};
const scan = (id: string, changes: Partial<KeptScan> = {}): KeptScan => ({
  id,
  place_id: 'place-1',
  pass: 'a.b.c',
  scanned_at: '2026-11-21T10:00:00Z',
  ...changes,
});
const written = (scans: KeptScan[]): ScanFile => {
  const file = fileOf(DEVICE, scans, NOW);
  if (!file) throw new Error('no file');
  return file;
};

describe('the file that a phone writes', () => {
  test('holds its scans as they were kept, the oldest first, and says which phone it was', () => {
    const file = written([
      scan('2', { scanned_at: '2026-11-21T11:00:00Z', home_id: 'm' }),
      scan('1', { problem: { code: 'x', detail: 'words' } }),
      scan('3', { scanned_at: '2026-11-21T12:00:00Z', pass: undefined, short_code: 'K7M29QX4' }),
    ]);
    expect(JSON.parse(JSON.stringify(file))).toEqual({
      format: 'passapp-scans-1',
      place_id: 'place-1',
      place: 'Le Moulin',
      door_id: 'door-1',
      door: 'Camille',
      saved_at: '2026-11-22T09:00:00.000Z',
      scans: [
        { id: '1', pass: 'a.b.c', scanned_at: '2026-11-21T10:00:00Z' },
        { id: '2', pass: 'a.b.c', scanned_at: '2026-11-21T11:00:00Z', home_id: 'm' },
        { id: '3', short_code: 'K7M29QX4', scanned_at: '2026-11-21T12:00:00Z' },
      ],
    });
  });

  test('leaves out what was scanned for another place', () => {
    expect(written([scan('1'), scan('2', { place_id: 'place-2' })]).scans).toHaveLength(1);
  });

  test('is not written where there is nothing to say, or nobody to say it of', () => {
    expect(fileOf(DEVICE, [], NOW)).toBeNull();
    expect(fileOf(DEVICE, [scan('1', { place_id: 'place-2' })], NOW)).toBeNull();
    expect(fileOf({ id: 'device-1' }, [scan('1')], NOW)).toBeNull();
  });

  test('is read as it was written', () => {
    const file = written([scan('1')]);
    expect(readFile(JSON.stringify(file))).toEqual(file);
  });

  test('goes to the server in parts of 500', () => {
    const parts = partsOf(written(Array.from({ length: 1001 }, (_, index) => scan(`${index}`))));
    expect(parts.map(({ items }) => items.length)).toEqual([500, 500, 1]);
    expect(parts[2]).toMatchObject({ format: 'passapp-scans-1', place_id: 'place-1', door_id: 'door-1' });
  });
});

test.each(['', 'bonjour', 'null', '[]', '{}', '1', '{"format":"passapp-scans-1"}'])(
  '%o is no file of ours',
  (text) => expect(readFile(text)).toBeNull(),
);

test.each([
  ['another format', { format: 'passapp-scans-2' }],
  ['no place', { place_id: undefined }],
  ['no scans', { scans: [] }],
  ['scans that are none', { scans: 'all of them' }],
])('a file with %s is no file of ours', (_, change) => {
  expect(readFile(JSON.stringify({ ...written([scan('1')]), ...change }))).toBeNull();
});
