import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../../core/domain/time.ts';
import { loggedRequestOf } from '../../../../core/detection/patterns/logged-request.ts';
import { createPatternDetector } from '../../../../core/detection/patterns/pattern-detector.ts';
import { createProfiles } from '../../../../core/detection/patterns/profiles.ts';
import { createScenario, MONDAY, observationOf, teachSupportDesk, THIRD_MONDAY } from './pattern-scenario.ts';

describe('the pattern detector', () => {
  it('says nothing about two weeks of ordinary work', () => {
    expect(teachSupportDesk(createScenario())).toEqual([]);
  });

  it('says nothing about novelties of a role that is new itself', () => {
    const scenario = createScenario();
    for (let i = 0; i < 49; i++) scenario.send({ at: MONDAY + i * HOUR, shape: 'usual' });
    expect(scenario.kinds({ at: MONDAY + 50 * HOUR, shape: 'other' })).toEqual([]);
  });

  it('waits a day even when a new role sends many requests', () => {
    const scenario = createScenario();
    for (let i = 0; i < 500; i++) scenario.send({ at: MONDAY + 9 * HOUR + i * 60_000 });
    expect(scenario.kinds({ at: MONDAY + 18 * HOUR, shape: 'other' })).toEqual([]);
  });

  it('examining a request changes nothing', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const observation = observationOf({ at: THIRD_MONDAY, shape: 'other' });
    const first = scenario.detector.examine(observation, scenario.profiles);
    expect(first).toHaveLength(1);
    expect(scenario.detector.examine(observation, scenario.profiles)).toEqual(first);
  });

  it('neither examines nor learns a killed request', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    expect(scenario.kinds({ at: THIRD_MONDAY, shape: 'other', killed: true })).toEqual([]);
    expect(scenario.kinds({ at: THIRD_MONDAY, shape: 'other' })).toEqual(['new_shape']);
  });

  it('knows after a restart what it knew before, from the rows of the log', () => {
    const scenario = createScenario();
    const rebuilt = createProfiles();
    for (let day = 0; day < 12; day++) {
      for (let minute = 0; minute < 480; minute += 5) {
        const observation = observationOf({
          at: MONDAY + day * DAY + minute * MINUTE + 8 * HOUR,
          records: 3 + (minute % 7),
        });
        const findings = scenario.detector.examine(observation, scenario.profiles);
        const logged = loggedRequestOf(observation, findings);
        scenario.profiles.learn(logged);
        const { arguments: _values, ...row } = logged;
        rebuilt.learn(row);
      }
    }
    const strange = observationOf({ at: MONDAY + 12 * DAY + 3 * HOUR, shape: 'other', records: 9_000 });
    const expected = scenario.detector.examine(strange, scenario.profiles);
    expect(expected.map((finding) => finding.kind)).toEqual(['new_shape', 'result_size', 'bulk_read', 'unusual_hour']);
    expect(createPatternDetector().examine(strange, rebuilt)).toEqual(expected);
  });
});
