import { deepStrictEqual } from 'node:assert';
import { BuildOptions, PatchTarget } from '@rustfs-portal/plugin-rustfs-common';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { toBucketChange } from '../__testUtils__/bucketChange';
import { buildFolder, hasKustomize } from '../__testUtils__/kustomize';
import { toSnapshot } from '../__testUtils__/readRepository';
import { plan } from './plan';

/** Few in the normal run, as each of them starts kustomize twice. */
const RUNS = Number(process.env.KUSTOMIZE_RUNS ?? 12);
const WITH_KUSTOMIZE = hasKustomize();
const FOLDER = 's';
const BUCKET = 'loki';

type Json = Record<string, unknown>;

interface Repository {
  files: Record<string, string>;
  build: BuildOptions;
}

/** Mostly nothing, so that each repository has a few things of many. */
function seldom<T>(arbitrary: fc.Arbitrary<T>, nothing = 6) {
  return fc.oneof(
    { weight: nothing, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );
}

const target: fc.Arbitrary<PatchTarget> = fc.oneof(
  fc.constantFrom<PatchTarget>(
    { kind: 'Tenant' },
    { kind: 'Ten.*' },
    { kind: 'Tenan' },
    { kind: 'Deployment|StatefulSet' },
    { kind: 'ConfigMap' },
    { group: 'rustfs.com' },
    { group: 'apps' },
    { version: 'v1.*' },
    { name: 'apps' },
    { name: 'app' },
    { name: '.*apps' },
    { name: 'prod-apps' },
    { name: 'other|settings' },
    { namespace: 'storage' },
    { namespace: 'elsewhere' },
    { namespace: 'default' },
    { labelSelector: 'tier=gold' },
    { labelSelector: 'tier in (silver,bronze)' },
    { labelSelector: '!tier' },
    { annotationSelector: 'note=noted' },
  ),
  fc.record(
    {
      kind: fc.constantFrom('Tenant', 'ConfigMap'),
      name: fc.constantFrom('apps', 'prod-apps', 'settings'),
      namespace: fc.constantFrom('storage', 'other', 'elsewhere'),
    },
    { requiredKeys: ['kind'] },
  ),
);

const steps = fc.array(
  fc.constantFrom<Json>(
    { op: 'add', path: '/spec/buckets/-', value: { name: 'zeta' } },
    { op: 'add', path: '/spec/buckets/0', value: { name: 'alpha' } },
    { op: 'replace', path: '/spec/buckets', value: [{ name: 'zeta' }] },
    { op: 'remove', path: '/spec/buckets' },
    { op: 'remove', path: '/spec/buckets/0' },
    { op: 'replace', path: '/spec/buckets/1/name', value: 'zeta' },
    { op: 'add', path: '/spec/buckets/0/objectLock', value: true },
    { op: 'replace', path: '/spec', value: { buckets: [{ name: 'zeta' }] } },
    { op: 'add', path: '/spec/image', value: 'rustfs:1' },
    { op: 'replace', path: '/spec/pools/0/servers', value: 2 },
    { op: 'test', path: '/spec/buckets/0/name', value: 'harbor' },
    { op: 'test', path: '/kind', value: 'Tenant' },
    { op: 'copy', from: '/spec/buckets', path: '/spec/copies' },
    { op: 'copy', from: '/spec/copies', path: '/spec/buckets' },
    { op: 'move', from: '/spec/buckets', path: '/spec/gone' },
    { op: 'copy', from: '/metadata/labels', path: '/metadata/annotations' },
    { op: 'add', path: '/metadata/labels/tier', value: 'silver' },
    { op: 'replace', path: '/metadata/name', value: 'renamed' },
    { op: 'replace', path: '/metadata/namespace', value: 'elsewhere' },
    {
      op: 'add',
      path: '/metadata/annotations',
      value: { 'config.kubernetes.io/local-config': 'true' },
    },
    { op: 'add', path: '/metadata/annotations', value: { note: 'noted' } },
  ),
  { minLength: 1, maxLength: 2 },
);

const merges = fc
  .record({
    name: fc.constantFrom('apps', 'apps', 'apps', 'apps', 'prod-apps'),
    namespace: fc.constantFrom(
      'storage',
      'storage',
      'storage',
      'storage',
      undefined,
    ),
    rest: fc.constantFrom<Json>(
      { spec: { image: 'rustfs:2' } },
      { spec: { pools: [{ name: 'p', servers: 3 }] } },
      { spec: { buckets: [{ name: 'zeta' }] } },
      { spec: { buckets: null } },
      { spec: null },
      { spec: { $patch: 'replace', image: 'rustfs:3' } },
      { spec: { pools: [{ $patch: 'replace' }] } },
      { $patch: 'delete' },
      { spec: { buckets: [{ $patch: 'delete', name: 'harbor' }] } },
      { metadata: { labels: { tier: 'silver' } } },
      { metadata: { labels: null } },
      {
        metadata: {
          annotations: { 'config.kubernetes.io/local-config': 'true' },
        },
      },
    ),
  })
  .map(({ name, namespace, rest: { metadata, ...rest } }) => ({
    apiVersion: 'rustfs.com/v1alpha1',
    kind: 'Tenant',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(metadata as Json | undefined),
    },
    ...rest,
  }));

/** A patch and where it is written: in place, in a file of the folder, or in one that the portal does not read. */
const patch = fc.record({
  target: fc.option(target, { nil: undefined, freq: 3 }),
  content: fc.oneof(
    steps,
    merges,
    merges.map(one => [one, one] as const),
  ),
  place: fc.constantFrom('inline', 'inline', 'file', 'json', 'outside'),
  options: seldom(fc.constant({ allowNameChange: true }), 9),
});

const replacement = fc.record({
  source: fc.constantFrom<Json>(
    { kind: 'ConfigMap', name: 'settings', fieldPath: 'data.first' },
    { kind: 'Tenant', fieldPath: 'spec.buckets.0.name' },
    { kind: 'Tenant', fieldPath: 'metadata.name' },
  ),
  targets: fc.array(
    fc.record({
      select: fc.constantFrom<Json>(
        { kind: 'Tenant' },
        { kind: 'Tenant', name: 'prod-apps' },
        { kind: 'ConfigMap', name: 'settings' },
      ),
      fieldPaths: fc.constantFrom(
        ['spec.buckets.0.name'],
        ['spec.buckets.*.name'],
        ['spec.buckets.[name=velero].name'],
        ['spec.image'],
        ['data.second'],
        ['metadata.name'],
        ['metadata.labels.tier'],
      ),
      options: fc.constantFrom({ create: true }, {}),
    }),
    { minLength: 1, maxLength: 1 },
  ),
});

/** What a kustomization does; its resources are put in where it stands. */
const layer = fc.record({
  namespace: seldom(fc.constantFrom('storage', 'other')),
  namePrefix: seldom(fc.constant('prod-')),
  nameSuffix: seldom(fc.constant('-x')),
  patches: seldom(fc.array(patch, { minLength: 1, maxLength: 2 }), 2),
  patchesStrategicMerge: seldom(merges, 8),
  patchesJson6902: seldom(fc.record({ target, steps }), 12),
  replacements: seldom(replacement, 8),
  commonAnnotations: seldom(
    fc.constantFrom(
      { note: 'noted' },
      { 'config.kubernetes.io/local-config': 'true' },
    ),
    8,
  ),
  labels: seldom(
    fc.constantFrom<Json>(
      { pairs: { tier: 'bronze' } },
      {
        pairs: { tier: 'bronze' },
        fields: [{ path: 'spec/buckets[]/name', kind: 'Tenant' }],
      },
    ),
    8,
  ),
  configurations: seldom(
    fc.constantFrom<Json>(
      { namePrefix: [{ path: 'spec/buckets/name', kind: 'Tenant' }] },
      { commonLabels: [{ path: 'spec/labels', create: true }] },
    ),
    15,
  ),
  transformer: seldom(fc.tuple(target, steps), 15),
  generator: seldom(fc.constant(true), 15),
  component: seldom(fc.constantFrom('c', 'd', '../outside'), 4),
});

const repository = fc
  .record({
    namespace: fc.constantFrom(
      'storage',
      'storage',
      'storage',
      'storage',
      undefined,
    ),
    isList: seldom(fc.constant(true), 8),
    buckets: fc.constantFrom<unknown>(
      ['harbor', 'velero'],
      ['harbor'],
      [],
      null,
    ),
    base: layer,
    one: layer,
    other: layer,
    root: layer,
    c: layer,
    d: layer,
    shape: fc.constantFrom('flat', 'base', 'overlay', 'two', 'bare', 'inC'),
    build: fc.record({
      targetNamespace: seldom(fc.constant('storage'), 8),
      namePrefix: seldom(fc.constant('flux-'), 8),
      patches: seldom(
        fc
          .record({ target, content: steps })
          .map(one => [{ target: one.target, patch: stringify(one.content) }]),
        8,
      ),
      components: seldom(fc.constantFrom<string[]>(['c'], ['../outside']), 12),
    }),
  })
  .map(toRepository);

function toRepository(options: {
  namespace?: string;
  isList?: boolean;
  buckets: unknown;
  shape: string;
  build: BuildOptions;
  [layer: string]: unknown;
}): Repository {
  const files: Record<string, string> = {};
  const { namespace, isList, buckets, shape, build } = options;
  const tenant = {
    apiVersion: 'rustfs.com/v1alpha1',
    kind: 'Tenant',
    metadata: {
      name: 'apps',
      ...(namespace && { namespace }),
      labels: { tier: 'gold' },
    },
    spec: {
      pools: [{ name: 'p', servers: 1 }],
      buckets: Array.isArray(buckets) ? buckets.map(name => ({ name })) : null,
    },
  };
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'storage' },
    data: { first: 'one', second: 'two' },
  };
  const manifest = stringify(
    isList ? { apiVersion: 'v1', kind: 'List', items: [tenant] } : tenant,
  );
  const inC = shape === 'inC';
  const tenantAt =
    { flat: 's/tenant.yaml', bare: 's/tenant.yaml', inC: 's/c/tenant.yaml' }[
      shape
    ] ?? 's/base/tenant.yaml';
  files[tenantAt] = manifest;
  files['s/settings.yaml'] = stringify(settings);

  const write = (folder: string, name: string, resources: string[]) => {
    const isComponent = name === 'c' || name === 'd';
    files[`${folder}/kustomization.yaml`] = stringify({
      ...(isComponent && {
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
      }),
      ...toKustomization(
        options[name] as LayerValue,
        folder,
        files,
        isComponent,
      ),
      resources,
    });
  };
  write('s/c', 'c', inC ? ['tenant.yaml'] : []);
  write('s/d', 'd', []);
  files['outside/kustomization.yaml'] = stringify({
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    patches: [
      {
        target: { kind: 'Tenant' },
        patch: '- {op: replace, path: /spec/buckets, value: []}',
      },
    ],
  });
  if (shape === 'base' || shape === 'overlay' || shape === 'two') {
    write('s/base', 'base', ['tenant.yaml']);
  }
  if (shape === 'overlay' || shape === 'two') {
    write('s/one', 'one', ['../base']);
  }
  if (shape === 'two') {
    write('s/other', 'other', ['../base']);
  }
  if (shape !== 'bare') {
    write(
      's',
      'root',
      {
        flat: ['tenant.yaml', 'settings.yaml'],
        base: ['base', 'settings.yaml'],
        overlay: ['settings.yaml', 'one'],
        two: ['settings.yaml', 'one', 'other'],
        inC: ['settings.yaml'],
      }[shape]!,
    );
  } else {
    // Flux would take components for resources, and fail.
    Object.keys(files)
      .filter(path => /^s\/[cd]\//.test(path))
      .forEach(path => delete files[path]);
  }
  return { files, build };
}

type LayerValue = typeof layer extends fc.Arbitrary<infer T> ? T : never;

function toKustomization(
  value: LayerValue,
  folder: string,
  files: Record<string, string>,
  isComponent: boolean,
): Json {
  const { component, configurations, transformer, generator } = value;
  const file = (name: string, content: unknown) => {
    files[`${folder}/${name}`] = stringify(content);
    return name;
  };
  const up = folder === 's' ? '' : '../';
  return {
    ...(value.namespace && { namespace: value.namespace }),
    ...(value.namePrefix && { namePrefix: value.namePrefix }),
    ...(value.nameSuffix && { nameSuffix: value.nameSuffix }),
    ...(value.commonAnnotations && {
      commonAnnotations: value.commonAnnotations,
    }),
    ...(value.labels && { labels: [value.labels] }),
    ...(value.replacements && { replacements: [value.replacements] }),
    ...(value.patchesStrategicMerge && {
      patchesStrategicMerge: [stringify(value.patchesStrategicMerge)],
    }),
    ...(value.patchesJson6902 && {
      patchesJson6902: [
        {
          target: { name: 'apps', ...value.patchesJson6902.target },
          patch: stringify(value.patchesJson6902.steps),
        },
      ],
    }),
    ...(value.patches && {
      patches: value.patches.map(
        ({ target: at, content, place, options }, i) => {
          const isList = Array.isArray(content);
          const isMulti = isList && !('op' in content[0]);
          const text = isMulti
            ? content.map(one => stringify(one)).join('---\n')
            : stringify(content);
          const isSteps = isList && !isMulti;
          const common = {
            ...(isSteps && { target: { kind: 'Tenant' } }),
            ...(at && !isMulti && { target: at }),
            ...(options && { options }),
          };
          if (place === 'inline') {
            return { ...common, patch: text };
          }
          const name = `patch-${i}.yaml`;
          if (place === 'file') {
            files[`${folder}/${name}`] = text;
            return { ...common, path: name };
          }
          if (place === 'json') {
            files[`${folder}/patch-${i}.json`] = isMulti
              ? JSON.stringify(content[0])
              : JSON.stringify(content);
            return { ...common, path: `patch-${i}.json` };
          }
          files[`outside/${folder.replace('/', '-')}-${name}`] = text;
          return {
            ...common,
            path: `${folder === 's' ? '../' : '../../'}outside/${folder.replace(
              '/',
              '-',
            )}-${name}`,
          };
        },
      ),
    }),
    ...(configurations && {
      configurations: [file('configuration.txt.yaml', configurations)],
    }),
    ...(transformer && {
      transformers: [
        stringify({
          apiVersion: 'builtin',
          kind: 'PatchTransformer',
          metadata: { name: 't' },
          target: transformer[0],
          patch: stringify(transformer[1]),
        }),
      ],
    }),
    ...(generator && {
      generators: [
        stringify({
          apiVersion: 'builtin',
          kind: 'ConfigMapGenerator',
          metadata: { name: `made-${folder.replace('/', '-')}` },
          literals: ['a=b'],
        }),
      ],
    }),
    ...(component &&
      !isComponent && {
        components: [
          component === '../outside' ? `${up}../outside` : `${up}${component}`,
        ],
      }),
  };
}

/** The root with what Flux adds to it. */
function buildAll({ files, build: options }: Repository) {
  const { targetNamespace, namePrefix, patches, components } = options;
  const fields = {
    ...(targetNamespace && { namespace: targetNamespace }),
    ...(namePrefix && { namePrefix }),
  };
  const lists = { patches: patches ?? [], components: components ?? [] };
  return buildFolder(files, FOLDER, { fields, lists });
}

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: { buckets?: Array<{ name: string }> | null };
}

const change = toBucketChange({
  requestId: '6f1c',
  createdAt: '2026-11-20T10:11:12.345Z',
  bucket: BUCKET,
  entityRef: 'component:default/loki',
  owner: 'group:default/obs',
  requestedBy: 'user:default/ada',
  purpose: 'Logs',
  dataClass: 'internal',
  versioning: false,
  objectLock: false,
});

describe('plan, judged by kustomize', () => {
  (WITH_KUSTOMIZE ? it : it.skip)(
    'adds a bucket to one tenant once and changes nothing else, or is refused (needs kubectl)',
    () => {
      const seen = { change: 0, refused: 0, invalid: 0 };
      const codes: Record<string, number> = {};
      fc.assert(
        fc.property(repository, fc.nat(), (made, pick) => {
          const before = buildAll(made);
          const tenants =
            'failure' in before
              ? []
              : (before.objects as Manifest[]).filter(
                  ({ kind }) => kind === 'Tenant',
                );
          if ('failure' in before || tenants.length === 0) {
            seen.invalid += 1;
            return;
          }
          const { name, namespace } = tenants[pick % tenants.length].metadata;
          const result = plan(change, toSnapshot(made.files, FOLDER), {
            tenant: {
              cluster: 'atlas',
              // Without any the engine's own applies.
              namespace: namespace ?? 'storage',
              name,
            },
            layout: 'operator-tenant',
            folder: FOLDER,
            baseBranch: 'main',
            build: made.build,
          });
          if (result.outcome === 'refused') {
            seen.refused += 1;
            const [{ code, message }] = result.reasons;
            const key = `${code}: ${message
              .replace(/\S*(\/|\[)\S*/g, '…')
              .slice(0, 70)}`;
            codes[key] = (codes[key] ?? 0) + 1;
            return;
          }
          if (result.outcome !== 'change') {
            throw new Error(`The plan is ${result.outcome}`);
          }
          seen.change += 1;
          const after = buildAll({
            ...made,
            files: {
              ...made.files,
              ...Object.fromEntries(
                result.changeSet.files.map(file => [file.path, file.after!]),
              ),
            },
          });
          if ('failure' in after) {
            throw new Error(`Kustomize fails afterwards: ${after.failure}`);
          }
          const tenant = { name, namespace };
          deepStrictEqual(
            describeAll(after.objects, tenant),
            describeAll(before.objects, tenant, BUCKET),
          );
        }),
        { numRuns: RUNS },
      );
      if (process.env.KUSTOMIZE_RUNS) {
        process.stdout.write(`${JSON.stringify({ seen, codes }, null, 1)}\n`);
      }
    },
    RUNS * 60_000,
  );
});

/** All objects but bucket records, with a bucket more in one tenant. */
function describeAll(
  objects: unknown[],
  tenant: { name: string; namespace?: string },
  added?: string,
): Record<string, unknown> {
  return Object.fromEntries(
    (objects as Manifest[])
      .filter(
        ({ metadata }) =>
          !(metadata as { labels?: Json }).labels?.['rustfs-portal/record'],
      )
      .map(object => {
        const { kind, metadata, spec } = object;
        const key = [kind, metadata.namespace, metadata.name].join('/');
        const isMeant =
          kind === 'Tenant' &&
          metadata.name === tenant.name &&
          metadata.namespace === tenant.namespace;
        if (!isMeant) {
          return [key, object];
        }
        const buckets = [
          ...(spec?.buckets ?? []),
          ...(added ? [{ name: added }] : []),
        ].sort((a, b) => (a.name < b.name ? -1 : 1));
        return [key, { ...object, spec: { ...spec, buckets } }];
      }),
  );
}
