import { InputError } from '@backstage/errors';
import {
  bucketRequestPermission,
  bucketRequestSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import { FieldIssue, RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';

const { entityRef, purpose, tenant } = bucketRequestSchema.shape;

const archiveSchema = z.strictObject({
  entityRef,
  tenant,
  purpose,
  team: z
    .string('Expected the name of the team, for example checkout')
    .regex(
      /^[a-z][a-z0-9-]{1,30}$/,
      'Use lower-case letters, for example checkout',
    ),
  year: z
    .number('Expected a year, for example 2026')
    .int('Expected a year, for example 2026')
    .min(2000, 'Archives begin with the year 2000')
    .max(2100, 'Expected a year, for example 2026'),
});

type ArchiveRequest = z.output<typeof archiveSchema>;

declare module '@rustfs-portal/plugin-rustfs-common' {
  interface RequestInputs {
    'acme-archive': ArchiveRequest;
  }
  interface SentRequestInputs {
    'acme-archive': z.input<typeof archiveSchema>;
  }
}

const nameOf = ({ team, year }: ArchiveRequest) => `${team}-archive-${year}`;

const subjectOf = (input: ArchiveRequest) => ({
  type: 'bucket' as const,
  tenant: input.tenant,
  name: nameOf(input),
});

/** One locked bucket per team and year. Whoever asks chooses the year and nothing that could be wrong. */
export const archiveKind: RequestKind<ArchiveRequest> = {
  id: 'acme-archive',
  permission: bucketRequestPermission,
  edits: 'new',
  parse(input) {
    const parsed = archiveSchema.safeParse(input);
    if (!parsed.success) {
      throw new InputError(z.prettifyError(parsed.error));
    }
    return parsed.data;
  },
  subject: subjectOf,
  subjects: input => [subjectOf(input)],
  claims: input => [
    {
      type: 'bucket',
      name: nameOf(input),
      holds: 'existence',
      field: 'year',
    },
  ],
  check(input, { guardrails, owner, tenant: known }) {
    const issues: FieldIssue[] = [];
    if (!guardrails.allow || !guardrails.objectLock) {
      issues.push({
        field: 'tenant',
        message: `${owner} may keep no archive on ${known.ref}: choose a tenant where object lock is allowed`,
      });
    }
    if (owner.split('/')[1] !== input.team) {
      issues.push({
        field: 'team',
        message: `${input.entityRef} belongs to ${owner}: archives are named after the owner`,
      });
    }
    if (known.buckets.some(({ name }) => name === nameOf(input))) {
      issues.push({
        field: 'year',
        message: `There is an archive of ${input.year} already`,
        isTaken: true,
      });
    }
    return issues;
  },
  declarations: ({ entityRef: entity, input, owner }) => [
    {
      type: 'bucket',
      name: nameOf(input),
      owner,
      entity,
      purpose: input.purpose,
      dataClass: 'confidential',
      quota: '10Mi',
      versioning: true,
      objectLock: true,
    },
  ],
  words: ({ input }) => ({
    title: `Add the archive of ${input.year} of ${input.team}`,
    summary: `Adds bucket \`${nameOf(input)}\`, whose objects are locked.`,
    facts: [
      ['Purpose', input.purpose],
      ['Year', String(input.year)],
    ],
    notes: ['Nobody can delete a locked object before its time.'],
    ready: 'The archive is there',
  }),
};
