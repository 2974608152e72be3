import { InputError } from '@backstage/errors';
import {
  parseTenantRef,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { textOf } from '../textOf';

/** The query of lists that can be narrowed to one tenant. */
export const tenantQuerySchema = z.object({
  tenant: textOf(text => stringifyTenantRef(parseTenantRef(text))).optional(),
});

/** Reads the `Idempotency-Key` header. */
export function parseIdempotencyKey(header: string | undefined): string {
  if (!header || !/^[\x21-\x7e]{1,200}$/.test(header)) {
    throw new InputError(
      'Idempotency-Key: expected a header of 1 to 200 visible characters that is new for each new request, for example a UUID',
    );
  }
  return header;
}

/** The tenant ref in a path, `/:cluster/:namespace/:name`. */
export function parseTenantPath(params: Record<string, string>): string {
  return stringifyTenantRef(
    parseTenantRef(`${params.cluster}/${params.namespace}/${params.name}`),
  );
}

/** The entity ref in a path, `/:kind/:namespace/:name`. */
export function parseEntityPath(params: Record<string, string>): string {
  return `${params.kind}:${params.namespace}/${params.name}`;
}
