import { describe, expect, it } from 'vitest';
import { costOf, createBudget } from '../../../core/analyst/budget.ts';
import { createCircuit } from '../../../core/analyst/circuit.ts';
import { createTokenEstimator, plainEstimate } from '../../../core/analyst/token-estimate.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../core/domain/time.ts';

const NOW = Date.UTC(2026, 10, 20);
const call = (id: string, at: number, tokens: number, cost = 0) => ({ id, at, tokens, cost });

describe('the budget', () => {
  it('holds in every hour and every day, not just in those of the clock', () => {
    const budget = createBudget({ tokensPerHour: 100, tokensPerDay: 250, costPerDay: null });
    expect(budget.reserve(call('a', NOW, 100))).toBe(true);
    expect(budget.reserve(call('b', NOW + HOUR - 1, 1))).toBe(false);
    expect(budget.reserve(call('b', NOW + HOUR, 100))).toBe(true);
    expect(budget.reserve(call('c', NOW + 2 * HOUR, 51))).toBe(false);
    expect(budget.reserve(call('c', NOW + 2 * HOUR, 50))).toBe(true);
    expect(budget.reserve(call('d', NOW + DAY - 1, 1))).toBe(false);
    expect(budget.reserve(call('d', NOW + DAY, 100))).toBe(true);
  });

  it('holds for any sequence of calls (2,000 seeded)', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const budget = createBudget({ tokensPerHour: 1_000, tokensPerDay: 9_000, costPerDay: null });
    const accepted: { at: number; tokens: number }[] = [];
    let at = NOW;
    for (let i = 0; i < 2_000; i++) {
      at += random(20 * MINUTE);
      const tokens = 1 + random(400);
      if (!budget.reserve(call(String(i), at, tokens))) continue;
      const used = random(tokens + 1);
      budget.settle(call(String(i), at, used));
      accepted.push({ at, tokens: used });
      const within = (ms: number) =>
        accepted.filter((entry) => entry.at > at - ms).reduce((sum, entry) => sum + entry.tokens, 0);
      expect(within(HOUR)).toBeLessThanOrEqual(1_000);
      expect(within(DAY)).toBeLessThanOrEqual(9_000);
    }
    expect(accepted.length).toBeGreaterThan(200);
  });

  it('gives back what a call did not use, and all of one that was never made', () => {
    const budget = createBudget({ tokensPerHour: 100, tokensPerDay: null, costPerDay: null });
    budget.reserve(call('a', NOW, 90));
    budget.settle(call('a', NOW, 10));
    expect(budget.reserve(call('b', NOW, 90))).toBe(true);
    budget.settle(call('b', NOW, 0));
    expect(budget.spent(NOW).tokensLastHour).toBe(10);
  });

  it('counts a call of the store once, and never over what is reserved', () => {
    const budget = createBudget({ tokensPerHour: null, tokensPerDay: 100, costPerDay: 1 });
    budget.reserve(call('a', NOW, 40, 0.5));
    budget.load([call('a', NOW, 10, 0.1), call('b', NOW - HOUR, 20, 0.2)]);
    budget.load([call('b', NOW - HOUR, 20, 0.2)]);
    expect(budget.spent(NOW)).toEqual({ tokensLastHour: 40, tokensLastDay: 60, costLastDay: 0.7 });
    expect(budget.reserve(call('c', NOW, 1, 0.31))).toBe(false);
  });

  it('says when not even a small call fits', () => {
    const budget = createBudget({ tokensPerHour: 5_000, tokensPerDay: null, costPerDay: null });
    expect(budget.exhausted(NOW)).toBe(false);
    budget.reserve(call('a', NOW, 4_500));
    expect([budget.exhausted(NOW), budget.exhausted(NOW + HOUR)]).toEqual([true, false]);
  });

  it('knows no cost without prices', () => {
    const usage = { input: 1_000_000, output: 100_000, cacheWrite: 10, cacheRead: 1_000_000 };
    expect(costOf(usage, null)).toBeNull();
    expect(costOf(usage, { input: 1, output: 5, cacheWrite: 2, cacheRead: 0.1 })).toBeCloseTo(1.60002, 10);
  });
});

describe('the circuit', () => {
  it('opens after three failures in a row, and a success starts the count anew', () => {
    const circuit = createCircuit();
    for (const ok of [false, false, true, false, false]) {
      expect(circuit.admits(NOW)).toBe(true);
      if (ok) circuit.succeeded();
      else circuit.failed(NOW, 'provider_error');
    }
    expect(circuit.state(NOW)).toBe('closed');
    circuit.failed(NOW, 'timeout');
    expect([circuit.state(NOW), circuit.admits(NOW), circuit.retryAt]).toEqual(['open', false, NOW + 30 * SECOND]);
  });

  it('lets one call try when the pause is over, and pauses twice as long up to 15 minutes', () => {
    const circuit = createCircuit();
    for (let i = 0; i < 3; i++) circuit.failed(NOW, 'overloaded');
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const at = circuit.retryAt as number;
      expect([circuit.admits(at - 1), circuit.admits(at), circuit.admits(at)]).toEqual([false, true, false]);
      circuit.failed(at, 'overloaded');
      pauses.push(((circuit.retryAt as number) - at) / SECOND);
    }
    expect(pauses).toEqual([60, 120, 240, 480, 900, 900, 900, 900]);
    expect(circuit.admits(circuit.retryAt as number)).toBe(true);
    circuit.withdrawn();
    expect(circuit.admits(circuit.retryAt as number)).toBe(true);
    circuit.succeeded();
    expect(circuit.state(NOW)).toBe('closed');
  });

  it('takes an answer of no use for a sign of life', () => {
    const circuit = createCircuit();
    for (let i = 0; i < 5; i++) circuit.failed(NOW, (['provider_error', 'refused'] as const)[i % 2] ?? 'refused');
    expect(circuit.state(NOW)).toBe('closed');
  });

  it('waits as long as the provider asks, from the first failure on', () => {
    const circuit = createCircuit();
    circuit.failed(NOW, 'rate_limited', 10 * MINUTE);
    expect(circuit.retryAt).toBe(NOW + 10 * MINUTE);
  });

  it('opens at once for what only a person can mend', () => {
    const circuit = createCircuit();
    circuit.failed(NOW, 'bad_key');
    expect([circuit.state(NOW), circuit.state(NOW + HOUR), circuit.admits(NOW)]).toEqual([
      'misconfigured',
      'misconfigured',
      false,
    ]);
    expect(circuit.admits(NOW + 15 * MINUTE)).toBe(true);
  });
});

describe('the estimate of tokens', () => {
  it.each([
    ['English prose', 'The quick brown fox jumps over the lazy dog. '.repeat(100), 4.2],
    [
      'JSON of names and numbers',
      JSON.stringify(Array.from({ length: 200 }, (_, i) => ({ field: 'total', value: i * 37 }))),
      3.2,
    ],
  ])('is above what %s takes by the usual characters per token', (_what, text, charactersPerToken) => {
    expect(plainEstimate([text])).toBeGreaterThan(text.length / charactersPerToken);
  });

  it('counts bytes, so that other scripts count for more', () => {
    expect(plainEstimate(['忽略之前的所有指示'])).toBeGreaterThanOrEqual('忽略之前的所有指示'.length);
  });

  it('believes an estimate that was too low at once and one that was too high slowly, within bounds', () => {
    const estimator = createTokenEstimator();
    const text = 'x'.repeat(3_000);
    const before = estimator.estimate(text);
    estimator.correct(before, before * 2);
    expect(estimator.estimate(text)).toBe(before * 2);
    estimator.correct(before * 2, before);
    expect(estimator.ratio).toBeCloseTo(1.8, 10);
    for (let i = 0; i < 100; i++) estimator.correct(1_000, 1);
    expect(estimator.ratio).toBeCloseTo(0.75, 3);
    for (let i = 0; i < 100; i++) estimator.correct(1, 1_000);
    expect(estimator.ratio).toBe(3);
    estimator.correct(0, 10);
    expect(estimator.ratio).toBe(3);
  });
});
