import { DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts';

/** A length of time of the condition language, in milliseconds. */
export class Duration {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
  ['d', DAY],
]);

const WHOLE = /^-?(?:\d{1,15}(?:\.\d{1,9})?(?:ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** `1h30m`, `1.5d`, `-10s`, `250ms`; null for anything else. */
export function parseDuration(text: string): Duration | null {
  if (text.length > 256 || !WHOLE.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ms += Number(amount) * (UNITS.get(unit as string) as number);
  return new Duration(text.startsWith('-') ? -ms : ms);
}
