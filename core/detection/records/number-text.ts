/** At most six significant digits, thousands grouped, the same in every process. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e15)) return value.toExponential(3);
  return NUMBER_FORMAT.format(value);
}

/** Three significant digits: the ends of a usual range are estimates. */
export function formatApproximate(value: number): string {
  return value === 0
    ? '0'
    : formatNumber(Number(value.toPrecision(Math.abs(value) >= 1_000 && Number.isInteger(value) ? 4 : 3)));
}

/** 12 %, 0.3 %, less than 0.1 %. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return 'less than 0.1 %';
  return `${PERCENT_FORMAT.format(share * 100)} %`;
}

const NUMBER_FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });
const PERCENT_FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });
