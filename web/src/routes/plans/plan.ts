import type { Plan } from '$lib/api/types.ts';
import { weekdayName } from '$lib/i18n/dates.ts';
import type { Dictionary, Language } from '$lib/i18n/types.ts';

/** Minutes from midnight of « 08:30 » or « 26:00 »; null for what is no time. */
export function minutesOf(clock: string): number | null {
  const [, hours, minutes] = /^([0-4]\d):([0-5]\d)$/.exec(clock.trim()) ?? [];
  return hours && minutes ? Number(hours) * 60 + Number(minutes) : null;
}

/** Whether a plan's hours make sense: they begin before midnight, and last a day at most. */
export function isWindow(from: string, to: string): boolean {
  const [opens, closes] = [minutesOf(from), minutesOf(to)];
  return opens !== null && closes !== null && opens < 1440 && opens < closes && closes <= opens + 1440;
}

/** « Tous les lieux du réseau · lundi, mardi · de 08:00 à 19:00 · 3 passages ailleurs par mois ». */
export function opensInWords(plan: Omit<Plan, 'code' | 'name' | 'version'>, words: Dictionary, language: Language): string {
  const t = words.plans;
  const [opens, closes] = [minutesOf(plan.from_time), minutesOf(plan.to_time)];
  return [
    plan.opens === 'home' ? t.home : t.everywhere,
    plan.weekdays.length === 7 ? t.everyDay : plan.weekdays.map((day) => weekdayName(day, language)).join(', '),
    opens === 0 && closes === 1440 ? t.anyTime : t.hours(plan.from_time, plan.to_time),
    plan.monthly_visits !== null && t.visitsSaid(plan.monthly_visits),
  ]
    .filter(Boolean)
    .join(' · ');
}
