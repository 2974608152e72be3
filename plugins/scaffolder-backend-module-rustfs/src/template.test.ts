import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  accessCreateSchema,
  bucketRequestSchema,
  DATA_CLASSES,
} from '@rustfs-portal/plugin-rustfs-common';
import { parse } from 'yaml';

/** The template is not part of the package, so it is read where the repository keeps it. */
const path = resolve(__dirname, '../../../templates/bucket/template.yaml');

describe('the bucket template', () => {
  it('hands every field of the form to the action, and asks for what the backend requires', async () => {
    const { spec } = parse(await readFile(path, 'utf8'));
    const fields = spec.parameters.flatMap((page: { properties: object }) =>
      Object.keys(page.properties),
    );
    const required = spec.parameters.flatMap(
      (page: { required?: string[] }) => page.required ?? [],
    );
    const [{ action, input }] = spec.steps;
    const inputs = Object.keys(bucketRequestSchema.shape);

    expect(action).toBe('rustfs:bucket:create');
    expect(Object.keys(input).sort()).toEqual([...inputs].sort());
    expect(input).toEqual(
      Object.fromEntries(
        inputs.map(name => [name, `\${{ parameters.${name} }}`]),
      ),
    );
    expect(fields.sort()).toEqual([...inputs, 'preview'].sort());
    expect(required.sort()).toEqual(
      ['bucket', 'dataClass', 'entityRef', 'purpose', 'tenant'].sort(),
    );
    expect(spec.parameters[0].properties.dataClass.enum).toEqual([
      ...DATA_CLASSES,
    ]);
  });
});

describe('the template of the examples', () => {
  it('asks for storage with what the backend understands, after the service is in the catalog', async () => {
    const readme = await readFile(
      resolve(__dirname, '../../../examples/README.md'),
      'utf8',
    );
    const [, text] = readme.match(/```yaml\n# template\.yaml\n(.*?)```/s) ?? [];
    const { steps } = parse(
      text
        .replaceAll('${{ steps.register.output.entityRef }}', 'component:a/b')
        .replaceAll(/\$\{\{ .*? \}\}/g, 'invoices'),
    ).spec;
    const ids = steps.map(({ id }: { id: string }) => id);
    expect(ids.indexOf('register')).toBeLessThan(ids.indexOf('storage'));
    const storage = steps.find(
      ({ action }: { action: string }) => action === 'rustfs:access:create',
    );
    expect(accessCreateSchema.parse(storage.input)).toMatchObject({
      newBuckets: [{ bucket: 'invoices-data' }],
    });
  });
});
