import { Config } from '@backstage/config';
import {
  FOREIGN_ACTIONS,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';
import { AccessMode } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ACCESS_MODES } from '../requests/kinds/accessModes';
import { parseSection } from './parseSection';

const id = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'expected lower-case letters, digits and hyphens, for example tempo',
  );

const action = z.string().superRefine((name, ctx) => {
  if (name in FOREIGN_ACTIONS) {
    const own = FOREIGN_ACTIONS[name];
    ctx.addIssue({
      code: 'custom',
      message: `${name} is an action of AWS that RustFS refuses${
        own ? `; it calls it ${own}` : ''
      }`,
    });
  } else if (!/^s3:[A-Z][A-Za-z]+$/.test(name)) {
    ctx.addIssue({
      code: 'custom',
      message: 'expected an action of S3 in full, for example s3:GetObject',
    });
  }
});

const modesSchema = z
  .array(
    z.strictObject({
      id,
      title: z.string().min(1),
      description: z.string().min(1),
      actions: z.strictObject({
        bucket: z.array(action).default([]),
        object: z.array(action).default([]),
      }),
    }),
  )
  .default([])
  .superRefine((modes, ctx) => refuseTwice(modes, ACCESS_MODES, ctx));

const formsSchema = z
  .array(
    z.strictObject({
      id,
      title: z.string().min(1),
      description: z.string().min(1),
      entries: z
        .record(z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/), z.string())
        .refine(
          entries =>
            Object.values(entries).some(text =>
              text.includes('{secretAccessKey}'),
            ),
          'expected a value with {secretAccessKey}: a Secret without the key is of no use',
        ),
    }),
  )
  .default([]);

function refuseTwice(
  given: Array<{ id: string }>,
  own: readonly { id: string }[],
  ctx: z.core.$RefinementCtx,
) {
  given.forEach((item, index) => {
    const others = [...own, ...given.slice(0, index)];
    if (others.some(other => other.id === item.id)) {
      ctx.addIssue({
        code: 'custom',
        path: [index, 'id'],
        message: `${item.id} is there already`,
      });
    }
  });
}

/** Reads `rustfs.accessModes`: those of the platform team, after those that every portal has. */
export function readAccessModesConfig(config: Config): AccessMode[] {
  return [...ACCESS_MODES, ...parseSection(config, 'accessModes', modesSchema)];
}

/**
 * Reads `rustfs.secretForms`: those of the platform team, after those that are known.
 *
 * @param known - of the portal and of modules
 */
export function readSecretFormsConfig(
  config: Config,
  known: SecretForm[],
): SecretForm[] {
  const schema = formsSchema.superRefine((forms, ctx) =>
    refuseTwice(forms, known, ctx),
  );
  return [...known, ...parseSection(config, 'secretForms', schema)];
}
