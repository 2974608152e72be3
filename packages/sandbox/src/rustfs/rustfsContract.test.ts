import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareShape,
  compareValues,
  parseError,
  parseXmlShape,
} from './__testUtils__/compareShape';
import {
  ContractWorld,
  type Received,
  type ServerUnderTest,
} from './__testUtils__/ContractWorld';
import { loadRecordings, type Recording } from './__testUtils__/recordings';
import { SCENARIO, type Step } from './__testUtils__/scenario';
import { startRustfsServer } from './startRustfsServer';

/*
 * The recordings are the contract. Against a real server: an empty one, with
 *   RUSTFS_ENDPOINT=http://127.0.0.1:9000 RUSTFS_ACCESS_KEY=… RUSTFS_SECRET_KEY=…
 */
const { RUSTFS_ENDPOINT, RUSTFS_ACCESS_KEY, RUSTFS_SECRET_KEY } = process.env;
const isReal = RUSTFS_ENDPOINT !== undefined;
const MEASURE_TIMEOUT_MS = 150_000;

const recordings = loadRecordings();

/** Headers that mean something to a client. */
const COMPARED_HEADERS = [
  'content-type',
  'retry-after',
  'cache-control',
  'x-rustfs-readiness-pending',
  'location',
  'accept-ranges',
];
const PRESENT_HEADERS = ['etag', 'x-amz-version-id', 'last-modified'];

/** Numbers and generated names in a message differ from run to run. */
function withoutNumbers(message: string | undefined): string | undefined {
  return message?.replace(/\d+/g, 'N');
}

function parseBody(format: string, body: string): unknown {
  switch (format) {
    case 'json':
      return JSON.parse(body);
    case 'ndjson':
      return body
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
    case 'xml':
      return parseXmlShape(body);
    default:
      return body;
  }
}

function isXmlDocument(recording: Recording): boolean {
  return (
    recording.response.bodyFormat === 'xml' &&
    String(recording.response.body).startsWith('<') &&
    !/^<\d+ times/.test(String(recording.response.body))
  );
}

/** Families whose answers are the same on every server that went through the scenario, but for times and names. */
const SAME_VALUES = /^(iam|quota|s3|startup)-/;

function compareBody(
  received: Received,
  recording: Recording,
  step: { play: string; isMap?: boolean },
): string[] {
  const { bodyFormat, body } = recording.response;
  const actual = parseBody(bodyFormat, received.body);
  const recorded =
    bodyFormat === 'json' ? body : parseBody(bodyFormat, String(body));
  const differences = compareShape(actual, recorded, '$', step.isMap);
  return differences.length === 0 && SAME_VALUES.test(step.play)
    ? compareValues(actual, recorded, '$')
    : differences;
}

/** Everything in which an answer is not like the recorded one. */
function compareAnswer(
  received: Received,
  recording: Recording,
  step: { play: string; isMap?: boolean },
): string[] {
  const { response } = recording;
  const recordedError = parseError(String(response.body ?? ''));
  const error = parseError(received.body);
  const differences: string[] = [];
  const compare = (what: string, actual: unknown, recorded: unknown) => {
    if (actual !== recorded) {
      differences.push(`${what} is ${actual}, recorded is ${recorded}`);
    }
  };
  compare('status', received.status, response.status);
  compare('code', error.code, recordedError.code);
  compare(
    'message',
    withoutNumbers(error.message),
    withoutNumbers(recordedError.message),
  );
  for (const name of COMPARED_HEADERS) {
    compare(name, received.headers[name], response.headers[name]);
  }
  for (const name of PRESENT_HEADERS) {
    compare(
      `presence of ${name}`,
      received.headers[name] !== undefined,
      response.headers[name] !== undefined,
    );
  }
  if (differences.length > 0) {
    return [...differences, received.body.slice(0, 500)];
  }
  if (response.bodyFormat === 'empty' || response.bodyFormat === 'text') {
    compare('body', received.body, response.body ?? '');
  } else if (response.bodyFormat !== 'xml' || isXmlDocument(recording)) {
    differences.push(...compareBody(received, recording, step));
  }
  return differences;
}

describe(`recorded answers of RustFS 1.0.1, from ${
  isReal ? RUSTFS_ENDPOINT : 'the stand-in'
}`, () => {
  let world: ContractWorld;
  let stop: () => Promise<void> = async () => {};

  async function startStandIn(): Promise<ServerUnderTest> {
    const dataDir = await mkdtemp(join(tmpdir(), 'rustfs-contract-'));
    const root = {
      accessKeyId: 'ROOT_ACCESS_KEY',
      secretAccessKey: 'root-secret-key',
    };
    const server = await startRustfsServer({
      dataDir,
      rootAccessKey: root.accessKeyId,
      rootSecretKey: root.secretAccessKey,
    });
    stop = async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    };
    return {
      endpoint: server.endpoint,
      root,
      measure: () => server.scanNow(),
      setFaults: faults => server.faults.set(faults),
    };
  }

  function useRealServer(endpoint: string): ServerUnderTest {
    return {
      endpoint,
      root: {
        accessKeyId: RUSTFS_ACCESS_KEY ?? '',
        secretAccessKey: RUSTFS_SECRET_KEY ?? '',
      },
      async measure() {
        // Two full cycles, so that what was written a moment ago is in the numbers.
        await new Promise(resolve => setTimeout(resolve, 125_000));
      },
    };
  }

  beforeAll(async () => {
    world = new ContractWorld(
      RUSTFS_ENDPOINT ? useRealServer(RUSTFS_ENDPOINT) : await startStandIn(),
    );
  });

  afterAll(() => stop());

  const steps = SCENARIO.filter(step => !isReal || !step.standInOnly).map(
    step => ({
      title: 'play' in step ? step.play : `(${step.prepare})`,
      step,
    }),
  );

  async function perform(step: Step): Promise<string[]> {
    if ('prepare' in step) {
      await step.run(world);
      return [];
    }
    const recording = recordings.get(step.play);
    if (!recording) {
      return [`there is no recording '${step.play}'`];
    }
    const received = await world.play(recording, step.change?.(world));
    step.then?.(world, received);
    return compareAnswer(received, recording, step);
  }

  it.each(steps)(
    '$title',
    async ({ step }) => expect(await perform(step)).toEqual([]),
    MEASURE_TIMEOUT_MS,
  );

  it('covers every recording', () => {
    const played = new Set(
      SCENARIO.map(step => ('play' in step ? step.play : undefined)),
    );
    expect([...recordings.keys()].filter(name => !played.has(name))).toEqual(
      [],
    );
  });
});
