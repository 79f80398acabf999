import { expect, test } from 'vitest';
import { matrixOf, shade } from '../../src/routes/months/matrix.ts';

const place = (name: string) => ({ id: name, code: name, name });
const cell = (home: string, host: string, value: number) => ({ home: place(home), host: place(host), value });

test('the matrix sums what the cells say', () => {
  const matrix = matrixOf([cell('B', 'C', 4), cell('A', 'C', 1), cell('A', 'B', 2)], 'fr');
  expect(matrix.homes.map(({ name }) => name)).toEqual(['A', 'B']);
  expect(matrix.hosts.map(({ name }) => name)).toEqual(['B', 'C']);
  expect(matrix.cells.get('A')?.get('C')).toBe(1);
  expect(matrix.byHome.get('A')).toBe(3);
  expect(matrix.byHost.get('C')).toBe(5);
  expect([matrix.most, matrix.total]).toEqual([4, 7]);
});

test('places are sorted as the language does', () => {
  const matrix = matrixOf([cell('Zoé', 'X', 1), cell('Écloserie', 'X', 1), cell('Filature', 'X', 1)], 'fr');
  expect(matrix.homes.map(({ name }) => name)).toEqual(['Écloserie', 'Filature', 'Zoé']);
});

test('a pair without a value takes no row and no column', () => {
  const matrix = matrixOf([cell('A', 'B', 0), cell('C', 'D', 5)], 'fr');
  expect([...matrix.homes, ...matrix.hosts].map(({ name }) => name)).toEqual(['C', 'D']);
});

test('shades go from nothing to the most', () => {
  expect([0, 1, 5, 10].map((value) => shade(value, 10))).toEqual([0, 1, 3, 5]);
  expect(shade(3, 0)).toBe(0);
});
