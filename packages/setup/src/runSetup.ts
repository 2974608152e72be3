import {
  ConnectionOptionError,
  createTransport,
  HttpProvisioningClient,
  isRustfsError,
  RustfsError,
  settle,
  Settled,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  LABEL_RECORD,
  LABEL_TENANT,
  SettledItem,
  SetupRun,
} from '@rustfs-portal/plugin-rustfs-common';
import { describeUnexpected } from './describeUnexpected';
import { KubernetesApi } from './KubernetesApi';
import { SetupOptions } from './options';
import { readRecords, readSecrets } from './readRecords';
import { EXIT, SetupError } from './SetupError';
import { StatusStore } from './StatusStore';

const TIMEOUT_MS = 10_000;

/** What a run is made with. */
export interface RunContext {
  options: SetupOptions;
  api: KubernetesApi;
  dryRun: boolean;
  signal: AbortSignal;
  print: (line: string) => void;
}

/** One run: reads records and Secrets, settles, and says what came of it. */
export async function runSetup(context: RunContext): Promise<SetupRun> {
  const { options, api, dryRun } = context;
  const startedAt = new Date().toISOString();
  const client = openClient(options);
  const store = await StatusStore.open(api, options.tenant);
  try {
    return await runWith({ ...context, client, store, startedAt });
  } catch (error) {
    if (error instanceof SetupError && !dryRun) {
      const { exitCode, message } = error;
      const run = {
        startedAt,
        endedAt: new Date().toISOString(),
        exitCode,
        counts: count(store.status.items),
        message,
      };
      // Where this fails as well, the log is all that there is.
      await store.write({ run }).catch(() => {});
    }
    throw error;
  }
}

async function runWith(
  context: RunContext & {
    client: HttpProvisioningClient;
    store: StatusStore;
    startedAt: string;
  },
): Promise<SetupRun> {
  const { options, api, client, store, startedAt } = context;
  const { dryRun, signal, print } = context;
  const { tenant, pair } = options;
  const ofTenant = `${LABEL_TENANT}=${tenant}`;
  const { made } = store;
  const { items: before } = store.status;
  const records = readRecords(
    tenant,
    await api.list(
      'configmaps',
      `${ofTenant},${LABEL_RECORD} in (access,bucket)`,
    ),
  );
  const secrets = readSecrets(
    await api.list('secrets', `${ofTenant},${LABEL_RECORD}=key`),
  );

  const settled = await settle({
    records,
    secrets,
    client,
    self: pair.accessKeyId,
    before,
    made,
    dryRun,
    signal,
    claim: names => store.claim(names),
    progress: progress => store.write(progress),
    observeChange: ({ key, words }) =>
      print(`${key}: ${dryRun ? 'would ' : ''}${words}`),
    observeFault: ({ key, error }) =>
      print(`${key}: ${describeUnexpected(error)}`),
  });

  const all = { ...before, ...settled.items };
  settled.removed.forEach(key => delete all[key]);
  for (const [key, { result, message }] of Object.entries(settled.items)) {
    const isNews = !dryRun && before[key]?.result !== 'done';
    if (result !== 'done' || isNews) {
      print(`${key}: ${result}: ${message}`);
    }
  }
  const run = describeRun({ startedAt, settled, all, signal });
  if (!dryRun) {
    const { items, removed } = settled;
    await store.write({ items, removed, made: settled.made, run });
  }
  return run;
}

function openClient({ endpoint, pair, ca }: SetupOptions) {
  try {
    return HttpProvisioningClient.create({
      endpoint,
      ...pair,
      timeoutMs: TIMEOUT_MS,
      fetch: createTransport({ url: endpoint, ca, timeoutMs: TIMEOUT_MS })
        .fetch,
      words: {
        caller: 'the setup program',
        keys: 'the files that RUSTFS_ACCESS_KEY_FILE and RUSTFS_SECRET_KEY_FILE name',
        endpoint: 'RUSTFS_ENDPOINT',
      },
    });
  } catch (error) {
    throw error instanceof ConnectionOptionError
      ? new SetupError(EXIT.unexpected, `RUSTFS_ENDPOINT: ${error.message}`)
      : error;
  }
}

function describeRun(options: {
  startedAt: string;
  settled: Settled;
  all: Record<string, SettledItem>;
  signal: AbortSignal;
}): SetupRun {
  const { startedAt, settled, all, signal } = options;
  const counts = count(all);
  const { version } = settled.server;
  return {
    startedAt,
    endedAt: new Date().toISOString(),
    ...(version && { server: { version } }),
    counts,
    ...ending(settled.stopped, signal, counts.failed > 0),
  };
}

function count(items: Record<string, SettledItem>): SetupRun['counts'] {
  const counts = { done: 0, waiting: 0, failed: 0, drift: 0 };
  for (const { result } of Object.values(items)) {
    counts[result] += 1;
  }
  return counts;
}

function ending(
  stopped: RustfsError | undefined,
  signal: AbortSignal,
  hasFailed: boolean,
): Pick<SetupRun, 'exitCode' | 'message'> {
  if (stopped) {
    return { exitCode: exitCodeOf(stopped), message: stopped.message };
  }
  if (signal.aborted) {
    return {
      exitCode: EXIT.unexpected,
      message:
        'The run was stopped before it had come to all records; the next one goes on',
    };
  }
  return { exitCode: hasFailed ? EXIT.failed : EXIT.done };
}

function exitCodeOf(stopped: RustfsError): number {
  if (isRustfsError(stopped, 'credentials', 'denied')) {
    return EXIT.refused;
  }
  return isRustfsError(stopped, 'unreachable', 'starting', 'busy')
    ? EXIT.unreachable
    : EXIT.unexpected;
}
