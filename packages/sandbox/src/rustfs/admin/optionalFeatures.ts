import {
  ApiError,
  apiError,
  internalError,
  invalidArgument,
  invalidRequest,
} from '../http/ApiError';
import { sendEmptyJson, sendJson } from '../http/answers';
import type { AdminCall } from './AdminCall';
import { route } from './routes';
import { refuseUnknownQuery } from './users';

/*
 * Key management, notification targets, replication and tiers: answered by a server on which none of them is set up.
 */

function getKmsStatus(call: AdminCall): void {
  call.require('kms:ServiceControl');
  throw internalError('KMS service not initialized');
}

function getKmsServiceStatus(call: AdminCall): void {
  call.require('kms:ServiceControl');
  sendJson(
    call.exchange,
    {
      status: 'NotConfigured',
      backend_type: null,
      healthy: null,
      config_summary: null,
    },
    { contentType: false },
  );
}

function listKmsKeys(call: AdminCall): void {
  call.require('kms:ListKeys');
  sendJson(
    call.exchange,
    {
      success: false,
      message: 'kms service is not running',
      keys: [],
      truncated: false,
      next_marker: null,
    },
    { status: 503 },
  );
}

function listNotificationTargets(call: AdminCall): void {
  call.require('admin:GetBucketTarget');
  sendJson(call.exchange, {
    notify_enabled: false,
    notification_endpoints: [],
  });
}

function listNotificationArns(call: AdminCall): void {
  call.require('admin:GetBucketTarget');
  throw invalidRequest(
    'notify module is disabled; enable the notify module first in the console or set RUSTFS_NOTIFY_ENABLE=true before querying notification target ARNs for bucket associations from the console',
  );
}

function listSubscriptions(call: AdminCall): void {
  call.require('admin:GetBucketTarget');
  const { type } = call.parameters;
  if (!type.startsWith('notify_')) {
    throw invalidArgument(`unsupported notification target type: '${type}'`);
  }
  sendJson(call.exchange, []);
}

function listRemoteTargets(call: AdminCall): void {
  call.require('admin:GetBucketTarget');
  const bucket = call.query('bucket');
  if (bucket && !call.context.buckets.get(bucket)) {
    throw apiError('NoSuchBucket');
  }
  sendJson(call.exchange, []);
}

function setRemoteTarget(call: AdminCall): void {
  call.require('admin:SetBucketTarget');
  const name = call.requiredQuery('bucket');
  const bucket = call.context.buckets.get(name);
  if (!bucket) {
    throw apiError('NoSuchBucket');
  }
  throw invalidRequest(
    bucket.versioning === 'Enabled'
      ? 'Remote targets are not supported by this server'
      : `Replication source bucket not versioned: ${name}`,
  );
}

function getReplicationMetrics(call: AdminCall): void {
  call.require('admin:GetReplicationMetrics');
  const bucket = call.requiredQuery('bucket');
  if (!call.context.buckets.get(bucket)) {
    throw apiError('NoSuchBucket');
  }
  throw new ApiError(
    'ReplicationConfigurationNotFoundError',
    404,
    'replication not found',
  );
}

function listTiers(call: AdminCall): void {
  refuseUnknownQuery(call, 'get query failed');
  call.require('admin:ListTier');
  sendJson(call.exchange, []);
}

function verifyTier(call: AdminCall): void {
  call.require('admin:ListTier');
  throw new ApiError('TierNotFound', 500, 'tier not found!');
}

function addTier(call: AdminCall): void {
  call.require('admin:SetTier');
  throw new ApiError(
    'TierAddFailed',
    500,
    'tier add failed. This server does not support tiers',
  );
}

function removeTier(call: AdminCall): void {
  call.require('admin:SetTier');
  sendEmptyJson(call.exchange);
}

function getTierStats(call: AdminCall): void {
  call.require('admin:ListTier');
  const { context } = call;
  sendJson(call.exchange, {
    contractVersion: 2,
    inventory: {
      status: 'not-accounted',
      updatedAt:
        context.usage.snapshot?.updatedAt ??
        context.settings.startedAt.toISOString(),
      detail: 'the persisted usage snapshot carries no per-tier accounting',
    },
    activity: {
      status: 'complete',
      nodesReporting: 1,
      nodesExpected: 1,
      unavailableNodes: [],
    },
    tiers: [],
  });
}

function getSiteReplication(call: AdminCall): void {
  call.require('admin:SiteReplicationInfo');
  sendJson(call.exchange, {
    enabled: false,
    name: call.exchange.host.replace(/:\d+$/, ''),
    apiVersion: '1',
  });
}

export const optionalFeatureRoutes = [
  route('GET', 'v3/kms/status', getKmsStatus),
  route('GET', 'v3/kms/service-status', getKmsServiceStatus),
  route('GET', 'v3/kms/keys', listKmsKeys),
  route('GET', 'v3/target/list', listNotificationTargets),
  route('GET', 'v3/target/arns', listNotificationArns),
  route('GET', 'v3/target/{type}/{name}/subscriptions', listSubscriptions),
  route('GET', 'v3/list-remote-targets', listRemoteTargets),
  route('PUT', 'v3/set-remote-target', setRemoteTarget),
  route('GET', 'v3/replicationmetrics', getReplicationMetrics),
  route('GET', 'v3/tier', listTiers),
  route('PUT', 'v3/tier', addTier),
  route('GET', 'v3/tier/{name}', verifyTier),
  route('DELETE', 'v3/tier/{name}', removeTier),
  route('GET', 'v3/tier-stats', getTierStats),
  route('GET', 'v3/site-replication/info', getSiteReplication),
];
