import { type Environment, readConfiguration } from '../configuration.ts';
import { type SettingName, SETTINGS } from '../settings.ts';

/** One line per setting: name, effective value, origin. */
export async function runConfig(environment: Environment): Promise<void> {
  const { values, origins, warnings } = readConfiguration(environment);
  const names = Object.keys(SETTINGS) as SettingName[];
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) {
    const origin = values[name] === undefined ? '' : `  (${origins[name]})`;
    process.stdout.write(`${name.padEnd(width)}  ${shown(name, values[name])}${origin}\n`);
  }
  for (const warning of warnings) process.stdout.write(`warning: ${warning}\n`);
}

function shown(name: SettingName, value: unknown): string {
  if (value === undefined) return '–';
  if ('secret' in SETTINGS[name]) return '***';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
