import { z } from 'zod';
import {
  AccountBucket,
  AccountInfo,
  ScannerStatus,
  ServerHealth,
  ServerInfo,
  ServerUser,
} from './RustfsClient';
import { ServerIdentity } from './ProvisioningClient';

/*
 * The server's answers: key case, date formats and the way to say "unknown" differ from call to call.
 */

const count = z.number().nonnegative();

/** `GET /v3/accountinfo`. `expiration` is the date of creation; sizes are absent until measured. */
export const accountInfoAnswer = z
  .object({
    account_name: z.string(),
    buckets: z.array(
      z.object({
        name: z.string(),
        size: count.nullish(),
        objects: count.nullish(),
        details: z
          .object({
            versioning: z.boolean().default(false),
            versioning_suspended: z.boolean().default(false),
            locking: z.boolean().default(false),
            quota: count.nullish(),
          })
          .nullish(),
        expiration: z.string().nullish(),
      }),
    ),
  })
  .transform(
    (answer): AccountInfo => ({
      accountName: answer.account_name,
      buckets: answer.buckets.map(({ details, ...bucket }) => ({
        name: bucket.name,
        createdAt: bucket.expiration ?? undefined,
        sizeBytes: bucket.size ?? undefined,
        objects: bucket.objects ?? undefined,
        quotaBytes: details?.quota || undefined,
        versioning: versioningOf(details ?? undefined),
        objectLock: details?.locking ?? false,
      })),
    }),
  );

function versioningOf(details?: {
  versioning: boolean;
  versioning_suspended: boolean;
}) {
  if (details?.versioning_suspended) {
    return 'suspended';
  }
  return details?.versioning ? 'enabled' : 'off';
}

/** `GET /v3/list-users`: users by name, in no order. Policies are one text with commas. */
export const listUsersAnswer = z
  .record(
    z.string(),
    z.object({
      status: z.enum(['enabled', 'disabled']),
      policyName: z.string().nullish(),
      memberOf: z.array(z.string()).nullish(),
    }),
  )
  .transform((users): ServerUser[] =>
    Object.entries(users)
      .map(([name, { status, policyName, memberOf }]) => ({
        name,
        enabled: status === 'enabled',
        policies: (policyName ?? '')
          .split(',')
          .map(policy => policy.trim())
          .filter(Boolean)
          .sort(),
        groups: [...(memberOf ?? [])].sort(),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  );

const drive = z.object({
  state: z.string().default('unknown'),
  totalspace: count.nullish(),
  usedspace: count.nullish(),
});

const measured = z
  .object({ count: count.nullish(), size: count.nullish(), error: z.unknown() })
  .nullish();

/**
 * `GET /v3/info`. A lost drive shows in its own `state` and in the counters of the backend only: mode and servers stay
 * online. A number with an `error` beside it is not known.
 */
export const serverInfoAnswer = z
  .object({
    info: z.object({
      mode: z.string().default('unknown'),
      objects: measured,
      usage: measured,
      backend: z
        .object({
          onlineDisks: count.default(0),
          offlineDisks: count.default(0),
          unknownDisks: count.default(0),
        })
        .nullish(),
      servers: z
        .array(
          z.object({
            version: z.string().nullish(),
            drives: z.array(drive).nullish(),
          }),
        )
        .nullish(),
    }),
  })
  .transform(({ info }): ServerInfo => {
    const drives = (info.servers ?? []).flatMap(server => server.drives ?? []);
    const {
      onlineDisks = 0,
      offlineDisks = 0,
      unknownDisks = 0,
    } = info.backend ?? {};
    const faulty = drives.filter(({ state }) => state !== 'ok').length;
    const total = Math.max(
      drives.length,
      onlineDisks + offlineDisks + unknownDisks,
    );
    const totalBytes = sum(drives.map(({ totalspace }) => totalspace));
    const usedBytes = sum(drives.map(({ usedspace }) => usedspace));
    return {
      mode: info.mode,
      version: plainVersion(
        info.servers?.find(({ version }) => version)?.version,
      ),
      drives: {
        online: total - Math.max(faulty, offlineDisks + unknownDisks),
        total,
      },
      capacity: totalBytes > 0 ? { usedBytes, totalBytes } : undefined,
      objects: known(info.objects?.count, info.objects?.error),
      usedBytes: known(info.usage?.size, info.usage?.error),
    };
  });

/** `GET /v3/scanner/status`. */
export const scannerStatusAnswer = z
  .object({
    enabled: z.boolean().default(true),
    freshness: z
      .object({
        state: z.enum(['fresh', 'stale', 'unknown']).catch('unknown'),
        last_cycle_end_unix_secs: count.nullish(),
        max_expected_age_seconds: count.nullish(),
      })
      .nullish(),
  })
  .transform(
    ({ enabled, freshness }): ScannerStatus => ({
      enabled,
      freshness: freshness?.state ?? 'unknown',
      measuredAt: freshness?.last_cycle_end_unix_secs
        ? new Date(freshness.last_cycle_end_unix_secs * 1000).toISOString()
        : undefined,
      maxAgeSeconds: freshness?.max_expected_age_seconds ?? undefined,
    }),
  );

/** `GET /health/ready`, with status 200 and 503. */
export const healthAnswer = z
  .object({
    ready: z.boolean(),
    version: z.string().nullish(),
    degradedReasons: z.array(z.string()).default([]),
  })
  .transform(
    ({ ready, version, degradedReasons }): ServerHealth => ({
      ready,
      version: plainVersion(version),
      degradedReasons,
    }),
  );

const identitySchema = z.object({
  service: z.string().regex(/^rustfs/i),
  version: z.string().nullish(),
});

/** `GET /health`, as far as it is the answer of a RustFS server. */
export function identityAnswer(text: string): ServerIdentity | undefined {
  try {
    const { version } = identitySchema.parse(JSON.parse(text));
    return { product: 'rustfs', version: plainVersion(version) };
  } catch {
    return undefined;
  }
}

/** `GET /v3/get-bucket-quota`: without a quota the type is empty and the number is 0. */
export const quotaAnswer = z
  .object({ quota: count.nullish(), quotatype: z.string().nullish() })
  .transform(({ quota }) => quota || undefined);

/** `GET /v3/quota-stats/{bucket}`. */
export const quotaStatsAnswer = z
  .object({ quota_limit: count.nullish(), current_usage: count })
  .transform(({ quota_limit, current_usage }) => ({
    quotaBytes: quota_limit || undefined,
    usedBytes: current_usage,
  }));

/** `GET /{bucket}?versioning`: nothing in it when it never was on. */
export const versioningAnswer = z
  .object({ Status: z.enum(['Enabled', 'Suspended']).optional() })
  .transform(({ Status }): AccountBucket['versioning'] => {
    switch (Status) {
      case 'Enabled':
        return 'enabled';
      case 'Suspended':
        return 'suspended';
      default:
        return 'off';
    }
  });

/** Versions read `1.0.1`, `@1.0.1` or `refs/tags/1.0.1`, by build and by call. */
function plainVersion(version: string | null | undefined): string | undefined {
  return version?.replace(/^(@|refs\/tags\/)/, '') || undefined;
}

function known(value: number | null | undefined, error: unknown) {
  return error === null || error === undefined ? value ?? undefined : undefined;
}

function sum(values: Array<number | null | undefined>): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
