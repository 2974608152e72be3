import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
import {
  checkBucketName,
  parseBytes,
  parseTenantRef,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { ANY_OWNER, GuardrailRule } from '../guardrails';
import { textOf } from '../textOf';
import { parseSection } from './parseSection';

const quantity = textOf(text => {
  parseBytes(text);
  return text;
});

const namePattern = z
  .strictObject({
    regex: textOf(text => {
      // Only compiled to see that it can be; the text is what the form gets.
      return RegExp(text).source;
    }),
    description: z.string().min(1),
    example: z.string().min(1),
  })
  .superRefine(({ regex, example }, ctx) => {
    const fits = new RegExp(`^(?:${regex})$`).test(example);
    if (!fits || checkBucketName(example).length > 0) {
      ctx.addIssue({
        code: 'custom',
        path: ['example'],
        message: `expected a bucket name that fits the pattern, "${example}" does not`,
      });
    }
  });

const guardrailsSchema = z
  .array(
    z
      .strictObject({
        tenants: z
          .array(textOf(text => stringifyTenantRef(parseTenantRef(text))))
          .optional(),
        owners: z
          .array(
            textOf(text =>
              text === ANY_OWNER
                ? text
                : stringifyEntityRef(
                    parseEntityRef(text, {
                      defaultKind: 'group',
                      defaultNamespace: 'default',
                    }),
                  ),
            ),
          )
          .optional(),
        allow: z.boolean().optional(),
        namePattern: namePattern.optional(),
        maxQuota: quantity.optional(),
        defaultQuota: quantity.optional(),
        quotaRequired: z.boolean().optional(),
        objectLock: z.boolean().optional(),
        accessModes: z.array(z.string().min(1)).optional(),
        namespaces: z
          .array(
            z
              .string()
              .regex(
                /^[a-z0-9][a-z0-9-]*\*?$/,
                'expected a namespace, or its beginning and a star, for example checkout-*',
              ),
          )
          .optional(),
        secretForms: z.array(z.string().min(1)).optional(),
        reviewers: z.array(z.string().min(1)).optional(),
        merge: z
          .enum(['review', 'auto'], { error: 'expected review or auto' })
          .optional(),
        autoMerge: z
          .strictObject({
            maxQuota: quantity.optional(),
            accessModes: z.array(z.string().min(1)).optional(),
          })
          .optional(),
        drift: z
          .enum(['report', 'mend'], { error: 'expected report or mend' })
          .optional(),
      })
      .superRefine(({ maxQuota, defaultQuota }, ctx) => {
        if (
          maxQuota &&
          defaultQuota &&
          parseBytes(defaultQuota) > parseBytes(maxQuota)
        ) {
          ctx.addIssue({
            code: 'custom',
            path: ['defaultQuota'],
            message: `expected at most maxQuota ${maxQuota}`,
          });
        }
      }),
  )
  .default([]);

/** Reads `rustfs.guardrails`. */
export function readGuardrailsConfig(config: Config): GuardrailRule[] {
  return parseSection(config, 'guardrails', guardrailsSchema);
}
