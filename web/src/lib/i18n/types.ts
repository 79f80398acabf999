import type { frenchWords } from './fr.ts';

export type Language = 'fr' | 'en';

export type Widened<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Key in keyof T]: Widened<T[Key]> };

/** What every language says: the French dictionary is the type. */
export type Dictionary = Widened<typeof frenchWords>;
