import { FolderApplier, SourcedPlace } from '@rustfs-portal/plugin-rustfs-node';
import { PORTAL_LABELS } from '../portalLabels';
import { sourcesOf } from './ApplicationObject';
import { applicationStateOf } from './ApplicationState';

/**
 * An Application for a new folder, which is applied as what is in a place already: beside the Application of that place where it is
 * one of an app of apps, with its project, repository and destination.
 *
 * A plain directory takes the files of folders below only when it is told to.
 */
export function placeNewFolder(
  place: SourcedPlace,
  options: { name: string; namespace?: string },
): FolderApplier | undefined {
  const state = applicationStateOf(place);
  const { link } = place;
  if (!state || !link) {
    return undefined;
  }
  const { application, child, sourceIndex } = state;
  const { metadata, spec } = application;
  const { namespace, project, destination } = child ?? {
    namespace: metadata.namespace,
    project: spec.project,
    destination: spec.destination,
  };
  const home = link.build.targetNamespace ?? namespace;
  // Applications count in the cluster and in the namespaces that Argo CD looks at.
  if (home !== namespace || (!child && state.isRemote)) {
    return undefined;
  }
  const source = sourcesOf(application)[sourceIndex];
  const { name } = options;
  return {
    kind: 'Application',
    name,
    namespace,
    folder: link.folder || '.',
    decrypts: false,
    // Argo CD leaves these where they are when they are taken out of Git.
    keep: { 'argocd.argoproj.io/sync-options': 'Prune=false' },
    manifest: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace, labels: PORTAL_LABELS },
      spec: {
        project,
        source: {
          repoURL: source?.repoURL ?? link.repository,
          ...(source?.targetRevision && {
            targetRevision: source.targetRevision,
          }),
          path: '{folder}',
          directory: { recurse: true },
        },
        destination: {
          ...(destination.name
            ? { name: destination.name }
            : { server: destination.server }),
          ...(options.namespace && { namespace: options.namespace }),
        },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      },
    },
  };
}
