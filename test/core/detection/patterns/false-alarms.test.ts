import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '../../../../core/domain/time.ts';
import type { Random } from '../../../../server/demo/random.ts';
import { createRandom } from '../../../../server/demo/random.ts';
import type { RequestSpec } from './pattern-scenario.ts';
import { createScenario, MONDAY } from './pattern-scenario.ts';

/**
 * Clean traffic that is unkind to a detector: shapes and fields by a power law, so that rare ones keep coming; sizes and
 * the length of sessions log-normal; keys clustered; users of very different zeal; the odd evening and Saturday.
 */
function unkindDay(day: number, random: Random): RequestSpec[] {
  const requests: RequestSpec[] = [];
  for (let user = 0; user < 8; user++) {
    if (day % 7 >= 5 && !random.chance(0.05)) continue;
    const sessions = 2 + 2 * user;
    for (let i = 0; i < sessions; i++) {
      const hour = random.chance(0.03) ? 19 + 2 * random.next() : 8 + 9 * random.next();
      let at = MONDAY + day * DAY + hour * HOUR;
      const around = random.integer(1, 5_000);
      for (let left = Math.exp(0.8 * random.normal()) * 4; left > 0; left--) {
        // P(shape ≥ k) = 1 / k²: the rate of new shapes falls slowly through the rate that is reported.
        const shape = Math.floor((1 - random.next()) ** -0.5);
        requests.push({
          at,
          user: String(user),
          shape: `shape ${shape}`,
          rootFields: [`root ${shape % 5}`],
          fields: [`root ${shape % 5}.id`, `root ${shape % 5}.field ${shape}`],
          records: Math.floor(Math.exp(1.5 + 1.1 * random.normal()) * (1 + (shape % 4))),
          features: { depth: 1 + (shape % 4), arguments: random.integer(0, 4), queryLength: 60 + 7 * (shape % 50) },
          arguments: [{ path: 'customerById.id', value: around + random.integer(0, 30) }],
        });
        at += Math.exp(2.5 + random.normal()) * SECOND;
      }
    }
  }
  return requests.sort((a, b) => a.at - b.at);
}

describe('false alarms', () => {
  it.each(['one', 'two', 'three'])(
    'are at most one in a hundred clean requests, after a week, on unkind traffic (%s)',
    (seed) => {
      const random = createRandom(seed);
      const scenario = createScenario();
      const seen = new Set<string>();
      let requests = 0;
      let raised = 0;
      const byKind = new Map<string, number>();
      for (let day = 0; day < 42; day++) {
        for (const request of unkindDay(day, random)) {
          const findings = scenario.send(request).filter(({ firstSeen }) => {
            const key = JSON.stringify(firstSeen);
            return firstSeen === undefined || (!seen.has(key) && seen.add(key));
          });
          if (day < 7) continue;
          requests++;
          if (findings.length > 0) raised++;
          for (const { kind } of findings) byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
        }
      }
      expect(requests).toBeGreaterThan(5_000);
      expect(raised / requests, JSON.stringify([...byKind])).toBeLessThanOrEqual(0.01);
    },
  );
});
