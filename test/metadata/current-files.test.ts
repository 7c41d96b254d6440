import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeMetadata } from '../../metadata/write-metadata.ts';
import { metadataInput } from './generated-metadata.ts';

const FOLDER = resolve(import.meta.dirname, '../../metadata/ddn');
const files = writeMetadata(metadataInput({ observe: [{ subgraph: 'app', connectors: ['chinook'] }] }));

/** `npm run test:update` writes them; the difference is reviewed like code. */
describe('the committed metadata', () => {
  it.each([...files])('%s is what the catalogue and the verbs say today', async (path, text) => {
    await expect(text).toMatchFileSnapshot(join(FOLDER, path));
  });

  it('holds no file that is no longer generated', () => {
    const committed = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)));
    expect(committed.toSorted()).toEqual([...files.keys()].toSorted());
  });
});

describe('writing', () => {
  it('gives the same text every time', () => {
    const again = writeMetadata(metadataInput({ observe: [{ subgraph: 'app', connectors: ['chinook'] }] }));
    expect([...again]).toEqual([...files]);
  });

  it('puts no secret and no default for one into the text', () => {
    const example = readFileSync(join(FOLDER, 'env.example'), 'utf8');
    expect(example).toMatch(/^M_AUTH_KEY=$/m);
    expect(example).toMatch(/^DATA_QUALITY_ANOMALIES_AUTHORIZATION_HEADER=$/m);
  });

  it('writes the hook of observed connectors for their own subgraph, and none without any', () => {
    expect(files.get('app/metadata/anomalies-ndc-hooks.hml')).toContain('- chinook');
    expect([...writeMetadata(metadataInput()).keys()].filter((path) => path.startsWith('app/'))).toEqual([]);
  });

  it('refuses two files of one path instead of losing one', () => {
    const observe = [
      { subgraph: 'app', connectors: ['chinook'] },
      { subgraph: 'app', connectors: ['orders'] },
    ];
    expect(() => writeMetadata(metadataInput({ observe }))).toThrow('"app/metadata/anomalies-ndc-hooks.hml"');
  });

  it('records who acts by the session variable that a team names', () => {
    const link = (variable: string | null) =>
      writeMetadata(metadataInput({ userIdVariable: variable })).get('data_quality/metadata/anomalies.hml') ?? '';
    expect(link(null)).toContain('sessionVariable: x-hasura-role');
    expect(link(null)).not.toContain('sessionVariable: x-hasura-user');
    expect(link('x-hasura-user')).toContain('sessionVariable: x-hasura-user\n');
  });
});
