import { isIP } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Said at start: why the listener is where it is. */
  readonly note: string | null;
}

export interface ListenWish {
  /** What the listener is, for messages. */
  readonly listener: string;
  readonly port: number;
  /** The address asked for; undefined: none. */
  readonly host: string | undefined;
  readonly hostVariable: string;
  readonly secretVariable: string;
  readonly hasSecret: boolean;
}

/** A listener without its secret is for this machine only; there is no flag around it. */
export class OpenListenerError extends Error {}

/**
 * @throws OpenListenerError when an address beyond loopback is asked for and the secret is missing.
 */
export function listenAddress(wish: ListenWish): ListenAddress {
  if (wish.hasSecret) return { host: wish.host ?? '::', port: wish.port, note: null };
  if (wish.host === undefined) {
    return { host: '127.0.0.1', port: wish.port, note: `loopback only, because ${wish.secretVariable} is not set` };
  }
  if (isLoopback(wish.host)) return { host: wish.host, port: wish.port, note: null };
  throw new OpenListenerError(
    `${wish.hostVariable}=${wish.host} would open the ${wish.listener} to others, but ${wish.secretVariable} is not set. ` +
      `Set ${wish.secretVariable}, or leave ${wish.hostVariable} out to listen on loopback only.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
