import { describe, expect, it } from 'vitest';
import { createOwnTrafficMarker, MARKER_PERIOD_MS } from '../../../core/domain/own-traffic-marker.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const clock = { at: START, now: () => clock.at };

describe('the marker of our own requests', () => {
  const marker = createOwnTrafficMarker('secret', clock);

  it('is what every process that has the secret makes', () => {
    clock.at = START;
    const made = marker.sign();
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(createOwnTrafficMarker('secret', clock).sign()).toBe(made);
    expect(marker.isGenuine(made)).toBe(true);
  });

  it('is accepted in its period and the next, and never again', () => {
    clock.at = START + MARKER_PERIOD_MS - 1;
    const made = marker.sign();
    for (const [later, genuine] of [
      [1, true],
      [MARKER_PERIOD_MS, true],
      [MARKER_PERIOD_MS + 1, false],
      [10 * MARKER_PERIOD_MS, false],
      [-MARKER_PERIOD_MS, false],
    ] as const) {
      clock.at = START + MARKER_PERIOD_MS - 1 + later;
      expect(marker.isGenuine(made), `${later} ms later`).toBe(genuine);
    }
  });

  it.each([
    ['nothing', null],
    ['a word', 'own'],
    ['zeros', '0'.repeat(64)],
    ['one digit changed', 'changed'],
    ['upper case', 'upper'],
    ['another secret', 'other'],
    ['a longer text', 'longer'],
  ])('is not %s', (what, given) => {
    clock.at = START;
    const made = marker.sign();
    const forged: Record<string, string> = {
      changed: (made.startsWith('0') ? '1' : '0') + made.slice(1),
      upper: made.toUpperCase(),
      other: createOwnTrafficMarker('another', clock).sign(),
      longer: `${made}0`,
    };
    expect(marker.isGenuine(given === null ? null : (forged[given] ?? given)), what).toBe(false);
  });
});
