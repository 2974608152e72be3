import { z } from 'zod';

const label = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'Expected a name of Kubernetes: lower-case letters, digits and hyphens, at most 63',
  );

const objectName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
    'Expected a name of Kubernetes: lower-case letters, digits, hyphens and dots',
  );

const dataKey = z
  .string()
  .regex(
    /^[-._a-zA-Z0-9]{1,253}$/,
    'Expected the key of a Secret: letters, digits, hyphens, dots and underscores',
  );

const folder = z
  .string()
  .min(1)
  .regex(
    /^(?!\/)[\w./-]+$/,
    'Expected a folder from the root of the repository, without blanks',
  )
  .refine(
    text => !text.split('/').includes('..'),
    'Expected a folder of this repository',
  );

/** The portal takes a program for silent that has not run for some minutes. */
const PERIODS = [1, 2];

const port = z.number().int().min(1).max(65535);

export const inputSchema = z.strictObject({
  tenant: z.strictObject({
    // As the configuration takes it.
    cluster: z
      .string()
      .regex(
        /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
        'Expected the name of a cluster: lower-case letters, digits, hyphens and dots',
      ),
    namespace: label,
    name: label,
  }),
  folder,
  namespace: label,
  endpoint: z.url({ protocol: /^https?$/ }).refine(text => {
    // What is empty leaves no trace but its sign, and blanks are dropped when an address is read.
    return new URL(text).pathname === '/' && !/[@?#\s]/.test(text);
  }, 'Expected http:// or https:// with host and port alone'),
  ca: z
    .strictObject({
      kind: z.enum(['ConfigMap', 'Secret']),
      name: objectName,
      key: dataKey,
    })
    .optional(),
  key: z.strictObject({
    secret: objectName,
    accessKey: dataKey,
    secretKey: dataKey,
  }),
  image: z
    .string()
    .regex(
      /^[a-z0-9][\w./:-]*@sha256:[0-9a-f]{64}$/,
      'Expected repository@sha256:… with all 64 digits: a tag can be another program tomorrow',
    ),
  periodMinutes: z
    .number()
    .refine(
      minutes => PERIODS.includes(minutes),
      `Expected ${PERIODS.join(' or ')} minutes`,
    )
    .default(1),
  network: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none') }),
    z.strictObject({
      type: z.enum(['NetworkPolicy', 'CiliumNetworkPolicy']),
      serverLabels: z.record(z.string().min(1), z.string()).optional(),
      serverPort: port.optional(),
      apiServers: z
        .array(
          z.strictObject({
            cidr: z.union([z.cidrv4(), z.cidrv6()]),
            port: port.default(443),
          }),
        )
        .min(1)
        .optional(),
    }),
  ]),
  engine: z.strictObject(
    {
      kind: z.string().min(1),
      name: objectName,
      namespace: label,
      folder,
      manifest: z.record(z.string(), z.unknown()),
      decrypts: z.boolean(),
      howToDecrypt: z.string().optional(),
      keep: z.record(z.string(), z.string()).optional(),
    },
    'Nothing applies new folders there: the object of the GitOps engine for the setup folder has to be written by hand',
  ),
});

/** As it was checked. */
export type Input = z.output<typeof inputSchema>;

/**
 * What has to be known to enable self-service for a tenant without operator.
 *
 * @public
 */
export interface EnableSetupInput {
  tenant: { cluster: string; namespace: string; name: string };
  /** Where records are to lie, from the root of the repository. */
  folder: string;
  /** Where the program runs; its own as a rule, of which a Namespace is declared. The one of the tenant is taken as it is. */
  namespace: string;
  /** Of the server, as the program reaches it: `http://rustfs-svc.storage.svc:9000`. */
  endpoint: string;
  /** Certificates of a private authority, in the namespace of the program. */
  ca?: { kind: 'ConfigMap' | 'Secret'; name: string; key: string };
  /** The Secret that holds the program's key for the server, in the namespace of the program, and its keys. */
  key: { secret: string; accessKey: string; secretKey: string };
  /** `repository@sha256:…`. */
  image: string;
  /** 1 or 2; 1 when there is none. */
  periodMinutes?: number;
  network:
    | { type: 'none' }
    | {
        type: 'NetworkPolicy' | 'CiliumNetworkPolicy';
        /** Labels of the Pods of the server; undefined: all Pods in its namespace. */
        serverLabels?: Record<string, string>;
        /** The port on which its Pods listen, where the Service has another. */
        serverPort?: number;
        /** Addresses of the API server, which a NetworkPolicy cannot name otherwise. */
        apiServers?: Array<{ cidr: string; port?: number }>;
      };
  /** The new object of the GitOps engine that applies the folder. */
  engine: {
    /** `Kustomization`. */
    kind: string;
    name: string;
    namespace: string;
    /** The folder for its file. */
    folder: string;
    /** The object; `{folder}` in a text stands for {@link EnableSetupInput.folder}. */
    manifest: Record<string, unknown>;
    /** It decrypts what SOPS has encrypted. */
    decrypts: boolean;
    /** What would make it do so, where something would: `name the Secret with its age key`. */
    howToDecrypt?: string;
    /** Annotations that keep an object in the cluster which is taken out of Git. */
    keep?: Record<string, string>;
  };
}
