import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detect } from '../../../server/cli/detect.ts';
import type { DetectFlags, DetectReport } from '../../../server/cli/detect.ts';
import { RecordFileError } from '../../../server/cli/record-file.ts';
import { runCommand } from '../../support/service-process.ts';

let folder: string;
const path = (name: string) => join(folder, name);
/** In this process: starting another costs more than the work. */
const detected = (name: string, flags: Partial<DetectFlags> = {}) =>
  detect(path(name), { protocol: 'mixed', seeds: 1, detector: 'joined', ...flags });

/** 200 ordinary rows and, on line 203, one whose amount is a thousand times too high. */
const rows = [
  ...Array.from({ length: 200 }, (_, i) => ({
    id: `A-${i}`,
    amount: 10 + ((i * 37) % 50),
    country: ['AT', 'CH'][i % 2],
    label: 0,
  })),
  { id: 'A-200', amount: 30, country: 'AT', label: 0 },
  { id: 'A-201', amount: 30_000, country: 'AT', label: 1 },
];
const csv = ['id,amount,country,label', ...rows.map((row) => Object.values(row).join(','))].join('\n');
const jsonl = rows.map((row) => JSON.stringify(row)).join('\n');

/** 300 objects with both keys, and one that lacks one of them. */
const keysMissing = [
  ...Array.from({ length: 300 }, (_, i) => ({ amount: 10 + ((i * 37) % 50), country: ['AT', 'CH', 'DE'][i % 3] })),
  { amount: 30 },
];

/** One of 300 orders was placed years before the others. */
const placed = Array.from({ length: 300 }, (_, i) => ({
  amount: 10 + ((i * 37) % 50),
  placed: new Date(Date.UTC(i === 7 ? 2001 : 2026, 0, 1 + (i % 90), i % 24, i % 60)).toISOString(),
}));

const wide = Array.from({ length: 40 }, (_, row) =>
  Array.from({ length: 210 }, (_, column) => (row === 0 ? `c${column}` : (row * column) % 7)).join(','),
).join('\n');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentinel-detect-'));
  writeFileSync(path('orders.csv'), csv);
  writeFileSync(path('orders.csv.gz'), gzipSync(csv));
  writeFileSync(path('orders.jsonl'), jsonl);
  writeFileSync(path('ragged.csv'), 'a,b\n1,2\n3\n');
  writeFileSync(path('broken.jsonl'), `${JSON.stringify({ a: 1 })}\n{"a":`);
  writeFileSync(path('labels.csv'), csv.replace(/1$/, 'maybe'));
  writeFileSync(path('few.csv'), 'a,b\n1,2\n');
  writeFileSync(path('orders.xml'), '<a/>');
  writeFileSync(path('cut.csv.gz'), gzipSync(csv).subarray(0, 200));
  writeFileSync(path('plain.csv.gz'), csv);
  writeFileSync(path('spaced.csv'), csv.replaceAll(',', ', ').replaceAll(' 30,', ' +30.,'));
  writeFileSync(path('lines.csv'), csv.replaceAll(/(A-\d+)/g, '"$1\n-"'));
  // As programs on Windows write it: every line ends in two characters, those inside of cells, too.
  writeFileSync(path('windows.csv'), csv.replaceAll(/(A-\d+)/g, '"$1\n-"').replaceAll('\n', '\r\n'));
  writeFileSync(path('cells.csv'), `a,"b\r\nc"\r\n1,"x\r\ny"\r\n2,"x"y\r\n`);
  writeFileSync(path('twice.csv'), 'id,total,id\r\n1,2,3\r\n');
  writeFileSync(path('ORDERS.CSV.GZ'), gzipSync(csv));
  writeFileSync(path('capitals.csv'), csv.replaceAll(/,0$/gm, ',False').replaceAll(/,1$/gm, ',True'));
  writeFileSync(path('doubles.csv'), csv.replaceAll(/,0$/gm, ',0.0').replaceAll(/,1$/gm, ',1.0'));
  writeFileSync(path('normal.csv'), csv.replace(/1$/, '0'));
  writeFileSync(path('anomalies.csv'), csv.replaceAll(/,0$/gm, ',1'));
  writeFileSync(path('alike.csv'), `a,b\n${'1,x\n'.repeat(40)}`);
  mkdirSync(path('folder.csv'));
  writeFileSync(path('separators.jsonl'), `\uFEFF${jsonl.replaceAll('A-', 'A\u2028')}`);
  writeFileSync(path('keys.jsonl'), keysMissing.map((row) => JSON.stringify(row)).join('\n'));
  writeFileSync(path('placed.jsonl'), placed.map((row) => JSON.stringify(row)).join('\n'));
  writeFileSync(path('wide.csv'), wide);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('ndc-sentinel detect', () => {
  it('prints what it found as JSON', async () => {
    const { code, stdout } = await runCommand(['detect', path('orders.csv'), '--label', 'label', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(await detected('orders.csv', { label: 'label' }));
  });

  it.each(['orders.csv', 'orders.csv.gz', 'orders.jsonl'])(
    'finds the strange record of %s and says why',
    async (file) => {
      const report: DetectReport = await detected(file, { label: 'label' });
      expect(report).toMatchObject({
        rows: 202,
        columns: 3,
        protocol: 'mixed',
        detector: 'joined',
        seeds: 1,
        auroc: 1,
        averagePrecision: 1,
      });
      expect(report.records).toHaveLength(20);
      expect(report.records[0]).toMatchObject({
        line: file === 'orders.jsonl' ? 202 : 203,
        fields: [expect.objectContaining({ path: 'amount' })],
      });
      expect(report.records.every((record, i) => i === 0 || (report.records[i - 1]?.score ?? 0) >= record.score)).toBe(
        true,
      );
    },
  );

  it('averages over the seeds it is asked for', async () => {
    const report = await detected('orders.csv', { label: 'label', protocol: 'novelty', detector: 'forest', seeds: 3 });
    expect(report.perSeed.map((one) => one.seed)).toEqual([0, 1, 2]);
    expect(report.auroc).toBeCloseTo(report.perSeed.reduce((sum, one) => sum + one.auroc, 0) / 3, 12);
  });

  it('without labels has no measures', async () => {
    expect(await detected('orders.csv')).toMatchObject({ auroc: null, averagePrecision: null, perSeed: [] });
  });

  it.each([
    ['spaced.csv', 203],
    // Every record is two lines.
    ['lines.csv', 404],
    ['windows.csv', 404],
    ['ORDERS.CSV.GZ', 203],
    ['capitals.csv', 203],
    ['doubles.csv', 203],
    ['separators.jsonl', 202],
  ])('reads %s as it was meant', async (file, line) => {
    const report = await detected(file, { label: 'label' });
    expect(report).toMatchObject({ rows: 202, columns: 3, auroc: 1, averagePrecision: 1 });
    expect(report.records[0]).toMatchObject({ line, fields: [expect.objectContaining({ path: 'amount' })] });
  });

  it('calls nothing unusual where all records are alike', async () => {
    const { records } = await detected('alike.csv');
    expect(new Set(records.map(({ p, reason }) => `${p} ${reason}`))).toEqual(new Set(['1 nothing unusual']));
  });

  it('says that there is nothing to measure where all labels are the same', async () => {
    const { code, stdout, stderr } = await runCommand(['detect', path('normal.csv'), '--label', 'label', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ auroc: null, averagePrecision: null });
    expect(stderr).toBe('Every record has the same label "label": there is nothing to measure.\n');
  });

  it('takes a key that one object lacks for missing', async () => {
    const report = await detected('keys.jsonl');
    const least = Math.min(...report.records.map(({ p }) => p));
    expect(report.records.find(({ line }) => line === 301)).toMatchObject({
      p: least,
      fields: [expect.objectContaining({ path: 'country' })],
    });
  });

  it('says instants as dates, since a file does not tell when it was asked for', async () => {
    const [strangest] = (await detected('placed.jsonl')).records;
    expect(strangest).toMatchObject({ line: 8, reason: expect.stringMatching(/^placed 2001-01-08/) });
    expect(strangest?.reason).toContain('usually 2026-01-0');
  });

  it('says which columns it did not look at', async () => {
    const { code, stdout, stderr } = await runCommand(['detect', path('wide.csv'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ columns: 210 });
    expect(stderr).toMatch(/^10 columns beyond the 200 that are used were not looked at: c\d+, /);
  });

  it.each<[string, Partial<DetectFlags>, RegExp]>([
    ['broken.jsonl', {}, /broken\.jsonl, line 2: expected one JSON object/],
    ['labels.csv', { label: 'label' }, /labels\.csv, line 203: the label "label" is "maybe"; expected 1 or 0/],
    ['orders.csv', { label: 'wrong' }, /orders\.csv, line 2: there is no label "wrong"; there are id, amount, country/],
    ['cut.csv.gz', {}, /cut\.csv\.gz: no whole gzip file/],
    ['plain.csv.gz', {}, /plain\.csv\.gz: no whole gzip file/],
    ['few.csv', {}, /1 records; at least 20/],
    ['orders.xml', {}, /expected a file that ends in \.csv, \.jsonl/],
    ['orders.csv', { protocol: 'novelty' }, /needs --label/],
    [
      'anomalies.csv',
      { protocol: 'novelty', label: 'label' },
      /0 records are normal by "label"; novelty needs at least 20/,
    ],
    ['twice.csv', {}, /twice\.csv, line 1: more than one column is called "id"\.$/],
    ['cells.csv', {}, /cells\.csv, line 5: Invalid Closing Quote: [^0-9]*$/],
    ['folder.csv', {}, /folder\.csv: EISDIR/],
  ])('refuses %s %j', async (file, flags, message) => {
    const refusal = await detected(file, flags).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RecordFileError);
    expect((refusal as Error).message).toMatch(message);
  });

  it.each([
    ['ragged.csv', [], /ragged\.csv, line 3: /],
    ['orders.csv', ['--detector', 'magic'], /Allowed: forest, neighbours, joined/],
    ['absent.csv', [], /ENOENT/],
  ])('refuses %s %j in one clear line', async (file, flags, message) => {
    const { code, stderr } = await runCommand(['detect', path(file), ...flags]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('ndc-sentinel conditions', () => {
  it('prints one result a line and exits with 1 where one differs', async () => {
    const cases = [
      {
        id: 'a',
        condition: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
        fact: { WORKFLOW: 'PURCHASE', BANK: 'HSBC', note: 'a\u2028b' },
        expected: true,
      },
      { id: 'b', condition: 'amount > 5', fact: { amount: 'x' }, expected: 'error', errorAt: 'evaluate' },
      { id: 'c', condition: 'a ==', fact: {} },
    ];
    // JSON allows U+2028 inside a string, and files have a mark in front.
    const text = cases.map((one) => JSON.stringify(one)).join('\r\n');
    writeFileSync(path('cases.jsonl'), `\uFEFF${text}`);
    const good = await runCommand(['conditions', path('cases.jsonl')]);
    const lines = good.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { id: 'a', value: true },
      { id: 'b', error: { stage: 'evaluate' } },
      { id: 'c', error: { stage: 'create', position: 4 } },
    ]);
    expect(good.code).toBe(0);

    writeFileSync(path('wrong.jsonl'), JSON.stringify({ ...cases[0], expected: false }));
    expect((await runCommand(['conditions', path('wrong.jsonl')])).code).toBe(1);
  });
});
