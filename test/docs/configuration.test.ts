import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Setting, SETTINGS } from '../../server/settings.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');

const HEAD = `# Configuration

Generated from \`server/settings.ts\` by \`test/docs/configuration.test.ts\`; \`npm run test:update\` rewrites it.

Everything is set by environment variables. An empty variable counts as absent. A secret (marked) may also come from a
file: \`M_AUTH_KEY_FILE=/run/secrets/m-auth\` instead of \`M_AUTH_KEY\`; trailing blanks and line ends are cut off.
\`npx ndc-sentinel config\` prints the effective values with secrets masked and says where each came from. A wrong value ends
the start with exit code 1 and one line for each fault; a misspelt \`SENTINEL_\` name is a warning that names the nearest one.

| variable | default | form | meaning |
|---|---|---|---|
`;

/** A cell of a Markdown table: a bar or an angle bracket would end it or be taken for a tag. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function row([name, { default: byDefault, form, description, secret }]: [string, Setting<unknown>]): string {
  const shown = byDefault === undefined ? '–' : byDefault === '' ? 'empty' : `\`${byDefault}\``;
  return `| \`${name}\`${secret ? ' (secret)' : ''} | ${shown} | ${cell(form)} | ${cell(description)} |\n`;
}

describe('docs/configuration.md', () => {
  it('is what the table of settings says today', async () => {
    const rows = Object.entries(SETTINGS).map((entry) => row(entry as [string, Setting<unknown>]));
    await expect(HEAD + rows.join('')).toMatchFileSnapshot(join(DOCS, 'configuration.md'));
  });
});
