import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { LOOPBACK } from '../loopback';
import { Authenticator } from './auth/Authenticator';
import { Authorizer } from './iam/Authorizer';
import { IamStore } from './iam/IamStore';
import { RequestDispatcher } from './RequestDispatcher';
import type { RustfsContext } from './RustfsContext';
import { BlobStore } from './storage/BlobStore';
import { BucketStore } from './storage/BucketStore';
import { Database } from './storage/Database';
import { DocumentCollection } from './storage/DocumentCollection';
import { ObjectStore } from './storage/ObjectStore';
import { UploadStore } from './storage/UploadStore';
import type { RustfsFaults, RustfsServer, RustfsServerOptions } from './types';
import { UsageScanner } from './usage/UsageScanner';

/** The RustFS version whose answers this server gives. */
const VERSION = '1.0.1';
const DEFAULT_CYCLE_MS = 60_000;
const DEFAULT_DRIVE_CAPACITY = 512 * 1024 ** 3;
/** The real server closes an idle connection after exactly this long. */
const KEEP_ALIVE_MS = 75_000;

function deploymentIdOf(database: Database): string {
  const settings = new DocumentCollection<{ deploymentId: string }>(
    database,
    'settings',
  );
  const known = settings.get('server')?.deploymentId;
  if (known) {
    return known;
  }
  const deploymentId = randomUUID();
  settings.put('server', { deploymentId });
  return deploymentId;
}

/**
 * Starts a stand-in for a RustFS server on loopback: S3, admin API and STS on one port, data on disk.
 *
 * @public
 */
export async function startRustfsServer(
  options: RustfsServerOptions,
): Promise<RustfsServer> {
  const { dataDir, port = 0 } = options;
  await mkdir(dataDir, { recursive: true });
  const database = Database.open(join(dataDir, 'metadata.sqlite'));
  const buckets = new BucketStore(database);
  const objects = new ObjectStore(database);
  const iam = new IamStore(database, {
    accessKey: options.rootAccessKey,
    secretKey: options.rootSecretKey,
  });
  const usage = new UsageScanner(
    database,
    buckets,
    objects,
    options.scanCycleMs ?? DEFAULT_CYCLE_MS,
    message => options.logger?.warn(message),
  );
  let faults: RustfsFaults = {};
  const context: RustfsContext = {
    settings: {
      version: VERSION,
      drives: options.drives ?? 4,
      driveCapacity: options.driveCapacity ?? DEFAULT_DRIVE_CAPACITY,
      driveDirectory: '/data/rustfs',
      startedAt: new Date(),
      deploymentId: deploymentIdOf(database),
    },
    authenticator: new Authenticator(iam),
    authorizer: new Authorizer(iam, bucket => buckets.policyOf(bucket)),
    iam,
    buckets,
    objects,
    uploads: new UploadStore(database),
    blobs: await BlobStore.open(join(dataDir, 'objects')),
    usage,
    faults: () => faults,
  };
  const stopping = new AbortController();
  const dispatcher = new RequestDispatcher(context, {
    stopping: stopping.signal,
    logger: options.logger,
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  // Uploads take as long as they take.
  server.requestTimeout = 0;
  server.on('request', (request, response) => {
    void dispatcher.handle(request, response);
  });
  server.on('checkContinue', (request, response) => {
    void dispatcher.handle(request, response, { expectsContinue: true });
  });
  const sockets = new Set<Socket>();
  server.on('connection', socket => {
    if (faults.mode === 'down') {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  usage.start();
  const address = server.address() as AddressInfo;
  const endpoint = `http://${LOOPBACK}:${address.port}`;
  options.logger?.info(`RustFS stand-in listens on ${endpoint}`);

  return {
    endpoint,
    faults: {
      set(next) {
        faults = next ?? {};
        if (faults.mode === 'down') {
          sockets.forEach(socket => socket.resetAndDestroy());
        }
      },
    },
    async scanNow() {
      usage.scan();
    },
    async stop() {
      stopping.abort();
      usage.stop();
      const closed = once(server, 'close');
      server.close();
      sockets.forEach(socket => socket.destroy());
      await closed;
      database.close();
    },
  };
}
