import { Config } from '@backstage/config';
import { z } from 'zod';
import { readClustersConfig } from './connections';
import { parseSection } from './parseSection';

/** Where the Secrets of workloads are declared that are not beside the records of their tenant. */
export interface ConsumerConfig {
  cluster: string;
  /** Names, or a beginning and a star. */
  namespaces: string[];
  /** What applies them there: a Kustomization of Flux, an Application of Argo CD. */
  appliedBy: { kind: string; namespace: string; name: string };
  /** From the root of its repository, with `{namespace}`; undefined: beside what it applies. */
  folder?: string;
  /** Id of what writes them; undefined: as everywhere in that cluster. */
  writer?: string;
}

function objectSchema(what: string, example: string) {
  return z
    .string()
    .transform((text, ctx) => {
      const [, namespace, name] =
        /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
      if (!name) {
        ctx.addIssue({
          code: 'custom',
          message: `expected namespace/name of ${what}, for example ${example}`,
        });
        return z.NEVER;
      }
      return { namespace, name };
    })
    .optional();
}

const consumersSchema = z
  .array(
    z.strictObject({
      cluster: z.string().min(1, 'expected the name of a cluster'),
      namespaces: z
        .array(
          z
            .string()
            .regex(
              /^([a-z0-9][a-z0-9-]*)?\*?$/,
              'expected a namespace, or its beginning and a star, for example checkout-*',
            )
            .min(1, 'expected a namespace, or its beginning and a star'),
        )
        .min(1, 'expected at least one namespace'),
      kustomization: objectSchema('a Flux Kustomization', 'flux-system/apps'),
      application: objectSchema('an Argo CD Application', 'argocd/apps'),
      folder: z
        .string()
        .regex(
          /^(?!\/)(?!.*\.\.)[A-Za-z0-9._/{}-]+$/,
          'expected a folder from the root of the repository, for example apps/{namespace}/secrets',
        )
        .refine(
          folder => !/[{}]/.test(folder.split('{namespace}').join('')),
          'expected no other placeholder than {namespace}',
        )
        .optional(),
      writer: z
        .string()
        .min(1, 'expected the id of what writes Secrets')
        .optional(),
    }),
  )
  .default([])
  .transform((consumers, ctx) =>
    consumers.map(({ application, kustomization, ...entry }, index) => {
      const kind = kustomization ? 'Kustomization' : 'Application';
      const object = kustomization ?? application;
      if (!object || (kustomization && application)) {
        ctx.addIssue({
          code: 'custom',
          path: [index, 'kustomization'],
          message: 'expected either kustomization or application',
        });
        return z.NEVER;
      }
      return { ...entry, appliedBy: { kind, ...object } };
    }),
  );

/** Reads `rustfs.consumers`; the first entry that fits a cluster and a namespace decides. */
export function readConsumersConfig(config: Config): ConsumerConfig[] {
  const clusters = readClustersConfig(config).map(({ name }) => name);
  return parseSection(
    config,
    'consumers',
    consumersSchema.superRefine((consumers, ctx) =>
      consumers.forEach(({ cluster }, index) => {
        if (!clusters.includes(cluster)) {
          ctx.addIssue({
            code: 'custom',
            path: [index, 'cluster'],
            message: `expected one of rustfs.clusters: ${
              clusters.join(', ') || 'there is none'
            }`,
          });
        }
      }),
    ),
  );
}
