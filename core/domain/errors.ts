/**
 * The one catalogue of what can go wrong for a caller: a code, a kind and a text. Codes are public interface; texts may
 * change. Each surface maps kinds (not codes) to its own statuses in one table. Anything that is not a DomainError is a
 * defect: it is logged with an id and leaves the process as "internal error, id …", never with its message.
 */
export type ErrorKind =
  | 'bad-request' // the request does not say something we can read
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict' // the state is not what the caller assumed
  | 'unprocessable' // well-formed, but a value is not allowed
  | 'unsupported'
  | 'unavailable';

export interface DomainErrorOptions {
  /** Where in the input the fault lies: a JSON path, a variable, a line. */
  readonly path?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class DomainError extends Error {
  override readonly name = 'DomainError';
  /** UPPER_SNAKE, so that every surface spells codes alike. */
  readonly code: Uppercase<string>;
  readonly kind: ErrorKind;
  readonly path: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, code: Uppercase<string>, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.path = options.path;
    this.details = options.details ?? {};
  }
}

export const badRequest = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('bad-request', code, message, options);
export const unauthenticated = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('unauthenticated', code, message, options);
export const forbidden = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('forbidden', code, message, options);
export const notFound = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('not-found', code, message, options);
export const conflict = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('conflict', code, message, options);
export const unprocessable = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('unprocessable', code, message, options);
export const unsupported = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('unsupported', code, message, options);
export const unavailable = (code: Uppercase<string>, message: string, options?: DomainErrorOptions): DomainError =>
  new DomainError('unavailable', code, message, options);

/** For the end of a switch over a closed union: the compiler refuses a missing case. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
