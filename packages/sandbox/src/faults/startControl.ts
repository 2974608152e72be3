import { InputError, toError } from '@backstage/errors';
import { once } from 'node:events';
import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { z } from 'zod';
import { LOOPBACK, namesLoopback } from '../loopback';
import { Fault, faultSchema } from './schema';

const MAX_BODY = 64 * 1024;

/** A running listener for faults. @public */
export interface Control {
  /** `POST <url>/faults` switches a fault, `GET` lists what is set. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Listens for faults to switch. It is for programs on this machine: what comes from a page in a browser is refused.
 *
 * @public
 */
export async function startControl(options: {
  port?: number;
  apply: (fault: Fault) => void;
}): Promise<Control> {
  const active = new Map<string, Fault>();
  const server = createServer((request, response) => {
    handle(request, response, options.apply, active).catch(error => {
      answer(response, 400, {
        error: toError(error).message,
      });
    });
  });
  server.listen(options.port ?? 0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://${LOOPBACK}:${port}`, stop: () => close(server) };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  apply: (fault: Fault) => void,
  active: Map<string, Fault>,
): Promise<void> {
  if (request.headers.origin !== undefined) {
    answer(response, 403, { error: 'Faults are not switched from a browser' });
    return;
  }
  if (!namesLoopback(request.headers.host)) {
    answer(response, 403, { error: `Expected to be called ${LOOPBACK}` });
    return;
  }
  if (request.url !== '/faults') {
    answer(response, 404, { error: 'Expected /faults' });
    return;
  }
  if (request.method === 'POST') {
    const fault = parseFault(await readBody(request));
    apply(fault);
    active.set(keyOf(fault), fault);
  } else if (request.method !== 'GET') {
    answer(response, 405, { error: 'Expected GET or POST' });
    return;
  }
  answer(response, 200, { faults: [...active.values()].filter(isOn) });
}

function parseFault(text: string): Fault {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new InputError('The body is not JSON');
  }
  const parsed = faultSchema.safeParse(body);
  if (!parsed.success) {
    throw new InputError(`Not a fault: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

function keyOf(fault: Fault): string {
  switch (fault.target) {
    case 'tenant':
      return `tenant ${fault.tenant}`;
    case 'item':
      return `item ${fault.tenant} ${fault.kind} ${fault.item}`;
    case 'cluster':
      return `cluster ${fault.cluster}`;
    default:
      return fault.target;
  }
}

/** A fault without any field but those that name its target says that the target is well. */
function isOn(fault: Fault): boolean {
  const { target, ...fields } = fault;
  const named = { tenant: 1, item: 3, cluster: 1, forge: 0 }[target];
  return Object.keys(fields).length > named;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) {
      throw new InputError('The body is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(body)}\n`);
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  if (server.listening) {
    await once(server, 'close');
  }
}
