import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
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
  type: 'gitea';
  baseUrl: string;
  token: string;
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

const forgesSchema = z
  .array(
    z
      .strictObject({
        type: z.enum(['gitea'], { error: 'expected gitea' }),
        baseUrl: z
          .url({
            protocol: /^https?$/,
            error:
              'expected an http(s) address, for example https://git.acme.org',
          })
          .transform(url => url.replace(/\/+$/, '')),
        token: z.string({ error: 'expected an access token' }).min(1, {
          error: 'expected an access token, found empty text',
        }),
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
      .superRefine(onlyOneAuthority),
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

/** Reads `rustfs.forges`. */
export function readForgesConfig(config: Config): ForgeConfig[] {
  const complete = readConnectionsConfig(config);
  return parseSection(config, 'forges', forgesSchema).map(
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
