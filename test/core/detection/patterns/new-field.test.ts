import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../../core/domain/time.ts';
import { createScenario, MONDAY, observationOf, teachSupportDesk, THIRD_MONDAY } from './pattern-scenario.ts';

const KNOWN = ['customers.customerId', 'customers.city'];

describe('new field', () => {
  it('reports a field the role never read', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const [finding] = scenario.send({ at: THIRD_MONDAY, fields: [...KNOWN, 'customers.creditLimit'] });
    expect(finding).toMatchObject({
      kind: 'new_field',
      severity: 'low',
      firstSeen: { kind: 'field', scope: 'graphql:support', value: 'customers.creditLimit' },
      fields: [{ path: 'customers.creditLimit', value: null, contribution: 1 }],
    });
  });

  it('reports personal data apart and higher, by the name of the field', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const findings = scenario.send({
      at: THIRD_MONDAY,
      fields: [...KNOWN, 'customers.e_mail', 'customers.birthDate', 'customers.score'],
    });
    expect(findings.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['personal_data_access', 'high'],
      ['new_field', 'low'],
    ]);
    expect(findings[0]?.reason).toContain('customers.e_mail (e-mail), customers.birthDate (birth date)');
  });

  it('knows personal data by the values that came back, and does not repeat them', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const cells = ['ada@mail.example', 'bruno@mail.example', null];
    const [finding] = scenario.send({
      at: THIRD_MONDAY,
      fields: [...KNOWN, 'customers.contact'],
      datasets: [
        {
          name: 'customers',
          recordCount: 3,
          columns: [{ path: 'contact', cells }],
          droppedRecords: 0,
          droppedColumns: 0,
        },
      ],
    });
    expect(finding?.kind).toBe('personal_data_access');
    expect(JSON.stringify(finding)).not.toContain('mail.example');
  });

  it('says nothing when the same fields come in another shape order', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    expect(scenario.kinds({ at: THIRD_MONDAY, fields: KNOWN.toReversed() })).toEqual([]);
  });

  it('keeps the key of many fields short and the same on every instance', () => {
    const fields = [...KNOWN, ...Array.from({ length: 40 }, (_, i) => `customers.field${i}`)];
    const keys = [fields, fields.toReversed()].map((order) => {
      const scenario = createScenario();
      teachSupportDesk(scenario);
      return scenario.send({ at: THIRD_MONDAY, fields: order })[0]?.firstSeen?.value;
    });
    expect(keys[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('leaves a role alone that often reads something new, but not when it is personal', () => {
    const scenario = createScenario();
    for (let i = 0; i < 600; i++) {
      const fields = i % 25 === 0 ? [...KNOWN, `customers.extra${i}`] : KNOWN;
      expect(scenario.kinds({ at: MONDAY + i * 20 * MINUTE, fields })).toEqual([]);
    }
    expect(scenario.kinds({ at: THIRD_MONDAY, fields: [...KNOWN, 'customers.other'] })).toEqual([]);
    expect(scenario.kinds({ at: THIRD_MONDAY, fields: [...KNOWN, 'customers.passportNumber'] })).toEqual([
      'personal_data_access',
    ]);
  });

  it('sees personal data read by a role whose shapes are new all the time', () => {
    const scenario = createScenario();
    const columns = ['country', 'city', 'newsletter', 'supportRepId'].map((column) => `music.customers.${column}`);
    const question = (i: number, fields: readonly string[]) =>
      scenario.kinds({ at: MONDAY + i * 30 * MINUTE, source: 'ndc', role: 'analyst', shape: `question ${i}`, fields });
    for (let i = 0; i < 300; i++) expect(question(i, [columns[i % 4] as string])).toEqual([]);
    expect(question(301, [...columns, 'music.customers.phone'])).toEqual(['personal_data_access']);
  });

  it('is not made to forget what a role reads by one huge query', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const fields = Array.from({ length: 40_000 }, (_, i) => `customers.field${i}`);
    scenario.send({ at: THIRD_MONDAY, fields });
    expect(scenario.kinds({ at: THIRD_MONDAY + MINUTE, fields: KNOWN })).toEqual([]);
  });

  it('examines 40,000 fields without harm', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const fields = Array.from({ length: 40_000 }, (_, i) => `customers.field${i}`);
    const findings = scenario.detector.examine(observationOf({ at: THIRD_MONDAY, fields }), scenario.profiles);
    const finding = findings.find(({ kind }) => kind === 'new_field');
    expect(finding?.fields).toHaveLength(20);
    expect(finding?.reason.length).toBeLessThan(600);
  });
});
