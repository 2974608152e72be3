import type { AdminCall } from './AdminCall';

/** One call of the admin API; `{name}` in the path is a parameter. */
export interface AdminRoute {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Behind `/rustfs/admin/`. */
  path: string;
  handle(call: AdminCall): Promise<void> | void;
}

export function route(
  method: AdminRoute['method'],
  path: string,
  handle: AdminRoute['handle'],
): AdminRoute {
  return { method, path, handle };
}
