import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import {
  ClusterError,
  KubernetesReader,
  ObjectMetadata,
  withoutNulls,
} from '../../kubernetes';
import { HelmReleaseObject, helmReleaseSchema } from './helmRelease';
import {
  GitRepositoryObject,
  gitRepositorySchema,
  KustomizationObject,
  kustomizationSchema,
} from './objects';

const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations';
const HELM_RELEASES = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';
const GIT_REPOSITORIES = '/apis/source.toolkit.fluxcd.io/v1/gitrepositories';

/** The objects of a kind of Flux in one cluster. */
export type FluxList<T> =
  | {
      items: T[];
      /** Those that are there, and not as they should be. */
      unreadable: Array<Pick<ObjectMetadata, 'name' | 'namespace'>>;
    }
  /** The cluster serves the kind in other versions only; empty: it does not know it. */
  | { servedVersions: string[] }
  /** It does not say now; a problem tells why. */
  | undefined;

/** What Flux has in one cluster. */
export interface FluxReading {
  kustomizations: FluxList<KustomizationObject>;
  gitRepositories: FluxList<GitRepositoryObject>;
}

const nameSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
});

/**
 * Reads what brings folders of Git into a cluster, in two calls.
 *
 * @param problems - gets what could not be read
 */
export async function readFlux(
  reader: KubernetesReader,
  problems: Problem[],
): Promise<FluxReading> {
  const [kustomizations, gitRepositories] = await Promise.all([
    listFlux(
      reader,
      {
        path: KUSTOMIZATIONS,
        resource: 'kustomizations',
        schema: kustomizationSchema,
      },
      problems,
    ),
    listFlux(
      reader,
      {
        path: GIT_REPOSITORIES,
        resource: 'gitrepositories',
        schema: gitRepositorySchema,
      },
      problems,
    ),
  ]);
  return { kustomizations, gitRepositories };
}

/**
 * Reads what Helm has installed through Flux, in one call.
 *
 * @param problems - gets what could not be read
 */
export async function readHelmReleases(
  reader: KubernetesReader,
  problems: Problem[],
): Promise<FluxList<HelmReleaseObject>> {
  return listFlux(
    reader,
    {
      path: HELM_RELEASES,
      resource: 'helmreleases',
      schema: helmReleaseSchema,
    },
    problems,
  );
}

/**
 * Flux only says where a tenant comes from: a cluster without it, or a portal that may not see it, is still of use. What
 * is wrong with an object of Flux is said of the tenants that it leads to, and of nobody else.
 */
async function listFlux<T>(
  reader: KubernetesReader,
  {
    path,
    resource,
    schema,
  }: { path: string; resource: string; schema: z.ZodType<T> },
  problems: Problem[],
): Promise<FluxList<T>> {
  try {
    const { items, servedVersions } = await reader.list(path, resource);
    if (!items) {
      return { servedVersions };
    }
    const parsed = items.map(withoutNulls).map(item => ({
      found: schema.safeParse(item).data,
      name: nameSchema.safeParse(item).data?.metadata,
    }));
    return {
      items: parsed.flatMap(({ found }) => found ?? []),
      unreadable: parsed.flatMap(({ found, name }) =>
        found ? [] : name ?? [],
      ),
    };
  } catch (error) {
    if (error instanceof ClusterError) {
      problems.push({
        // A code of its own: tenants, buckets and their owners are known all the same.
        code: 'gitops-unreadable',
        part: reader.cluster,
        message: error.message,
        hint: error.hint,
      });
      return undefined;
    }
    throw error;
  }
}
