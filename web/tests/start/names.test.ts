import { expect, test } from 'vitest';
import { networkCode, placeCode, splitName, whereIs } from '../../src/routes/start/names.ts';

test.each([
  ['', ''],
  ['Bocage', 'BOCAGE'],
  ['Les lieux du bocage', 'BOCAGE'],
  ['Réseau des Possibles', 'POSSIBLE'],
  ['Tiers-lieux de la Manche', 'TLM'],
  ["L'Été", 'ETE'],
  ['La', 'LA'],
  ['東京', ''],
  ['<script>alert(1)</script>', 'SA1S'],
])('the network « %s » has the code %s', (name, code) => {
  expect(networkCode(name)).toBe(code);
});

test.each([
  ['Le Hangar', 'le-hangar'],
  ["L'Œuvre à Caen", 'l-oeuvre-a-caen'],
  ['X', 'lieu-x'],
  ['東京', 'lieu'],
  ['Un nom vraiment très long pour un lieu', 'un-nom-vraiment-tres-long-pour-un-li'],
])('the place « %s » has the code %s, which the API takes', (name, code) => {
  expect(placeCode(name)).toBe(code);
  expect(code).toMatch(/^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$/);
});

test.each([
  ['14000', 'Europe/Paris', null],
  ['97400', 'Indian/Reunion', '974'],
  ['97133', 'America/St_Barthelemy', 'BL'],
  ['98800', 'Pacific/Noumea', 'NC'],
  ['67000', 'Europe/Paris', '6AE'],
  ['1000', 'Europe/Paris', null],
  ['974', 'Europe/Paris', null],
])('the postcode %s is in the zone %s', (postcode, zone, subdivision) => {
  expect(whereIs(postcode)).toEqual({ zone, subdivision });
});

test('a name is split after the first word', () => {
  expect(splitName(' Camille Martin-Roux  Dupont ')).toEqual({
    given_name: 'Camille',
    family_name: 'Martin-Roux Dupont',
  });
});
