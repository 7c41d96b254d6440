import { describe, expect, it } from 'vitest';
import { isSampled, traceContextOf } from '../../plugin/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('the trace context', () => {
  it.each<[string, Record<string, string | string[]>, unknown]>([
    ['W3C', { traceparent: `00-${TRACE}-${SPAN}-01` }, { traceId: TRACE, spanId: SPAN }],
    ['a later version of W3C', { traceparent: `01-${TRACE}-${SPAN}-01-more` }, { traceId: TRACE, spanId: SPAN }],
    ['a repeated header', { traceparent: [`00-${TRACE}-${SPAN}-01`, 'x'] }, { traceId: TRACE, spanId: SPAN }],
    ['B3 in several headers', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN }, { traceId: TRACE, spanId: SPAN }],
    [
      'B3 with 64 bits',
      { 'x-b3-traceid': SPAN, 'x-b3-spanid': SPAN },
      { traceId: `0000000000000000${SPAN}`, spanId: SPAN },
    ],
    ['B3 in one header', { b3: `${TRACE}-${SPAN}-1` }, { traceId: TRACE, spanId: SPAN }],
    ['B3 without a span', { 'x-b3-traceid': TRACE }, { traceId: TRACE, spanId: null }],
    [
      'W3C before B3',
      { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-b3-traceid': SPAN },
      { traceId: TRACE, spanId: SPAN },
    ],
  ])('is read from %s', (_, headers, expected) => {
    expect(traceContextOf(headers)).toEqual(expected);
  });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['upper case, which W3C forbids', { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` }],
    ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }],
    ['a short trace', { traceparent: `00-abc-${SPAN}-01` }],
    ['a long line', { traceparent: 'a'.repeat(100_000) }],
    ['"not sampled"', { b3: '0' }],
  ])('is null from %s', (_, headers) => {
    expect(traceContextOf(headers)).toBeNull();
  });
});

describe('the decision to record', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['nobody', {}, true],
    ['W3C', { traceparent: `00-${TRACE}-${SPAN}-01` }, true],
    ['W3C, against', { traceparent: `00-${TRACE}-${SPAN}-00` }, false],
    ['W3C before B3', { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-b3-sampled': '0' }, true],
    ['B3 in several headers', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN }, true],
    ['B3 in several headers, against', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' }, false],
    ['B3 in one header', { b3: `${TRACE}-${SPAN}-d` }, true],
    ['B3 in one header, against', { b3: `${TRACE}-${SPAN}-0` }, false],
    ['B3 that says only "not sampled"', { b3: '0' }, false],
  ])('is that of %s', (_, headers, expected) => {
    expect(isSampled(headers)).toBe(expected);
  });
});
