import { createHash } from 'node:crypto';

const MAX_LENGTH = 63;
const HASH_LENGTH = 8;

/** A tenant, or a bucket on it. */
export interface Named {
  /** Unique: `cluster/namespace/name`, with `:bucket` for a bucket. */
  id: string;
}

/**
 * Names for the catalog: `<cluster>-<tenant>` and `<cluster>-<tenant>-<bucket>`. Where that is too long, or the same for
 * two of them, a hash of the id makes it fit and differ.
 *
 * @returns the name by id
 */
export function entityNames(items: Named[]): Map<string, string> {
  const plain = items.map(({ id }) => ({ id, name: plainName(id) }));
  const uses = new Map<string, number>();
  for (const { name } of plain) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return new Map(
    plain.map(({ id, name }) => [
      id,
      name.length > MAX_LENGTH || uses.get(name)! > 1
        ? withHash(name, id)
        : name,
    ]),
  );
}

function plainName(id: string): string {
  const [ref, bucket] = id.split(':');
  const [cluster, , tenant] = ref.split('/');
  return [cluster, tenant, bucket].filter(Boolean).join('-');
}

function withHash(name: string, id: string): string {
  const hash = createHash('sha256').update(id).digest('hex');
  const start = name
    .slice(0, MAX_LENGTH - HASH_LENGTH - 1)
    .replace(/[^a-z0-9]+$/, '');
  return `${start}-${hash.slice(0, HASH_LENGTH)}`;
}
