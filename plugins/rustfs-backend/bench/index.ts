/*
 * What the storage tab of an entity costs: the number of upstream calls and the time of the inventory's work, beside the
 * same calls made bare in the same run. Ends with status 1 when the number of calls depends on that of buckets.
 */
import { Sha256 } from '@aws-crypto/sha256-js';
import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { createInventory } from '../src/inventory';
import {
  TestCluster,
  TestServer,
} from '../src/inventory/__testUtils__/upstreams';

const TENANT = 'atlas/storage/apps';
const SIZES = [10, 100, 300];
const WARM_UP = 5;
const ROUNDS = 25;

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
};

const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', annotations: { 'rustfs.com/tenant': TENANT } },
  spec: { owner: 'checkout' },
};

interface Call {
  upstream: string;
  path: string;
}

async function measure(size: number) {
  const names = Array.from({ length: size }, (_, n) => `invoices-${n}`);
  const [cluster, server] = await Promise.all([
    TestCluster.start('atlas'),
    TestServer.start(names),
  ]);
  try {
    await cluster.createFlux();
    await cluster.createTenant('apps', names);
    for (const bucket of names) {
      await cluster.createRecord('apps', {
        bucket,
        owner: 'group:default/checkout',
        entity: 'component:default/invoices',
        purpose: 'Invoices as PDF',
        dataClass: 'internal',
        quota: '10Gi',
        versioning: 'off',
      });
    }

    let calls: Call[] = [];
    const inventory = createInventory({
      config: new ConfigReader({
        rustfs: {
          clusters: [cluster.config],
          tenants: [server.config(TENANT)],
        },
      }),
      logger: silent,
      observeRequest: call => calls.push(call),
    });
    const describe = async () => {
      inventory.invalidate(TENANT);
      calls = [];
      const { buckets, problems } = await inventory.describeEntity(entity);
      if (buckets.length !== size || problems.length > 0) {
        throw new Error(
          `Expected ${size} buckets, found ${buckets.length}; ${problems
            .map(({ message }) => message)
            .join('; ')}`,
        );
      }
    };
    const bare = () =>
      Promise.all(calls.map(call => callBare(call, cluster, server)));

    const times = { inventory: [] as number[], bare: [] as number[] };
    for (let round = -WARM_UP; round < ROUNDS; round += 1) {
      // In turns, so that both meet the same weather.
      const described = await time(describe);
      const called = await time(bare);
      if (round >= 0) {
        times.inventory.push(described);
        times.bare.push(called);
      }
    }
    return {
      size,
      calls: calls.length,
      inventory: median(times.inventory),
      bare: median(times.bare),
    };
  } finally {
    await Promise.all([cluster.stop(), server.stop()]);
  }
}

/** The same call without anything around it: sent, read, and parsed as JSON. */
async function callBare(call: Call, cluster: TestCluster, server: TestServer) {
  const response =
    call.upstream === TENANT
      ? await fetchSigned(call.path, server)
      : await fetch(`${cluster.config.url}${call.path}`, {
          headers: { authorization: `Bearer ${cluster.config.token}` },
        });
  if (!response.ok) {
    throw new Error(`${call.path} answers ${response.status}`);
  }
  await response.json();
}

async function fetchSigned(path: string, server: TestServer) {
  const { endpoint, accessKeyId, secretAccessKey } = server.config(TENANT);
  const url = new URL(path, endpoint);
  const signer = new SignatureV4({
    service: 's3',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey },
  });
  const { headers } = await signer.sign(
    new HttpRequest({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      headers: { host: url.host },
    }),
  );
  return fetch(url, { headers });
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function row(cells: string[]): string {
  return cells.map(cell => cell.padStart(12)).join('');
}

async function main(): Promise<void> {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  write(
    `Storage tab of an entity: one cluster, one tenant, nothing cached, median of ${ROUNDS} rounds\n`,
  );
  write(row(['buckets', 'calls', 'inventory', 'bare calls', 'ratio']));
  const results = [];
  for (const size of SIZES) {
    const result = await measure(size);
    results.push(result);
    write(
      row([
        String(result.size),
        String(result.calls),
        `${result.inventory.toFixed(1)} ms`,
        `${result.bare.toFixed(1)} ms`,
        (result.inventory / result.bare).toFixed(2),
      ]),
    );
  }
  if (new Set(results.map(({ calls }) => calls)).size > 1) {
    write('\nThe number of calls depends on the number of buckets.');
    process.exitCode = 1;
  }
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
