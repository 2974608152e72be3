import {
  ClusterObjectRef,
  SourceObstacle,
} from '@rustfs-portal/plugin-rustfs-common';
import { describeReference } from '../gitops';

/** Why no change can be proposed for a tenant, for people: what stands in the way, and what would do. */
export function describeObstacle(obstacle: SourceObstacle): string {
  switch (obstacle.code) {
    case 'tenant-missing':
      return 'The cluster has no Tenant of that name, so Git declares no list of its buckets: they can be asked for where the RustFS operator runs the tenant, or where rustfs.tenants names what runs it';
    case 'setup-missing':
      return `It has no setup folder in namespace ${obstacle.namespace}, so nothing declares storage for it: the platform team switches that on once`;
    case 'declared-twice':
      return 'Two places declare its storage, or it has one place with another tenant, so that neither counts: the platform team sees in the list of tenants which ones';
    case 'not-tracked':
      return 'It is not declared in Git as far as its labels and annotations say: it needs to be applied by a Flux Kustomization or an Argo CD Application';
    case 'engine-unsupported':
      return `It is applied by ${nameOf(
        obstacle.appliedBy,
      )}, which the portal does not change: buckets can be asked for where a Flux Kustomization or an Argo CD Application applies the Tenant from a Git repository`;
    case 'version-unsupported':
      return `Its labels name ${nameOf(obstacle.object)}, but the cluster ${
        obstacle.servedVersions.length
          ? `serves no ${
              obstacle.neededVersion
            } of that kind, only ${obstacle.servedVersions.join(
              ', ',
            )}: Flux 2.0 or newer is needed`
          : 'does not know that kind: its GitOps engine does not run there, so that another cluster applies the Tenant: the platform team names it as gitops.cluster in rustfs.clusters'
      }`;
    case 'object-missing':
      return `It is applied from ${nameOf(
        obstacle.object,
      )}, which is not in the cluster`;
    case 'object-unreadable':
      return `It is applied from ${nameOf(
        obstacle.object,
      )}, which cannot be read: something in it is not as its engine declares it`;
    case 'destination-elsewhere':
      return `It is applied from ${nameOf(
        obstacle.object,
      )}, which applies into ${
        obstacle.destination
      }: the platform team names that in gitops.destinations of the cluster in rustfs.clusters, if it is the same`;
    case 'render-unsupported':
      return `${nameOf(obstacle.appliedBy)} makes it of a ${
        obstacle.render
      }, which the portal does not change: storage can be asked for where a folder of manifests declares it`;
    case 'source-unclear':
      return `${nameOf(
        obstacle.appliedBy,
      )} has several folders, and does not say from which one it is: give what the portal declares an Application of its own`;
    case 'source-unsupported':
      return `${nameOf(obstacle.appliedBy)} applies it from ${nameOf(
        obstacle.source,
      )}, and a change can only be proposed where that is a GitRepository`;
    case 'reference-fixed':
      return `${nameOf(obstacle.source)} ${describeReference(
        obstacle.reference,
      )}, and nothing can be merged into that: it needs to follow a branch`;
    case 'folder-included':
      return `Its folder ${obstacle.folder} comes from ${nameOf(
        obstacle.included,
      )}, which ${nameOf(
        obstacle.source,
      )} includes: a Kustomization of that repository needs to apply it`;
    case 'folder-outside':
      return `The path ${obstacle.path} of ${nameOf(
        obstacle.appliedBy,
      )} has ".." in it, so its folder cannot be told: write it from the root of the repository`;
    case 'forge-unknown':
      return `No forge is configured for ${obstacle.repository}: the platform team adds it to rustfs.forges`;
    default:
      return obstacle satisfies never;
  }
}

/** `Kustomization flux-system/storage`. */
export function nameOf({ kind, namespace, name }: ClusterObjectRef): string {
  return `${kind === 'Application' ? 'Argo CD Application' : kind} ${
    namespace ? `${namespace}/` : ''
  }${name}`;
}
