import { Config } from '@backstage/config';
import {
  parseTenantRef,
  stringifyTenantRef,
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
}

/** How the portal reaches the server of a tenant and who it is there. */
export interface TenantConfig {
  ref: string;
  title?: string;
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  transport: TransportConfig;
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
    ...connectionKeys,
  })
  .superRefine(onlyOneAuthority)
  .transform((cluster, ctx) => {
    const { name, namespaces, kubeconfig, context, url, token } = cluster;
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
    const entry = { name, namespaces, keys };
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
    endpoint: address
      .refine(url => new URL(url).pathname === '/', {
        error: 'expected an address without a path',
      })
      .optional(),
    accessKeyId: text("the access key of the portal's user"),
    secretAccessKey: text("the secret key of the portal's user"),
    ...connectionKeys,
  })
  .superRefine(onlyOneAuthority)
  .transform(
    ({ ref, endpoint, timeout, caData, caFile, proxy, ...tenant }) => ({
      ...tenant,
      ref: stringifyTenantRef(ref),
      // The Service that the operator makes for every Tenant.
      endpoint: endpoint ?? `http://${ref.name}-io.${ref.namespace}.svc:9000`,
      keys: { timeout, caData, caFile, proxy },
    }),
  );

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

/** Reads `rustfs.clusters`. */
export function readClustersConfig(config: Config): ClusterConfig[] {
  const complete = readConnectionsConfig(config);
  return parseSection(
    config,
    'clusters',
    z.array(clusterSchema).superRefine(once('name')).default([]),
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
    z.array(tenantSchema).superRefine(once('ref')).default([]),
  ).map(({ keys, ...tenant }) => ({
    ...tenant,
    transport: complete(keys, TIMEOUT_MS),
  }));
}
