import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  bucketReadPermission,
  BucketView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  bucketConditions,
  bucketRules,
  createBucketConditionalDecision,
} from '@rustfs-portal/plugin-rustfs-node';
import express from 'express';
import request from 'supertest';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { createBucketRoutes } from './buckets';

const seen = { asOf: '2026-01-01T00:00:00.000Z', freshness: 'live' as const };

function bucket(tenant: string, name: string, owner: string): BucketView {
  return {
    ...seen,
    id: `${tenant}:${name}`,
    tenant,
    name,
    owner,
    state: 'ready',
    drift: [],
  };
}

const buckets = {
  ...seen,
  items: [
    bucket('atlas/storage/apps', 'invoices', 'group:default/checkout'),
    bucket('borealis/storage/archive', 'masters', 'group:default/media'),
  ],
  problems: [
    {
      code: 'tenant-unreachable',
      part: 'borealis/storage/archive',
      message: 'The server of archive does not answer',
    },
    {
      code: 'object-unreadable',
      part: 'borealis',
      message: 'A bucket record bucket.archive.merger cannot be read',
    },
    {
      code: 'tenant-refused',
      part: 'atlas/storage/apps',
      message: 'The server of apps refuses',
    },
    {
      code: 'object-unreadable',
      part: 'atlas',
      message: 'A bucket record bucket.apps.layoffs cannot be read',
    },
  ],
};

async function list(decision: PolicyDecision, seesTenants = false, path = '/') {
  const rules = Object.values(bucketRules);
  const app = express();
  app.use(
    createBucketRoutes({
      access: {
        list: async () => decision,
        isAllowed: async () => seesTenants,
      } as unknown as Access,
      inventory: {
        listBuckets: async (tenants?: string[]) => ({
          ...buckets,
          items: buckets.items.filter(
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
  createBucketConditionalDecision(
    bucketReadPermission,
    bucketConditions.isOwnedBy({ owners: [owner] }),
  );

describe('GET /buckets', () => {
  it('is whole for those who may see everything', async () => {
    await expect(
      list({ result: AuthorizeResult.ALLOW }, true),
    ).resolves.toEqual(buckets);
  });

  it('has no causes for those who may see every bucket and not the tenants', async () => {
    const body = await list({ result: AuthorizeResult.ALLOW });
    expect(body.items).toEqual(buckets.items);
    expect(JSON.stringify(body.problems)).not.toMatch(
      /does not answer|refuses|merger|layoffs/,
    );
  });

  it('is narrowed to one tenant, and still to what may be seen', async () => {
    const everything: PolicyDecision = { result: AuthorizeResult.ALLOW };
    const path = '/?tenant=borealis/storage/archive';
    const names = ({ items }: typeof buckets) => items.map(({ name }) => name);
    expect(names(await list(everything, true, path))).toEqual(['masters']);
    expect(
      names(await list(ownedBy('group:default/checkout'), false, path)),
    ).toEqual([]);
  });

  it('tells a team about the problems of tenants that hold its buckets, and names nothing of others', async () => {
    const body = await list(ownedBy('group:default/checkout'));
    expect(body.items).toEqual([buckets.items[0]]);
    expect(body.problems).toEqual([
      expect.objectContaining({
        code: 'tenant-refused',
        part: 'atlas/storage/apps',
        message: expect.not.stringContaining('refuses'),
      }),
      expect.objectContaining({ code: 'object-unreadable', part: 'atlas' }),
      expect.objectContaining({ code: 'list-incomplete' }),
    ]);
    expect(JSON.stringify(body)).not.toMatch(
      /borealis|archive|merger|layoffs|masters/,
    );
  });

  it('says to who sees nothing at all only that something may be missing', async () => {
    const body = await list(ownedBy('group:default/insights'));
    expect(body.items).toEqual([]);
    expect(body.problems).toEqual([
      expect.objectContaining({ code: 'list-incomplete' }),
    ]);
  });

  it('tells about a tenant that may be seen though nothing of it can be read', async () => {
    const body = await list(
      createBucketConditionalDecision(
        bucketReadPermission,
        bucketConditions.inTenant({ tenants: ['borealis/storage/archive'] }),
      ),
    );
    expect(body.problems).toContainEqual(
      expect.objectContaining({
        code: 'tenant-unreachable',
        part: 'borealis/storage/archive',
      }),
    );
    expect(JSON.stringify(body)).not.toMatch(/apps|merger|layoffs/);
  });
});
