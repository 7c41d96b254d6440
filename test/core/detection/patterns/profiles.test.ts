import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../../core/detection/bounded-map.ts';
import { loggedRequestOf } from '../../../../core/detection/patterns/logged-request.ts';
import { createProfiles } from '../../../../core/detection/patterns/profiles.ts';
import { MINUTE } from '../../../../core/domain/time.ts';
import { MONDAY, observationOf } from './pattern-scenario.ts';

describe('profiles', () => {
  it('are kept apart by source, role, user and shape', () => {
    const profiles = createProfiles();
    profiles.learn(loggedRequestOf(observationOf({ at: MONDAY, role: 'support', user: '17', shape: 'a' })));
    const found = (spec: object) => {
      const { role, caller, shapeSizes } = profiles.profilesFor(observationOf({ at: MONDAY, shape: 'a', ...spec }));
      return [role, caller, shapeSizes].map((profile) => profile !== undefined);
    };
    expect(found({})).toEqual([true, true, true]);
    expect(found({ user: '18' })).toEqual([true, false, true]);
    expect(found({ user: null })).toEqual([true, false, true]);
    expect(found({ shape: 'b' })).toEqual([true, true, false]);
    expect(found({ role: 'sales' })).toEqual([false, false, false]);
    expect(found({ source: 'ndc' })).toEqual([false, false, false]);
  });

  it('forget the least recently used beyond their limits', () => {
    const profiles = createProfiles({ roles: 2, callers: 2, sizes: 4 });
    for (const role of ['a', 'b', 'a', 'c']) profiles.learn(loggedRequestOf(observationOf({ at: MONDAY, role })));
    const isKnown = (role: string) => profiles.profilesFor(observationOf({ at: MONDAY, role })).role !== undefined;
    expect(['a', 'b', 'c'].map(isKnown)).toEqual([true, false, true]);
  });

  it('stay bounded for one caller, whatever is sent', () => {
    const profiles = createProfiles();
    for (let i = 0; i < 3_000; i++) {
      const keys = [{ path: `root${i}.id`, value: i }];
      const spec = { at: MONDAY + i * MINUTE, shape: `shape ${i}`, fields: [`root.field${i}`], arguments: keys };
      profiles.learn(loggedRequestOf(observationOf(spec)));
    }
    const { role, caller } = profiles.profilesFor(observationOf({ at: MONDAY }));
    expect(role?.shapes.counts.size).toBe(2_000);
    expect(role?.structure.depth.values).toHaveLength(256);
    expect(caller?.keys.entries.size).toBe(4);
  });

  it('take names with any character for what they are', () => {
    const profiles = createProfiles();
    profiles.learn(loggedRequestOf(observationOf({ at: MONDAY, role: '__proto__', user: 'constructor' })));
    expect(profiles.profilesFor(observationOf({ at: MONDAY, role: '__proto__' })).role?.requests).toBe(1);
    expect(profiles.profilesFor(observationOf({ at: MONDAY, role: 'constructor' })).role).toBeUndefined();
  });
});

describe('a bounded map', () => {
  it('forgets the least recently used; peeking is no use', () => {
    const map = new BoundedMap<number>(2);
    map.use('a', () => 1);
    map.use('b', () => 2);
    map.peek('a');
    expect(map.use('b', () => 9)).toBe(2);
    map.use('c', () => 3);
    expect([...map.entries.keys()]).toEqual(['b', 'c']);
  });
});
