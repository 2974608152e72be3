import { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';
import { RequestQuery } from '@rustfs-portal/plugin-rustfs-node';
import { Knex } from 'knex';

const COLUMNS: Record<RequestQuery['key'], string> = {
  owner: 'owner',
  requestedBy: 'requested_by',
};

/** Adds the conditions of a permission decision to a query, so that pages and totals hold only what may be seen. */
export function applyConditions(
  builder: Knex.QueryBuilder,
  criteria: PermissionCriteria<RequestQuery>,
): void {
  if (isAndCriteria(criteria)) {
    for (const part of criteria.allOf) {
      builder.andWhere(inner => applyConditions(inner, part));
    }
  } else if (isOrCriteria(criteria)) {
    for (const part of criteria.anyOf) {
      builder.orWhere(inner => applyConditions(inner, part));
    }
  } else if (isNotCriteria(criteria)) {
    builder.whereNot(inner => applyConditions(inner, criteria.not));
  } else {
    builder.whereIn(COLUMNS[criteria.key], criteria.values);
  }
}
