import { frenchFirst } from './fr-first.ts';
import { frenchOffice } from './fr-office.ts';
import { setFrench, typeset } from './typeset.ts';
import type { Dictionary } from './types.ts';

/** All that French says; a page loads the parts that it needs (`i18n.svelte.ts`). */
export const frenchWords = { ...frenchFirst, ...frenchOffice };

export const fr: Dictionary = typeset<Dictionary>(frenchWords, setFrench);
