import { expect, test } from 'vitest';
import { at, of } from '../../src/lib/i18n/french.ts';

test.each([
  ['Le Hangar', 'au Hangar', 'du Hangar'],
  ['Café Lune', 'au Café Lune', 'du Café Lune'],
  ['La Filature', 'à La Filature', 'de La Filature'],
  ["Les Murs d'Agon", "aux Murs d'Agon", "des Murs d'Agon"],
  ["L'Écloserie numérique", "à L'Écloserie numérique", "de L'Écloserie numérique"],
  ['Tiers-Lieu Rive Droite', 'au Tiers-Lieu Rive Droite', 'du Tiers-Lieu Rive Droite'],
  ['Au Charbon', 'à « Au Charbon »', 'de « Au Charbon »'],
  ['Galanga', 'à Galanga', 'de Galanga'],
  ['Antre-Lieux', 'à Antre-Lieux', "d'Antre-Lieux"],
  ['Level Up', 'à Level Up', 'de Level Up'],
])('%s contracts as a person would say it', (place, atPlace, ofPlace) => {
  expect(at(place)).toBe(atPlace);
  expect(of(place)).toBe(ofPlace);
});
