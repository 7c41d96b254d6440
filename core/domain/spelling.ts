/**
 * The one spelling rule: storage, NDC and the original's REST bodies say `anomaly_records`; GraphQL, HML and all other
 * REST bodies say the same words in camelCase (`anomalyRecords`) or, for types, in PascalCase (`AnomalyRecords`).
 * Published names are `[a-z][a-z0-9_]*`, so the way there is the only one needed.
 */
export function camelCase(snakeCase: string): string {
  return snakeCase.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function pascalCase(snakeCase: string): string {
  const camel = camelCase(snakeCase);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/** Name of the look-up of one row by a key, as DDN names it: `anomalyRecordsById`, `queryHourlyByHourAndQueryId`. */
export function lookUpName(collection: string, columns: readonly string[]): string {
  return `${camelCase(collection)}By${columns.map(pascalCase).join('And')}`;
}
