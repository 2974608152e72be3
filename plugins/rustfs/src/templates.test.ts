import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  accessCreateSchema,
  accessRevokeSchema,
  bucketChangeSchema,
  bucketRequestSchema,
  setupEnableSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import { parse } from 'yaml';
import { mockTranslation } from './__testUtils__/mockTranslation';
import { rustfsAccessMode } from './components/RustfsAccessMode';
import { rustfsAccessName } from './components/RustfsAccessName';
import { rustfsAccessPicker } from './components/RustfsAccessPicker';
import { rustfsAccessScope } from './components/RustfsAccessScope';
import { rustfsBucketName } from './components/RustfsBucketName';
import { rustfsBucketPicker } from './components/RustfsBucketPicker';
import { rustfsConsumer } from './components/RustfsConsumer';
import { rustfsQuota } from './components/RustfsQuota';
import { rustfsRequestPreview } from './components/RustfsRequestPreview';
import { rustfsSetupTenant } from './components/RustfsSetupTenant';
import { rustfsTenantPicker } from './components/RustfsTenantPicker';
import { findKind } from './kinds';
import { readForm } from './lib/form';
import { TEMPLATES } from './routes';

const FIELDS = [
  'EntityPicker',
  ...[
    rustfsAccessMode,
    rustfsAccessName,
    rustfsAccessPicker,
    rustfsAccessScope,
    rustfsBucketName,
    rustfsBucketPicker,
    rustfsConsumer,
    rustfsQuota,
    rustfsRequestPreview,
    rustfsSetupTenant,
    rustfsTenantPicker,
  ].map(({ name }) => name),
];

/** A form as somebody leaves it who changes nothing that has a default. */
const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-receipts',
  quota: '10Gi',
  versioning: false,
  objectLock: false,
  purpose: 'Receipts as PDF',
  dataClass: 'internal',
  access: 'invoices',
  scope: { type: 'buckets', buckets: ['checkout-receipts'] },
  mode: 'read-write',
  consumer: { namespace: 'checkout', secret: 'invoices-s3', form: 'aws' },
  key: { secret: 'key', accessKey: 'accesskey', secretKey: 'secretkey' },
  network: 'none',
};

interface Field {
  'ui:field'?: string;
  'ui:options'?: { kind?: string };
  properties?: object;
}

function readTemplate(folder: string) {
  const { metadata, spec } = parse(
    readFileSync(
      resolve(__dirname, '../../../templates', folder, 'template.yaml'),
      'utf8',
    ),
  );
  const fields: Record<string, Field> = Object.assign(
    {},
    ...spec.parameters.map(
      ({ properties }: { properties: object }) => properties,
    ),
  );
  return { name: metadata.name, fields, step: spec.steps[0] };
}

/** Fills the input of a step in, as the scaffolder does: a text that is one expression becomes its value. */
function render(input: unknown, form: Record<string, unknown>): unknown {
  if (typeof input === 'string') {
    const [, name, otherwise] =
      /^\$\{\{ parameters\.(\w+)(?: or "(\w+)")? \}\}$/.exec(input) ?? [];
    return name ? form[name] || (otherwise ?? form[name]) : input;
  }
  if (Array.isArray(input)) {
    return input.map(item => render(item, form));
  }
  return input && typeof input === 'object'
    ? Object.fromEntries(
        Object.entries(input).map(([key, value]) => [key, render(value, form)]),
      )
    : input;
}

describe.each([
  {
    folder: 'bucket',
    name: TEMPLATES.bucket,
    kind: 'bucket-create',
    action: expect.stringMatching(/^rustfs:bucket:/),
    schema: bucketRequestSchema,
  },
  {
    folder: 'storage',
    name: TEMPLATES.storage,
    kind: 'access-create',
    action: 'rustfs:access:create',
    schema: accessCreateSchema,
  },
  {
    folder: 'access',
    name: TEMPLATES.access,
    kind: 'access-create',
    action: 'rustfs:access:create',
    schema: accessCreateSchema,
  },
  {
    folder: 'access-revoke',
    name: TEMPLATES.accessRevoke,
    kind: 'access-revoke',
    action: 'rustfs:access:revoke',
    schema: accessRevokeSchema,
  },
  {
    folder: 'bucket-change',
    name: TEMPLATES.bucketChange,
    kind: 'bucket-change',
    action: 'rustfs:bucket:change',
    schema: bucketChangeSchema,
  },
  {
    folder: 'enable-self-service',
    name: TEMPLATES.setupEnable,
    kind: 'setup-enable',
    action: 'rustfs:setup:enable',
    schema: setupEnableSchema,
  },
])('the template $name', ({ folder, name, kind, action, schema }) => {
  const template = readTemplate(folder);
  const form = Object.fromEntries(
    Object.entries(FORM).filter(([field]) => field in template.fields),
  );

  it('is the one that the buttons open, and has fields that are there', () => {
    expect(template.name).toBe(name);
    expect(FIELDS).toEqual(
      expect.arrayContaining(
        Object.values(template.fields).flatMap(
          field => field['ui:field'] ?? [],
        ),
      ),
    );
  });

  it('asks for what its preview shows', () => {
    const { tenant, preview } = template.fields;
    const content = findKind(kind)?.readForm(readForm(form));
    // Without a kind it is a bucket that is asked for.
    // A tenant without self-service is among no offers: its field is for one kind alone.
    for (const field of [tenant, preview].filter(
      one => one['ui:field'] !== rustfsSetupTenant.name,
    )) {
      expect(field['ui:options']?.kind ?? 'bucket-create').toBe(kind);
    }
    expect(template.step.action).toEqual(action);
    expect({
      kind,
      ...schema.parse(render(template.step.input, form)),
    }).toEqual(content?.request);
    expect(Object.keys(preview.properties ?? {})).toEqual([
      'service',
      'tenant',
      ...Object.keys(content?.summary(mockTranslation) ?? {}),
      'pullRequest',
      'reviewers',
    ]);
  });
});

describe('the template of a change', () => {
  it('asks for no quota where the field is empty', () => {
    const { step } = readTemplate('bucket-change');
    expect(
      bucketChangeSchema.parse(render(step.input, { ...FORM, quota: '' })),
    ).toMatchObject({ quota: 'none' });
  });
});
