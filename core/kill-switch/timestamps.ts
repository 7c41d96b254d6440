import { DAY, HOUR, MINUTE } from '../domain/time.ts';

/** An instant of the condition language. Milliseconds may have a fraction, so that microseconds of a text are not lost. */
export class Timestamp {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Largest distance from the epoch that the calendar functions can read (ECMAScript time range). */
export const MAX_TIMESTAMP_MS = 8.64e15;

/** RFC 3339 has years of four digits; a zone must not lead out of them. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const END_MS = Date.parse('9999-12-31T23:59:59.999Z') + 1;

/** RFC 3339 with a zone, or a date alone (midnight UTC); null for anything else, leap seconds included. */
export function parseTimestamp(text: string): Timestamp | null {
  const date = DATE.exec(text);
  if (date !== null) return calendarInstant(date, 0);
  const parts = DATE_TIME.exec(text);
  if (parts === null) return null;
  const [hour, minute, second] = [Number(parts[4]), Number(parts[5]), Number(parts[6])];
  const [zoneHour, zoneMinute] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return null;
  const offset = (parts[8] === '-' ? -1 : 1) * (zoneHour * HOUR + zoneMinute * MINUTE);
  // A double holds microseconds of our centuries, not less.
  const fraction = parts[7] === undefined ? 0 : Math.round(Number(`0${parts[7]}`) * 1e6) / 1_000;
  return calendarInstant(parts, hour * HOUR + minute * MINUTE + second * 1_000 + fraction - offset);
}

function calendarInstant(parts: RegExpExecArray, sinceMidnight: number): Timestamp | null {
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  // Date.UTC would read years 0–99 as 1900–1999 and carry 30 February over into March.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const ms = date.getTime() + sinceMidnight;
  return ms >= FIRST_MS && ms < END_MS ? new Timestamp(ms) : null;
}

/** RFC 3339 in UTC, as short as the value allows: a date alone at midnight. */
export function printTimestamp(timestamp: Timestamp): string {
  const whole = Math.floor(timestamp.ms);
  const iso = new Date(whole).toISOString();
  if (timestamp.ms % DAY === 0) return iso.slice(0, 10);
  const micros = Math.round((timestamp.ms - whole) * 1_000);
  if (micros > 0 && micros < 1_000) return `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
  return iso.replace('.000Z', 'Z');
}

export type CalendarField = 'year' | 'month' | 'day' | 'weekday' | 'hour' | 'minute';

/** Reads one calendar field; month from 0 and Sunday as 0, as in CEL. */
export type CalendarReader = (timestamp: Timestamp) => number;

/** Null when the zone is neither an IANA name nor `±hh:mm`. Without a zone: UTC. */
export function calendarReader(field: CalendarField, zone: string | null): CalendarReader | null {
  const offset = zone === null || zone === 'UTC' ? 0 : fixedOffset(zone);
  if (offset !== null) return (timestamp) => UTC_FIELDS[field](new Date(timestamp.ms + offset));
  const local = zonedDate(zone as string);
  return local === null ? null : (timestamp) => UTC_FIELDS[field](local(timestamp));
}

const UTC_FIELDS: Readonly<Record<CalendarField, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth(),
  day: (date) => date.getUTCDate(),
  weekday: (date) => date.getUTCDay(),
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
};

function fixedOffset(zone: string): number | null {
  const parts = /^([+-])(\d{2}):(\d{2})$/.exec(zone);
  if (parts === null || Number(parts[2]) > 23 || Number(parts[3]) > 59) return null;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * HOUR + Number(parts[3]) * MINUTE);
}

/** Making a formatter costs tens of microseconds; there are a few hundred zones, so the table stays small. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function zonedDate(zone: string): ((timestamp: Timestamp) => Date) | null {
  const known = formatters.get(zone) ?? makeFormatter(zone);
  if (known === null) return null;
  formatters.set(zone, known);
  return (timestamp) => {
    const fields = new Map(known.formatToParts(timestamp.ms).map((part) => [part.type, Number(part.value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => fields.get(type) ?? 0;
    return new Date(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')));
  };
}

function makeFormatter(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn-hc-h23', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch (error) {
    // The only documented failure of the constructor here is an unknown zone.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
