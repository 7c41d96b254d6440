import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { DAY, HOUR } from '../../../../../core/domain/time.ts';
import { explainRecord } from '../../../../../core/detection/records/explanation/explain.ts';
import { cellFeature } from '../../../../../core/detection/records/features/cell-features.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import type { FeatureRow } from '../../../../../core/detection/records/features/record-features.ts';
import { batchOfRows, featureRows } from '../../../../support/feature-rows.ts';
import { dataset, hash, normal, orders, orderWindow, START, train } from '../orders.ts';

const AT = START + 100 * 6 * HOUR;
const model = train(orderWindow(60));

function explain(changes: Record<string, Cell>, withDataset = true) {
  const columns = orders(createPrng('explain'), 3, AT);
  columns['quantity']![1] = 5;
  columns['total']![1] = 50;
  for (const [path, cell] of Object.entries(changes)) columns[path]![1] = cell;
  const data = dataset('orders', columns);
  return explainRecord(model, featuresOf(data, AT, hash), 1, withDataset ? data : undefined);
}

describe('the explanation of a record', () => {
  it.each<[string, Record<string, Cell>, string, RegExp]>([
    [
      'a number out of range',
      { total: 98_400 },
      'total',
      /^total 98,400, usually [\d.]+–[\d.]+ \(highest of 1,200 records: [\d.]+\)/,
    ],
    ['a number below', { total: -3 }, 'total', /^total -3, usually .* \(lowest of 1,200 records: [\d.]+\)/],
    ['a new category', { status: 'refunded' }, 'status', /^status "refunded": never seen in 1,200 records/],
    ['a null', { 'customer.email': null }, 'customer.email', /^customer\.email null: never seen in 1,200 records/],
    ['a missing key', { gift: undefined }, 'gift', /^gift missing: never seen in 1,200 records/],
    ['another type', { total: 'twelve' }, 'total', /^total a text: never seen in 1,200 records/],
    [
      'an old date',
      { created_at: '1999-01-01T00:00:00Z' },
      'created_at',
      /^created_at [\d,]+ days ago, usually [\d.]+ h–[\d.]+ days/,
    ],
    ['a date to come', { created_at: '2030-01-01T00:00:00Z' }, 'created_at', /^created_at [\d,]+ days in the future/],
    [
      'no date',
      { created_at: '31/12/2026' },
      'created_at',
      /^created_at text of 10 characters, no time: never seen in/,
    ],
    [
      'a date without a time',
      { created_at: '2027-01-01' },
      'created_at',
      /^created_at written as date: never seen in 1,200 records/,
    ],
    ['a part of what is counted', { quantity: 2.5 }, 'quantity', /^quantity 2\.5, with a fraction: never seen in/],
    ['another form', { 'customer.email': 'none' }, 'customer.email', /^customer\.email of the form "a": never seen/],
  ])('names %s first, in words', (_, changes, path, sentence) => {
    const { kind, reason, fields } = explain(changes);
    expect(kind).toBe('unusual_value');
    expect(reason).toMatch(sentence);
    expect(fields[0]).toMatchObject({ path, text: expect.stringMatching(sentence) as string });
  });

  it('begins with the number that lies furthest out', () => {
    for (const far of [-999, 300, 98_400]) {
      const { fields } = explain({ total: far, quantity: 10, created_at: new Date(AT + HOUR).toISOString() });
      expect(fields.map(({ path }) => path).slice(0, 3)).toContain('quantity');
      expect(fields[0]?.path).toBe('total');
    }
  });

  it('begins with it among many columns of which the forest has seen little', () => {
    const prng = createPrng('wide');
    const wide = (): FeatureRow =>
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, (i + 1) * normal(prng)]));
    const learnt = train(Array.from({ length: 160 }, (_, i) => ({ key: `${i}/0`, at: START, features: wide() })));
    const odd = Array.from({ length: 10 }, (_, i) => ({ ...wide(), [`n${i * 9}`]: (i * 9 + 1) * 20 }));
    const first = odd.map((_, i) => explainRecord(learnt, batchOfRows(odd, START), i).fields[0]?.path);
    expect(first.filter((path, i) => path === `n${i * 9}`).length).toBeGreaterThanOrEqual(8);
  });

  it('says of a value that a column of few values never had that it was never seen', () => {
    const prng = createPrng('sparse');
    const record = (channel: string | null): FeatureRow => ({
      channel: cellFeature(channel, hash),
      weight: normal(prng),
    });
    const rows = Array.from({ length: 800 }, () =>
      record(prng.uniform() < 0.95 ? null : ['web', 'shop'][prng.integer(2)]!),
    );
    const learnt = train(rows.map((features, i) => ({ key: `${i}/0`, at: START, features })));
    const { kind, reason } = explainRecord(learnt, batchOfRows([record('fax')], START), 0);
    expect([kind, reason]).toEqual([
      'unusual_value',
      expect.stringMatching(/^this value of channel: never seen in \d\d records/),
    ]);
  });

  it('gives the evidence of a number: usual range, tail probability, contribution', () => {
    const [field] = explain({ total: 98_400 }).fields;
    expect(field?.usual?.low).toBeGreaterThan(5);
    expect(field?.usual?.high).toBeLessThan(100);
    expect(field?.tailProbability).toBeCloseTo(2 / 1_201, 6);
    expect(field?.contribution).toBeGreaterThan(0.4);
  });

  it('gives the frequency of a category', () => {
    expect(explain({ status: 'refunded' }).fields[0]).toMatchObject({ value: '"refunded"', frequency: 0 });
  });

  it('lists at most five fields whose contributions sum to at most 1', () => {
    const { fields } = explain({
      total: 98_400,
      status: 'refunded',
      gift: null,
      quantity: 400,
      created_at: 'never',
      note: 7,
    });
    expect(fields.length).toBe(5);
    expect(fields.reduce((sum, field) => sum + field.contribution, 0)).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('speaks of an unusual combination where each field is usual by itself', () => {
    const { kind, reason, fields } = explain({ quantity: 1, total: 80 });
    expect(kind).toBe('unusual_combination');
    expect(reason).toMatch(
      /^unusual combination: .* – each usual by itself, together unlike the 1,200 records learnt$/,
    );
    const named = fields.slice(0, 2).map((field) => field.path);
    expect(named.toSorted()).toEqual(['quantity', 'total']);
    expect(fields.reduce((sum, field) => sum + field.contribution, 0)).toBeCloseTo(1);
  });

  it('names a field of every record, of those it was trained on too', () => {
    const prng = createPrng('own neighbour');
    const columns: Record<string, Cell[]> = { a: [], b: [], status: [] };
    for (let i = 0; i < 150; i++) {
      const a = 1 + prng.integer(9);
      columns['a']!.push(a);
      columns['b']!.push(a + prng.integer(2));
      columns['status']!.push(prng.uniform() < 0.5 ? 'open' : 'paid');
    }
    const data = dataset('few', columns);
    const batch = featuresOf(data, AT, hash);
    const learnt = train(featureRows(batch).map((features, row) => ({ key: `${row}/0`, at: AT, features })));
    for (let row = 0; row < 150; row++) {
      const { reason, fields } = explainRecord(learnt, batch, row, data);
      expect(fields.length, reason).toBeGreaterThan(0);
      expect(reason).not.toContain('undefined');
      expect(fields.reduce((sum, field) => sum + field.contribution, 0)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  it('names what is rare where categories are unusual only together', () => {
    const prng = createPrng('rare together');
    const flags = (rate: number) => Array.from({ length: 1_000 }, () => prng.uniform() < rate);
    const columns = { a: flags(0.04), b: flags(0.04), c: flags(0.04), d: flags(0.5) };
    const rows = featureRows(featuresOf(dataset('flags', columns), AT, hash));
    const learnt = train(rows.map((features, row) => ({ key: `${row}/0`, at: AT, features })));
    const all = dataset('flags', { a: [true], b: [true], c: [true], d: [true] });
    const { kind, fields } = explainRecord(learnt, featuresOf(all, AT, hash), 0, all);
    expect(kind).toBe('unusual_combination');
    expect(
      fields
        .slice(0, 3)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['a', 'b', 'c']);
    expect(fields.reduce((sum, field) => sum + field.contribution, 0)).toBeCloseTo(1);
  });

  it('never shows personal data or free text in clear', () => {
    for (const changes of [
      { 'customer.email': 'Anna Smith <anna@smith.example> and many more' },
      { status: 'anna@smith.example' },
      { status: '4111 1111 1111 1111' },
      { note: 'anna@smith.example'.repeat(100) },
    ]) {
      expect(JSON.stringify(explain(changes))).not.toMatch(/anna|smith|4111/i);
    }
  });

  it('never shows personal numbers and dates, neither the value nor what is usual, with the data or without', () => {
    const prng = createPrng('people');
    const people = (count: number): Record<string, Cell[]> => ({
      birth_date: Array.from({ length: count }, () =>
        new Date(prng.integer(30) * 365 * DAY).toISOString().slice(0, 10),
      ),
      phone: Array.from({ length: count }, () => 442_079_460_000 + prng.integer(1_000)),
      pin: Array.from({ length: count }, () => String(1_000 * prng.uniform())),
    });
    const window = featureRows(featuresOf(dataset('people', people(300)), AT, hash)).map((features, row) => ({
      key: `${row}/0`,
      at: AT,
      features,
    }));
    const learnt = train(window);
    const strange = dataset('people', { birth_date: ['1803-04-05'], phone: [17], pin: ['98765.25'] });
    for (const data of [strange, undefined]) {
      const explained = explainRecord(learnt, featuresOf(strange, AT, hash), 0, data);
      expect(explained.kind).toBe('unusual_value');
      expect(explained.fields.length).toBe(3);
      expect(JSON.stringify(explained)).not.toMatch(/1803|\b17\b|98,?765|442|days|usual"/);
    }
  });

  it('works from the features alone, as for stored records', () => {
    const { reason, fields } = explain({ total: 98_400 }, false);
    expect(reason).toMatch(/^total 98,400, usually/);
    expect(fields[0]?.value).toBe('98,400');
    expect(explain({ status: 'refunded' }, false).reason).toMatch(/^this value of status: never seen/);
  });
});
