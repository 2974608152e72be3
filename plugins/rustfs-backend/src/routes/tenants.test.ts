import {
  SourceObstacle,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import express from 'express';
import request from 'supertest';
import { Access } from '../access';
import { ForgeDirectory } from '../forges';
import { Inventory, MisplacedRecords } from '../inventory';
import { RequestTargets } from '../requests';
import { createTenantRoutes } from './tenants';

const seen = { asOf: '2026-01-01T00:00:00.000Z', freshness: 'live' as const };

function tenant(name: string, more: Partial<TenantView>): TenantView {
  return {
    ...seen,
    ref: `atlas/storage/${name}`,
    state: 'ready',
    problems: [],
    ...more,
  };
}

function declaredIn(repository: string) {
  return {
    source: {
      repository,
      branch: 'main',
      path: 'storage',
      appliedBy: 'Kustomization flux-system/storage',
    },
  };
}

const helm: SourceObstacle = {
  code: 'engine-unsupported',
  appliedBy: { kind: 'HelmRelease', namespace: 'flux-system', name: 'apps' },
};

describe('/tenants', () => {
  it('says of each tenant what stands in the way of a request', async () => {
    const items = [
      tenant('fine', declaredIn('https://git.acme.org/acme/atlas.git')),
      tenant('hub', declaredIn('https://github.com/acme/atlas.git')),
      tenant('helm', { obstacle: helm }),
      tenant('unread', {}),
    ];
    const inventory = {
      listTenants: async () => ({ ...seen, items, problems: [] }),
      getTenant: async (ref: string) => items.find(item => item.ref === ref),
    } as unknown as Inventory;
    const app = express();
    app.use(
      createTenantRoutes({
        access: {
          basic: async () => ({}),
          mayBeAllowed: async () => false,
        } as unknown as Access,
        inventory,
        misplacedRecords: {
          find: async () => [],
        } as unknown as MisplacedRecords,
        targets: new RequestTargets({
          inventory,
          forges: ForgeDirectory.create([
            {
              type: 'gitea',
              baseUrl: 'https://git.acme.org',
              token: 't',
              gitUrls: [],
              logins: {},
              loginIsEntityName: false,
              transport: { timeoutMs: 1_000 },
              writeTimeoutMs: 1_000,
            },
          ]),
        }),
      }),
    );

    const { body } = await request(app).get('/');
    const unknown = {
      code: 'forge-unknown',
      repository: 'https://github.com/acme/atlas.git',
    };
    expect(
      body.items.map(({ ref, obstacle }: TenantView) => [ref, obstacle]),
    ).toEqual([
      ['atlas/storage/fine', undefined],
      ['atlas/storage/hub', unknown],
      ['atlas/storage/helm', helm],
      ['atlas/storage/unread', undefined],
    ]);
    const one = await request(app).get('/atlas/storage/hub');
    expect(one.body).toMatchObject({ obstacle: unknown });
  });
});
