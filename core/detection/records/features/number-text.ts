/**
 * Whole numbers as they are, others with two decimals from 1,000 on and at most six significant digits below; thousands
 * grouped, the same in every process.
 */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e15)) return value.toExponential(3);
  return (magnitude < 1_000 ? NUMBER_FORMAT : LARGE_NUMBER_FORMAT).format(value);
}

/**
 * Three significant digits, since the ends of a usual range are estimates; more where a tenth of the range's width needs
 * them: both ends of 1,780,270,000–1,780,361,000 would be 1,780,000,000.
 */
export function formatApproximate(value: number, width = Math.abs(value)): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  const usual = magnitude >= 1_000 && Number.isInteger(value) ? 4 : 3;
  const needed = width > 0 ? Math.floor(Math.log10(magnitude)) + 1 - Math.floor(Math.log10(width / 10)) : 0;
  return formatNumber(Number(value.toPrecision(Math.min(15, Math.max(usual, needed)))));
}

/** 12 %, 0.3 %, less than 0.1 %. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return 'less than 0.1 %';
  return `${PERCENT_FORMAT.format(share * 100)} %`;
}

const NUMBER_FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });
const LARGE_NUMBER_FORMAT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const PERCENT_FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });
