import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, MINUTE } from './time.ts';

/**
 * Header by which a request says that this service itself sent it: a query of an alert rule, which must not be counted
 * among what it counts. The hooks have it forwarded; a client that sends it without the key changes nothing.
 */
export const OWN_TRAFFIC_HEADER = 'x-sentinel-own-traffic';

/** How long one marker is made; it is accepted as long again. */
export const MARKER_PERIOD_MS = MINUTE;

export interface OwnTrafficMarker {
  /** The header's value at present: 64 hexadecimal digits. Every process that has the secret makes the same. */
  sign(): string;
  /** Whether the value was made under the secret in this period or the one before. */
  isGenuine(presented: string | null): boolean;
}

const FORM = /^[0-9a-f]{64}$/;

/**
 * A rotating HMAC-SHA-256 over the number of the period. It tells nothing about the request, so whoever gets hold of one
 * can use it for two minutes at most; what it spares a request is to be observed, never the kill switch.
 *
 * @param secret shared by the processes of one store; the key is derived from it for this purpose alone.
 */
export function createOwnTrafficMarker(secret: string, clock: Clock): OwnTrafficMarker {
  const key = createHmac('sha256', secret).update(OWN_TRAFFIC_HEADER).digest();
  const markerOf = (period: number): Buffer => createHmac('sha256', key).update(`period ${period}`).digest();
  const currentPeriod = (): number => Math.floor(clock.now() / MARKER_PERIOD_MS);
  return {
    sign: () => markerOf(currentPeriod()).toString('hex'),
    isGenuine(presented) {
      if (presented === null || !FORM.test(presented)) return false;
      const given = Buffer.from(presented, 'hex');
      const period = currentPeriod();
      // Both are compared, whatever the first says: how long it takes tells nothing.
      const [isCurrent, isPrevious] = [period, period - 1].map((each) => timingSafeEqual(markerOf(each), given));
      return isCurrent === true || isPrevious === true;
    },
  };
}
