import {
  BlueprintDeclared,
  Declaration,
} from '@rustfs-portal/plugin-rustfs-common';
import { snapshotOf } from '../../../__testUtils__/planSealed';
import { toBucketChange } from '../../../__testUtils__/bucketChange';
import { DeclarationTarget, StorageChange } from '../../../types';
import { Blueprint } from '../../blueprints';
import { Blueprints } from '../../blueprints/Blueprints';
import { describeFile } from '../../describeFile';
import { plan } from '../../plan';
import { Layouts } from '../Layouts';

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'archive' },
  layout: 'blueprint',
  folder: 'clusters/atlas/storage',
  baseBranch: 'main',
  blueprint: {
    parent: {
      by: 'Kustomization flux-system/storage',
      folder: 'clusters/atlas/storage',
      build: {},
    },
    presets: {
      folder: 'clusters/atlas/archive-setup',
      endpoint: 'http://archive-svc.storage.svc:9000',
    },
    given: {
      namespace: 'storage-archive-setup',
      engine: {
        kind: 'Kustomization',
        name: 'archive-setup',
        namespace: 'flux-system',
        folder: 'clusters/atlas/storage',
        decrypts: false,
        manifest: {
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          kind: 'Kustomization',
          metadata: { name: 'archive-setup', namespace: 'flux-system' },
        },
      },
    },
  },
};

const files = {
  'clusters/atlas/storage/kustomization.yaml': 'resources:\n  - release.yaml\n',
  'clusters/atlas/storage/release.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
};

const answers = {
  tenant: target.tenant,
  key: { secret: 'provisioner', accessKey: 'ak', secretKey: 'sk' },
  image: `registry.example.org/rustfs-setup@sha256:${'0a'.repeat(32)}`,
  network: { type: 'none' },
};

function changeOf(...declarations: Declaration[]): StorageChange {
  return {
    ...toBucketChange({
      requestId: '7d1c',
      createdAt: '2026-01-01T00:00:00Z',
      entityRef: 'resource:default/archive',
      owner: 'group:default/platform',
      requestedBy: 'user:default/carla',
      bucket: 'x',
      purpose: 'Storage for teams',
      dataClass: 'internal',
      versioning: false,
      objectLock: false,
    }),
    declare: () => declarations,
  };
}

const enable = (input: object = {}): BlueprintDeclared => ({
  type: 'blueprint',
  blueprint: 'enable-setup',
  input: { ...answers, ...input },
});

describe('a place for blueprints', () => {
  it('puts in what is made of the answers, and of what the place knows', () => {
    const planned = plan(changeOf(enable()), snapshotOf(files), target);
    if (planned.outcome !== 'change') {
      throw new Error(JSON.stringify(planned));
    }
    const { body, files: changed } = planned.changeSet;
    expect(
      Object.fromEntries(
        changed.map(({ operation, path }) => [path, operation]),
      ),
    ).toMatchObject({
      'clusters/atlas/archive-setup/cron-job.yaml': 'create',
      'clusters/atlas/archive-setup/namespace.yaml': 'create',
      'clusters/atlas/storage/archive-setup.yaml': 'create',
      'clusters/atlas/storage/kustomization.yaml': 'update',
    });
    expect(planned.findings?.map(({ code }) => code)).toEqual([
      'key-needed',
      'server-key-needed',
      'server-key-needed',
      'server-network',
      'no-decryption',
    ]);
    // What to do, and what to copy for it, stands in the pull request too.
    expect(body).toContain('"admin:CreateUser"');
    expect(body).toContain(
      'Secret provisioner with ak and sk has to be in namespace storage-archive-setup',
    );
  });

  it('lets a person choose where it is a choice, and nowhere else', () => {
    const planned = plan(
      changeOf(
        enable({
          folder: 'clusters/atlas/elsewhere',
          endpoint: undefined,
          namespace: 'kube-system',
        }),
      ),
      snapshotOf(files),
      target,
    );
    if (planned.outcome !== 'change') {
      throw new Error(JSON.stringify(planned));
    }
    const cronJob = planned.changeSet.files.find(({ path }) =>
      path.endsWith('cron-job.yaml'),
    );
    expect(cronJob?.path).toBe('clusters/atlas/elsewhere/cron-job.yaml');
    expect(cronJob?.after).toContain('http://archive-svc.storage.svc:9000');
    expect(cronJob?.after).toContain('namespace: storage-archive-setup');
  });

  it('says of MinIO what cannot be asked for', () => {
    const planned = plan(changeOf(enable()), snapshotOf(files), {
      ...target,
      blueprint: { ...target.blueprint, software: 'minio' },
    });
    expect(planned).toMatchObject({
      outcome: 'change',
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'left-out' }),
      ]),
    });
  });

  it('gives every reason against it, each with its field', () => {
    expect(
      plan(
        changeOf(enable({ image: 'rustfs-setup:latest', folder: '/x' })),
        snapshotOf(files),
        target,
      ),
    ).toMatchObject({
      outcome: 'refused',
      branch: 'rustfs/7d1c',
      reasons: [{ field: 'folder' }, { field: 'image' }],
    });
  });

  it('refuses what other places are for, and they refuse a blueprint', () => {
    const { declare, ...rest } = changeOf();
    const bucket = toBucketChange({
      ...rest,
      bucket: 'checkout-invoices',
      purpose: 'x',
      dataClass: 'internal',
      versioning: false,
      objectLock: false,
    });
    expect(plan(bucket, snapshotOf(files), target)).toMatchObject({
      outcome: 'refused',
      reasons: [{ code: 'unsupported' }],
    });
    const setup = { namespace: 'storage-archive-setup' };
    for (const layout of ['setup-folder', 'consumer-secret']) {
      expect(
        plan(changeOf(enable()), snapshotOf(files), {
          ...target,
          layout,
          setup,
        }),
      ).toMatchObject({
        outcome: 'refused',
        reasons: [
          {
            code: 'unsupported',
            message: expect.stringContaining(
              'put it where what installs the tenant is declared',
            ),
          },
        ],
      });
    }
  });

  it('takes the blueprints of an adopter', () => {
    const notes: Blueprint = {
      id: 'notes',
      plan: input => ({
        outcome: 'files',
        files: [describeFile({ path: 'notes.yaml', after: String(input) })],
        findings: [
          { code: 'template', message: 'Ask @carla: closes #1 <b>now</b>' },
        ],
      }),
    };
    const planned = plan(
      changeOf({ type: 'blueprint', blueprint: 'notes', input: {} }),
      snapshotOf(files),
      target,
      { layouts: new Layouts([], new Blueprints([notes])) },
    );
    // Nothing in it is a mention, a reference or HTML to a forge.
    expect(planned).toMatchObject({
      changeSet: {
        files: [{ path: 'notes.yaml' }],
        body: expect.stringContaining(
          '\nAsk \\_carla: closes \\_1 \\_b\\_now\\_/b\\_.\n',
        ),
      },
    });
  });
});
