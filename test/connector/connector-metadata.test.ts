import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

interface ShellCommand {
  readonly type: string;
  readonly bash: string;
  readonly powershell: string;
}

interface ConnectorMetadata {
  readonly commands: Readonly<Record<string, ShellCommand>>;
  readonly nativeToolchainDefinition: { readonly commands: Readonly<Record<string, ShellCommand>> };
  readonly supportedEnvironmentVariables: readonly { readonly name: string; readonly description: string }[];
}

const root = join(import.meta.dirname, '..', '..');
const metadata = parse(readFileSync(join(root, 'connector-metadata.yaml'), 'utf8')) as ConnectorMetadata;

it('has the keys that the format demands, for generation v0.2 of the specification', () => {
  expect(metadata).toMatchObject({
    version: 'v2',
    ndcSpecGeneration: 'v0.2',
    packagingDefinition: expect.any(Object),
    supportedEnvironmentVariables: expect.any(Array),
    commands: expect.any(Object),
    dockerComposeWatch: expect.any(Array),
  });
});

it("gives every native command for both shells, by the name of the package's own program", () => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  const [program] = Object.keys(bin);
  const commands = { ...metadata.commands, ...metadata.nativeToolchainDefinition.commands };
  for (const command of Object.values(commands)) {
    expect(command).toEqual({ type: 'ShellScript', bash: expect.any(String), powershell: expect.any(String) });
  }
  expect(metadata.commands['printSchemaAndCapabilities']?.bash).toBe(`npx ${program} print-schema-and-capabilities`);
  expect(metadata.nativeToolchainDefinition.commands['start']?.bash).toBe(`npx ${program} serve`);
});

it("names variables without the reserved prefixes, but for the platform's own token", () => {
  const reserved = metadata.supportedEnvironmentVariables
    .map(({ name }) => name)
    .filter((name) => /^(HASURA_|OTEL_)/.test(name));
  expect(reserved).toEqual(['HASURA_SERVICE_TOKEN_SECRET']);
});
