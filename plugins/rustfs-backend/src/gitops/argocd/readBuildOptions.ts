import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { patchTargetSchema } from '../patchTargetSchema';
import { ApplicationSource } from './ApplicationObject';

const patchSchema = z.object({
  // One that is in a file of its own cannot be seen here; nothing is known of what it does.
  patch: z.string().catch(''),
  target: patchTargetSchema,
});

/** What Argo CD does to the files of a folder on their way to the cluster. It decrypts nothing. */
export function readBuildOptions({
  directory = {},
  kustomize = {},
}: ApplicationSource): BuildOptions {
  const { commonAnnotations, commonLabels } = kustomize;
  return {
    by: 'Argo CD Application',
    decrypts: false,
    sourceIgnore: false,
    directory: {
      recurse: directory.recurse ?? false,
      include: directory.include,
      exclude: directory.exclude,
    },
    targetNamespace: kustomize.namespace,
    namePrefix: kustomize.namePrefix,
    nameSuffix: kustomize.nameSuffix,
    components: kustomize.components,
    ignoreMissingComponents: kustomize.ignoreMissingComponents,
    patches: kustomize.patches?.map(
      patch => patchSchema.safeParse(patch).data ?? { patch: '' },
    ),
    commonMetadata:
      commonLabels || commonAnnotations
        ? { labels: commonLabels, annotations: commonAnnotations }
        : undefined,
  };
}
