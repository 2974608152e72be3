import { SourceObstacle } from '@rustfs-portal/plugin-rustfs-common';
import { EngineList } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ObjectMetadata, withoutNulls } from '../kubernetes';

/** The objects of a kind of an engine in one cluster. */
export type ObjectList<T> =
  | {
      items: T[];
      /** Those that are there, and not as they should be. */
      unreadable: Array<Pick<ObjectMetadata, 'name' | 'namespace'>>;
    }
  /** The cluster serves the kind in other versions only; empty: it does not know it. */
  | { servedVersions: string[] }
  /** It does not say now; a problem tells why. */
  | undefined;

const nameSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
});

/**
 * An engine only says where a tenant comes from: what is wrong with one of its objects is said of the tenants that it leads
 * to, and of nobody else.
 */
export function parseList<T>(
  list: EngineList,
  schema: z.ZodType<T>,
): ObjectList<T> {
  if (!list?.items) {
    return list;
  }
  const parsed = list.items.map(withoutNulls).map(item => ({
    found: schema.safeParse(item).data,
    name: nameSchema.safeParse(item).data?.metadata,
  }));
  return {
    items: parsed.flatMap(({ found }) => found ?? []),
    unreadable: parsed.flatMap(({ found, name }) => (found ? [] : name ?? [])),
  };
}

export function itemsOf<T>(list: ObjectList<T>): T[] {
  return list && 'items' in list ? list.items : [];
}

/** Why an object of a kind that is served in other versions only leads nowhere. */
export function unservedObstacle(
  object: Extract<SourceObstacle, { code: 'version-unsupported' }>['object'],
  needed: string,
  { servedVersions }: { servedVersions: string[] },
): SourceObstacle {
  return {
    code: 'version-unsupported',
    object,
    neededVersion: needed,
    servedVersions,
  };
}
