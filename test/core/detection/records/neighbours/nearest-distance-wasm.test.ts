import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import wabt from 'wabt';

const FOLDER = join(import.meta.dirname, '../../../../../core/detection/records/neighbours');

it('the kernel of distances is what its text says', async () => {
  const { parseWat } = await wabt();
  const parsed = parseWat('nearest-distance.wat', readFileSync(join(FOLDER, 'nearest-distance.wat'), 'utf8'), {
    simd: true,
  });
  parsed.validate();
  const assembled = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  await expect(
    `// Assembled from nearest-distance.wat by \`npm run test:update\`.\nexport const NEAREST_DISTANCE_WASM =\n  '${assembled}';\n`,
  ).toMatchFileSnapshot(join(FOLDER, 'nearest-distance-wasm.ts'));
});
