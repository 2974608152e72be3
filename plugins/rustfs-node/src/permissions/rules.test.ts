import { accessRules } from './accessRules';
import { bucketRules } from './bucketRules';
import { requestRules } from './requestRules';

describe('bucketRules', () => {
  const bucket = {
    id: 'atlas/storage/apps:invoices',
    tenant: 'atlas/storage/apps',
    owner: 'group:default/checkout',
  };

  it('IS_OWNED_BY holds for owners however their refs are written', () => {
    const { apply, toQuery } = bucketRules.isOwnedBy;
    expect(apply(bucket, { owners: ['Group:default/Checkout'] })).toBe(true);
    expect(apply(bucket, { owners: ['group:default/media'] })).toBe(false);
    expect(apply(bucket, { owners: [] })).toBe(false);
    expect(toQuery({ owners: ['Group:default/Checkout'] })).toEqual({
      key: 'owner',
      values: ['group:default/checkout'],
    });
  });

  it('a bucket without a known owner belongs to nobody', () => {
    expect(
      bucketRules.isOwnedBy.apply(
        { ...bucket, owner: undefined },
        { owners: ['undefined', ''] },
      ),
    ).toBe(false);
  });

  it('IN_TENANT holds for the tenant', () => {
    const { apply, toQuery } = bucketRules.inTenant;
    expect(apply(bucket, { tenants: ['atlas/storage/apps'] })).toBe(true);
    expect(apply(bucket, { tenants: ['atlas/storage/app'] })).toBe(false);
    expect(toQuery({ tenants: ['atlas/storage/apps'] })).toEqual({
      key: 'tenant',
      values: ['atlas/storage/apps'],
    });
  });
});

describe('accessRules', () => {
  const access = {
    id: 'atlas/storage/apps:invoices',
    tenant: 'atlas/storage/apps',
    owner: 'group:default/checkout',
  };

  it('IS_OWNED_BY holds for owners however their refs are written, and for nobody where there is no owner', () => {
    const { apply, toQuery } = accessRules.isOwnedBy;
    expect(apply(access, { owners: ['Group:default/Checkout'] })).toBe(true);
    expect(apply(access, { owners: ['group:default/media'] })).toBe(false);
    expect(
      apply({ ...access, owner: undefined }, { owners: ['undefined', ''] }),
    ).toBe(false);
    expect(toQuery({ owners: ['Group:default/Checkout'] })).toEqual({
      key: 'owner',
      values: ['group:default/checkout'],
    });
  });

  it('IN_TENANT holds for the tenant', () => {
    const { apply, toQuery } = accessRules.inTenant;
    expect(apply(access, { tenants: ['atlas/storage/apps'] })).toBe(true);
    expect(apply(access, { tenants: ['atlas/storage/app'] })).toBe(false);
    expect(toQuery({ tenants: ['atlas/storage/apps'] })).toEqual({
      key: 'tenant',
      values: ['atlas/storage/apps'],
    });
  });
});

describe('requestRules', () => {
  const request = {
    id: '1',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
  };

  it('IS_OWNED_BY and IS_REQUESTED_BY look at their own field', () => {
    const { isOwnedBy, isRequestedBy } = requestRules;
    expect(isOwnedBy.apply(request, { owners: [request.owner] })).toBe(true);
    expect(isOwnedBy.apply(request, { owners: [request.requestedBy] })).toBe(
      false,
    );
    expect(isRequestedBy.apply(request, { users: ['User:default/Ada'] })).toBe(
      true,
    );
    expect(isRequestedBy.apply(request, { users: [request.owner] })).toBe(
      false,
    );
    expect(isRequestedBy.toQuery({ users: ['User:default/Ada'] })).toEqual({
      key: 'requestedBy',
      values: ['user:default/ada'],
    });
  });
});
