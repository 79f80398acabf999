import { englishFirst } from './en-first.ts';
import { englishOffice } from './en-office.ts';
import { setEnglish, typeset } from './typeset.ts';
import type { Dictionary } from './types.ts';

const englishWords = { ...englishFirst, ...englishOffice } satisfies Dictionary;

export const en: Dictionary = typeset<Dictionary>(englishWords, setEnglish);
