import { sendJson } from '../http/answers';
import type { Exchange } from '../http/Exchange';
import { zonedTimestamp } from '../http/timestamps';
import type { RustfsContext } from '../RustfsContext';

const CONNECTED = { status: 'connected', ready: true };
const DISCONNECTED = { status: 'disconnected', ready: false };

function heading(context: RustfsContext, status: string) {
  return {
    status,
    service: 'rustfs-endpoint',
    timestamp: zonedTimestamp(),
    version: context.settings.version,
  };
}

function getReadiness(context: RustfsContext, exchange: Exchange): void {
  // Only says that the process answers: it stays ready with most of the drives gone.
  const starting = context.faults().mode === 'starting';
  const readable = !starting;
  sendJson(
    exchange,
    {
      ...heading(context, readable ? 'ok' : 'degraded'),
      ready: readable,
      details: {
        storage: {
          ...(readable ? CONNECTED : DISCONNECTED),
          readinessScope: 'read_quorum',
          source: 'local_runtime',
          readQuorum: readable,
          writeQuorum: readable,
          unavailableDrives: [],
        },
        iam: starting ? DISCONNECTED : CONNECTED,
        lock: CONNECTED,
        poolMetadata: {
          ready: readable,
          status: readable ? 'writable' : 'unavailable',
        },
      },
      degradedReasons: starting
        ? ['storage_and_iam_unavailable', 'startup_finalization_pending']
        : [],
    },
    { status: readable ? 200 : 503 },
  );
}

/** Answers the probes that need no signature; false when the request is none of them. */
export function answerHealthProbe(
  context: RustfsContext,
  exchange: Exchange,
): boolean {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
    return false;
  }
  switch (exchange.path) {
    case '/health':
    case '/health/live':
      sendJson(exchange, heading(context, 'ok'));
      return true;
    case '/health/ready':
      getReadiness(context, exchange);
      return true;
    default:
      return false;
  }
}
