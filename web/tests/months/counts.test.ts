import { expect, test } from 'vitest';
import { matrixOf, shade, stateShown, toCsv } from '../../src/routes/months/counts.ts';

const place = (name: string) => ({ id: name, code: name, name });
const row = (home: string, host: string, visits: number) => ({ home: place(home), host: place(host), visits });

test('the matrix sums what the rows say', () => {
  const matrix = matrixOf([row('B', 'C', 4), row('A', 'C', 1), row('A', 'B', 2)], 'fr');
  expect(matrix.homes.map(({ name }) => name)).toEqual(['A', 'B']);
  expect(matrix.hosts.map(({ name }) => name)).toEqual(['B', 'C']);
  expect(matrix.cells.get('A')?.get('C')).toBe(1);
  expect(matrix.byHome.get('A')).toBe(3);
  expect(matrix.byHost.get('C')).toBe(5);
  expect(matrix.most).toBe(4);
});

test('places are sorted as the language does', () => {
  const matrix = matrixOf([row('Zoé', 'X', 1), row('Écloserie', 'X', 1), row('Filature', 'X', 1)], 'fr');
  expect(matrix.homes.map(({ name }) => name)).toEqual(['Écloserie', 'Filature', 'Zoé']);
});

test('shades go from nothing to the most', () => {
  expect([0, 1, 5, 10].map((visits) => shade(visits, 10))).toEqual([0, 1, 3, 5]);
  expect(shade(3, 0)).toBe(0);
});

test('a spreadsheet opens the file, and runs nothing of it', () => {
  expect(toCsv([row('=1+1', 'L"A; B', 2)], ['Mon lieu', 'Lieu visité', 'Passages'])).toBe(
    '\ufeffMon lieu;Lieu visité;Passages\r\n\'=1+1;"L""A; B";2\r\n',
  );
});

test('only the running month is running', () => {
  expect(stateShown('2026-11', 'open', '2026-11')).toBe('open');
  expect(stateShown('2026-10', 'open', '2026-11')).toBe('ended');
  expect(stateShown('2026-10', 'closed', '2026-11')).toBe('closed');
});
