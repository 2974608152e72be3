import { Config } from '@backstage/config';
import { z } from 'zod';
import { parseSection } from './parseSection';

/** A Git forge that the portal opens pull requests on. */
export interface ForgeConfig {
  type: 'gitea';
  baseUrl: string;
  token: string;
  /** Other addresses by which the GitOps engine knows this forge. */
  gitUrls: string[];
}

const forgesSchema = z
  .array(
    z.strictObject({
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

/** Reads `rustfs.forges`. */
export function readForgesConfig(config: Config): ForgeConfig[] {
  return parseSection(config, 'forges', forgesSchema);
}
