/** What ical.js, the engine of Thunderbird and Nextcloud, understands of the calendar on its standard input. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../../../web/package.json', import.meta.url));
const { default: ICAL } = await import(pathToFileURL(require.resolve('ical.js')));

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);

const iso = (time) => new Date(time.toUnixTime() * 1000).toISOString();
const events = calendar.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    start: iso(event.startDate),
    end: iso(event.endDate),
    local_start: event.startDate.toString(),
    status: component.getFirstPropertyValue('status'),
    summary: event.summary,
    sequence: event.sequence,
  };
});
const value = (name) => calendar.getFirstPropertyValue(name)?.toString() ?? null;
console.log(JSON.stringify({ name: value('x-wr-calname'), method: value('method'), ttl: value('refresh-interval'), events }));
