import { ClusterObjectRef } from '@rustfs-portal/plugin-rustfs-common';

/** An object of a cluster for people: `Kustomization flux-system/storage`. */
export function objectName({
  kind,
  namespace,
  name,
}: ClusterObjectRef): string {
  const place = namespace ? `${namespace}/${name}` : name;
  return `${kind === 'Application' ? 'Argo CD Application' : kind} ${place}`;
}
