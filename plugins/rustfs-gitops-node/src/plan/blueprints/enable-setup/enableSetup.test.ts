import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setupStatusName } from '@rustfs-portal/plugin-rustfs-common';
import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { buildFolder, hasKustomize } from '../../../__testUtils__/kustomize';
import { snapshotOf } from '../../../__testUtils__/planSealed';
import { BlueprintPlace, BlueprintPlan } from '../Blueprint';
import { Blueprints } from '../Blueprints';
import { EnableSetupInput } from './input';

const IMAGE = `registry.example.org/platform/rustfs-setup@sha256:${'0a'.repeat(
  32,
)}`;

const input: EnableSetupInput = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'archive' },
  folder: 'clusters/atlas/archive-setup',
  namespace: 'storage-archive-setup',
  endpoint: 'http://rustfs-svc.storage.svc:9000',
  key: { secret: 'provisioner', accessKey: 'RUSTFS_AK', secretKey: 'sk' },
  image: IMAGE,
  network: { type: 'NetworkPolicy', apiServers: [{ cidr: '10.0.0.1/32' }] },
  engine: {
    kind: 'Kustomization',
    name: 'archive-setup',
    namespace: 'flux-system',
    folder: 'clusters/atlas/flux',
    decrypts: true,
    howToDecrypt: 'name the Secret with its age key',
    keep: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    manifest: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'archive-setup', namespace: 'flux-system' },
      spec: { path: './{folder}', sourceRef: { name: 'platform' } },
    },
  },
};

const company: Record<string, string> = {
  '.sops.yaml': 'creation_rules: []\n',
  'clusters/atlas/flux/kustomization.yaml':
    '# Everything of atlas\nresources:\n  - storage.yaml\n',
  'clusters/atlas/flux/storage.yaml':
    'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: storage, namespace: flux-system}\nspec: {path: ./clusters/atlas/storage}\n',
};

const parent = {
  by: 'Kustomization flux-system/flux-system',
  folder: './clusters/atlas/flux',
  build: {},
};

const place = (rest: Partial<BlueprintPlace> = {}): BlueprintPlace => ({
  snapshot: snapshotOf(company),
  parent,
  ...rest,
});

const blueprint = new Blueprints().get('enable-setup');

function filesOf(planned: BlueprintPlan): Record<string, string> {
  if (planned.outcome !== 'files') {
    throw new Error(JSON.stringify(planned.reasons));
  }
  return Object.fromEntries(
    planned.files.map(({ path, after = '' }) => [path, after]),
  );
}

const made = (answers: unknown = input, where = place()) =>
  filesOf(blueprint.plan(answers, where));

const refusals = (answers: unknown, where = place()) => {
  const planned = blueprint.plan(answers, where);
  return planned.outcome === 'refused'
    ? planned.reasons.map(
        ({ code, field, message }) => `${code} ${field}: ${message}`,
      )
    : planned.outcome;
};

const findings = (answers: unknown = input, where = place()) => {
  const planned = blueprint.plan(answers, where);
  return planned.outcome === 'files' ? planned.findings : [];
};

const inFolder = (name: string, files = made()) =>
  parse(files[`clusters/atlas/archive-setup/${name}`]);

describe('enable-setup', () => {
  it('is one folder, and its place among the Kustomizations', () => {
    const planned = blueprint.plan(input, place());
    expect(
      planned.outcome === 'files' &&
        planned.files.map(({ operation, path }) => [
          operation,
          path.replace('clusters/atlas/', ''),
        ]),
    ).toEqual([
      ['create', 'archive-setup/cron-job.yaml'],
      ['create', 'archive-setup/namespace.yaml'],
      ['create', 'archive-setup/network.yaml'],
      ['create', 'archive-setup/role-binding.yaml'],
      ['create', 'archive-setup/role.yaml'],
      ['create', 'archive-setup/service-account.yaml'],
      ['create', 'archive-setup/status.yaml'],
      ['create', 'flux/archive-setup.yaml'],
      ['update', 'flux/kustomization.yaml'],
    ]);
    expect(made()['clusters/atlas/flux/kustomization.yaml']).toBe(
      '# Everything of atlas\nresources:\n  - archive-setup.yaml\n  - storage.yaml\n',
    );
    expect(blueprint.plan(input, place())).toEqual(planned);
  });

  it('gives the program the least rights: to list, and to write its one status', () => {
    expect(inFolder('role.yaml').rules).toEqual([
      {
        apiGroups: [''],
        resources: ['configmaps', 'secrets'],
        verbs: ['list'],
      },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [setupStatusName('archive')],
        verbs: ['get', 'patch'],
      },
    ]);
    const { roleRef, subjects } = inFolder('role-binding.yaml');
    const name = 'rustfs-setup-archive';
    expect(roleRef).toMatchObject({ kind: 'Role', name });
    expect(subjects).toEqual([
      { kind: 'ServiceAccount', name, namespace: 'storage-archive-setup' },
    ]);
    expect(inFolder('service-account.yaml').metadata.name).toBe(name);
  });

  it('declares the status without data, so that no engine takes it back', () => {
    expect(inFolder('status.yaml')).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'rustfs-setup-archive',
        namespace: 'storage-archive-setup',
        labels: {
          'app.kubernetes.io/managed-by': 'rustfs-portal',
          'rustfs-portal/record': 'status',
          'rustfs-portal/tenant': 'archive',
        },
        annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
      },
    });
  });

  it('runs the program every minute, one at a time, with a deadline, as nobody, with its key in files', () => {
    const { spec } = inFolder('cron-job.yaml');
    expect(spec).toMatchObject({
      schedule: '* * * * *',
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: { spec: { backoffLimit: 0, activeDeadlineSeconds: 300 } },
    });
    const pod = spec.jobTemplate.spec.template.spec;
    expect(pod).toMatchObject({
      restartPolicy: 'Never',
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [
        {
          name: 'key',
          secret: {
            secretName: 'provisioner',
            items: [
              { key: 'RUSTFS_AK', path: 'accesskey' },
              { key: 'sk', path: 'secretkey' },
            ],
          },
        },
      ],
    });
    const [container] = pod.containers;
    expect(container).toMatchObject({
      image: IMAGE,
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    const env = Object.fromEntries(
      container.env.map(({ name, value }: Record<string, string>) => [
        name,
        value,
      ]),
    );
    expect(env).toEqual({
      RUSTFS_ENDPOINT: 'http://rustfs-svc.storage.svc:9000',
      RUSTFS_ACCESS_KEY_FILE: '/etc/rustfs-setup/key/accesskey',
      RUSTFS_SECRET_KEY_FILE: '/etc/rustfs-setup/key/secretkey',
      RUSTFS_SETUP_TENANT: 'archive',
      RUSTFS_SETUP_NAMESPACE: 'storage-archive-setup',
    });
    expect(inFolder('namespace.yaml').metadata).toMatchObject({
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
      // The key of the program is in there, and in no repository as a rule.
      annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    });
    expect(
      inFolder('cron-job.yaml', made({ ...input, periodMinutes: 2 })).spec
        .schedule,
    ).toBe('*/2 * * * *');
  });

  it('has the engine apply the folder, and says where it does not decrypt', () => {
    const { metadata, spec } = parse(
      made()['clusters/atlas/flux/archive-setup.yaml'],
    );
    expect(metadata).toMatchObject({ name: 'archive-setup' });
    expect(spec).toEqual({
      path: './clusters/atlas/archive-setup',
      sourceRef: { name: 'platform' },
    });
    const engine = { ...input.engine, decrypts: false };
    expect(findings({ ...input, engine })).toContainEqual({
      code: 'no-decryption',
      message: expect.stringMatching(
        /accesses only where Secrets are sealed .*; this repository has a \.sops\.yaml/,
      ),
    });
  });

  it('says what it cannot do there, with what to copy', () => {
    const found = findings();
    expect(found.map(({ code }) => code)).toEqual([
      'key-needed',
      'server-key-needed',
      'server-key-needed',
      'server-network',
    ]);
    expect(parse(found[0].copy!.text)).toMatchObject({
      kind: 'Secret',
      metadata: { name: 'provisioner', namespace: 'storage-archive-setup' },
      stringData: { RUSTFS_AK: expect.anything(), sk: expect.anything() },
    });
    const { Statement } = JSON.parse(found[1].copy!.text);
    expect(Statement[1].Action).toEqual(
      expect.arrayContaining([
        's3:GetBucketEncryption',
        's3:PutBucketEncryption',
      ]),
    );
    expect(JSON.stringify(Statement)).not.toMatch(
      /GetObject"|PutObject"|DeleteBucket/,
    );
    expect(parse(found[3].copy!.text)).toMatchObject({
      kind: 'NetworkPolicy',
      metadata: { namespace: 'storage' },
    });
  });

  it('declares no namespace that is the one of the server, and says what can be read there', () => {
    const shared = { ...input, namespace: 'storage' };
    expect(Object.keys(made(shared)).join()).not.toContain('namespace.yaml');
    expect(findings(shared)[0]).toMatchObject({
      code: 'reads-every-secret',
      message: expect.stringContaining('the one of root too'),
    });
  });

  it('opens the network to the server, the API server and names, in the language that is asked for', () => {
    expect(inFolder('network.yaml').spec.egress).toEqual([
      {
        to: [
          {
            namespaceSelector: {
              matchLabels: { 'kubernetes.io/metadata.name': 'storage' },
            },
          },
        ],
        ports: [{ port: 9000, protocol: 'TCP' }],
      },
      {
        to: [{ ipBlock: { cidr: '10.0.0.1/32' } }],
        ports: [{ port: 443, protocol: 'TCP' }],
      },
      expect.objectContaining({
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      }),
    ]);
    const cilium = made({ ...input, network: { type: 'CiliumNetworkPolicy' } });
    expect(inFolder('network.yaml', cilium)).toMatchObject({
      kind: 'CiliumNetworkPolicy',
      spec: {
        egress: [
          {
            toEndpoints: [
              { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'storage' } },
            ],
            toPorts: [{ ports: [{ port: '9000', protocol: 'TCP' }] }],
          },
          { toEntities: ['kube-apiserver'] },
          expect.anything(),
        ],
      },
    });
    expect(
      Object.keys(made({ ...input, network: { type: 'none' } })).join(),
    ).not.toContain('network');
    const outside = {
      ...input,
      endpoint: 'https://s3.example.org',
      network: { type: 'NetworkPolicy' },
    };
    expect(
      findings(outside).filter(({ code }) => code === 'network-wide'),
    ).toHaveLength(2);
  });

  it('shows the lines for the template where the list of Kustomizations is rendered', () => {
    const rendered = {
      'clusters/atlas/flux/kustomization.yaml':
        'templates/clusters/atlas/flux/kustomization.yaml.j2',
    };
    expect(made(input, place({ rendered }))).not.toHaveProperty([
      'clusters/atlas/flux/kustomization.yaml',
    ]);
    expect(findings(input, place({ rendered })).at(-1)).toMatchObject({
      code: 'template',
      copy: {
        title:
          'What to put into templates/clusters/atlas/flux/kustomization.yaml.j2',
        text: expect.stringContaining('+  - archive-setup.yaml'),
      },
    });
  });

  it('gives the manifest to copy where it does not know who would apply it', () => {
    expect(findings(input, place({ parent: undefined })).at(-1)).toMatchObject({
      code: 'not-applied',
      copy: { text: made()['clusters/atlas/flux/archive-setup.yaml'] },
    });
  });

  it.each<[string, object, RegExp]>([
    [
      'a tag',
      { image: 'registry.example.org/x:1.0' },
      /^invalid image: .*repository@sha256/,
    ],
    ['a folder that leads out', { folder: 'a/../../b' }, /^invalid folder: /],
    [
      'a period after which it would be taken for silent',
      { periodMinutes: 5 },
      /^invalid periodMinutes: /,
    ],
    [
      'a path in the endpoint',
      { endpoint: 'http://x.y.svc/z' },
      /^invalid endpoint: /,
    ],
    [
      'a password in the endpoint',
      { endpoint: 'http://:pw@x.y.svc' },
      /^invalid endpoint: /,
    ],
    [
      'what follows the endpoint',
      { endpoint: 'http://x.y.svc:9000#' },
      /^invalid endpoint: /,
    ],
    [
      'a row that ends in the name of the cluster',
      { tenant: { ...input.tenant, cluster: 'atlas\nkind: Secret' } },
      /^invalid tenant\.cluster: /,
    ],
    [
      'a namespace of Kubernetes',
      { namespace: 'kube-system' },
      /^unsupported namespace: .* of Kubernetes itself; .* choose one in which nothing else is$/,
    ],
    [
      'the namespace of the engine',
      { namespace: 'flux-system' },
      /^unsupported namespace: .* of the GitOps engine;/,
    ],
    [
      'the namespace of a Service that is not with the tenant',
      { namespace: 'edge', endpoint: 'http://rustfs.edge.svc:9000' },
      /^unsupported namespace: .* of the Service of the server;/,
    ],
    ['a key beyond what is known', { ready: true }, /^invalid .*ready/],
    [
      'a place for the Kustomization that nobody applies',
      { engine: { ...input.engine, folder: 'elsewhere' } },
      /^unsupported engine\.folder: elsewhere\/archive-setup\.yaml is not in clusters\/atlas\/flux/,
    ],
  ])('is refused with %s', (_, change, words) => {
    expect(refusals({ ...input, ...change })[0]).toMatch(words);
  });

  it('is refused for a namespace that is declared elsewhere', () => {
    const files = {
      ...company,
      'clusters/atlas/apps/all.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: storage-archive-setup\n',
      'chart/templates/ns.yaml':
        'kind: Namespace\nmetadata: {name: {{ storage-archive-setup }}\n',
    };
    expect(refusals(input, place({ snapshot: snapshotOf(files) }))).toEqual([
      expect.stringMatching(
        /^declared-otherwise namespace: Namespace storage-archive-setup is declared in clusters\/atlas\/apps\/all\.yaml already;/,
      ),
    ]);
  });

  it.each<[string, Partial<BlueprintPlace>, RegExp]>([
    [
      'that is there already',
      {
        snapshot: snapshotOf({
          ...company,
          'clusters/atlas/archive-setup/x.yaml': '',
        }),
      },
      /^declared-otherwise folder: clusters\/atlas\/archive-setup\/x\.yaml is there already/,
    ],
    [
      'that a template renders into',
      {
        rendered: {
          'clusters/atlas/archive-setup/ks.yaml': 'templates/ks.yaml.j2',
        },
      },
      /^rendered folder: .* is what templates\/ks\.yaml\.j2 is rendered to/,
    ],
    [
      'that is applied with what lies above it',
      {
        others: [
          {
            by: 'Kustomization flux-system/all',
            folder: 'clusters/atlas',
            snapshot: snapshotOf({}),
          },
        ],
      },
      /^unsupported folder: Kustomization flux-system\/all applies all that is in clusters\/atlas/,
    ],
    [
      'that is left out by the source',
      {
        snapshot: snapshotOf({
          ...company,
          '.sourceignore': '/clusters/atlas/archive-setup\n',
        }),
      },
      /^unsupported tenant: Files in clusters\/atlas\/archive-setup\/buckets are left out/,
    ],
  ])('is refused for a folder %s', (_, where, words) => {
    expect(refusals(input, place(where))[0]).toMatch(words);
  });

  it('keeps names within what Kubernetes takes', () => {
    const name = 'a'.repeat(60);
    const files = made({ ...input, tenant: { ...input.tenant, name } });
    const job = inFolder('cron-job.yaml', files).metadata.name;
    expect(job.length).toBeLessThanOrEqual(52);
    expect(inFolder('role.yaml', files).metadata.name).toBe(job);
    expect(inFolder('status.yaml', files).metadata.name).toBe(
      `rustfs-setup-${name}`,
    );
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);

const inputs: fc.Arbitrary<EnableSetupInput> = fc
  .record({
    tenant: word,
    namespace: fc.oneof(word, fc.constant('storage')),
    https: fc.boolean(),
    port: fc.integer({ min: 1, max: 65535 }),
    periodMinutes: fc.constantFrom(undefined, 1, 2),
    ca: fc.option(fc.constantFrom('ConfigMap' as const, 'Secret' as const), {
      nil: undefined,
    }),
    network: fc.constantFrom(
      'none' as const,
      'NetworkPolicy' as const,
      'CiliumNetworkPolicy' as const,
    ),
    labels: fc.boolean(),
    decrypts: fc.boolean(),
  })
  .map(one => ({
    ...input,
    tenant: { ...input.tenant, name: one.tenant },
    namespace: one.namespace,
    endpoint: `http${one.https ? 's' : ''}://s3.storage.svc.cluster.local:${
      one.port
    }`,
    ...(one.periodMinutes && { periodMinutes: one.periodMinutes }),
    ...(one.ca && { ca: { kind: one.ca, name: 'authority', key: 'ca.crt' } }),
    network:
      one.network === 'none'
        ? { type: one.network }
        : {
            type: one.network,
            ...(one.labels && {
              serverLabels: { 'app.kubernetes.io/name': 'rustfs' },
            }),
          },
    engine: one.decrypts ? input.engine : { ...input.engine, decrypts: false },
  }));

/** The rules that yamllint has by default, as far as a file of ours could break them. */
function lint(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, i, { length }) => [
      ...(i === 0 && line !== '---' ? ['no document start'] : []),
      ...(/\s$/.test(line) ? [`${i + 1}: blanks at the end`] : []),
      ...(line.length > 80 && /\s/.test(line.trim().replace(/^[-#] /, ''))
        ? [`${i + 1}: more than 80 characters`]
        : []),
      ...(i === length - 1 && line !== '' ? ['no end of line'] : []),
      ...(/[{[] | [}\]]/.test(line)
        ? [`${i + 1}: blanks within brackets`]
        : []),
      ...(/:\s+(yes|no|on|off)$/i.test(line)
        ? [`${i + 1}: a word for a switch`]
        : []),
    ]);
}

const has = (tool: string) => spawnSync(tool, ['--version']).status === 0;

/** What a tool says of files; nothing when it finds nothing. */
function judge(
  files: Record<string, string>,
  [tool, ...args]: string[],
): string {
  const root = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const paths = Object.keys(files);
    const { status, stdout, stderr } = spawnSync(tool, [...args, ...paths], {
      cwd: root,
      encoding: 'utf8',
    });
    return status === 0 ? '' : `${status} ${stdout}${stderr}`;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const created = (answers: EnableSetupInput) =>
  Object.fromEntries(
    Object.entries(made(answers)).filter(
      ([path]) => !path.endsWith('kustomization.yaml'),
    ),
  );

describe('everything that enable-setup makes', () => {
  it('reads as people write YAML, and holds no key', () => {
    fc.assert(
      fc.property(inputs, answers => {
        for (const text of Object.values(created(answers))) {
          expect(lint(text)).toEqual([]);
          expect(parseAllDocuments(text, { version: '1.1' })).toHaveLength(1);
          expect(text).not.toMatch(/kind: Secret\n/);
        }
      }),
      { numRuns: 50 },
    );
  });
});

(has('yamllint') ? describe : describe.skip)('by the real yamllint', () => {
  it('passes', () => {
    for (const answers of fc.sample(inputs, { numRuns: 8, seed: 3 })) {
      expect(
        judge(created(answers), ['yamllint', '-d', 'default', '--strict']),
      ).toBe('');
    }
  });
});

(has('kubernetes-validate') ? describe : describe.skip)(
  'by the schemas of Kubernetes',
  () => {
    it('is known, field by field', () => {
      for (const answers of fc.sample(inputs, { numRuns: 8, seed: 4 })) {
        const own = Object.entries(created(answers)).filter(
          // Kinds of Flux and Cilium are not among them.
          ([, text]) => !/^apiVersion: .*(fluxcd|cilium)\.io/m.test(text),
        );
        expect(
          judge(Object.fromEntries(own), ['kubernetes-validate', '--strict']),
        ).toBe('');
      }
    });
  },
);

(hasKustomize() ? describe : describe.skip)('by real kustomize', () => {
  it('is what is applied', () => {
    for (const answers of fc.sample(inputs, { numRuns: 4, seed: 5 })) {
      const files = { ...company, ...made(answers) };
      for (const folder of [answers.folder, 'clusters/atlas/flux']) {
        const built = buildFolder(files, folder);
        const below = Object.keys(files).filter(
          path =>
            path.startsWith(`${folder}/`) &&
            !path.endsWith('kustomization.yaml'),
        );
        expect('objects' in built && built.objects).toHaveLength(below.length);
      }
    }
  });
});
