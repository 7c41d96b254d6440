import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../../core/domain/errors.ts';
import { MODEL_FORMAT_VERSION, parseModel, serialiseModel } from '../../../../core/detection/records/model-format.ts';
import { createPrng } from '../../../../core/detection/records/prng.ts';
import { featuresOf } from '../../../../core/detection/records/record-features.ts';
import { scoreRecords } from '../../../../core/detection/records/record-model.ts';
import { dataset, hash, orders, orderWindow, START, train } from './orders.ts';

const model = train(orderWindow(60));
const stored = serialiseModel(model);

function faultOf(text: string): DomainError {
  try {
    parseModel(text);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('the model was accepted');
}

describe('a stored model', () => {
  it('is the same model: scores equal bit for bit', () => {
    const batch = featuresOf(dataset('orders', orders(createPrng('format'), 300, START)), START, hash);
    expect(parseModel(stored)).toEqual(model);
    expect(scoreRecords(parseModel(stored), batch)).toEqual(scoreRecords(model, batch));
    expect(serialiseModel(parseModel(stored))).toBe(stored);
  });

  it('without a numeric part survives too', () => {
    const flags = train(
      Array.from({ length: 200 }, (_, i) => ({ key: `${i}/0`, at: START, features: { a: i % 3 === 0 } })),
    );
    expect(parseModel(serialiseModel(flags))).toEqual(flags);
  });

  it('holds no text of the records', () => {
    expect(stored).not.toMatch(/example\.com|please ring|cancelled/);
  });

  it.each([
    ['is not JSON', 'not json', 'it is not JSON'],
    ['is not an object', '[]', 'its format is'],
    ['is a pickle (D16)', '\u0080\u0004\u0095', 'it is not JSON'],
    ['is of another format', stored.replace('record-model', 'pickle'), 'its format is "pickle"'],
    [
      'is of an unknown version',
      stored.replace(`"version":${MODEL_FORMAT_VERSION}`, '"version":99'),
      'its version is 99',
    ],
    ['was changed', stored.replace('"detector":"joined"', '"detector":"forest"'), 'its checksum does not match'],
    ['is cut', stored.slice(0, -10), 'it is not JSON'],
    ['is incomplete', JSON.stringify({ format: 'record-model', version: 1, checksum: '' }), 'it is incomplete'],
  ])('that %s is refused by name', (_, text, reason) => {
    const fault = faultOf(text);
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
