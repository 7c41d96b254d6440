import { WEEKDAYS } from '../domain/kill-switch-rule.ts';
import type { RuleSchedule, RuleWindow, Weekday } from '../domain/kill-switch-rule.ts';
import { DAY, MINUTE } from '../domain/time.ts';
import type { Instant } from '../domain/time.ts';
import { calendarReader, Timestamp } from './timestamps.ts';

/** Whether a rule's weekly windows hold an instant. */
export type ScheduleTest = (now: Instant) => boolean;

const DAY_MINUTES = DAY / MINUTE;

/** Null when the schedule's zone is unknown here. Windows follow the wall clock over changes to and from summer time. */
export function compileSchedule({ zone, windows }: RuleSchedule): ScheduleTest | null {
  const weekday = calendarReader('weekday', zone);
  const hour = calendarReader('hour', zone);
  const minute = calendarReader('minute', zone);
  if (weekday === null || hour === null || minute === null) return null;
  // Reading a zone's calendar takes microseconds, and the answer changes with the minute at most.
  let known = { minute: Number.NaN, holds: false };
  return (now) => {
    const minuteNow = Math.floor(now / MINUTE);
    if (known.minute === minuteNow) return known.holds;
    const at = new Timestamp(now);
    const day = (weekday(at) + WEEKDAYS.length - 1) % WEEKDAYS.length;
    const minuteOfDay = hour(at) * 60 + minute(at);
    known = { minute: minuteNow, holds: windows.some((window) => holds(window, day, minuteOfDay)) };
    return known.holds;
  };
}

/** @param day index in `WEEKDAYS`, Monday 0. */
function holds({ days, from, to }: RuleWindow, day: number, minute: number): boolean {
  const today = WEEKDAYS[day] as Weekday;
  const yesterday = WEEKDAYS[(day + WEEKDAYS.length - 1) % WEEKDAYS.length] as Weekday;
  const end = to > from ? to : to + DAY_MINUTES;
  return (
    (days.includes(today) && from <= minute && minute < end) || (days.includes(yesterday) && minute + DAY_MINUTES < end)
  );
}
