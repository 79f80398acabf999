/** The door's two screens with a real desk: only what the server answers, or what the door finds by itself, is given. */
import { flushSync, mount, unmount } from 'svelte';
import { i18n } from '../../src/lib/i18n/i18n.svelte.ts';
import type { Language } from '../../src/lib/i18n/types.ts';
import { store } from '../../src/lib/store.ts';
import { Desk } from '../../src/routes/door/desk.svelte.ts';
import Scanner from '../../src/routes/door/Scanner.svelte';
import Unattended from '../../src/routes/door/Unattended.svelte';
import type { Colour } from '../../src/routes/door/verdicts.ts';
import '../../src/styles/tokens.css';
import '../../src/styles/base.css';
import { answerTo } from '../door/answers.ts';

const door = {
  id: 'door-1',
  name: 'Camille',
  place: { id: 'place-1', code: 'moulin', name: 'Le Moulin', town: 'Caen', zone: 'Europe/Paris' },
  network: { code: 'RESEAU', name: 'Le Réseau' },
};
const homes = [{ home_id: 'h1', home: 'Le Hangar' }, { home_id: 'h2', home: 'Le Phare' }];
/** A door by itself cannot know more than that it does not know. */
const ONLY_ONLINE = ['unknown_key', 'error', 'list_stale'];

type Given = { verdict: string; colour: Colour; by: 'server' | 'door' };
let given: Given;
const said = () => {
  const choices = given.verdict === 'ambiguous' ? homes : [];
  return { verdict: given.verdict as 'ok', colour: given.colour, choices, may_override: given.colour !== 'green' && !choices.length };
};

globalThis.fetch = async (asked) => {
  if (given.by === 'door' || !(asked instanceof Request)) throw new TypeError('offline');
  const { id, scanned_at } = (await asked.json()) as { id: string; scanned_at: string };
  return Response.json(answerTo({ id, scanned_at }, said()));
};

/** Open one of the two screens; `show` then brings a verdict onto it. */
async function open(attended: boolean, language: Language) {
  localStorage.setItem('passapp.language', language);
  await i18n.start();
  await i18n.choose(language);
  document.documentElement.lang = language;
  const desk = new Desk(await store(), door, 'token');
  desk.attended = attended;
  desk.local.decide = () =>
    Promise.resolve({ ...answerTo({ id: '', scanned_at: '' }, said()), certain: !ONLY_ONLINE.includes(given.verdict) });
  const target = document.getElementById('app') ?? document.body;
  const nothing = () => Promise.resolve();
  const screen = attended
    ? mount(Scanner, { target, props: { desk, leaveAlone: nothing } })
    : mount(Unattended, { target, props: { desk, leave: nothing } });
  return {
    async show(next: Given) {
      given = next;
      desk.dismiss();
      await desk.take({ pass: `CP1:${next.verdict}` });
      desk.hold();
      flushSync();
    },
    close: async () => {
      desk.stop();
      await unmount(screen);
    },
  };
}

Object.assign(globalThis, { openScreen: open });
