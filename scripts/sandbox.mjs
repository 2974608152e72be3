import { startSandbox } from './lib/portal.mjs';
import { interrupted, requirePort, stopServices } from './lib/services.mjs';
import { Advice, step } from './lib/steps.mjs';
import { home } from './lib/workspace.mjs';

/** The world alone, for any client: writes .sandbox/connections.json and runs until it is interrupted. */
export default async function sandbox({ args, ...toolchain }) {
  const stop = interrupted();
  const port = Number(process.env.SANDBOX_PORT ?? 9400);
  await requirePort(port, 'the first of the sandbox', 'SANDBOX_PORT=');
  try {
    const { connections, service } = await step(
      'Starting the sandbox: clusters, tenants, forge',
      () => startSandbox({ ...toolchain, ports: port, args }),
    );
    console.log('');
    for (const { cluster, kubeconfig } of connections.kubernetes) {
      console.log(
        `  kubectl --kubeconfig ${kubeconfig} get tenants -A   # ${cluster}`,
      );
    }
    for (const { tenant, endpoint } of connections.rustfs) {
      console.log(`  ${tenant.padEnd(28)} ${endpoint}`);
    }
    console.log(`  ${'forge'.padEnd(28)} ${connections.forge.url}`);
    console.log(
      `\n  Addresses, keys and tokens: ${home}/connections.json (see docs/sandbox.md). Ctrl-C ends it.`,
    );
    if (
      (await Promise.race([stop, service.ended.then(() => 'ended')])) ===
      'ended'
    ) {
      throw new Advice(`The sandbox ended unexpectedly. See ${service.log}`);
    }
    return 0;
  } finally {
    await stopServices();
  }
}
