import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArgumentInfo, ObjectType, Type } from '@hasura/ndc-sdk-typescript';
import { describeConnector } from '../../server/cli/print-schema.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const { schema } = describeConnector();

const HEAD = `# Models and commands

Generated from the connector's own schema (\`npx ndc-sentinel print-schema-and-capabilities\`) by
\`test/docs/models.test.ts\`; \`npm run test:update\` rewrites it. How the three surfaces spell these names is in
[api.md](api.md). A \`?\` marks what may be null, or an argument that may be left out.
`;

/** A cell of a Markdown table. */
const cell = (text: string | null | undefined): string =>
  (text ?? '').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', ' ');

function typeText(type: Type): string {
  switch (type.type) {
    case 'named':
      return type.name;
    case 'nullable':
      return `${typeText(type.underlying_type)}?`;
    case 'array':
      return `[${typeText(type.element_type)}]`;
    case 'predicate':
      return `predicate on ${type.object_type_name}`;
  }
}

function table(
  entries: Readonly<Record<string, { readonly type: Type; readonly description?: string | null }>>,
): string {
  const rows = Object.entries(entries).map(
    ([name, { type, description }]) => `| \`${name}\` | ${typeText(type)} | ${cell(description)} |\n`,
  );
  return rows.length === 0 ? '' : `\n| name | type | meaning |\n|---|---|---|\n${rows.join('')}`;
}

function collection({ name, description, type }: (typeof schema.collections)[number]): string {
  const { fields } = schema.object_types[type] as ObjectType;
  return `\n### ${name}\n\n${description ?? ''}\n${table(fields)}`;
}

function object([name, { description, fields }]: readonly [string, ObjectType]): string {
  return `\n### ${name}\n\n${description ?? ''}\n${table(fields)}`;
}

interface Command {
  readonly name: string;
  readonly description?: string | null;
  readonly arguments: Readonly<Record<string, ArgumentInfo>>;
  readonly result_type: Type;
}

function command({ name, description, arguments: args, result_type: result }: Command): string {
  const { headers: _presetByTheLink, ...own } = args;
  return `\n### ${name}\n\n${description ?? ''} Result: ${typeText(result)}.\n${table(own)}`;
}

describe('docs/models.md', () => {
  it('is what the connector publishes today', async () => {
    const rowTypes = new Set(schema.collections.map(({ type }) => type));
    const text = [
      HEAD,
      '\n## Models (collections)\n',
      ...schema.collections.map(collection),
      '\n## Functions (read)\n',
      ...schema.functions.map(command),
      '\n## Procedures (change)\n',
      '\nOver NDC each also takes `headers` (Json?), which the link presets with the session: `x-hasura-user-id`, else\n',
      '`x-hasura-role`, is recorded as the acting person.\n',
      ...schema.procedures.map(command),
      '\n## Objects (inside columns and results)\n',
      ...Object.entries(schema.object_types)
        .filter(([name]) => !rowTypes.has(name))
        .map(object),
    ];
    await expect(text.join('')).toMatchFileSnapshot(join(DOCS, 'models.md'));
  });
});
