/** An entry of the audit log in words. */
import type { AuditEntry } from '$lib/api/types.ts';
import type { Dictionary } from '$lib/i18n/types.ts';

/** Who did it: a name while there is one, else what kind of somebody it was. */
export function whoOf({ actor, origin }: AuditEntry, t: Dictionary['audit']): string {
  if (actor.kind === 'key') return actor.name ? t.key(actor.name) : t.unknownKey;
  if (actor.name) return actor.name;
  if (actor.kind === 'door') return t.erasedDoor;
  if (actor.kind === 'account') return t.erased;
  return origin ? t.anonymous : t.system;
}

/** The page of what it was done to, if there is one. */
export function pageOf({ subject }: AuditEntry): string | null {
  if (!subject.id || !subject.label) return null;
  if (subject.kind === 'member') return `/members/${subject.id}`;
  return subject.kind === 'place' ? `/places/${subject.id}` : null;
}

/** What the entry adds, in words: ids and hashes are for the export. */
export function detailsOf(detail: AuditEntry['detail'], t: Dictionary): string {
  const names: Record<string, string> = t.audit.details;
  return Object.entries(detail)
    .filter(([name, value]) => name in names && value !== false && value !== 0 && value !== null && !isEmpty(value))
    .map(([name, value]) => t.audit.pair(names[name] ?? name, wordsOf(name, value, t)))
    .join(' · ');
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

function wordsOf(name: string, value: unknown, t: Dictionary): string {
  if (typeof value === 'boolean') return value ? t.audit.yes : t.audit.no;
  if (Array.isArray(value)) return value.join(', ');
  const text = String(value);
  const known: Record<string, string> = name === 'role' ? t.roles : name === 'how' ? t.audit.how : {};
  return known[text] ?? text;
}
