import {
  Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import {
  ANNOTATION_BUCKETS,
  ANNOTATION_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { GuardrailRule, isMappedTo, resolveGuardrails } from '../guardrails';

/** Entity refs of the owners of an entity: what the catalog worked out, else what the entity says. */
export function ownersOf(entity: Entity): string[] {
  const related = (entity.relations ?? [])
    .filter(({ type }) => type === RELATION_OWNED_BY)
    .map(({ targetRef }) => targetRef.toLowerCase());
  const stated = entity.spec?.owner;
  if (related.length || typeof stated !== 'string') {
    return related;
  }
  return [
    stringifyEntityRef(
      parseEntityRef(stated, {
        defaultKind: 'group',
        defaultNamespace: entity.metadata.namespace ?? 'default',
      }),
    ),
  ];
}

/**
 * The annotations that look right for an entity that has none: buckets whose name begins with that of the entity, else
 * the tenant that holds most buckets of its owners. Only buckets that are its owner's by their record, or by a guardrail
 * where they have none, and tenants on which the owner has or may ask for buckets are named.
 *
 * @returns undefined when nothing looks right
 */
export function suggestAnnotations(options: {
  entity: Entity;
  tenants: TenantFacts[];
  guardrails: GuardrailRule[];
}): Record<string, string> | undefined {
  const { entity, tenants, guardrails } = options;
  const owners = ownersOf(entity);
  const name = entity.metadata.name.toLowerCase();

  const found = tenants
    .map(({ ref, items, records, unreadRecords }) => {
      const ownerOf = new Map(records.map(r => [r.bucket, r.owner]));
      const all = [
        ...new Set([
          ...items
            .filter(({ listed, type }) => listed && type === 'bucket')
            .map(item => item.name),
          ...ownerOf.keys(),
        ]),
      ].sort();
      return {
        ref,
        buckets: all.filter(bucket => {
          if (bucket !== name && !bucket.startsWith(`${name}-`)) {
            return false;
          }
          const owner = ownerOf.get(bucket);
          return ownerOf.has(bucket)
            ? owner !== undefined && owners.includes(owner)
            : !unreadRecords.includes(bucket) &&
                isMappedTo(guardrails, { tenant: ref, name: bucket, owners });
        }),
        owned: records.filter(({ owner }) => owner && owners.includes(owner))
          .length,
        mayAsk: owners.some(
          owner => resolveGuardrails(guardrails, { owner, tenant: ref }).allow,
        ),
      };
    })
    .sort((a, b) => a.ref.localeCompare(b.ref));

  const matches = found.filter(({ buckets }) => buckets.length > 0);
  if (matches.length === 1) {
    const [{ ref, buckets }] = matches;
    return {
      [ANNOTATION_TENANT]: ref,
      [ANNOTATION_BUCKETS]: buckets.join(','),
    };
  }
  if (matches.length > 1) {
    return {
      [ANNOTATION_BUCKETS]: matches
        .flatMap(({ ref, buckets }) => buckets.map(b => `${ref}:${b}`))
        .join(','),
    };
  }
  const [most] = [...found].sort((a, b) => b.owned - a.owned);
  if (most && (most.owned > 0 || (found.length === 1 && most.mayAsk))) {
    return { [ANNOTATION_TENANT]: most.ref };
  }
  return undefined;
}
