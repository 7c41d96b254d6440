import { describe, expect, it } from 'vitest';
import {
  calendarReader,
  parseTimestamp,
  printTimestamp,
  type Timestamp,
} from '../../../core/kill-switch/timestamps.ts';

describe('a timestamp', () => {
  it.each([
    ['2026-03-10', Date.UTC(2026, 2, 10)],
    ['2026-03-10T09:30:00Z', Date.UTC(2026, 2, 10, 9, 30)],
    ['2026-03-10t09:30:00z', Date.UTC(2026, 2, 10, 9, 30)],
    ['2026-03-10T09:30:00.5+05:30', Date.UTC(2026, 2, 10, 4, 0, 0, 500)],
    ['0099-01-01', Date.parse('0099-01-01T00:00:00Z')],
    ['1969-12-31T23:59:59.999Z', -1],
  ])('%s is read', (text, ms) => {
    expect(parseTimestamp(text)?.ms).toBe(ms);
  });

  it.each([
    '',
    '2026',
    '2026-3-10',
    '2026-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-03-10T09:30Z',
    '2026-03-10T09:30:00',
    '2026-03-10T09:60:00Z',
    '2026-12-31T23:59:60Z',
    '2026-03-10T09:30:00+24:00',
    '2026-03-10T09:30:00.Z',
    ' 2026-03-10',
    '12026-03-10',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ])('%j is refused', (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  it.each([
    '2026-03-10',
    '2026-03-10T09:30:00Z',
    '2026-03-10T09:30:00.250Z',
    '2026-03-10T09:30:00.000125Z',
    '0001-02-03',
  ])('%s is printed as it was read', (text) => {
    expect(printTimestamp(parseTimestamp(text) as Timestamp)).toBe(text);
  });
});

describe('a calendar field', () => {
  const at = (text: string): Timestamp => parseTimestamp(text) as Timestamp;

  it('follows the zone over a change of the clock', () => {
    const hours = calendarReader('hour', 'Europe/Berlin');
    expect(hours?.(at('2026-03-29T00:59:00Z'))).toBe(1);
    expect(hours?.(at('2026-03-29T01:00:00Z'))).toBe(3);
    expect(hours?.(at('2026-10-25T00:30:00Z'))).toBe(2);
    expect(hours?.(at('2026-10-25T01:30:00Z'))).toBe(2);
  });

  it('changes the day with the zone', () => {
    expect(calendarReader('weekday', 'Pacific/Auckland')?.(at('2026-03-14T20:00:00Z'))).toBe(0);
    expect(calendarReader('year', '-01:00')?.(at('2026-01-01T00:30:00Z'))).toBe(2025);
    expect(calendarReader('month', null)?.(at('2026-01-01'))).toBe(0);
  });

  it.each(['Mars/Base', '', '+25:00', '+1', 'Europe/Berlin '])('of the unknown zone %j has no reader', (zone) => {
    expect(calendarReader('hour', zone)).toBeNull();
  });
});
