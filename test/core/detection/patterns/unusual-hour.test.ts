import { describe, expect, it } from 'vitest';
import {
  createHourProfile,
  noteActivity,
  slotOf,
  unusualHourTail,
} from '../../../../core/detection/patterns/hour-profile.ts';
import { DAY, HOUR, MINUTE, WEEK } from '../../../../core/domain/time.ts';
import { createScenario, MONDAY, teachSupportDesk } from './pattern-scenario.ts';

const NIGHT = MONDAY + 14 * DAY + 3 * HOUR;

describe('unusual hour', () => {
  it('reports office staff at three in the night, once per hour', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const [finding] = scenario.send({ at: NIGHT });
    expect(finding).toMatchObject({
      kind: 'unusual_hour',
      subject: { kind: 'caller' },
      firstSeen: { kind: 'hour', scope: 'graphql:support:17', value: '2026-11-16T03' },
    });
    expect(finding?.reason).toBe(
      'user 17 is active on Monday at 03:00 UTC; none of 90 active hours on 10 days were near it, nor any of role support',
    );
  });

  it.each([
    ['an hour of overtime', MONDAY + 14 * DAY + 17.5 * HOUR],
    ['an early start', MONDAY + 14 * DAY + 7.2 * HOUR],
    ['the usual hour of a day of the week not seen yet', MONDAY + 19 * DAY + 10 * HOUR],
  ])('leaves %s alone', (_, at) => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    expect(scenario.kinds({ at })).toEqual([]);
  });

  it('leaves a new user alone', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    expect(scenario.kinds({ at: NIGHT, user: 'new' })).toEqual([]);
  });

  it('leaves a user alone at an hour at which others of the role work', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    for (let day = 0; day < 10; day++) scenario.send({ at: MONDAY + (day % 7) * DAY + 3 * HOUR, user: 'night shift' });
    expect(scenario.kinds({ at: NIGHT })).toEqual([]);
  });

  it('reports a user with a long history of days in the night, though a tenth of the role works then', () => {
    const scenario = createScenario();
    for (let day = 0; day < 40; day++) scenario.send({ at: MONDAY + day * DAY + 3 * HOUR, user: 'night shift' });
    teachSupportDesk(scenario, 6);
    const night = MONDAY + 42 * DAY + 3 * HOUR;
    expect(scenario.kinds({ at: night, user: 'night shift' })).toEqual([]);
    const [finding] = scenario.send({ at: night });
    expect(finding?.reason).toMatch(/none of 270 active hours on 30 days were near it, unlike some of role support$/);
  });

  it.each([
    [2, []],
    [5, ['unusual_hour']],
  ])('after %i weeks without a weekend, %j is said of a Saturday', (weeks, kinds) => {
    const scenario = createScenario();
    teachSupportDesk(scenario, weeks);
    expect(scenario.kinds({ at: MONDAY + (7 * weeks + 5) * DAY + 10 * HOUR })).toEqual(kinds);
  });

  it('leaves Saturdays alone in a role that sometimes works then', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario, 3);
    scenario.send({ at: MONDAY + 19 * DAY + 11 * HOUR, user: '18' });
    teachSupportDesk(scenario, 6);
    expect(scenario.kinds({ at: MONDAY + 47 * DAY + 10 * HOUR, user: '18' })).toEqual([]);
  });

  it('leaves a nightly job alone at its hour and reports it at noon', () => {
    const scenario = createScenario();
    const job = { role: 'job', user: 'job', records: 1 };
    for (let day = 0; day < 40; day++) {
      for (let i = 0; i < 5; i++)
        expect(scenario.kinds({ at: MONDAY + day * DAY + 2 * HOUR + i * MINUTE, ...job })).toEqual([]);
    }
    expect(scenario.kinds({ at: MONDAY + 40 * DAY + 12 * HOUR, ...job })).toEqual(['unusual_hour']);
  });

  it('accepts a new shift after three flagged days', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const nights = Array.from({ length: 5 }, (_, day) => scenario.kinds({ at: NIGHT + day * DAY }));
    expect(nights).toEqual([['unusual_hour'], ['unusual_hour'], ['unusual_hour'], [], []]);
  });
});

describe('the profile of hours', () => {
  it('counts slots from Monday midnight UTC', () => {
    expect(slotOf(MONDAY)).toBe(0);
    expect(slotOf(MONDAY + WEEK - 1)).toBe(167);
    expect(slotOf(Date.UTC(1970, 0, 1))).toBe(72);
    expect(slotOf(Date.UTC(1969, 11, 31, 23))).toBe(71);
  });

  it('counts an hour once, however busy', () => {
    const profile = createHourProfile();
    for (let i = 0; i < 50; i++) noteActivity(profile, MONDAY + i * MINUTE, false);
    expect(profile).toMatchObject({ hours: 1, days: 1 });
  });

  it('knows nothing without a history', () => {
    expect(unusualHourTail(createHourProfile(), MONDAY)).toBe(1);
  });
});
