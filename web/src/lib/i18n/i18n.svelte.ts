import type { Dictionary, Language } from './types.ts';

const CHOSEN = 'passapp.language';

type Part = () => Promise<object>;
/** The pass and the door wait for the first part alone; every other page for both. */
const load: Record<Language, { first: Part; office: Part }> = {
  fr: {
    first: () => import('./fr-first.ts').then((module) => module.first),
    office: () => import('./fr-office.ts').then((module) => module.office),
  },
  en: {
    first: () => import('./en-first.ts').then((module) => module.first),
    office: () => import('./en-office.ts').then((module) => module.office),
  },
};

/** The first of these languages that we speak, if any. */
export function spoken(languages: readonly string[]): Language | undefined {
  for (const language of languages) {
    if (/^fr/i.test(language)) return 'fr';
    if (/^en/i.test(language)) return 'en';
  }
  return undefined;
}

/** French unless the person's first preference that we speak is English. */
export const preferred = (languages: readonly string[]): Language => spoken(languages) ?? 'fr';

class I18n {
  language = $state<Language>('fr');
  #words = $state.raw<Dictionary>();
  #isWhole = false;

  /** The dictionary of the language in use. */
  get t(): Dictionary {
    if (!this.#words) throw new Error('the dictionary is not loaded');
    return this.#words;
  }

  get chosen(): Language | null {
    const kept = localStorage.getItem(CHOSEN);
    return kept === 'fr' || kept === 'en' ? kept : null;
  }

  /** The words of the page that opens: all of them, or the first alone. */
  async start(whole = true): Promise<void> {
    this.#isWhole = whole;
    await this.#use(this.chosen ?? preferred(navigator.languages));
  }

  /** The person pressed the switch: kept on this device. */
  async choose(language: Language): Promise<void> {
    localStorage.setItem(CHOSEN, language);
    await this.#use(language);
  }

  /** The account's language, unless the person chose on this device, or their browser asks for one that we speak. */
  async follow(locale: string | undefined): Promise<void> {
    if (locale && !this.chosen && !spoken(navigator.languages)) await this.#use(preferred([locale]));
  }

  /** Before a page that says more than the pass and the door do. */
  async whole(): Promise<void> {
    if (this.#isWhole) return;
    this.#isWhole = true;
    try {
      await this.#use(this.language);
    } catch (error) {
      this.#isWhole = false;
      throw error;
    }
  }

  async #use(language: Language): Promise<void> {
    const { first, office } = load[language];
    const parts = await Promise.all(this.#isWhole ? [first(), office()] : [first()]);
    // A page that needs the rest waits for `whole`: what it reads is there.
    this.#words = Object.assign({}, ...parts) as Dictionary;
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();
