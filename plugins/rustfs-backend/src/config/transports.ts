import { readFileSync } from 'node:fs';
import { Config } from '@backstage/config';
import { assertError } from '@backstage/errors';
import { readCertificates } from '@rustfs-portal/plugin-rustfs-client';
import { z } from 'zod';
import { durationSchema, parseSection } from './parseSection';

/** How calls get to one upstream, read and with the defaults of `rustfs.connections`. */
export interface TransportConfig {
  /** For one call, connecting included. */
  timeoutMs: number;
  /** Certificates in PEM: only what these authorities signed is trusted. */
  ca?: string;
  /** Certificates in PEM of authorities that are trusted beside those of Node. */
  extraCa?: string;
  /** Undefined: that of the environment. */
  proxy?: string | false;
  /** As said of this connection alone. */
  ownProxy?: string | false;
}

type Issues = z.core.$RefinementCtx<unknown>;

function refuse(ctx: Issues, message: string) {
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function parseCertificates(pem: string, ctx: Issues, where: string): string {
  try {
    return readCertificates(pem);
  } catch (error) {
    assertError(error);
    return refuse(ctx, `${error.message}${where}`);
  }
}

const caFile = z
  .string({ error: 'expected the path of a file with certificates in PEM' })
  .transform((path, ctx): string => {
    let pem: string;
    try {
      pem = readFileSync(path, 'utf8');
    } catch {
      return refuse(
        ctx,
        `expected a readable file with certificates at ${path}`,
      );
    }
    return parseCertificates(pem, ctx, ` in ${path}`);
  });

const caData = z
  .string({ error: 'expected certificates in PEM, written in base64' })
  .transform((base64, ctx) =>
    parseCertificates(
      Buffer.from(base64, 'base64').toString('utf8'),
      ctx,
      '; all of it in base64, as in a kubeconfig',
    ),
  );

const PROXY =
  'expected the address of a proxy, for example http://proxy.acme.org:3128, or false for none';

const proxy = z.union(
  [z.literal(false), z.url({ protocol: /^(https?|socks5)$/, error: PROXY })],
  { error: PROXY },
);

/** The keys that every connection takes. */
export const connectionKeys = {
  timeout: durationSchema.optional(),
  caData: caData.optional(),
  caFile: caFile.optional(),
  proxy: proxy.optional(),
};

const keysSchema = z.strictObject(connectionKeys);

/** What stands at one connection, or at all of them. */
export type ConnectionKeys = z.output<typeof keysSchema>;

/** Refuses `caData` beside `caFile`. */
export function onlyOneAuthority(
  keys: Pick<ConnectionKeys, 'caData' | 'caFile'>,
  ctx: Issues,
): void {
  if (keys.caData !== undefined && keys.caFile !== undefined) {
    ctx.addIssue({
      code: 'custom',
      path: ['caFile'],
      message: 'expected no caFile beside caData',
    });
  }
}

const connectionsSchema = keysSchema.superRefine(onlyOneAuthority).prefault({});

/**
 * Reads `rustfs.connections`.
 *
 * @returns what completes the keys of one connection
 */
export function readConnectionsConfig(config: Config) {
  const all = parseSection(config, 'connections', connectionsSchema);
  return (own: ConnectionKeys, timeoutMs: number): TransportConfig => ({
    timeoutMs: own.timeout ?? all.timeout ?? timeoutMs,
    ca: own.caData ?? own.caFile,
    extraCa: all.caData ?? all.caFile,
    proxy: own.proxy ?? all.proxy,
    ownProxy: own.proxy,
  });
}
