import { describe, expect, it } from 'vitest';
import { assessDemo } from '../../../server/demo/demo-assessment.ts';
import { PLANTED, PLANTED_KINDS } from '../../../server/demo/planted.ts';

const planted = (kind: (typeof PLANTED_KINDS)[number]) => ({ id: kind, kind, description: PLANTED[kind].description });

describe('the assessment of the demo', () => {
  it('counts a planted anomaly as found when any of its requests has a finding that fits, best kind first', () => {
    const events = [
      { traceId: 'a', planted: planted('bulk_read') },
      { traceId: 'a', planted: planted('bulk_read') },
      { traceId: 'b', planted: planted('bulk_read') },
    ];
    const found = new Map([
      ['a', [{ kind: 'result_size', reason: 'many records' }]],
      ['b', [{ kind: 'bulk_read', reason: 'very many records' }]],
    ]);
    const { rows, requests, cleanRequests } = assessDemo(events, found);
    expect(rows.find((row) => row.planted === 'bulk_read')).toMatchObject({ found: true, reason: 'very many records' });
    expect(rows.map((row) => row.planted)).toEqual(PLANTED_KINDS);
    expect({ requests, cleanRequests }).toEqual({ requests: 2, cleanRequests: 0 });
  });

  it('does not count a finding of a kind that does not fit, nor as a false alarm', () => {
    const found = new Map([['a', [{ kind: 'unusual_hour', reason: 'at night' }]]]);
    const assessment = assessDemo([{ traceId: 'a', planted: planted('burst') }], found);
    expect(assessment.rows.some((row) => row.found)).toBe(false);
    expect(assessment.falseAlarms).toBe(0);
  });

  it('counts a clean request with findings once, in one row', () => {
    const events = [
      { traceId: 'a' },
      { traceId: 'a' },
      { traceId: 'b', hardNegative: 'the nightly job' },
      ...Array.from({ length: 98 }, (_, i) => ({ traceId: `clean ${i}` })),
    ];
    const found = new Map([
      [
        'a',
        [
          { kind: 'burst', reason: 'x' },
          { kind: 'burst', reason: 'y' },
        ],
      ],
      ['b', [{ kind: 'unusual_hour', reason: 'z' }]],
    ]);
    const assessment = assessDemo(events, found);
    expect(assessment).toMatchObject({
      cleanRequests: 100,
      falseAlarms: 2,
      falseAlarmsOnHardNegatives: 1,
      falseAlarmShare: 0.02,
    });
    expect(assessment.rows.find((row) => row.planted === 'burst')?.falseAlarms).toBe(1);
    expect(assessment.rows.reduce((sum, row) => sum + row.falseAlarms, 0)).toBe(2);
    expect(assessment.samples).toEqual([
      { traceId: 'a', kind: 'burst', reason: 'x' },
      { traceId: 'b', kind: 'unusual_hour', reason: 'z' },
    ]);
  });

  it('is empty without requests', () => {
    expect(assessDemo([], new Map()).falseAlarmShare).toBe(0);
  });
});
