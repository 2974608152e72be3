import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  accessReadPermission,
  AccessView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  accessConditions,
  accessRules,
  createAccessConditionalDecision,
} from '@rustfs-portal/plugin-rustfs-node';
import express from 'express';
import request from 'supertest';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { createAccessRoutes } from './accesses';

const seen = { asOf: '2026-01-01T00:00:00.000Z', freshness: 'live' as const };
const APPS = 'atlas/storage/apps';
const ARCHIVE = 'borealis/storage/archive';

function access(tenant: string, name: string, owner: string): AccessView {
  return {
    ...seen,
    id: `${tenant}:${name}`,
    tenant,
    name,
    owner,
    entity: 'component:default/some',
    purpose: '',
    scope: { type: 'buckets', buckets: ['some'] },
    mode: 'read',
    consumer: {
      cluster: 'atlas',
      namespace: 'some',
      secret: 's3',
      form: 'aws',
    },
    state: 'ready',
    createdAt: '2026-01-01T00:00:00.000Z',
    drift: [],
  };
}

const accesses = {
  ...seen,
  items: [
    access(APPS, 'invoices', 'group:default/checkout'),
    access(ARCHIVE, 'masters', 'group:default/media'),
  ],
  problems: [
    {
      code: 'users-unreadable',
      part: APPS,
      message: 'http://apps answers 403, grant admin:ListUsers',
    },
    {
      code: 'tenant-unreachable',
      part: ARCHIVE,
      message: 'The server of archive does not answer',
    },
  ],
};

async function list(decision: PolicyDecision, seesTenants = false, path = '/') {
  const rules = Object.values(accessRules);
  const app = express();
  app.use(
    createAccessRoutes({
      access: {
        list: async () => decision,
        isAllowed: async () => seesTenants,
      } as unknown as Access,
      forms: [],
      inventory: {
        listAccesses: async (tenants?: string[]) => ({
          ...accesses,
          items: accesses.items.filter(
            ({ tenant }) => tenants?.includes(tenant) ?? true,
          ),
        }),
      } as unknown as Inventory,
      permissionsRegistry: {
        getPermissionRuleset: () => ({
          getRuleByName: (name: string) =>
            rules.find(rule => rule.name === name),
        }),
      } as unknown as PermissionsRegistryService,
    }),
  );
  return (await request(app).get(path)).body;
}

const ownedBy = (owner: string) =>
  createAccessConditionalDecision(
    accessReadPermission,
    accessConditions.isOwnedBy({ owners: [owner] }),
  );

describe('GET /access', () => {
  it('is whole for those who may see everything', async () => {
    const body = await list({ result: AuthorizeResult.ALLOW }, true);
    expect(body).toEqual(accesses);
  });

  it('has no causes for those who may see every access and not the tenants', async () => {
    const body = await list({ result: AuthorizeResult.ALLOW });
    expect(body.items).toEqual(accesses.items);
    expect(JSON.stringify(body.problems)).not.toMatch(/403|ListUsers|answer/);
  });

  it('is narrowed to one tenant, and still to what may be seen', async () => {
    const everything: PolicyDecision = { result: AuthorizeResult.ALLOW };
    const path = `/?tenant=${ARCHIVE}`;
    const names = ({ items }: typeof accesses) => items.map(({ name }) => name);
    expect(names(await list(everything, true, path))).toEqual(['masters']);
    expect(
      names(await list(ownedBy('group:default/checkout'), false, path)),
    ).toEqual([]);
  });

  it('shows a team its own, and names nothing of others', async () => {
    const body = await list(ownedBy('group:default/checkout'));
    expect(body.items).toEqual([accesses.items[0]]);
    expect(body.problems).toEqual([
      expect.objectContaining({
        code: 'users-unreadable',
        part: APPS,
        message: expect.not.stringContaining('403'),
      }),
    ]);
    expect(JSON.stringify(body)).not.toMatch(/borealis|archive|masters|media/);
  });

  it('tells about a tenant that may be seen though nothing of it can be read', async () => {
    const body = await list(
      createAccessConditionalDecision(
        accessReadPermission,
        accessConditions.inTenant({ tenants: [ARCHIVE] }),
      ),
    );
    expect(body.items).toEqual([accesses.items[1]]);
    expect(body.problems).toContainEqual(
      expect.objectContaining({ code: 'tenant-unreachable', part: ARCHIVE }),
    );
    expect(JSON.stringify(body)).not.toMatch(/apps|checkout/);
  });
});
