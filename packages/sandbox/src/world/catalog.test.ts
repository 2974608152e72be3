import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { companyWorld } from './company';
import { tenantRefOf } from './definition';

const FOLDER = join(__dirname, '../../../../examples/catalog');

const entitySchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({ owner: z.string().optional() }),
});

const entities = readdirSync(FOLDER)
  .flatMap(file => parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')))
  .map(document => entitySchema.parse(document.toJS()));

const buckets = companyWorld.clusters.flatMap(cluster =>
  cluster.tenants.flatMap(tenant =>
    tenant.buckets.map(bucket => ({
      tenant: tenantRefOf(cluster, tenant),
      ...bucket,
    })),
  ),
);

const accesses = companyWorld.clusters.flatMap(cluster =>
  cluster.tenants.flatMap(tenant =>
    (tenant.accesses ?? []).map(access => ({
      ...access,
      cluster,
      known: tenant.buckets.map(({ name }) => name),
    })),
  ),
);

describe('the example catalog beside the world', () => {
  const components = entities.filter(entity => entity.kind === 'Component');

  it('has twelve services', () => {
    expect(components).toHaveLength(12);
  });

  it.each(components.map(component => [component.metadata.name, component]))(
    '%s names the buckets that are recorded for it',
    (name, { metadata, spec }) => {
      const { annotations } = metadata;
      const recorded = buckets.filter(
        bucket => bucket.entity === `component:default/${name}`,
      );
      expect({
        tenant: annotations['rustfs.com/tenant'],
        buckets: (annotations['rustfs.com/buckets'] ?? '')
          .split(',')
          .map(bucket => bucket.trim())
          .filter(Boolean)
          .sort(),
      }).toEqual({
        tenant: recorded[0]?.tenant,
        buckets: recorded.map(bucket => bucket.name).sort(),
      });
      for (const bucket of recorded) {
        expect(bucket.owner).toBe(`group:default/${spec.owner}`);
      }
    },
  );

  it.each(accesses)(
    'access $name is of the owner of its entity, to buckets and for a namespace that are there',
    ({ buckets: reached, cluster, consumer, entity, known, owner }) => {
      const component = components.find(
        ({ metadata }) => entity === `component:default/${metadata.name}`,
      );
      expect(owner).toBe(`group:default/${component?.spec.owner}`);
      for (const name of reached) {
        expect(known.join(' ')).toContain(name.replace('*', ''));
      }
      expect(cluster.workloadNamespaces).toContain(consumer.namespace);
    },
  );

  it('knows every owner and every person of the world', () => {
    const known = entities.map(
      ({ kind, metadata }) => `${kind.toLowerCase()}:default/${metadata.name}`,
    );
    expect(known).toEqual(
      expect.arrayContaining([
        ...new Set(buckets.flatMap(({ owner }) => owner ?? [])),
        ...companyWorld.people
          .filter(({ name }) => name !== 'portal')
          .map(({ name }) => `user:default/${name}`),
      ]),
    );
  });
});
