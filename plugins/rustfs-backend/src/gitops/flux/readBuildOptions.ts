import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { patchTargetSchema } from '../patchTargetSchema';
import { GitRepositoryObject, KustomizationObject } from './objects';

const patchSchema = z.object({
  patch: z.string().catch(''),
  target: patchTargetSchema,
});

/** What Flux does to the files of a folder on their way to the cluster. */
export function readBuildOptions(
  kustomization: KustomizationObject,
  gitRepository: GitRepositoryObject,
): BuildOptions {
  const { spec } = kustomization;
  const ignored = [gitRepository.spec.ignore, spec.ignore].filter(Boolean);
  return {
    targetNamespace: spec.targetNamespace,
    namePrefix: spec.namePrefix,
    nameSuffix: spec.nameSuffix,
    patches: spec.patches?.map(patch => {
      const { data } = patchSchema.safeParse(patch);
      return data ?? { patch: '' };
    }),
    components: spec.components,
    ignoreMissingComponents: spec.ignoreMissingComponents,
    commonMetadata: spec.commonMetadata,
    postBuild: spec.postBuild,
    decrypts: spec.decryption?.provider === 'sops',
    sourceIgnore: ignored.length ? ignored.join('\n') : undefined,
  };
}
