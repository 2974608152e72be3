import { InstalledBy } from '@rustfs-portal/plugin-rustfs-common';
import {
  EngineCluster,
  Installation,
  TrackedObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import {
  conditionOf,
  conditionsSchema,
  metadataSchema,
  ObjectCondition,
  ObjectMetadata,
} from '../../kubernetes';
import { findHelmRelease, locateObject } from './locate';
import { itemsOf, ObjectList } from '../ObjectList';
import { describePlainRelease, splitChart } from '../plainRelease';
import { withoutSecrets } from '../withoutSecrets';
import { FluxReading, readHelmReleases } from './readFlux';

/** A Flux HelmRelease, as far as it is read: its values may hold secrets, and are left where they are. */
export interface HelmReleaseObject {
  metadata: ObjectMetadata;
  spec: {
    suspend?: boolean;
    chart?: { spec: { chart: string } };
  };
  status?: {
    lastAttemptedGeneration?: number;
    history?: Array<{ chartName?: string; chartVersion?: string }>;
    conditions: ObjectCondition[];
  };
}

export const helmReleaseSchema: z.ZodType<HelmReleaseObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    suspend: z.boolean().optional(),
    chart: z
      .object({
        spec: z.object({ chart: z.string() }),
      })
      .optional(),
  }),
  status: z
    .object({
      lastAttemptedGeneration: z.number().optional(),
      history: z
        .array(
          z.object({
            chartName: z.string().optional(),
            chartVersion: z.string().optional(),
          }),
        )
        .optional(),
      conditions: conditionsSchema,
    })
    .optional(),
});

/**
 * What installed workloads, and where Git declares that: their HelmRelease, else the workloads themselves. One call more where
 * one of them is of a HelmRelease.
 */
export async function describeInstallations(
  cluster: EngineCluster,
  flux: FluxReading,
  objects: TrackedObject[],
): Promise<Installation[]> {
  const releases = objects.some(object => findHelmRelease(object))
    ? await readHelmReleases(cluster)
    : undefined;
  return objects.map(object => ({
    installedBy: findInstalledBy(object, releases),
    installedAt: locateInstallation(object, releases, flux),
  }));
}

function locateInstallation(
  object: TrackedObject,
  releases: ObjectList<HelmReleaseObject>,
  flux: FluxReading,
): Installation['installedAt'] {
  const release = findHelmRelease(object);
  const found = itemsOf(releases).find(
    ({ metadata }) =>
      metadata.name === release?.name &&
      metadata.namespace === release.namespace,
  );
  return locateObject(found?.metadata ?? object, flux).place;
}

/** What installed an object, and how that stands; undefined where Helm did not. */
export function findInstalledBy(
  object: TrackedObject,
  releases: ObjectList<HelmReleaseObject>,
): InstalledBy | undefined {
  const release = findHelmRelease(object);
  if (!release) {
    return describePlainRelease(object);
  }
  const { namespace, name } = release;
  const [chart, version] = splitChart(object.labels?.['helm.sh/chart']);
  const known = { namespace, name, chart, version };
  const unknown = { kind: 'HelmRelease' as const, ...known };
  if (!releases) {
    return { ...unknown, state: 'unknown' };
  }
  if ('servedVersions' in releases) {
    return {
      ...unknown,
      state: 'unknown',
      words: `The cluster ${
        releases.servedVersions.length
          ? `serves that kind as ${releases.servedVersions.join(', ')} only`
          : 'does not know that kind'
      }; the portal reads v2`,
    };
  }
  const isMeant = (other: { name: string; namespace: string }) =>
    other.name === name && other.namespace === namespace;
  const found = releases.items.find(({ metadata }) => isMeant(metadata));
  if (!found) {
    return {
      ...unknown,
      state: 'unknown',
      words: releases.unreadable.some(isMeant)
        ? 'Something in it is not as Flux declares it'
        : 'It is not in the cluster',
    };
  }
  const [last] = found.status?.history ?? [];
  return {
    ...unknown,
    chart: last?.chartName ?? found.spec.chart?.spec.chart ?? chart,
    version: last?.chartVersion ?? version,
    ...describeHelmRelease(found),
  };
}

/** How a release stands, in the words of Helm. */
export function describeHelmRelease(
  release: HelmReleaseObject,
): Pick<InstalledBy, 'state' | 'words'> {
  const { metadata, spec, status } = release;
  const ready = conditionOf(release, 'Ready');
  const running = conditionOf(release, 'Reconciling')?.message;
  const released = conditionOf(release, 'Released');
  if (spec.suspend) {
    return { state: 'suspended', words: wordsOf(ready) };
  }
  const generation = metadata.generation ?? 0;
  const isOld =
    !ready ||
    (ready.observedGeneration ?? generation) < generation ||
    (status?.lastAttemptedGeneration ?? generation) < generation;
  if (isOld && ready?.status !== 'False') {
    return {
      state: 'releasing',
      words: running ?? 'Flux has not looked at this version of it yet',
    };
  }
  switch (ready?.status) {
    case 'True':
      return { state: 'ready', words: wordsOf(ready) };
    case 'False':
      break;
    default:
      return { state: 'releasing', words: running ?? wordsOf(ready) };
  }
  // Of what was undone, the reason is more worth than that it was.
  const cause = released?.status === 'False' ? released : ready;
  if (ready.reason === 'RollbackSucceeded') {
    return { state: 'rolled-back', words: wordsOf(cause) };
  }
  if (conditionOf(release, 'Remediated')?.status === 'True') {
    return { state: 'remediated', words: wordsOf(cause) };
  }
  return ready.reason === 'DependencyNotReady'
    ? { state: 'releasing', words: wordsOf(ready) }
    : { state: 'failing', words: wordsOf(ready) };
}

function wordsOf(condition: ObjectCondition | undefined): string | undefined {
  return condition?.message && withoutSecrets(condition.message);
}
