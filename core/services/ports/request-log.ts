import type { LoggedRequest } from '../../detection/patterns/logged-request.ts';

export interface LogPort {
  /** The newest `limit` observed requests that were allowed, oldest first. */
  recent(limit: number): Promise<LoggedRequest[]>;
}
