import type { Dictionary, Language } from './types.ts';

const CHOSEN = 'passapp.language';
const load: Record<Language, () => Promise<Dictionary>> = {
  fr: () => import('./fr.ts').then((module) => module.fr),
  en: () => import('./en.ts').then((module) => module.en),
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

  /** The dictionary of the language in use. */
  get t(): Dictionary {
    if (!this.#words) throw new Error('the dictionary is not loaded');
    return this.#words;
  }

  get chosen(): Language | null {
    const kept = localStorage.getItem(CHOSEN);
    return kept === 'fr' || kept === 'en' ? kept : null;
  }

  async start(): Promise<void> {
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

  async #use(language: Language): Promise<void> {
    this.#words = await load[language]();
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();
