import {
  ClusterObjectRef,
  parseTenantRef,
  Problem,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { defaultSetupNamespace } from '../config';
import { RecordsPlace } from './ClusterRecords';
import { FoundTenant, SourceFacts } from './ClusterTenantSource';

/** Of a tenant that nobody has declared anything for. */
const NOTHING: Omit<TenantFacts, 'ref'> = {
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

/** A tenant of which some sources have told. */
interface Gathered extends FoundTenant {
  title: string;
  /** Wherever somebody says that its records count. */
  places: RecordsPlace[];
}

/**
 * Makes one of what several sources say of a tenant. Of its workload the one that comes first is believed, and a problem
 * says so; addresses are those of the last, as somebody has written them. Where two say that storage is declared, neither is
 * believed: whoever may make the one would take over what the other declares. One of which a source knows nothing now is left
 * out, as nobody may take for absent what could not be read.
 */
export function mergeTenants(sources: FoundBy[]): {
  tenants: MergedTenant[];
  problems: Problem[];
} {
  const merged = new Map<string, Gathered>();
  const problems: Problem[] = [];
  const unknown = new Set(
    sources.flatMap(({ found }) =>
      found.flatMap(({ facts, isUnknown }) => (isUnknown ? facts.ref : [])),
    ),
  );
  for (const { found, title } of sources) {
    for (const tenant of found) {
      const { ref } = tenant.facts;
      if (unknown.has(ref)) {
        continue;
      }
      const first = merged.get(ref);
      problems.push(...(tenant.problems ?? []));
      const places = tenant.declaredIn ? [tenant.declaredIn] : [];
      if (first) {
        problems.push(...findConflict(first, { ...tenant, title }));
        merged.set(ref, {
          title: first.title,
          object: first.object ?? tenant.object,
          facts: mergeFacts(first.facts, tenant.facts),
          places: [...first.places, ...places],
        });
      } else if (!tenant.isAddition) {
        merged.set(ref, { ...tenant, title, places });
      }
    }
  }
  const all = [...merged.values()];
  const sharing = findSharing(all);
  problems.push(...[...sharing].map(describeSharing));
  return {
    tenants: all.map(({ facts, object, places }) => ({
      object,
      facts:
        places.length > 1 || sharing.has(facts.ref)
          ? withoutDeclared(facts)
          : { ...nothingDeclared(facts), ...facts },
    })),
    problems,
  };
}

/** The tenants whose records would be those of another one as well, with a ref of the other. */
function findSharing(tenants: Gathered[]): Map<string, string> {
  const refs = new Map<string, string[]>();
  for (const { facts, places } of tenants) {
    for (const { namespace, tenant } of places) {
      const key = `${namespace}/${tenant}`;
      refs.set(key, [...(refs.get(key) ?? []), facts.ref]);
    }
  }
  return new Map(
    [...refs.values()].flatMap(all =>
      all.flatMap(ref =>
        all
          .filter(other => other !== ref)
          .slice(0, 1)
          .map((other): [string, string] => [ref, other]),
      ),
    ),
  );
}

function describeSharing([ref, other]: [string, string]): Problem {
  return {
    code: 'tenant-conflict',
    part: ref,
    message: `The records of tenant ${ref} would be in one namespace and under one name with those of ${other}, so nobody can tell whose they are: none of them count`,
    hint: 'Write another namespace as setup of one of them in rustfs.tenants.',
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
  first: Gathered,
  other: FoundTenant & { title: string },
): Problem[] {
  const { ref, workload } = first.facts;
  const isDisputed = first.places.length > 0 && other.declaredIn !== undefined;
  const differing = [
    workload &&
      other.facts.workload &&
      nameOf(workload) !== nameOf(other.facts.workload) &&
      `${nameOf(workload)} and ${nameOf(other.facts.workload)}`,
    isDisputed && 'two places where storage is declared',
  ].filter(Boolean);
  return differing.length
    ? [
        {
          code: 'tenant-conflict',
          part: ref,
          message: `${capitalize(first.title)} and ${
            other.title
          } both have tenant ${ref}, with ${differing.join(', and ')}: ${
            isDisputed
              ? 'nothing that they declare counts'
              : `what ${first.title} says counts`
          }`,
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
    ...NOTHING,
    ...(!layout && {
      obstacle: {
        code: 'setup-missing',
        namespace: defaultSetupNamespace(parseTenantRef(ref)),
      },
    }),
  };
}

/** What a tenant is, and nothing of what is declared for it. */
function withoutDeclared({
  condition,
  endpoints = {},
  ref,
  workload,
}: SourceFacts): TenantFacts {
  return {
    ...NOTHING,
    ref,
    workload,
    condition,
    endpoints,
    obstacle: { code: 'declared-twice' },
    unlisted: {
      reason: 'DeclaredTwice',
      message:
        'Two places declare storage on this tenant, so neither of them counts',
    },
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
