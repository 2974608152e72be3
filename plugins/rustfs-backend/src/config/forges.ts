import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
import { ForgeFactory } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { z } from 'zod';
import { textOf } from '../textOf';
import { durationSchema, parseSection } from './parseSection';
import {
  connectionKeys,
  onlyOneAuthority,
  readConnectionsConfig,
  TransportConfig,
} from './transports';

/** Nobody waits for a forge but to ask for something; writing takes it long when others write too. */
const TIMEOUT_MS = { read: 10_000, write: 30_000 };

/** A Git forge that the portal opens pull requests on. */
export interface ForgeConfig {
  /** Id of its kind. */
  type: string;
  baseUrl: string;
  /** Where that of its API does not follow from `baseUrl`. */
  apiBaseUrl?: string;
  /** Undefined: what `integrations:` has counts. */
  token?: string;
  /** Other addresses by which the GitOps engine knows this forge. */
  gitUrls: string[];
  /** Whose accounts these are: entity refs by login. */
  logins: Record<string, string>;
  /** The name of a user entity is its login. */
  loginIsEntityName: boolean;
  transport: TransportConfig;
  /** For one call that changes something, in milliseconds. */
  writeTimeoutMs: number;
}

const ADDRESS = 'expected an http(s) address, for example https://git.acme.org';

const address = z
  .url({ protocol: /^https?$/, error: ADDRESS })
  .transform(url => url.replace(/\/+$/, ''));

const toForgesSchema = (kinds: ForgeFactory[]) =>
  z
    .array(
      z
        .strictObject({
          type: z.enum(
            kinds.map(({ id }) => id),
            {
              error: `expected one of ${kinds.map(({ id }) => id).join(', ')}`,
            },
          ),
          baseUrl: address.optional(),
          apiBaseUrl: address.optional(),
          token: z
            .string({ error: 'expected an access token' })
            .min(1, { error: 'expected an access token, found empty text' })
            .optional(),
          gitUrls: z.array(z.string().min(1)).default([]),
          logins: z
            .record(
              z.string().min(1),
              textOf(text =>
                stringifyEntityRef(
                  parseEntityRef(text, {
                    defaultKind: 'user',
                    defaultNamespace: 'default',
                  }),
                ),
              ).refine(
                ref => ref.startsWith('user:'),
                'expected a person, for example user:default/ada',
              ),
            )
            .superRefine((logins, ctx) => {
              const names = Object.keys(logins).map(name => name.toLowerCase());
              Object.keys(logins).forEach((login, index) => {
                if (names.indexOf(names[index]) < index) {
                  ctx.addIssue({
                    code: 'custom',
                    path: [login],
                    message:
                      'expected every login once; capital letters make no other',
                  });
                }
              });
            })
            .default({}),
          loginIsEntityName: z
            .boolean({ error: 'expected true or false' })
            .default(false),
          writeTimeout: durationSchema.optional(),
          ...connectionKeys,
        })
        .superRefine(onlyOneAuthority)
        .transform(({ baseUrl, ...forge }, ctx) => {
          const known =
            baseUrl ??
            kinds.find(({ id }) => id === forge.type)?.defaultBaseUrl;
          if (known === undefined) {
            ctx.addIssue({
              code: 'custom',
              path: ['baseUrl'],
              message: ADDRESS,
            });
            return z.NEVER;
          }
          return { ...forge, baseUrl: known };
        }),
    )
    .superRefine((forges, ctx) => {
      forges.forEach(({ baseUrl }, index) => {
        if (forges.findIndex(other => other.baseUrl === baseUrl) < index) {
          ctx.addIssue({
            code: 'custom',
            path: [index, 'baseUrl'],
            message: `expected every forge once, ${baseUrl} is there twice`,
          });
        }
      });
    })
    .default([]);

/**
 * Reads `rustfs.forges`.
 *
 * @param kinds - the forges that can be named
 */
export function readForgesConfig(
  config: Config,
  kinds: ForgeFactory[],
): ForgeConfig[] {
  const complete = readConnectionsConfig(config);
  return parseSection(config, 'forges', toForgesSchema(kinds)).map(
    ({ timeout, caData, caFile, proxy, writeTimeout, ...forge }) => {
      const transport = complete(
        { timeout, caData, caFile, proxy },
        TIMEOUT_MS.read,
      );
      return {
        ...forge,
        transport,
        writeTimeoutMs:
          writeTimeout ?? Math.max(TIMEOUT_MS.write, transport.timeoutMs),
      };
    },
  );
}
