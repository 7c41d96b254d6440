import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../../../core/domain/errors.ts';
import {
  MODEL_FORMAT_VERSION,
  parseModel,
  serialiseModel,
} from '../../../../../core/detection/records/model/model-format.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { scoreRecords } from '../../../../../core/detection/records/model/record-model.ts';
import { dataset, hash, orders, orderWindow, START, train } from '../orders.ts';

const model = train(orderWindow(60));
const stored = serialiseModel(model);

function faultOf(bytes: Uint8Array): DomainError {
  try {
    parseModel(bytes);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('the model was accepted');
}

/** The stored bytes with one part of their text replaced by another. */
function changed(from: string, to: string): Uint8Array {
  const text = Buffer.from(stored).toString('latin1');
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to), 'latin1');
}

describe('a stored model', () => {
  it('is the same model: scores equal bit for bit', () => {
    const batch = featuresOf(dataset('orders', orders(createPrng('format'), 300, START)), START, hash);
    expect(parseModel(stored)).toEqual(model);
    expect(scoreRecords(parseModel(stored), batch)).toEqual(scoreRecords(model, batch));
    expect(serialiseModel(parseModel(stored))).toEqual(stored);
  });

  it('is read where it lies: its arrays are no copies', () => {
    expect(parseModel(stored).numeric?.forest.threshold.buffer).toBe(stored.buffer);
  });

  it('is the same model wherever its bytes begin', () => {
    const shifted = new Uint8Array(stored.length + 3).subarray(3);
    shifted.set(stored);
    expect(parseModel(shifted)).toEqual(model);
  });

  it('without a numeric part survives too', () => {
    const flags = train(
      Array.from({ length: 200 }, (_, i) => ({ key: `${i}/0`, at: START, features: { a: i % 3 === 0 } })),
    );
    expect(parseModel(serialiseModel(flags))).toEqual(flags);
  });

  it('holds no text of the records', () => {
    expect(Buffer.from(stored).toString('latin1')).not.toMatch(/example\.com|please ring|cancelled/);
  });

  it.each([
    ['is not JSON', Buffer.from('not json'), 'it does not begin with a line of JSON'],
    ['is not an object', Buffer.from('[]'), 'its format is'],
    ['is null', Buffer.from('null'), 'it does not begin with a JSON object'],
    ['is a pickle (D16)', Buffer.of(0x80, 0x04, 0x95, 0x0a), 'it does not begin with a line of JSON'],
    ['is of another format', changed('"record-model"', '"pickle"'), 'its format is "pickle"'],
    ['is of the format before', Buffer.from('{"format":"record-model","version":1,"model":{}}'), 'its version is 1'],
    ['is of an unknown version', changed(`"version":${MODEL_FORMAT_VERSION}`, '"version":99'), 'its version is 99'],
    ['was changed', changed('"detector":"joined"', '"detector":"forest"'), 'its checksum does not match'],
    ['is cut', stored.slice(0, -10), 'its checksum does not match'],
    ['is cut within its JSON', stored.slice(0, 400), 'it is incomplete'],
    [
      'is only a first line',
      Buffer.from(`{"format":"record-model","version":${MODEL_FORMAT_VERSION},"checksum":""}\n`),
      'it is incomplete',
    ],
  ])('that %s is refused by name', (_, bytes, reason) => {
    const fault = faultOf(bytes);
    expect(fault).toMatchObject({ code: 'MODEL_FORMAT', kind: 'unprocessable' });
    expect(fault.message).toContain(reason);
  });

  it('whose nodes point in a circle is refused, whatever its checksum says', async () => {
    const { numeric } = model;
    const circular = {
      ...model,
      numeric: { ...numeric!, forest: { ...numeric!.forest, left: new Int16Array(numeric!.forest.left.length) } },
    };
    expect(faultOf(serialiseModel(circular)).message).toContain('missing or has the wrong type');
  });
});
