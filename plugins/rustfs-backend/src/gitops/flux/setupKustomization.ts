import { createHash } from 'node:crypto';
import { parseTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { conditionOf } from '../../kubernetes';
import { FluxReading } from './readFlux';
import { withoutSecrets } from './withoutSecrets';

/** Labels of Flux hold the name of a Kustomization, and take no more. */
const MAX_NAME = 63;

/**
 * The name that the portal gives to the Kustomization of a setup folder: one for each tenant of a cluster.
 *
 * @param tenant - `cluster/namespace/name`
 */
export function setupKustomizationOf(tenant: string): string {
  const { name, namespace } = parseTenantRef(tenant);
  const plain = `${namespace}-${name}-setup`;
  const digest = createHash('sha256').update(tenant).digest('hex').slice(0, 8);
  return plain.length > MAX_NAME
    ? `${plain.slice(0, MAX_NAME - 9)}-${digest}`
    : plain;
}

/** Why the Kustomization of a setup folder has not applied it, in the words of Flux; undefined where there are none. */
export function whySetupIsNotApplied(
  tenant: string,
  { kustomizations }: FluxReading,
): string | undefined {
  const name = setupKustomizationOf(tenant);
  const found =
    kustomizations && 'items' in kustomizations
      ? kustomizations.items.find(({ metadata }) => metadata.name === name)
      : undefined;
  const ready = found && conditionOf(found, 'Ready');
  return ready && ready.status !== 'True' && ready.message
    ? `Kustomization ${found.metadata.namespace}/${name}: ${withoutSecrets(
        ready.message,
      )}`
    : undefined;
}
