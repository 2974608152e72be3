import { join } from 'node:path';
import { readRepository } from '../__testUtils__/readRepository';
import { recognizeRepository } from './recognizeRepository';
import { findRendered } from './rendered';

interface Expected {
  /** How it is installed, by whom, and where a setup folder would lie. */
  installed: Array<[how: string, by: string, setupFolder: string]>;
  /** What others make: buckets, users (`user:`), policies (`policy:`). */
  made?: string[];
  hidden?: RegExp[];
  rendered?: Record<string, string>;
}

/** Repositories of people who run storage without the RustFS operator, by the name of their folder in the fixtures. */
const CASES: Record<string, Expected> = {
  '01-flux-official-inline': {
    installed: [
      [
        'official-chart',
        'HelmRelease rustfs',
        'apps/storage/rustfs/rustfs-setup',
      ],
    ],
  },
  '02-flux-cloudpirates-inline': {
    installed: [
      [
        'cloudpirates-chart',
        'HelmRelease storage/rustfs',
        'apps/storage/rustfs-setup',
      ],
    ],
    made: ['ingest', 'ledger', 'policy:ingest'],
  },
  '03-flux-valuesfrom-generator': {
    installed: [
      [
        'cloudpirates-chart',
        'HelmRelease storage/rustfs',
        'infra/rustfs-setup',
      ],
    ],
    made: ['ingest', 'ledger'],
  },
  '04-argo-wrapper-empty': {
    installed: [
      [
        'cloudpirates-chart',
        'the chart in apps/cluster/rustfs, by its dependency rustfs',
        'apps/cluster/rustfs-setup',
      ],
    ],
  },
  '05-argo-wrapper-alias': {
    installed: [
      [
        'cloudpirates-chart',
        'the chart in platform/objectstore, by its dependency objectstore',
        'platform/objectstore-setup',
      ],
    ],
    made: ['reporting', 'user:reporting'],
  },
  '06-argo-multi-source-layers': {
    installed: [
      ['cloudpirates-chart', 'Application argocd/rustfs', 'rustfs-setup'],
    ],
    made: ['ingest', 'ledger', 'ledger-archive'],
  },
  '07-argo-values-object': {
    installed: [
      ['cloudpirates-chart', 'Application argocd/rustfs', 'rustfs-setup'],
    ],
    made: ['ingest', 'ledger'],
  },
  '08-argo-values-string': {
    installed: [
      ['cloudpirates-chart', 'Application argocd/rustfs', 'rustfs-setup'],
    ],
    made: ['ingest'],
  },
  '09-flux-minio-chart': {
    installed: [
      [
        'minio-chart',
        'HelmRelease storage/minio',
        'infrastructure/minio-setup',
      ],
    ],
    made: ['cluster-backups', 'user:backups', 'volumes'],
  },
  '10-wrapper-minio-commented': {
    installed: [
      [
        'minio-chart',
        'the chart in apps/minio, by its dependency minio',
        'apps/minio-setup',
      ],
    ],
  },
  '11-minio-tenant': {
    installed: [['minio-operator', 'Tenant storage/store', 'apps/store-setup']],
    made: ['loki', 'thanos'],
  },
  '12-minio-tenant-chart': {
    installed: [
      [
        'minio-tenant-chart',
        'the chart in minio-tenant, by its dependency minio-tenant',
        'minio-tenant-setup',
      ],
    ],
  },
  '13-kustomize-helm-charts': {
    installed: [
      [
        'cloudpirates-chart',
        'helmCharts in apps/rustfs/kustomization.yaml',
        'apps/rustfs-setup',
      ],
    ],
    made: ['ingest'],
  },
  '14-setup-existing-secret': {
    installed: [
      [
        'cloudpirates-chart',
        'the chart in apps/rustfs, by its dependency rustfs',
        'apps/rustfs-setup',
      ],
    ],
    hidden: [
      /^apps\/rustfs\/values\.yaml:5 its lists are kept in Secret rustfs-setup/,
    ],
  },
  '15-templated-setup-job': {
    // The server is installed elsewhere; its Job is here.
    installed: [],
    made: ['backups', 'loki-chunks'],
    rendered: {
      'apps/storage/rustfs/setup/job.yaml':
        'templates/config/apps/storage/rustfs/setup/job.yaml.j2',
    },
  },
  '16-flux-app-template': {
    installed: [
      [
        'general-chart',
        'HelmRelease rustfs',
        'apps/storage/rustfs/rustfs-setup',
      ],
    ],
  },
  '17-crlf-no-final-newline': {
    installed: [
      [
        'values',
        'values for the CloudPirates chart in values/rustfs.yaml',
        'rustfs-setup',
      ],
    ],
    made: ['ingest', 'ledger'],
  },
  '18-already-there': {
    installed: [
      [
        'values',
        'values for the CloudPirates chart in apps/rustfs/values.yaml',
        'apps/rustfs-setup',
      ],
    ],
    made: ['policy:shop-data-rw', 'shop-data', 'user:shop-app'],
  },
};

const read = (id: string) =>
  readRepository(join(__dirname, '__fixtures__', id));

const summary = (texts: Record<string, string>) => {
  const found = recognizeRepository(texts);
  return {
    installed: found.installations.map(({ how, by, setupFolder }) => [
      how,
      by,
      setupFolder,
    ]),
    made: found.madeElsewhere
      .map(({ type, name }) => (type === 'bucket' ? name : `${type}:${name}`))
      .sort(),
    hidden: found.hidden.map(({ place, because }) => `${place} ${because}`),
    rendered: found.rendered,
  };
};

/** The lines to take out, as `path:from-to` with what stands there. */
const linesOf = (
  texts: Record<string, string>,
  name: string,
  type = 'bucket',
) =>
  recognizeRepository(texts)
    .madeElsewhere.filter(made => made.name === name && made.type === type)
    .flatMap(({ lines }) => lines)
    .map(
      ({ path, from, to }) =>
        `${path}:${from}-${to}\n${texts[path]
          .split(/\r?\n/)
          .slice(from - 1, to)
          .join('\n')}`,
    );

describe('recognizeRepository', () => {
  it.each(Object.entries(CASES))('%s', (id, expected) => {
    const { hidden, ...found } = summary(read(id));
    expect(found).toEqual({
      installed: expected.installed,
      made: expected.made ?? [],
      rendered: expected.rendered ?? {},
    });
    expect(hidden).toEqual(
      (expected.hidden ?? []).map(words => expect.stringMatching(words)),
    );
  });

  it.each<[string, string, string, string[]]>([
    [
      '02-flux-cloudpirates-inline',
      'bucket',
      'ledger',
      ['apps/storage/rustfs/helmrelease.yaml:29-29\n        - name: ledger'],
    ],
    [
      '02-flux-cloudpirates-inline',
      'policy',
      'ingest',
      [
        `apps/storage/rustfs/helmrelease.yaml:18-24
        - name: ingest
          spec:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ["s3:GetObject", "s3:PutObject"]
                Resource: ["arn:aws:s3:::ingest/*"]`,
      ],
    ],
    [
      '06-argo-multi-source-layers',
      'bucket',
      'ledger',
      [
        'values/rustfs/production.yaml:6-6\n    - name: ledger',
        'values/rustfs/base.yaml:5-5\n    - name: ledger',
      ],
    ],
    [
      '08-argo-values-string',
      'bucket',
      'ingest',
      ['argocd/rustfs.yaml:18-18\n            - name: ingest'],
    ],
    [
      '09-flux-minio-chart',
      'bucket',
      'cluster-backups',
      [
        `infrastructure/minio/helmrelease.yaml:25-28
      - name: cluster-backups
        versioning: true
        policy: none
        purge: false`,
      ],
    ],
    [
      '05-argo-wrapper-alias',
      'bucket',
      'reporting',
      ['platform/objectstore/values.yaml:10-10\n            - name: reporting'],
    ],
    [
      '15-templated-setup-job',
      'bucket',
      'loki-chunks',
      [
        'apps/storage/rustfs/setup/job.yaml:20-20\n              mc mb --ignore-existing store/loki-chunks',
      ],
    ],
    [
      '17-crlf-no-final-newline',
      'bucket',
      'ledger',
      ['values/rustfs.yaml:4-4\n  - name: ledger'],
    ],
  ])('%s: says which lines make the %s %s', (id, type, name, lines) => {
    expect(linesOf(read(id), name, type)).toEqual(lines);
  });
});

const release = (
  chart: string,
  rest: string,
) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: store, namespace: data}
spec:
  chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: upstream}}}
${rest}`;

describe('files of other people', () => {
  const job = (script: string) => ({
    'job.yaml': `apiVersion: batch/v1\nkind: Job\nmetadata: {name: setup}\nspec: {template: {spec: {containers: [{name: c, args: ["${script}"]}]}}}\n`,
  });

  it('are pointed at, never quoted', () => {
    expect(
      JSON.stringify([
        recognizeRepository(
          job(
            'mc alias set m http://minio:9000 root S3cr3t && mc mb m/invoices',
          ),
        ),
        recognizeRepository({
          'values/rustfs.yaml':
            'setup:\n  users:\n  - {name: web, password: S3cr3t}\n',
        }),
      ]),
    ).not.toContain('S3cr3t');
  });

  it('say all that is made in one row', () => {
    expect(
      summary(job('mc mb m/invoices && mc mb m/ledger; s3api create-bucket')),
    ).toMatchObject({ made: ['invoices', 'ledger'] });
  });

  it('have the lines of an entry told by the last of its own, whatever is in between', () => {
    const texts = {
      'values/rustfs.yaml': `setup:
  policies:
    - name: web

      # What it may do.
      spec: {}

    # Of others.
    - name: ops
`,
    };
    expect(linesOf(texts, 'web', 'policy')[0]).toMatch(/:3-6\n/);
  });

  it.each<[string, Record<string, string>]>([
    [
      'blanks and comments',
      {
        'values/rustfs.yaml': `setup:\n  buckets:\n  - name: a${' '.repeat(
          80_000,
        )}#\n${'\n   #'.repeat(40_000)}\n  - name: b\n`,
      },
    ],
    ['options', job(`mc ${'--a '.repeat(40_000)}`)],
    ['commands without a bucket', job('s3api create-bucket '.repeat(20_000))],
    [
      'images in a text',
      {
        'x.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n      - image: |\n          ${'/rustfs/rustfs:'.repeat(
          30_000,
        )}\n\n`,
      },
    ],
  ])('are read in a moment, however many %s are in them', (_, texts) => {
    const start = performance.now();
    recognizeRepository(texts);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('others of their kind', () => {
  it.each<
    [string, Record<string, string>, Partial<ReturnType<typeof summary>>]
  >([
    [
      'a chart of the official host, that has no lists whatever its values say',
      {
        'repo.yaml':
          'apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: upstream}\nspec: {url: https://charts.rustfs.com/}\n',
        'a/b/release.yaml': release(
          'rustfs',
          '  values: {replicaCount: 4, buckets: [{name: nobody}]}\n',
        ),
      },
      {
        installed: [
          ['official-chart', 'HelmRelease data/store', 'a/store-setup'],
        ],
        made: [],
      },
    ],
    [
      'a chart of which nothing tells which of the two it is',
      {
        'a/b/release.yaml': release('rustfs', '  values: {replicaCount: 4}\n'),
      },
      {
        installed: [
          ['rustfs-chart', 'HelmRelease data/store', 'a/store-setup'],
        ],
      },
    ],
    [
      'an OCI address that tells the chart',
      {
        'a/oci.yaml':
          'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: store}\nspec: {url: oci://registry.example.org/cloudpirates/rustfs}\n',
        'a/release.yaml':
          'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: store}\nspec:\n  chartRef: {kind: OCIRepository, name: store}\n  values:\n    setup:\n      users:\n      - {name: web, password: x}\n',
      },
      {
        installed: [['cloudpirates-chart', 'HelmRelease store', 'store-setup']],
        made: ['user:web'],
      },
    ],
    [
      'values in a Secret, that nobody can read',
      {
        'a/b/release.yaml': release(
          'minio',
          '  valuesFrom: [{kind: Secret, name: values}]\n',
        ),
      },
      {
        made: [],
        hidden: [
          'a/b/release.yaml:6 values come from Secret values, which is not among the files that can be read here',
        ],
      },
    ],
    [
      'a ConfigMap with values, which inline values win over',
      {
        'a/b/values.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  values.yaml: |\n    buckets:\n    - {name: old}\n    users:\n    - {accessKey: ops, policy: readwrite}\n',
        'a/b/release.yaml': release(
          'minio',
          '  valuesFrom: [{kind: ConfigMap, name: values}]\n  values:\n    buckets:\n    - name: new\n      purge: false\n',
        ),
      },
      { made: ['new', 'user:ops'] },
    ],
    [
      'a chart in a folder, with the values that its Application names',
      {
        'charts/store/Chart.yaml':
          'apiVersion: v2\nname: store\nversion: 0.1.0\ndependencies:\n- name: rustfs\n  version: 0.10.6\n  repository: oci://example.org/charts\n',
        'charts/store/values.yaml':
          'rustfs:\n  auth: {existingSecret: root}\n  setup:\n    buckets: [{name: base}]\n',
        'charts/store/values-dev.yaml':
          'rustfs:\n  setup:\n    buckets: [{name: dev}]\n',
        'charts/store/values-prod.yaml':
          'rustfs:\n  setup:\n    buckets: [{name: prod}]\n',
        'apps/store.yaml':
          'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: store, namespace: argocd}\nspec:\n  source:\n    path: charts/store\n    repoURL: x\n    helm:\n      valueFiles: [values-prod.yaml]\n      parameters:\n      - {name: "rustfs.setup.users[0].name", value: web}\n  destination: {namespace: data}\n',
      },
      {
        installed: [
          [
            'cloudpirates-chart',
            'Application argocd/store',
            'charts/rustfs-setup',
          ],
        ],
        made: ['prod', 'user:web'],
      },
    ],
    [
      'a server as a plain Deployment, and one that only looks like it',
      {
        'x/store.yaml':
          'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: store, namespace: data}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: s, image: "ghcr.io/rustfs/rustfs:1.0.1@sha256:ab"}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: client, namespace: data}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: s, image: rustfs/rc:latest}\n',
      },
      { installed: [['manifest', 'StatefulSet data/store', 'store-setup']] },
    ],
    [
      'a Tenant of the RustFS operator',
      {
        'x/tenant.yaml':
          'apiVersion: rustfs.com/v1alpha1\nkind: Tenant\nmetadata: {name: apps, namespace: storage}\nspec: {buckets: [{name: invoices}]}\n',
      },
      // Its list is the portal's own place.
      {
        installed: [['rustfs-operator', 'Tenant storage/apps', 'apps-setup']],
        made: [],
      },
    ],
    [
      'values of something else that has buckets',
      {
        'loki/values.yaml':
          'loki:\n  storage:\n    bucketNames: {chunks: a}\nbuckets:\n- name: chunks\n',
        'broken.yaml': 'a: [',
        'chart/templates/x.yaml': '{{ if .Values.x }}\na: b\n{{ end }}\n',
      },
      { installed: [], made: [] },
    ],
    [
      'scripts of other clients, and what is only said about them',
      {
        'job.yaml':
          'apiVersion: batch/v1\nkind: Job\nmetadata: {name: setup}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        command: [sh, -c]\n        args:\n        - |\n          # mc mb store/commented\n          rc mb -p store/ledger\n          aws --endpoint-url $URL s3 mb s3://reports\n          aws s3api create-bucket --bucket audit\n          mc admin user add store web "$PASSWORD"\n',
      },
      { made: ['audit', 'ledger', 'reports', 'user:web'] },
    ],
  ])('%s', (_, texts, expected) => {
    expect(summary(texts)).toMatchObject(expected);
  });
});

describe('findRendered', () => {
  it.each<[string, string[], Record<string, string>]>([
    [
      'templates whose results lie in another folder',
      [
        'templates/config/kubernetes/apps/a/ks.yaml.j2',
        'templates/config/kubernetes/apps/b/ks.yaml.j2',
        'kubernetes/apps/a/ks.yaml',
        'kubernetes/apps/c/ks.yaml',
      ],
      {
        'kubernetes/apps/a/ks.yaml':
          'templates/config/kubernetes/apps/a/ks.yaml.j2',
        // Not there now, and still the template's.
        'kubernetes/apps/b/ks.yaml':
          'templates/config/kubernetes/apps/b/ks.yaml.j2',
      },
    ],
    [
      'a template beside its result',
      ['apps/store.yaml.jinja', 'apps/store.yaml'],
      { 'apps/store.yaml': 'apps/store.yaml.jinja' },
    ],
    [
      'a folder that is called otherwise in the result',
      ['src/apps/store/ks.yaml.tmpl', 'out/dev/apps/store/ks.yaml'],
      { 'out/dev/apps/store/ks.yaml': 'src/apps/store/ks.yaml.tmpl' },
    ],
    [
      'one name in common that is chance',
      ['skeletons/app/kustomization.yaml.j2', 'clusters/x/kustomization.yaml'],
      {},
    ],
    ['no template', ['a/b.yaml'], {}],
  ])('knows %s', (_, paths, expected) => {
    expect(findRendered(paths)).toEqual(expected);
  });
});
