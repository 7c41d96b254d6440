import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { HOUR } from '../../../../../core/domain/time.ts';
import { compareWithHistory } from '../../../../../core/detection/records/changes/compare-with-history.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import type { Prng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { featureRows } from '../../../../support/feature-rows.ts';
import type { RecordModel } from '../../../../../core/detection/records/model/record-model.ts';
import { dataset, hash, normal, orders, orderWindow, START, train } from '../orders.ts';

const AT = START + 100 * 6 * HOUR;
const model = train(orderWindow(60));

function compare(learnt: RecordModel, columns: Record<string, Cell[]>, selectionIsFixed = true) {
  return compareWithHistory(learnt, featuresOf(dataset('orders', columns), AT, hash), 'orders', { selectionIsFixed });
}

function changed(change: (columns: Record<string, Cell[]>) => void, count = 40) {
  const columns = orders(createPrng('compare'), count, AT);
  change(columns);
  return compare(model, columns);
}

/** A model of responses that arrived at one time. */
function trainResponses(count: number, response: (prng: Prng) => Record<string, Cell[]>): RecordModel {
  const prng = createPrng('responses');
  return train(
    Array.from({ length: count }, (_, position) =>
      featureRows(featuresOf(dataset('orders', response(prng)), AT, hash)).map((features, row) => ({
        key: `${position}/${row}`,
        at: AT,
        features,
      })),
    ).flat(),
  );
}

const replace = (columns: Record<string, Cell[]>, path: string, cell: (old: Cell, row: number) => Cell) => {
  columns[path] = columns[path]!.map(cell);
};

describe('a response is compared with history', () => {
  // D7: x moving from 0…6 to 1,000…1,006 gave the original no change of mean, range or distribution.
  it('in the range and distribution of numbers', () => {
    const [finding, ...others] = changed((columns) => replace(columns, 'quantity', (old) => (old as number) + 1_000));
    expect(finding).toMatchObject({ kind: 'distribution_change', subject: { kind: 'dataset', dataset: 'orders' } });
    expect(finding?.reason).toMatch(/^quantity: median 1,00\d, range 1,001–1,009; usually median \d, range 1–9$/);
    expect(finding?.p).toBeLessThan(1e-6);
    // Quantity and total no longer belong together either, or nothing else is said.
    for (const other of others) expect(other.reason).toMatch(/correlated/);
  });

  it.each<[string, (columns: Record<string, Cell[]>) => void, RegExp]>([
    [
      'in the share of nulls',
      (c) => replace(c, 'note', (old, row) => (row % 10 === 0 ? old : null)),
      /^note is null in 9\d % of the records, usually (2|3)\d %$/,
    ],
    [
      'in nulls where there never was one',
      (c) => replace(c, 'total', (old, row) => (row % 2 === 0 ? old : null)),
      /^total is null in 50 % of the records, usually 0 %$/,
    ],
    [
      'in the shares of categories',
      (c) => replace(c, 'status', () => 'cancelled'),
      /^one value of status stands in 100 % of the records, usually 1\d %$/,
    ],
    [
      'in the repetition of keys (F6: cardinality)',
      (c) => replace(c, 'id', () => 1_234_567),
      /^id holds 1 different value in 40 records: 100 % of the pairs are equal, usually 0 %$/,
    ],
    [
      'in categories never seen',
      (c) => replace(c, 'status', (old, row) => (row % 3 === 0 ? 'refunded' : old)),
      /^status holds a value never seen before in 35 % of the records, usually 0 %$/,
    ],
    [
      'in the shares of true and false',
      (c) => replace(c, 'gift', () => true),
      /^gift is true in 100 % of the records, usually 2\d %$/,
    ],
    [
      'in the hours of instants',
      (c) => replace(c, 'created_at', () => new Date(AT - 12 * HOUR).toISOString()),
      /^age of created_at|^created_at lies at/,
    ],
  ])('%s', (_, change, sentence) => {
    const findings = changed(change);
    expect(findings.map(({ kind }) => kind)).toContain('distribution_change');
    expect(
      findings.some(({ reason }) => sentence.test(reason)),
      findings.map(({ reason }) => reason).join('\n'),
    ).toBe(true);
  });

  describe('in the spread of numbers that stay where they were', () => {
    const columns = (prng: Prng, deviation: number, count = 60): Record<string, Cell[]> => ({
      amount: Array.from({ length: count }, () => 500 + deviation * normal(prng)),
    });
    const learnt = trainResponses(80, (prng) => columns(prng, 20));

    it.each([
      [
        'three times as wide',
        60,
        /^amount spreads [23]\.\d times as wide: 80 % of the values lie in 4\d\d–5\d\d, usually in 47\d–52\d$/,
        'low',
      ],
      ['ten times as wide', 200, /^amount spreads (?:[89]|1\d)\.\d times as wide/, 'medium'],
      ['a third as wide', 20 / 3, /^amount spreads [23]\.\d times as narrow/, 'low'],
      ['hardly any', 0.2, /^amount spreads \d+\.\d times as narrow/, 'medium'],
    ])('%s', (_, deviation, sentence, severity) => {
      const findings = compare(learnt, columns(createPrng('spread'), deviation));
      expect(findings.map(({ reason }) => reason)).toEqual([expect.stringMatching(sentence)]);
      expect(findings).toMatchObject([{ kind: 'distribution_change', severity, fields: [{ path: 'amount' }] }]);
    });

    it('and no more than the form of a personal column', () => {
      const salaries = trainResponses(80, (prng) => ({ salary: columns(prng, 20)['amount']! }));
      const findings = compare(salaries, { salary: columns(createPrng('spread'), 60)['amount']! });
      expect(findings.map(({ reason }) => reason)).toEqual(['salary: distribution differs from its history']);
    });

    it('unless it moves from response to response', () => {
      const uneven = (prng: Prng): Record<string, Cell[]> => columns(prng, 2 ** prng.integer(8));
      const learntUneven = trainResponses(80, uneven);
      const prng = createPrng('uneven');
      const findings = Array.from({ length: 200 }, () => compare(learntUneven, uneven(prng))).flat();
      expect(findings.map(({ reason }) => reason)).toEqual([]);
    });
  });

  it('in the correlation of two columns', () => {
    const findings = changed((columns) => {
      const shuffled = columns['quantity']!.map((_, row) => columns['quantity']![(row * 7 + 3) % 40]);
      columns['quantity'] = shuffled;
    });
    expect(findings.map(({ reason }) => reason).join()).toMatch(
      /quantity and total are correlated by -?0\.\d+, usually (0\.9\d|1\.00)/,
    );
  });

  it.each<[string, (columns: Record<string, Cell[]>) => void, string]>([
    ['a new column', (c) => (c['discount'] = c['id']!.map(() => 1)), 'column discount is new'],
    ['a vanished column', (c) => replace(c, 'gift', () => undefined), 'column gift has vanished'],
    ['a column that no record has any more', (c) => delete c['gift'], 'column gift has vanished'],
    [
      'a column of another type',
      (c) => replace(c, 'total', (old) => `about ${String(old)}`),
      'column total is now text, it always was number',
    ],
  ])('in its schema: %s', (_, change, reason) => {
    expect(changed(change).find(({ kind }) => kind === 'schema_change')?.reason).toBe(reason);
  });

  it('names no column new where another query may have selected it', () => {
    const columns = { ...orders(createPrng('compare'), 40, AT), discount: Array<Cell>(40).fill(1) };
    expect(compare(model, columns, false)).toEqual([]);
  });

  it('names no column vanished where another query may have left it out, or responses came without it before', () => {
    const { gift: _gift, ...columns } = orders(createPrng('compare'), 40, AT);
    expect(compare(model, columns, false)).toEqual([]);
    const sometimes = train(
      orderWindow(60).map((record, i) => {
        const { gift: _left, ...features } = record.features;
        return Math.floor(i / 20) % 10 === 0 ? { ...record, features } : record;
      }),
    );
    expect(compare(sometimes, columns)).toEqual([]);
  });
});

describe('nothing is found', () => {
  it('in few records, however strange', () => {
    expect(changed((columns) => replace(columns, 'quantity', () => 1e9), 19)).toEqual([]);
  });

  it('in 300 ordinary responses', () => {
    const findings = Array.from({ length: 300 }, (_, i) =>
      compare(model, orders(createPrng(`ordinary ${i}`), 50, AT)),
    ).flat();
    expect(findings.map(({ reason }) => reason)).toEqual([]);
  });

  /** Each response shows the orders of one customer, cheapest first from some page on: nothing like a random draw. */
  it('in pages that are filtered and sorted as always', () => {
    const pages = (prng: Prng, at: number): Record<string, Cell[]> => {
      const page = prng.integer(20);
      const customer = prng.integer(12);
      return {
        id: Array.from({ length: 25 }, () => prng.integer(1e9)),
        customer_id: Array.from({ length: 25 }, () => customer),
        total: Array.from({ length: 25 }, (_, row) => page * 10 + row * 0.4 + prng.uniform()),
        paid: Array.from({ length: 25 }, () => prng.uniform() < page / 20),
        created_at: Array.from({ length: 25 }, (_, row) => new Date(at - (page * 25 + row) * HOUR).toISOString()),
      };
    };
    const prng = createPrng('pages');
    const paged = trainResponses(80, (random) => pages(random, AT));
    const findings = Array.from({ length: 200 }, () => compare(paged, pages(prng, AT))).flat();
    expect(findings.map(({ reason }) => reason)).toEqual([]);
  });
});
