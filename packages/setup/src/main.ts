import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectCluster } from './connectCluster';
import { describeUnexpected } from './describeUnexpected';
import { KubernetesApi } from './KubernetesApi';
import { Environment, readOptions } from './options';
import { runSetup } from './runSetup';
import { EXIT, SetupError } from './SetupError';

/** Put in when the program is packed. */
declare const SETUP_VERSION: string | undefined;

const HELP = `rustfs-setup: makes one RustFS server agree with the records and Secrets of a namespace.

  --dry-run   say what would be changed, and change nothing
  --version   say the version
  --help      say this

Environment:
  RUSTFS_ENDPOINT          address of the server, http://media.storage.svc:9000
  RUSTFS_ACCESS_KEY_FILE   file with the access key of the provisioner
  RUSTFS_SECRET_KEY_FILE   file with its secret key
  RUSTFS_CA_FILE           certificates in PEM that signed that of the server (optional)
  RUSTFS_SETUP_TENANT      name of the tenant
  RUSTFS_SETUP_NAMESPACE   namespace of the records (default: that of the service account)
  RUSTFS_SETUP_KUBECONFIG  kubeconfig with a token, outside of a cluster

Exit codes: 0 all is done or waits, 1 unexpected, 2 a record is wrong or has failed,
            3 the server or the API server is not reached, 4 a key or a right is refused`;

/** Kubernetes shows what stands there beside the state of the container. */
const TERMINATION_LOG = '/dev/termination-log';

/** @returns the exit code */
export async function main(context: {
  args: string[];
  environment: Environment;
  print: (line: string) => void;
}): Promise<number> {
  const { environment, print } = context;
  try {
    const { 'dry-run': dryRun, help, version } = readArguments(context.args);
    if (help || version) {
      print(help ? HELP : SETUP_VERSION ?? 'unpacked');
      return EXIT.done;
    }
    const options = readOptions(environment);
    const stop = new AbortController();
    process.once('SIGTERM', () => stop.abort());
    const run = await runSetup({
      options,
      api: new KubernetesApi(
        connectCluster(environment, options.kubeconfig),
        options.namespace,
      ),
      dryRun,
      signal: stop.signal,
      print,
    });
    const { counts, message, exitCode } = run;
    const ended = JSON.stringify({ exitCode, counts, message });
    print(ended);
    leaveMessage(ended);
    return exitCode;
  } catch (error) {
    const { exitCode, message } =
      error instanceof SetupError
        ? error
        : { exitCode: EXIT.unexpected, message: describeUnexpected(error) };
    print(message);
    leaveMessage(message);
    return exitCode;
  }
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch {
    // What was given may be a key that somebody meant to hand over.
    throw new SetupError(
      EXIT.unexpected,
      'The arguments are wrong: expected --dry-run, --help, --version, or none',
    );
  }
}

function leaveMessage(message: string) {
  if (existsSync(TERMINATION_LOG)) {
    try {
      writeFileSync(TERMINATION_LOG, message.slice(0, 4000));
    } catch {
      // The log has it, too.
    }
  }
}
