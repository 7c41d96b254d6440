import { parseExactJson } from '../../core/document/exact-json.ts';
import { applyMaskPlan } from '../../core/document/mask-plan.ts';
import { ndcMaskPlan } from '../../core/document/ndc-mask-plan.ts';
import { readNdcRequest } from '../../core/document/ndc-request.ts';
import { nanosecondsInTurns } from './cpu-time.ts';

/**
 * What masking one column of a large NDC response costs, beside reading the response as detection does. Exact parsing
 * calls back for every value; only bodies that are written again pay for it.
 */
const COLUMNS = ['id', 'total', 'share', 'ssn', 'name', 'country', 'paid', 'created_at'];

export async function run(): Promise<void> {
  const fields = Object.fromEntries(COLUMNS.map((column) => [column, { type: 'column', column }]));
  const reading = readNdcRequest('shop', { collection: 'orders', query: { fields } });
  const plan = reading && ndcMaskPlan(reading, [{ path: 'orders.ssn', mask: 'keep_last', count: 4 }]);
  if (!plan) throw new Error('the plan masks nothing');
  for (const [what, decimals] of [
    ['numbers that round-trip', false],
    ['one decimal such as 1.10 in each row', true],
  ] as const) {
    const text = responseText(decimals);
    const [plain, exact, masked] = nanosecondsInTurns([
      () => JSON.parse(text) !== null,
      () => parseExactJson(text) !== null,
      () => JSON.stringify(applyMaskPlan(parseExactJson(text), plan, (hashed) => hashed).value) !== '',
    ]) as [number, number, number];
    const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
    console.log(
      `${(text.length / 1e6).toFixed(2)} MB, ${what}: JSON.parse ${ms(plain)}, exact ${ms(exact)} ` +
        `(${(exact / plain).toFixed(1)} ×), exact, masked and written ${ms(masked)} (${(masked / plain).toFixed(1)} ×)`,
    );
  }
}

function responseText(withDecimals: boolean): string {
  const rows = Array.from({ length: 6_700 }, (_, row) => ({
    id: row,
    total: 20 + ((row * 7_919) % 1_000) / 8,
    share: 'SHARE',
    ssn: `${100 + (row % 900)}-${10 + (row % 80)}-${1_000 + (row % 9_000)}`,
    name: `Customer ${row}`,
    country: ['AT', 'CH', 'DE'][row % 3],
    paid: row % 3 === 0,
    created_at: new Date(1_700_000_000_000 + row * 1_000).toISOString(),
  }));
  return JSON.stringify([{ rows }]).replaceAll('"SHARE"', withDecimals ? '1.10' : '1.25');
}

if (import.meta.main) await run();
