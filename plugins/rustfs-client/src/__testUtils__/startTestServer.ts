import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RustfsServer, startRustfsServer } from '@rustfs-portal/sandbox';
import { KeyPair } from '../client';

const { RUSTFS_ENDPOINT, RUSTFS_ACCESS_KEY, RUSTFS_SECRET_KEY } = process.env;

/** Whether the environment names a real server. */
export const isReal = Boolean(
  RUSTFS_ENDPOINT && RUSTFS_ACCESS_KEY && RUSTFS_SECRET_KEY,
);

/** A server to test on. */
export interface TestServer {
  endpoint: string;
  root: KeyPair;
  /** Undefined: it is a real one. */
  sandbox?: RustfsServer;
  stop(): Promise<void>;
}

/** The server of the sandbox, or the real one that the environment names. */
export async function startTestServer(): Promise<TestServer> {
  if (isReal) {
    return {
      endpoint: RUSTFS_ENDPOINT!,
      root: {
        accessKeyId: RUSTFS_ACCESS_KEY!,
        secretAccessKey: RUSTFS_SECRET_KEY!,
      },
      stop: async () => {},
    };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'rustfs-client-'));
  const root = { accessKeyId: 'root-access', secretAccessKey: 'root-secret' };
  const sandbox = await startRustfsServer({
    dataDir,
    rootAccessKey: root.accessKeyId,
    rootSecretKey: root.secretAccessKey,
    scanCycleMs: 300,
  });
  return {
    endpoint: sandbox.endpoint,
    root,
    sandbox,
    stop: async () => {
      await sandbox.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
