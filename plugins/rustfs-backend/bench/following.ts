/*
 * What following costs: calls to the forge, through a proxy that counts, for requests that all edit the list of one Tenant. A reviewer
 * approves and merges one after the other, and the portal follows in between; nobody mends anything.
 */
import { createServer, request as send } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { smallWorld, WorldDefinition } from '@rustfs-portal/sandbox';
import createKnex from 'knex';
import { AccessWorld, ENTITY, TENANT } from '../src/__testUtils__/AccessWorld';

/** How many are open at once. */
const SIZES = (process.env.BENCH_OPEN ?? '20,100').split(',').map(Number);
/** Of the Tenant, before anybody asks: a list of its size is where a team adds to it. */
const BUCKETS = 200;
const PARALLEL = 4;
/** Between a merge and the next look. */
const PAUSE_MS = 3_000;
/** On average. */
const MAX_PER_MERGE = 6;

interface Following {
  open: number;
  perRequest: number;
  perApproval: number;
  perMerge: number;
  /** Commits that came to be in conflict, and how many were replaced. */
  conflicts: number;
  rendered: number;
  /** Replaced although the forge would have merged it: an approval lost for nothing. */
  needless: number;
  /** Rounds in which there was nothing to merge. */
  idle: number;
  round: { calls: number; lists: number; ms: number };
}

/** A proxy before the forge, which only the portal calls. */
async function startProxy() {
  const calls: string[] = [];
  let target: URL | undefined;
  const server = createServer((req, res) => {
    calls.push(`${req.method} ${req.url}`);
    const out = send(
      {
        host: target!.hostname,
        port: target!.port,
        method: req.method,
        path: req.url,
        headers: req.headers,
      },
      answer => {
        res.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(res);
      },
    );
    out.on('error', () => res.destroy());
    req.pipe(out);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    aim: (url: string) => {
      target = new URL(url);
    },
    /** The calls since the last time. */
    take: () => calls.splice(0),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The small world with a long list, as a Tenant of many teams has it. */
function createWorld(): WorldDefinition {
  const [cluster] = smallWorld.clusters;
  const [tenant] = cluster.tenants;
  return {
    ...smallWorld,
    clusters: [
      {
        ...cluster,
        tenants: [
          {
            ...tenant,
            buckets: [
              ...tenant.buckets,
              ...nameBuckets(BUCKETS, 'old').map(name => ({
                name,
                owner: 'group:default/checkout',
                entity: 'component:default/invoices',
                purpose: 'Bench',
                dataClass: 'internal' as const,
                quota: '1Gi',
              })),
            ].sort((one, other) => (one.name < other.name ? -1 : 1)),
          },
        ],
      },
    ],
  };
}

/** Names as people choose them: anywhere in the alphabet, the same in every run. */
function nameBuckets(count: number, kind: 'old' | 'new'): string[] {
  let seed = kind === 'old' ? 7 : 11;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed;
  };
  return Array.from(
    { length: count },
    (_, index) => `checkout-${next().toString(36)}-${kind}-${index}`,
  );
}

async function inParallel<T, R>(
  items: T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        results[next[0]] = await work(next[1]);
      }
    }),
  );
  return results;
}

async function measure(open: number): Promise<Following> {
  const proxy = await startProxy();
  const world = await AccessWorld.start({
    databases: {
      init: async () =>
        createKnex({
          client: 'better-sqlite3',
          connection: ':memory:',
          useNullAsDefault: true,
        }),
    },
    world: createWorld(),
    changeForge: forge => {
      proxy.aim(forge.baseUrl);
      forge.gitUrls = [forge.baseUrl];
      forge.baseUrl = proxy.url;
    },
    entities: [
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'User',
        metadata: { name: 'carla', namespace: 'default' },
      },
    ],
    config: {
      requests: {
        followInterval: { hours: 1 },
        limits: { requestsPerHour: 10_000, previewsPerMinute: 10_000 },
      },
    },
  });
  try {
    proxy.take();
    const answers = await inParallel(nameBuckets(open, 'new'), bucket =>
      world.post('/requests', {
        kind: 'bucket-create',
        entityRef: ENTITY,
        tenant: TENANT,
        bucket,
        quota: '1Gi',
        purpose: 'Bench',
        dataClass: 'internal',
      }),
    );
    const refused = answers.find(({ status }) => status !== 201);
    if (refused) {
      throw new Error(refused.text);
    }
    const asked = await followUntil(
      world,
      ({ state, policy }) => state === 'proposed' && policy !== undefined,
    );
    const perRequest = proxy.take().length / open;

    // What was written in one second is read twice; then nothing has changed.
    await sleep(1_100);
    await world.follow();
    await sleep(1_100);
    await world.follow();
    proxy.take();
    const started = performance.now();
    await world.follow();
    const ms = performance.now() - started;
    const still = proxy.take();

    const approved = await approveAll(world);
    await world.follow();
    await sleep(1_100);
    await world.follow();
    const perApproval = proxy.take().length / open;

    const merges = await mergeAll(world, asked, approved);
    const calls = proxy.take();
    if (process.env.BENCH_CALLS) {
      process.stdout.write(`${countKinds(calls)}\n`);
    }
    await followUntil(world, ({ state }) => state === 'ready');
    return {
      open,
      perRequest,
      perApproval,
      perMerge: calls.length / open,
      rendered: calls.filter(call => /^PUT .*\/branches\//.test(call)).length,
      ...merges,
      round: {
        calls: still.length,
        lists: still.filter(call => /GET .*\/pulls\?/.test(call)).length,
        ms,
      },
    };
  } finally {
    await world.stop();
    proxy.stop();
  }
}

/** Has the portal follow until all are there; nobody looks at one alone, which would have it looked at closely. */
async function followUntil(
  world: AccessWorld,
  isThere: (request: StorageRequest) => boolean,
): Promise<StorageRequest[]> {
  for (const deadline = Date.now() + 600_000; ; await sleep(300)) {
    await world.follow();
    const { body } = await world.get('/requests?limit=200');
    const requests: StorageRequest[] = body.items;
    const behind = requests.find(one => !isThere(one));
    if (!behind) {
      return requests;
    }
    if (Date.now() > deadline) {
      throw new Error(`Stands still: ${JSON.stringify(behind)}`);
    }
  }
}

interface Listed {
  number: number;
  mergeable: boolean;
  head: { sha: string };
}

/** Which calls they were, to see where they come from. */
function countKinds(calls: string[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) {
    const kind = call
      .replace(/\?.*/, '')
      .replace(/.*?\/repos\/[^/]+\/[^/]+/, match => `${match.split(' ')[0]} `)
      .replace(/rustfs(\/|%2F)[^/]+/g, '<branch>')
      .replace(/\b[0-9a-f]{40}\b/g, '<commit>')
      .replace(/\/\d+/g, '/<n>');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${String(count).padStart(8)} ${kind}`)
    .join('\n');
}

/** The open pull requests as people see them, not by way of the proxy. */
async function listOpen(world: AccessWorld): Promise<Listed[]> {
  const open: Listed[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await world.forge<Listed[]>(
      'GET',
      `/pulls?state=open&limit=50&page=${page}`,
    );
    open.push(...body);
    if (body.length < 50) {
      return open;
    }
  }
}

async function approve(world: AccessWorld, number: number): Promise<void> {
  await world.forge('POST', `/pulls/${number}/reviews`, { event: 'APPROVED' });
}

/** @returns the commits that were approved, by number */
async function approveAll(world: AccessWorld): Promise<Map<number, string>> {
  const approved = new Map<number, string>();
  for (const { head, number } of await listOpen(world)) {
    await approve(world, number);
    approved.set(number, head.sha);
  }
  return approved;
}

/** Merges whatever the forge merges, one after the other, with a round of the portal after each. */
async function mergeAll(
  world: AccessWorld,
  asked: StorageRequest[],
  approved: Map<number, string>,
): Promise<Pick<Following, 'needless' | 'idle' | 'conflicts'>> {
  const byNumber = new Map(asked.map(one => [one.pullRequest!.number, one]));
  const conflicts = new Set<string>();
  let needless = 0;
  let idle = 0;
  for (let stuck = 0; stuck < 60; ) {
    const before = await listOpen(world);
    if (before.length === 0) {
      return { needless, idle, conflicts: conflicts.size };
    }
    const next = before.find(({ mergeable }) => mergeable);
    if (next) {
      if (approved.get(next.number) !== next.head.sha) {
        await approve(world, next.number);
      }
      stuck = (await world.merge(byNumber.get(next.number)!)) === 200 ? 0 : 1;
    } else {
      stuck += 1;
      idle += 1;
      await sleep(300);
    }
    const merged = await listOpen(world);
    // As fast as a person is at best; Flux has fetched it by then.
    await sleep(PAUSE_MS);
    await world.follow();
    const heads = new Map(
      (await listOpen(world)).map(({ head, number }) => [number, head.sha]),
    );
    for (const { head, mergeable, number } of merged) {
      if (!mergeable) {
        conflicts.add(`${number} ${head.sha}`);
      } else if (heads.has(number) && heads.get(number) !== head.sha) {
        needless += 1;
      }
    }
  }
  throw new Error('The rest cannot be merged without a person');
}

function row(cells: string[]): string {
  return cells.map(cell => cell.padStart(14)).join('');
}

async function main(): Promise<void> {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  write(
    `Following on Gitea: requests for buckets in the list of one Tenant, which has ${BUCKETS}; all approved, then merged one by one\n`,
  );
  write(
    row([
      'open',
      'per request',
      'per approval',
      'per merge',
      'in conflict',
      'rendered',
      'needlessly',
      'waited',
      'round: calls',
      'of them lists',
      'time',
    ]),
  );
  for (const size of SIZES) {
    const found = await measure(size);
    write(
      row([
        String(found.open),
        found.perRequest.toFixed(1),
        found.perApproval.toFixed(1),
        found.perMerge.toFixed(1),
        String(found.conflicts),
        String(found.rendered),
        String(found.needless),
        String(found.idle),
        String(found.round.calls),
        String(found.round.lists),
        `${found.round.ms.toFixed(0)} ms`,
      ]),
    );
    if (found.perMerge > MAX_PER_MERGE || found.needless > 0) {
      write(
        `\nExpected at most ${MAX_PER_MERGE} calls for a merge, and nothing rendered anew that the forge would merge.`,
      );
      process.exitCode = 1;
    }
  }
}

main().then(
  // Watches and tasks of the world may still be under way.
  () => process.exit(),
  error => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
