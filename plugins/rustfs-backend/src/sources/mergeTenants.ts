import {
  ClusterObjectRef,
  parseTenantRef,
  Problem,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { defaultSetupNamespace } from '../config';
import { FoundTenant, SourceFacts } from './ClusterTenantSource';

/** What one source has found. */
export interface FoundBy {
  /** For words: `the RustFS operator`. */
  title: string;
  found: FoundTenant[];
}

/** A tenant of which all sources have told. */
export interface MergedTenant extends Omit<FoundTenant, 'facts' | 'problems'> {
  facts: TenantFacts;
}

/**
 * Makes one of what several sources say of a tenant. The one that comes first counts where two say something else, and a
 * problem says so; addresses are those of the last, as somebody has written them.
 */
export function mergeTenants(sources: FoundBy[]): {
  tenants: MergedTenant[];
  problems: Problem[];
} {
  const merged = new Map<string, FoundTenant & { title: string }>();
  const problems: Problem[] = [];
  for (const { found, title } of sources) {
    for (const tenant of found) {
      const { ref } = tenant.facts;
      const first = merged.get(ref);
      problems.push(...(tenant.problems ?? []));
      if (first) {
        problems.push(...findConflict(first, { ...tenant, title }));
        merged.set(ref, {
          title: first.title,
          object: first.object ?? tenant.object,
          facts: mergeFacts(first.facts, tenant.facts),
        });
      } else if (!tenant.isAddition) {
        merged.set(ref, { ...tenant, title });
      }
    }
  }
  return {
    tenants: [...merged.values()].map(({ facts, object }) => ({
      object,
      facts: { ...nothingDeclared(facts), ...facts },
    })),
    problems,
  };
}

function mergeFacts(first: SourceFacts, other: SourceFacts): SourceFacts {
  const endpoints = { ...first.endpoints, ...withoutGaps(other.endpoints) };
  // What is declared belongs together: half of one and half of the other would be neither.
  if (first.layout) {
    const { workload, condition, installedBy } = other;
    return {
      ...withoutGaps({ workload, condition, installedBy }),
      ...withoutGaps(first),
      ref: first.ref,
      endpoints,
    };
  }
  return {
    ...withoutGaps(other),
    ...withoutGaps(first),
    ref: first.ref,
    endpoints,
  };
}

function findConflict(
  first: FoundTenant & { title: string },
  other: FoundTenant & { title: string },
): Problem[] {
  const { ref, workload, layout } = first.facts;
  const differing = [
    workload &&
      other.facts.workload &&
      nameOf(workload) !== nameOf(other.facts.workload) &&
      `${nameOf(workload)} and ${nameOf(other.facts.workload)}`,
    layout && other.claimsLayout && 'two places where storage is declared',
  ].filter(Boolean);
  return differing.length
    ? [
        {
          code: 'tenant-conflict',
          part: ref,
          message: `${capitalize(first.title)} and ${
            other.title
          } both have tenant ${ref}, with ${differing.join(', and ')}: what ${
            first.title
          } says counts`,
          hint: `Name one of them otherwise, or take what is too much out of its entry in rustfs.tenants.`,
        },
      ]
    : [];
}

function nothingDeclared({
  layout,
  ref,
}: SourceFacts): Omit<TenantFacts, 'ref'> {
  return {
    ...(!layout && {
      obstacle: {
        code: 'setup-missing',
        namespace: defaultSetupNamespace(parseTenantRef(ref)),
      },
    }),
    endpoints: {},
    items: [],
    unlisted: {
      reason: 'NotDeclared',
      message: 'Nothing declares storage on this tenant',
    },
    records: [],
    unreadRecords: [],
    accesses: [],
    unreadAccesses: [],
  };
}

/** Without the fields that are undefined, which would hide those of another. */
function withoutGaps<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(value ?? {}).filter(([, field]) => field !== undefined),
  ) as Partial<T>;
}

function nameOf({ kind, name, namespace }: ClusterObjectRef): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

function capitalize(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
