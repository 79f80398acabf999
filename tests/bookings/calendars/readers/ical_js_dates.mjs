/** The dates that ical.js (Thunderbird, Nextcloud) makes of an event that repeats, on its standard input. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../../../web/package.json', import.meta.url));
const { default: ICAL } = await import(pathToFileURL(require.resolve('ical.js')));

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
const [whole, ...differ] = calendar.getAllSubcomponents('vevent');
const event = new ICAL.Event(whole, { exceptions: differ.map((component) => new ICAL.Event(component)) });

const iso = (time) => new Date(time.toUnixTime() * 1000).toISOString();
const dates = [];
const all = event.iterator();
for (let next = all.next(); next && dates.length < 500; next = all.next()) {
  const { item, startDate, endDate } = event.getOccurrenceDetails(next);
  dates.push([iso(startDate), iso(endDate), item.summary, item.component.getFirstPropertyValue('status')]);
}
console.log(JSON.stringify(dates));
