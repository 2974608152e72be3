import { z } from 'zod';

/** What the stand-in reads of an Application. */
export const applicationSpecSchema = z.looseObject({
  destination: z.looseObject({ namespace: z.string().optional() }),
  source: z.looseObject({
    repoURL: z.string(),
    targetRevision: z.string().default('main'),
    path: z.string().default('.'),
    directory: z.object({ recurse: z.boolean().default(false) }).optional(),
  }),
  syncPolicy: z
    .looseObject({
      automated: z
        .looseObject({
          enabled: z.boolean().optional(),
          prune: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
});

export type ApplicationSpec = z.output<typeof applicationSpecSchema>;

export const resourceSchema = z.looseObject({
  group: z.string().optional(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  status: z.string().optional(),
});

export type ResourceEntry = z.output<typeof resourceSchema>;

export const applicationStatusSchema = z
  .looseObject({
    resources: z.array(resourceSchema).default([]),
    history: z.array(z.looseObject({ id: z.number() })).default([]),
    conditions: z.array(z.looseObject({ message: z.string() })).default([]),
  })
  .default({ resources: [], history: [], conditions: [] });
