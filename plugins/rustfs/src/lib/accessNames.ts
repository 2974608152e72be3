import { accessNameSchema } from '@rustfs-portal/plugin-rustfs-common';
import { parseRef } from './entityRefs';

const MAX_LENGTH = 40;

/** A name for an access of an entity that is not taken: that of the entity, with a number where needed. */
export function suggestAccessName(
  entityRef: string,
  taken: string[],
): string | undefined {
  const name = (parseRef(entityRef)?.name ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  for (let number = 1; number <= taken.length + 1; number++) {
    const end = number === 1 ? '' : `-${number}`;
    const candidate = `${name
      .slice(0, MAX_LENGTH - end.length)
      .replace(/-+$/, '')}${end}`;
    if (
      accessNameSchema.safeParse(candidate).success &&
      !taken.includes(candidate)
    ) {
      return candidate;
    }
  }
  return undefined;
}

/** The usual name of the Secret of an access. */
export function suggestSecretName(access: string): string {
  return `${access}-s3`;
}
