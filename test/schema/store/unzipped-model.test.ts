import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unzippedModel } from '../../../schema/store/unzipped-model.ts';

const model = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7_919) % 251);
const stored = () => Uint8Array.from(gzipSync(model));

describe('a stored model that is read', () => {
  it('comes in one piece, and the memory of what was stored is free at once', async () => {
    const bytes = stored();
    expect(Buffer.compare(await unzippedModel(bytes), model)).toBe(0);
    expect(bytes.buffer.detached).toBe(true);
  });

  it('leaves a buffer alone of which it is a part only', async () => {
    const bytes = stored();
    const packet = new Uint8Array(bytes.length + 8);
    packet.set(bytes, 8);
    expect(Buffer.compare(await unzippedModel(packet.subarray(8)), model)).toBe(0);
    expect(Buffer.compare(packet.subarray(8), bytes)).toBe(0);
  });

  it('is left as it is where it can not be unzipped', async () => {
    const cut = stored().slice(0, 100);
    expect(await unzippedModel(cut)).toBe(cut);
    expect(cut).toHaveLength(100);
  });
});
