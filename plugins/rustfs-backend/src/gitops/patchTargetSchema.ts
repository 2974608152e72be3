import { z } from 'zod';

/** Which objects a patch of an engine is for, as kustomize has it. */
export const patchTargetSchema = z
  .object({
    group: z.string().optional(),
    version: z.string().optional(),
    kind: z.string().optional(),
    name: z.string().optional(),
    namespace: z.string().optional(),
    labelSelector: z.string().optional(),
    annotationSelector: z.string().optional(),
  })
  .optional()
  .catch(undefined);
