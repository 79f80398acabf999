/** An entry of the audit log in words. */
import type { AuditEntry } from '$lib/api/types.ts';
import type { Dictionary } from '$lib/i18n/types.ts';

/** Who did it: a name while there is one, else what kind of somebody it was. */
export function whoOf({ actor, origin, ...deed }: AuditEntry, t: Dictionary['audit']): string {
  if (isMailedLink(deed)) return t.passapp;
  if (actor.kind === 'key') return actor.name ? t.key(actor.name) : t.unknownKey;
  if (actor.name) return actor.name;
  if (actor.kind === 'door') return t.erasedDoor;
  if (actor.kind === 'account') return t.erased;
  return origin ? t.anonymous : t.system;
}

type Deed = Pick<AuditEntry, 'action' | 'detail'>;

/** A link that somebody asked for: Passapp made it as its mail left, and no command did. */
const isMailedLink = ({ action, detail }: Deed) => action === 'sign_in_link.make' && detail.how === 'mail';

/** What was done; to oneself, where there is another word for that. An action that has no words keeps its name. */
export function whatOf(deed: Deed, t: Dictionary['audit'], toOneself = false): string {
  if (isMailedLink(deed)) return t.sentLink;
  if (toOneself && deed.action === 'role.grant') return t.gotRole;
  if (toOneself && deed.action === 'role.withdraw') return t.leftRole;
  return (t.actions as Record<string, string>)[deed.action] ?? deed.action;
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
  const scopes: Record<string, string> = t.keys.scopes;
  if (Array.isArray(value)) return value.map((each) => (name === 'scopes' && scopes[each]) || each).join(', ');
  const text = String(value);
  const known: Record<string, string> = name === 'role' ? t.roles : name === 'how' ? t.audit.how : {};
  return known[text] ?? text;
}
