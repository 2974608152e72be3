import { parseTenantRef, Problem } from '@rustfs-portal/plugin-rustfs-common';
import { TenantConfig, WorkloadConfig } from '../../config';
import {
  ClusterLook,
  ClusterTenantSource,
  FoundTenant,
} from '../ClusterTenantSource';
import { findEndpoint, ServiceObject, serviceSchema } from './service';
import {
  describeWorkload,
  findRustfs,
  refOf,
  Workload,
  workloadSchema,
} from './workload';

const KINDS: Array<{ kind: WorkloadConfig['kind']; resource: string }> = [
  { kind: 'Deployment', resource: 'deployments' },
  { kind: 'StatefulSet', resource: 'statefulsets' },
];

/** What the namespaces of the tenants have; undefined where the portal may not see it. */
interface Installed {
  /** By kind: of one that cannot be listed nothing is known, and of `find` neither. */
  workloads: Partial<Record<WorkloadConfig['kind'], Workload[]>>;
  services?: ServiceObject[];
}

/** Tenants without the RustFS operator, as `rustfs.tenants` names them: a workload, or only a server. */
export const configuredTenants: ClusterTenantSource = {
  title: 'rustfs.tenants',

  async read(lister, { configured }) {
    const namespaces = [
      ...new Set(
        configured
          .filter(({ unmanaged }) => unmanaged && unmanaged.workload !== 'none')
          .map(({ ref }) => parseTenantRef(ref).namespace),
      ),
    ].sort();
    const installed: Installed = { workloads: {} };
    if (namespaces.length > 0) {
      const [services, ...workloads] = await Promise.all([
        lister.listIfPossible(
          { api: '/api/v1', resource: 'services' },
          namespaces,
        ),
        ...KINDS.map(({ resource }) =>
          lister.listIfPossible({ api: '/apis/apps/v1', resource }, namespaces),
        ),
      ]);
      installed.services = services?.flatMap(item =>
        lister.parse(item, serviceSchema, 'Service'),
      );
      KINDS.forEach(({ kind }, index) => {
        installed.workloads[kind] = workloads[index]?.flatMap(item =>
          lister
            .parse(item, workloadSchema, kind)
            .map(workload => ({ kind, ...workload })),
        );
      });
    }
    return look =>
      look.configured.map(tenant =>
        describeConfigured(tenant, installed, look),
      );
  },
};

function describeConfigured(
  tenant: TenantConfig,
  installed: Installed,
  look: ClusterLook,
): FoundTenant {
  const { endpoints, ref, unmanaged } = tenant;
  const isFound = look.found.has(ref);
  const problems: Problem[] = [];
  const found: FoundTenant = {
    facts: { ref, endpoints },
    isAddition: !unmanaged,
    problems,
  };
  // What the cluster has a Tenant for is not searched for; what is named all the same is for the merge to judge.
  if (unmanaged && !(isFound && unmanaged.workload === 'find')) {
    const workload = findWorkload(tenant, installed, problems);
    if (workload) {
      found.object = workload.metadata;
      found.facts.workload = refOf(workload);
      found.facts.condition = describeWorkload(workload);
      found.facts.endpoints = {
        inCluster: findEndpoint(workload, installed.services ?? []),
        ...endpoints,
      };
    }
  }
  return found;
}

/** The workload of a tenant; where it cannot be told, a problem says what to write. */
function findWorkload(
  { ref, unmanaged }: TenantConfig,
  { workloads }: Installed,
  problems: Problem[],
): Workload | undefined {
  if (!unmanaged || unmanaged.workload === 'none') {
    return undefined;
  }
  const { namespace } = parseTenantRef(ref);
  const { workload: wanted } = unmanaged;
  const lists = KINDS.filter(
    ({ kind }) => wanted === 'find' || kind === wanted.kind,
  ).map(({ kind }) => workloads[kind]);
  if (lists.includes(undefined)) {
    // The only one that is seen may not be the only one that there is.
    return undefined;
  }
  const there = lists
    .flatMap(list => list ?? [])
    .filter(({ metadata }) => metadata.namespace === namespace);
  const found =
    wanted === 'find'
      ? findRustfs(there)
      : there.filter(
          ({ kind, metadata }) =>
            kind === wanted.kind && metadata.name === wanted.name,
        );
  if (found.length === 1) {
    return found[0];
  }
  const named = found
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .join(', ');
  const what =
    wanted === 'find'
      ? 'Deployment or StatefulSet that runs RustFS'
      : `${wanted.kind} ${wanted.name}`;
  problems.push({
    code: 'workload-unclear',
    part: ref,
    message: named
      ? `Namespace ${namespace} has more than one ${what}, so it is not known which is that of tenant ${ref}: ${named}`
      : `Namespace ${namespace} has no ${what} for tenant ${ref}`,
    hint: 'Write its kind and name as workload of the tenant in rustfs.tenants, or workload: none.',
  });
  return undefined;
}
