import { Config } from '@backstage/config';
import {
  parseTenantRef,
  stringifyTenantRef,
  TenantEndpoints,
  TenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { parseSection } from './parseSection';
import {
  connectionKeys,
  onlyOneAuthority,
  readConnectionsConfig,
  TransportConfig,
} from './transports';

/** Pages wait for a server or a cluster that nothing is known of yet. */
const TIMEOUT_MS = 3_000;

/** The kinds of tenants that are looked for in a cluster, beside those that the configuration names. */
export const CLUSTER_SOURCES = ['rustfs-operator', 'minio-operator'] as const;

export type ClusterSourceId = (typeof CLUSTER_SOURCES)[number];

/** What runs the server of a tenant without an operator. */
export interface WorkloadConfig {
  kind: 'Deployment' | 'StatefulSet';
  name: string;
}

/** A Kubernetes API server with Tenants. */
export interface ClusterConfig {
  name: string;
  connection:
    | { kind: 'kubeconfig'; path: string; context?: string }
    | {
        kind: 'token';
        url: string;
        token: string;
        skipTLSVerify: boolean;
      }
    | { kind: 'inCluster' };
  transport: TransportConfig;
  /** Where Tenants and bucket records are looked for; undefined: in all namespaces. */
  namespaces?: string[];
  sources: ClusterSourceId[];
  secrets?: ClusterSecretsConfig;
  /** Where the GitOps engines run that apply into it; undefined: in the cluster itself. */
  gitops?: {
    /** Name of the other cluster. */
    cluster?: string;
    /** Names and addresses by which they call this one, beside its own. */
    destinations: string[];
    /** Of Argo CD; undefined: its default. */
    namespace?: string;
  };
}

/** How Secrets get into a cluster by way of Git. */
export interface ClusterSecretsConfig {
  /** Id of what writes them where nothing else is said; undefined: what a place shows. */
  writer?: string;
  sealedSecrets?: {
    /** The Service of the controller. */
    controller?: { namespace: string; name: string; port: string };
    certificateUrl?: string;
    /** From the root of the repository that the Secrets are in. */
    certificateFile?: string;
  };
}

/** How the portal reaches the server of a tenant and who it is there. */
export interface TenantConfig {
  ref: string;
  title?: string;
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  transport: TransportConfig;
  /** Addresses for others than the portal, which go before those that are found. */
  endpoints: TenantEndpoints;
  /** Of a tenant without an operator; undefined: of one that an operator has. */
  unmanaged?: {
    /** `find`: by image or labels, in the namespace of the tenant; `none`: the cluster has at most its records. */
    workload: WorkloadConfig | 'find' | 'none';
  };
  /** Where the records of such a tenant count, and nowhere else; undefined: nobody has said so, and none count. */
  setupNamespace?: string;
  /** Id of the layout that a module adds, in which its storage is declared. */
  layout?: string;
}

const text = (expected: string) =>
  z.string({ error: `expected ${expected}` }).min(1, {
    error: `expected ${expected}, found empty text`,
  });

const address = z
  .url({
    protocol: /^https?$/,
    error: 'expected an http(s) address, for example https://k8s.acme.org:6443',
  })
  .refine(url => !new URL(url).username, {
    error: 'expected an address without credentials in it',
  });

const serviceSchema = z.string().transform((value, ctx) => {
  const [, namespace, name, port = 'http'] =
    /^([a-z0-9-]+)\/([a-z0-9-]+)(?::([a-z0-9-]+))?$/.exec(value) ?? [];
  if (!name) {
    ctx.addIssue({
      code: 'custom',
      message:
        'expected namespace/name of a Service, for example kube-system/sealed-secrets-controller, or with :port behind it where its port is not called http',
    });
    return z.NEVER;
  }
  return { namespace, name, port };
});

const secretsSchema = z.strictObject({
  writer: text('the id of what writes Secrets').optional(),
  sealedSecrets: z
    .strictObject({
      controller: serviceSchema.optional(),
      certificateUrl: z
        .url({
          protocol: /^https$/,
          error:
            'expected an https address, for example https://seal.acme.org/v1/cert.pem: whoever answers can read what is sealed',
        })
        .refine(url => {
          const { hash, password, search, username } = new URL(url);
          return !(hash || password || search || username);
        }, 'expected an address without credentials, query and fragment: it stands in pull requests')
        .optional(),
      certificateFile: z
        .string()
        .regex(
          /^(?!\/)(?!.*\.\.)[A-Za-z0-9._/-]+$/,
          'expected a file from the root of the repository, for example clusters/prod/sealed-secrets.pem',
        )
        .optional(),
    })
    .refine(
      places => Object.values(places).filter(Boolean).length <= 1,
      'expected one of controller, certificateUrl and certificateFile',
    )
    .optional(),
});

const clusterSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, {
      error: 'expected a name in lower case, for example prod',
    }),
    kubeconfig: text('the path of a kubeconfig file').optional(),
    context: text('the name of a context').optional(),
    url: address.optional(),
    token: text('a bearer token').optional(),
    skipTLSVerify: z.boolean().optional(),
    inCluster: z.boolean().optional(),
    namespaces: z.array(text('a namespace')).min(1).optional(),
    sources: z
      .array(
        z.enum(CLUSTER_SOURCES, {
          error: `expected one of ${CLUSTER_SOURCES.join(', ')}`,
        }),
      )
      .default(['rustfs-operator']),
    secrets: secretsSchema.optional(),
    gitops: z
      .strictObject({
        cluster: text('the name of another cluster').optional(),
        destinations: z
          .array(text('a name or an address of the cluster'))
          .default([]),
        namespace: text('a namespace').optional(),
      })
      .optional(),
    ...connectionKeys,
  })
  .superRefine(onlyOneAuthority)
  .transform((cluster, ctx) => {
    const { name, namespaces, sources, kubeconfig, context, url, token } =
      cluster;
    const { gitops, secrets } = cluster;
    const { timeout, caData, caFile, proxy } = cluster;
    const keys = { timeout, caData, caFile, proxy };
    const ways = [kubeconfig, url, cluster.inCluster].filter(Boolean);
    if (ways.length !== 1) {
      ctx.addIssue({
        code: 'custom',
        message: 'expected exactly one of kubeconfig, url and inCluster: true',
      });
      return z.NEVER;
    }
    if (url && !token) {
      ctx.addIssue({
        code: 'custom',
        path: ['token'],
        message: 'expected a bearer token beside url',
      });
      return z.NEVER;
    }
    const misplaced = (
      [
        ['context', !kubeconfig],
        ['token', !url],
        ['caData', !url],
        ['caFile', !url],
        ['skipTLSVerify', !url],
      ] as const
    ).find(([key, wrong]) => wrong && cluster[key] !== undefined);
    if (misplaced) {
      ctx.addIssue({
        code: 'custom',
        path: [misplaced[0]],
        message: `expected no ${misplaced[0]} with this way to connect`,
      });
      return z.NEVER;
    }
    const entry = { name, namespaces, sources, gitops, secrets, keys };
    if (kubeconfig) {
      return {
        ...entry,
        connection: { kind: 'kubeconfig' as const, path: kubeconfig, context },
      };
    }
    return {
      ...entry,
      connection:
        url && token
          ? {
              kind: 'token' as const,
              url,
              token,
              skipTLSVerify: cluster.skipTLSVerify ?? false,
            }
          : { kind: 'inCluster' as const },
    };
  });

const namespaceSchema = z
  .string()
  .max(63, { error: 'expected at most 63 characters' })
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, {
    error: 'expected the name of a namespace, for example storage-setup',
  });

const workloadSchema = z.union(
  [
    z.enum(['find', 'none']),
    z.strictObject({
      kind: z.enum(['Deployment', 'StatefulSet']),
      name: text('the name of a Deployment or StatefulSet'),
    }),
  ],
  {
    error:
      'expected find, none, or a kind (Deployment or StatefulSet) and a name',
  },
);

/** Where the records of a tenant are whose `setup` names no namespace, and would be of one without `setup`. */
export function defaultSetupNamespace({
  name,
  namespace,
}: Pick<TenantRef, 'name' | 'namespace'>): string {
  return `${namespace}-${name}-setup`;
}

const rootAddress = address.refine(url => new URL(url).pathname === '/', {
  error: 'expected an address without a path',
});

const tenantSchema = z
  .strictObject({
    ref: z.string().transform((value, ctx) => {
      try {
        return parseTenantRef(value);
      } catch {
        ctx.addIssue({
          code: 'custom',
          message:
            'expected cluster/namespace/name in lower case, for example prod/storage/media',
        });
        return z.NEVER;
      }
    }),
    title: text('a title').optional(),
    endpoint: rootAddress.optional(),
    endpoints: z
      .strictObject({
        inCluster: rootAddress.optional(),
        external: rootAddress.optional(),
        console: address.optional(),
      })
      .default({}),
    workload: workloadSchema.optional(),
    setup: z.strictObject({ namespace: namespaceSchema.optional() }).optional(),
    layout: text('the id of a layout').optional(),
    accessKeyId: text("the access key of the portal's user"),
    secretAccessKey: text("the secret key of the portal's user"),
    ...connectionKeys,
  })
  .superRefine(onlyOneAuthority)
  .transform((entry, ctx) => {
    const { ref, endpoint, workload, setup, layout, ...rest } = entry;
    const { timeout, caData, caFile, proxy, ...tenant } = rest;
    if (setup && layout) {
      ctx.addIssue({
        code: 'custom',
        path: ['layout'],
        message:
          'expected either setup or layout, as storage is declared in one place',
      });
    }
    if ((workload || setup || layout) && !endpoint) {
      ctx.addIssue({
        code: 'custom',
        path: ['endpoint'],
        message:
          'expected the address of the S3 interface, as no operator makes a Service for it',
      });
    }
    // Only what is written claims a namespace: a guessed one may be there already, or be made by anybody.
    const setupNamespace =
      setup && (setup.namespace ?? defaultSetupNamespace(ref));
    if (setupNamespace && setupNamespace.length > 63) {
      ctx.addIssue({
        code: 'custom',
        path: ['setup', 'namespace'],
        message: `expected a namespace, as ${setupNamespace} is longer than the 63 characters that one may have`,
      });
    }
    return {
      ...tenant,
      ref: stringifyTenantRef(ref),
      // The Service that the operator makes for every Tenant.
      endpoint: endpoint ?? `http://${ref.name}-io.${ref.namespace}.svc:9000`,
      unmanaged:
        workload || setup || layout
          ? { workload: workload ?? (layout ? 'none' : 'find') }
          : undefined,
      layout,
      setupNamespace,
      keys: { timeout, caData, caFile, proxy },
    };
  });

function once<T>(key: keyof T & string) {
  return (items: T[], ctx: z.core.$RefinementCtx<T[]>) => {
    items.forEach((item, index) => {
      if (items.findIndex(other => other[key] === item[key]) < index) {
        ctx.addIssue({
          code: 'custom',
          path: [index, key],
          message: `expected every ${key} once, ${item[key]} is there twice`,
        });
      }
    });
  };
}

/** Records name their tenant by its last segment, so two of one name cannot have theirs in one namespace. */
function apartInSetup(
  tenants: Array<{ ref: string; setupNamespace?: string }>,
  ctx: z.core.$RefinementCtx,
) {
  const placeOf = ({ ref, setupNamespace }: (typeof tenants)[number]) => {
    const { cluster, name } = parseTenantRef(ref);
    return [cluster, setupNamespace, name].join('/');
  };
  tenants.forEach((tenant, index) => {
    const other = tenants
      .slice(0, index)
      .find(
        earlier =>
          tenant.setupNamespace && placeOf(earlier) === placeOf(tenant),
      );
    if (other) {
      ctx.addIssue({
        code: 'custom',
        path: [index, 'setup', 'namespace'],
        message: `expected another namespace than that of ${other.ref}, which has the same name`,
      });
    }
  });
}

function knownHubs(
  clusters: Array<Pick<ClusterConfig, 'gitops' | 'name'>>,
  ctx: z.core.$RefinementCtx,
) {
  clusters.forEach(({ gitops, name }, index) => {
    const others = clusters
      .map(other => other.name)
      .filter(other => other !== name);
    if (gitops?.cluster && !others.includes(gitops.cluster)) {
      ctx.addIssue({
        code: 'custom',
        path: [index, 'gitops', 'cluster'],
        message: `expected another one of rustfs.clusters: ${
          others.join(', ') || 'there is none'
        }`,
      });
    }
  });
}

/** Reads `rustfs.clusters`. */
export function readClustersConfig(config: Config): ClusterConfig[] {
  const complete = readConnectionsConfig(config);
  return parseSection(
    config,
    'clusters',
    z
      .array(clusterSchema)
      .superRefine(once('name'))
      .superRefine(knownHubs)
      .default([]),
  ).map(({ keys, ...cluster }) => ({
    ...cluster,
    transport: complete(keys, TIMEOUT_MS),
  }));
}

/** Reads `rustfs.tenants`. */
export function readTenantsConfig(config: Config): TenantConfig[] {
  const complete = readConnectionsConfig(config);
  return parseSection(
    config,
    'tenants',
    z
      .array(tenantSchema)
      .superRefine(once('ref'))
      .superRefine(apartInSetup)
      .default([]),
  ).map(({ keys, ...tenant }) => ({
    ...tenant,
    transport: complete(keys, TIMEOUT_MS),
  }));
}
