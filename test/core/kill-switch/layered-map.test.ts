import { expect, it } from 'vitest';
import { LayeredMap } from '../../../core/kill-switch/layered-map.ts';
import { seededRandom } from './random-condition.ts';

it.each([1, 2, 3])(
  'holds what a Map holds after the same changes, and every version stays as it was, seed %i',
  (seed) => {
    const random = seededRandom(seed);
    const expected = new Map<number, { at: number }>();
    const versions: { map: LayeredMap<number, { at: number }>; entries: Map<number, { at: number }> }[] = [];
    let map = LayeredMap.of<number, { at: number }>(new Map());
    for (let at = 0; at < 600; at++) {
      const changes = new Map<number, { at: number } | null>();
      for (let i = random.below(4); i >= 0; i--) changes.set(random.below(200), random.chance(0.4) ? null : { at });
      for (const [key, value] of changes) {
        if (value === null) expected.delete(key);
        else expected.set(key, value);
      }
      map = map.with(changes);
      versions.push({ map, entries: new Map(expected) });
    }
    for (const { map: version, entries } of versions) {
      expect(new Map(version.entries())).toEqual(entries);
      expect(version.size).toBe(entries.size);
      expect([...version.keys()].length).toBe(entries.size);
      for (let key = 0; key < 200; key++) expect(version.get(key)).toBe(entries.get(key));
    }
  },
);
