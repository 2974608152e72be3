import { badRequest } from './status';
import { JsonObject } from './types';

/**
 * `kubectl create` and `kubectl auth` send the kinds of Kubernetes itself as protobuf, whatever the server answers in.
 * This reads the few messages they send; field numbers are those of the published API definitions.
 */

type FieldType =
  | 'string'
  | 'bytes'
  | 'integer'
  | 'boolean'
  | 'stringMap'
  | 'bytesMap'
  | Message;

interface Field {
  name: string;
  type: FieldType;
  repeated?: boolean;
}

interface Message {
  [number: number]: Field;
}

const field = (name: string, type: FieldType = 'string'): Field => ({
  name,
  type,
});
const repeated = (name: string, type: FieldType = 'string'): Field => ({
  name,
  type,
  repeated: true,
});

const ownerReference: Message = {
  1: field('kind'),
  3: field('name'),
  4: field('uid'),
  5: field('apiVersion'),
  6: field('controller', 'boolean'),
  7: field('blockOwnerDeletion', 'boolean'),
};

const metadata = field('metadata', {
  1: field('name'),
  2: field('generateName'),
  3: field('namespace'),
  5: field('uid'),
  6: field('resourceVersion'),
  11: field('labels', 'stringMap'),
  12: field('annotations', 'stringMap'),
  13: repeated('ownerReferences', ownerReference),
  14: repeated('finalizers'),
});

const localReference: Message = { 1: field('name') };

const MESSAGES: Record<string, Message> = {
  Namespace: { 1: metadata },
  Secret: {
    1: metadata,
    2: field('data', 'bytesMap'),
    3: field('type'),
    4: field('stringData', 'stringMap'),
    5: field('immutable', 'boolean'),
  },
  ConfigMap: {
    1: metadata,
    2: field('data', 'stringMap'),
    3: field('binaryData', 'bytesMap'),
    4: field('immutable', 'boolean'),
  },
  ServiceAccount: {
    1: metadata,
    2: repeated('secrets', { 3: field('name') }),
    3: repeated('imagePullSecrets', localReference),
    4: field('automountServiceAccountToken', 'boolean'),
  },
  SelfSubjectAccessReview: {
    1: metadata,
    2: field('spec', {
      1: field('resourceAttributes', {
        1: field('namespace'),
        2: field('verb'),
        3: field('group'),
        4: field('version'),
        5: field('resource'),
        6: field('subresource'),
        7: field('name'),
      }),
      2: field('nonResourceAttributes', {
        1: field('path'),
        2: field('verb'),
      }),
    }),
  },
  SelfSubjectRulesReview: {
    1: metadata,
    2: field('spec', { 1: field('namespace') }),
  },
  SelfSubjectReview: { 1: metadata },
};

/** The envelope around every message, after its four magic bytes. */
const ENVELOPE: Message = {
  1: field('typeMeta', { 1: field('apiVersion'), 2: field('kind') }),
  2: field('raw', 'bytes'),
};

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

class Reader {
  private offset = 0;

  constructor(private readonly bytes: Buffer) {}

  get done(): boolean {
    return this.offset >= this.bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      if (this.done) {
        throw badRequest('proto: unexpected end of message');
      }
      const byte = this.bytes[this.offset++];
      value += (byte % 128) * factor;
      if (byte < 128) {
        return value;
      }
    }
  }

  chunk(length: number = this.varint()): Buffer {
    const end = this.offset + length;
    if (end > this.bytes.length) {
      throw badRequest('proto: unexpected end of message');
    }
    const chunk = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return chunk;
  }
}

/** Wire types of the encoding. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

function readMapEntry(bytes: Buffer, values: 'string' | 'bytes'): JsonObject {
  const entry = readMessage(bytes, {
    1: field('key'),
    2: field('value', values),
  });
  const value =
    entry.value instanceof Buffer
      ? entry.value.toString('base64')
      : entry.value ?? '';
  return { [String(entry.key ?? '')]: value };
}

function readMessage(bytes: Buffer, message: Message): JsonObject {
  const reader = new Reader(bytes);
  const result: JsonObject = {};
  while (!reader.done) {
    const tag = reader.varint();
    const known = message[Math.floor(tag / 8)];
    switch (tag % 8) {
      case VARINT: {
        const value = reader.varint();
        if (known) {
          result[known.name] = known.type === 'boolean' ? value !== 0 : value;
        }
        break;
      }
      case LENGTH_DELIMITED: {
        const chunk = reader.chunk();
        if (known) {
          addField(result, known, chunk);
        }
        break;
      }
      case FIXED_64:
        reader.chunk(8);
        break;
      case FIXED_32:
        reader.chunk(4);
        break;
      default:
        throw badRequest(`proto: illegal wireType ${tag % 8}`);
    }
  }
  return result;
}

function addField(result: JsonObject, known: Field, chunk: Buffer): void {
  const { name, type } = known;
  if (type === 'stringMap' || type === 'bytesMap') {
    const values = type === 'bytesMap' ? 'bytes' : 'string';
    result[name] = {
      ...(result[name] as JsonObject | undefined),
      ...readMapEntry(chunk, values),
    };
    return;
  }
  let value: unknown = chunk;
  if (typeof type === 'object') {
    value = readMessage(chunk, type);
  } else if (type === 'string') {
    value = chunk.toString('utf8');
    if (value === '' && !known.repeated) {
      // The encoding writes empty strings where JSON leaves the field out.
      return;
    }
  }
  result[name] = known.repeated
    ? [...((result[name] as unknown[]) ?? []), value]
    : value;
}

/**
 * Reads a body of type `application/vnd.kubernetes.protobuf`.
 *
 * @returns undefined for a kind that is only read as JSON or YAML
 */
export function decodeProtobuf(body: Buffer): JsonObject | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  const { typeMeta, raw } = readMessage(
    body.subarray(MAGIC.length),
    ENVELOPE,
  ) as { typeMeta?: { apiVersion: string; kind: string }; raw?: Buffer };
  const kind = typeMeta?.kind ?? '';
  const message = Object.hasOwn(MESSAGES, kind) ? MESSAGES[kind] : undefined;
  return (
    message && { ...typeMeta, ...readMessage(raw ?? Buffer.of(), message) }
  );
}
