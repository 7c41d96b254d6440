import { describe, expect, it } from 'vitest';
import { loggedRequestOf } from '../../../core/detection/patterns/logged-request.ts';
import { createPatternDetector } from '../../../core/detection/patterns/pattern-detector.ts';
import { createProfiles } from '../../../core/detection/patterns/profiles.ts';
import type { FoundInTrace } from '../../../server/demo/demo-assessment.ts';
import { assessDemo } from '../../../server/demo/demo-assessment.ts';
import { demoEvents } from '../../../server/demo/demo-stream.ts';
import { observationOfEvent } from './demo-observations.ts';

/** The stream through the pattern detectors, with "first seen" applied as the store does. */
function playPatterns(seed: string) {
  const detector = createPatternDetector();
  const profiles = createProfiles();
  const seen = new Set<string>();
  const found = new Map<string, FoundInTrace[]>();
  for (const event of demoEvents({ seed })) {
    const observation = observationOfEvent(event);
    if (observation === null) continue;
    const findings = detector.examine(observation, profiles).filter(({ firstSeen }) => {
      if (firstSeen === undefined) return true;
      const key = JSON.stringify(firstSeen);
      const isFirst = !seen.has(key);
      seen.add(key);
      return isFirst;
    });
    profiles.learn(loggedRequestOf(observation, findings));
    if (findings.length > 0) found.set(event.traceId, findings);
  }
  return assessDemo(demoEvents({ seed }), found);
}

/** What patterns can find; wrong values in the data are for the record detectors. */
const PATTERNS = new Set<string>([
  'bulk_read',
  'id_enumeration',
  'personal_fields',
  'deep_query',
  'off_hours',
  'burst',
  'introspection',
  'injection_probe',
]);

describe('pattern detection on the demo', () => {
  it.each(['ndc-sentinel', 'another seed', 'a third'])(
    'finds every planted pattern and leaves clean requests alone (%s)',
    (seed) => {
      const assessment = playPatterns(seed);
      const missed = assessment.rows.filter((row) => PATTERNS.has(row.planted) && !row.found);
      expect(missed).toEqual([]);
      expect(assessment.falseAlarmShare).toBeLessThanOrEqual(0.01);
    },
  );
});
