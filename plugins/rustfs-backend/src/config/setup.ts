import { Config } from '@backstage/config';
import { SetupOffer } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { parseSection } from './parseSection';

const setupSchema = z
  .strictObject({
    image: z
      .string()
      .regex(/^[a-z0-9][\w./:-]*@sha256:[0-9a-f]{64}$/, {
        error:
          'expected repository@sha256:… with all 64 digits, since a tag can be another program tomorrow',
      })
      .optional(),
  })
  .default({});

/** Reads `rustfs.setup`: what setup programs are made of. */
export function readSetupConfig(config: Config): SetupOffer {
  return parseSection(config, 'setup', setupSchema);
}
