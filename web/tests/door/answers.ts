import type { KeptScan } from '../../src/lib/store.ts';
import type { Answer } from '../../src/routes/door/answer.ts';

/** A welcome, as the server says it to a scan. */
export const answerTo = ({ id, scanned_at }: Pick<KeptScan, 'id' | 'scanned_at'>, changes: Partial<Answer> = {}): Answer => ({
  id,
  check_in_id: `check-in-of-${id}`,
  verdict: 'ok',
  colour: 'green',
  replayed: false,
  scanned_at,
  local_date: '2026-11-21',
  member: null,
  first_check_in_at: null,
  check_name: false,
  choices: [],
  outcome: null,
  may_override: false,
  message: null,
  house_rules: null,
  attention: null,
  may_check_out: false,
  ...changes,
});
