import { SourcedPlace } from '@rustfs-portal/plugin-rustfs-node';
import { fluxObjectsOf } from './FluxObjects';

/** What a Kustomization for a folder that is new has to say. */
export interface NewFolder {
  type: 'flux';
  /** Of the new Kustomization. */
  name: string;
  namespace: string;
  /** The folder for its file. */
  folder: string;
  source: { kind: 'GitRepository'; name: string; namespace?: string };
  decryption?: { secret: string };
}

/**
 * How a new folder of a repository gets into the cluster: by a Kustomization of its own, which is applied as what is in a
 * place already.
 *
 * @param options - `hasSops`: the repository says for whom Secrets are encrypted, so they have to be decrypted
 * @returns undefined where Flux does not apply the place
 */
export function placeNewFolder(
  place: SourcedPlace,
  options: { name: string; hasSops: boolean },
): NewFolder | undefined {
  const flux = fluxObjectsOf(place);
  if (!flux) {
    return undefined;
  }
  const { kustomization, gitRepository } = flux;
  const home = kustomization.metadata.namespace;
  // What is applied with a target namespace ends up there, Kustomizations too.
  const namespace = kustomization.spec.targetNamespace ?? home;
  const { decryption } = kustomization.spec;
  const source = gitRepository.metadata;
  return {
    type: 'flux',
    name: options.name,
    namespace,
    folder: place.link?.folder || '.',
    source: {
      kind: 'GitRepository',
      name: source.name,
      ...(source.namespace !== namespace && { namespace: source.namespace }),
    },
    // The Secret has to be in the namespace of the Kustomization that uses it.
    ...(options.hasSops &&
      namespace === home &&
      decryption?.secretRef && {
        decryption: { secret: decryption.secretRef.name },
      }),
  };
}
