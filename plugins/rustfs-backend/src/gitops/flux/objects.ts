import { z } from 'zod';
import {
  conditionsSchema,
  metadataSchema,
  ObjectCondition,
  ObjectMetadata,
  withoutCredentials,
} from '../../kubernetes';

/** What a Flux Kustomization does to the manifests of its folder before it applies them. */
export interface KustomizationBuild {
  targetNamespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  /** Inline patches, as they are. */
  patches?: unknown[];
  /** Folders of kustomize components, relative to the folder. */
  components?: string[];
  ignoreMissingComponents?: boolean;
  images?: unknown[];
  commonMetadata?: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  /** Files to leave out, in the syntax of `.gitignore`. */
  ignore?: string;
  /** How it decrypts what is encrypted in Git; undefined: it does not. */
  decryption?: { provider: string; secretRef?: { name: string } };
  postBuild?: {
    substitute?: Record<string, string>;
    substituteFrom?: Array<{ kind: string; name: string; optional?: boolean }>;
  };
}

/** A Flux Kustomization, as far as it is read. */
export interface KustomizationObject {
  metadata: ObjectMetadata;
  spec: {
    path?: string;
    suspend?: boolean;
    sourceRef: { kind: string; name: string; namespace?: string };
    /** It applies into another cluster. */
    kubeConfig?: object;
  } & KustomizationBuild;
  status?: {
    lastAppliedRevision?: string;
    lastAttemptedRevision?: string;
    conditions: ObjectCondition[];
  };
}

/** A Flux GitRepository, as far as it is read. */
export interface GitRepositoryObject {
  metadata: ObjectMetadata;
  spec: {
    url: string;
    ref?: {
      branch?: string;
      tag?: string;
      semver?: string;
      /** `refs/heads/main`. */
      name?: string;
      commit?: string;
    };
    /** Other GitRepositories whose files are laid into this one. */
    include?: Array<{
      repository: { name: string };
      /** Default: the name of the other one. */
      toPath?: string;
    }>;
    /** Files to leave out, in the syntax of `.gitignore`. */
    ignore?: string;
    interval?: string;
    suspend?: boolean;
  };
  status?: {
    artifact?: { revision?: string };
    conditions: ObjectCondition[];
  };
}

export const kustomizationSchema: z.ZodType<KustomizationObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    path: z.string().optional(),
    suspend: z.boolean().optional(),
    sourceRef: z.object({
      kind: z.string(),
      name: z.string(),
      namespace: z.string().optional(),
    }),
    // What is in it leads to another cluster, and is nobody's business here.
    kubeConfig: z.object({}).optional(),
    targetNamespace: z.string().optional(),
    namePrefix: z.string().optional(),
    nameSuffix: z.string().optional(),
    patches: z.array(z.unknown()).optional(),
    components: z.array(z.string()).optional(),
    ignoreMissingComponents: z.boolean().optional(),
    images: z.array(z.unknown()).optional(),
    commonMetadata: z
      .object({
        labels: z.record(z.string(), z.string()).optional(),
        annotations: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    ignore: z.string().optional(),
    decryption: z
      .object({
        provider: z.string(),
        secretRef: z.object({ name: z.string() }).optional(),
      })
      .optional(),
    postBuild: z
      .object({
        substitute: z.record(z.string(), z.string()).optional(),
        substituteFrom: z
          .array(
            z.object({
              kind: z.string(),
              name: z.string(),
              optional: z.boolean().optional(),
            }),
          )
          .optional(),
      })
      .optional(),
  }),
  status: z
    .object({
      lastAppliedRevision: z.string().optional(),
      lastAttemptedRevision: z.string().optional(),
      conditions: conditionsSchema,
    })
    .optional(),
});

export const gitRepositorySchema: z.ZodType<GitRepositoryObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    url: z.string().transform(withoutCredentials),
    ref: z
      .object({
        branch: z.string().optional(),
        tag: z.string().optional(),
        semver: z.string().optional(),
        name: z.string().optional(),
        commit: z.string().optional(),
      })
      .optional(),
    include: z
      .array(
        z.object({
          repository: z.object({ name: z.string() }),
          toPath: z.string().optional(),
        }),
      )
      .optional(),
    ignore: z.string().optional(),
    interval: z.string().optional(),
    suspend: z.boolean().optional(),
  }),
  status: z
    .object({
      artifact: z.object({ revision: z.string().optional() }).optional(),
      conditions: conditionsSchema,
    })
    .optional(),
});
