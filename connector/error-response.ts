import { randomUUID } from 'node:crypto';
import { DomainError, type ErrorKind } from '../core/domain/errors.ts';

/** The statuses of the NDC specification (`error-handling.md`); 401 is the SDK's convention. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  // Not 404: over NDC that means "no such route". A request that names a missing thing is well-formed but wrong.
  'not-found': 422,
  conflict: 409,
  unprocessable: 422,
  unsupported: 501,
  unavailable: 502,
};

/** What a caller may see. `details` is a required field of the protocol and always an object here. */
export interface NdcFailure {
  readonly status: number;
  readonly body: { readonly message: string; readonly details: Readonly<Record<string, unknown>> };
  /** Set where the error is a defect of ours: what the log entry and the message share. */
  readonly incidentId?: string;
}

/** The one place where an error becomes an NDC error; anything but a DomainError leaves without its message. */
export function toFailure(error: unknown): NdcFailure {
  if (error instanceof DomainError) {
    const details = { ...error.details, code: error.code, ...(error.path === undefined ? {} : { path: error.path }) };
    return { status: STATUS_OF_KIND[error.kind], body: { message: error.message, details } };
  }
  const incidentId = randomUUID();
  return {
    status: 500,
    body: { message: `internal error, id ${incidentId}`, details: { code: 'INTERNAL', id: incidentId } },
    incidentId,
  };
}
