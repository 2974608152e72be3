import { FolderApplier, SourcedPlace } from '@rustfs-portal/plugin-rustfs-node';
import { PORTAL_LABELS } from '../portalLabels';
import { fluxObjectsOf } from './FluxObjects';

/** A Kustomization for a new folder, which is applied as what is in a place already. */
export function placeNewFolder(
  place: SourcedPlace,
  options: { name: string; hasSops: boolean },
): FolderApplier | undefined {
  const flux = fluxObjectsOf(place);
  if (!flux) {
    return undefined;
  }
  const { name } = options;
  const { kustomization, gitRepository } = flux;
  const home = kustomization.metadata.namespace;
  // What is applied with a target namespace ends up there, Kustomizations too.
  const namespace = kustomization.spec.targetNamespace ?? home;
  const { kubeConfig } = kustomization.spec;
  const { decryption } = kustomization.spec;
  const source = gitRepository.metadata;
  // The Secret has to be in the namespace of the Kustomization that uses it.
  const secret =
    options.hasSops && namespace === home
      ? decryption?.secretRef?.name
      : undefined;
  // What a hub applies elsewhere would be applied where no Flux is.
  if (kubeConfig) {
    return undefined;
  }
  return {
    kind: 'Kustomization',
    name,
    namespace,
    folder: place.link?.folder || '.',
    decrypts: secret !== undefined,
    howToDecrypt: 'name the Secret with its age key',
    keep: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    manifest: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace, labels: PORTAL_LABELS },
      spec: {
        interval: '10m',
        retryInterval: '1m',
        timeout: '3m',
        path: './{folder}',
        prune: true,
        sourceRef: {
          kind: 'GitRepository',
          name: source.name,
          ...(source.namespace !== namespace && {
            namespace: source.namespace,
          }),
        },
        ...(secret !== undefined && {
          decryption: { provider: 'sops', secretRef: { name: secret } },
        }),
      },
    },
  };
}
