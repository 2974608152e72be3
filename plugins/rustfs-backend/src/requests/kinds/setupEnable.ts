import {
  parseTenantRef,
  setupEnableSchema,
  SetupRequest,
  setupRequestPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { FieldIssue, RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { parseInput } from '../../parseInput';

/**
 * Lets storage be declared for a tenant without operator: its setup folder, with the program that makes the server agree with
 * it. Guardrails are about storage, and say nothing here.
 */
export const setupEnable: RequestKind<SetupRequest> = {
  id: 'setup-enable',
  permission: setupRequestPermission,
  edits: 'new',
  place: 'installation',
  parse: input => parseInput(setupEnableSchema, input),
  subject: toSubject,
  claims: ({ tenant }) => [
    {
      type: 'setup',
      name: parseTenantRef(tenant).name,
      holds: 'existence',
      field: 'tenant',
    },
  ],
  check({ tenant }, { setup, tenant: known }) {
    const issues: FieldIssue[] = [];
    if (known.layout && !known.setup) {
      issues.push({
        field: 'tenant',
        message: `What is asked for on ${tenant} is made already, so nothing has to be enabled`,
      });
    } else if (known.layout) {
      issues.push({
        field: 'tenant',
        message: `Self-service is enabled for ${tenant} already`,
        isDone: true,
      });
    } else if (!known.setup) {
      issues.push({
        field: 'tenant',
        message: `${tenant} is not configured as a tenant without operator: the platform team writes setup at its entry in rustfs.tenants`,
      });
    }
    if (!setup.image) {
      issues.push({
        field: 'tenant',
        message:
          'Nobody has said which image the setup program has: the platform team sets rustfs.setup.image to repository@sha256:…',
      });
    }
    return issues;
  },
  declarations: ({ input }, _, { setup }) => [
    {
      type: 'blueprint',
      blueprint: 'enable-setup',
      input: {
        tenant: parseTenantRef(input.tenant),
        folder: input.folder,
        endpoint: input.endpoint,
        key: input.key,
        ca: input.ca,
        image: setup.image,
        network: { type: input.network },
      },
    },
  ],
  subjects: input => [toSubject(input)],
  words: ({ input }) => ({
    title: `Enable self-service for tenant ${input.tenant}`,
    summary: `Adds the setup folder of tenant \`${input.tenant}\`, with the program that makes its server agree with what is declared there.`,
    facts: [
      ['Reason', input.purpose],
      ['Key in', `Secret ${input.key.secret}`],
      ['Network', input.network],
      ...(input.ca
        ? [
            ['Certificates in', `${input.ca.kind} ${input.ca.name}`] as [
              string,
              string,
            ],
          ]
        : []),
    ],
    ready: 'The setup program has run and its server has answered',
    notes: [
      'Buckets and accesses come later, each with a pull request of its own that adds files to that folder.',
      'Nothing on the server is changed or removed by this.',
    ],
  }),
};

function toSubject({ tenant }: SetupRequest) {
  return {
    type: 'setup' as const,
    tenant,
    name: parseTenantRef(tenant).name,
  };
}
