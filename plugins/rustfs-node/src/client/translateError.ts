import { explainNetworkError } from '@rustfs-portal/plugin-rustfs-common';
import { XMLParser } from 'fast-xml-parser';
import { RustfsError, RustfsErrorReason } from './RustfsError';

/** What is tried, for the words of an error. */
export interface Operation {
  /** Completes "could not …": `read the quota of bucket invoices`. */
  description: string;
  /** The right that the portal's user needs for it, `admin:ServerInfo`. */
  right?: string;
}

/** An answer that is a failure. */
export interface FailedAnswer {
  status: number;
  code?: string;
  message?: string;
}

interface Failure {
  reason: RustfsErrorReason;
  detail: string;
  hint: string;
  code?: string;
}

const CREDENTIAL_CODES = ['InvalidAccessKeyId', 'SignatureDoesNotMatch'];

/** Turns a failed answer into the one error that leaves the client. */
export function answerError(
  endpoint: string,
  operation: Operation,
  answer: FailedAnswer,
): RustfsError {
  return toError(endpoint, operation, {
    ...explainAnswer(operation, answer),
    code: answer.code,
  });
}

function explainAnswer(operation: Operation, answer: FailedAnswer): Failure {
  const { status, code, message = '' } = answer;
  const said = [code, shorten(message)].filter(Boolean).join(': ');
  const detail = `it answers ${status}${said ? ` ${said}` : ''}`;

  if (CREDENTIAL_CODES.includes(code ?? '')) {
    return {
      reason: 'credentials',
      detail: `it does not accept the portal's access key (${code})`,
      hint: 'Compare accessKeyId and secretAccessKey of this tenant in rustfs.tenants with the user on the server, and see that the user is enabled.',
    };
  }
  if (code === 'RequestTimeTooSkewed') {
    return {
      reason: 'credentials',
      detail: 'its clock and that of the portal differ by more than 15 minutes',
      hint: 'Set both clocks.',
    };
  }
  if (status === 401 || status === 403) {
    return {
      reason: 'denied',
      detail: "the portal's user lacks the right",
      hint: `Grant ${
        operation.right ?? 'the right'
      } to that user with a policy on the server.`,
    };
  }
  // A quota on an absent bucket is a 500 of this text.
  if (status === 404 || /bucket not found/i.test(message)) {
    return { reason: 'not-found', detail, hint: 'Check the name.' };
  }
  if (status === 501 || status === 426) {
    return {
      reason: 'unsupported',
      detail: 'this version of the server has no such call',
      hint: 'The portal is made for RustFS 1.0.1 and later.',
    };
  }
  // S3 calls are answered in plain text and admin calls with this message until the server is ready.
  if (status === 503 && (!code || /not ready/i.test(message))) {
    return {
      reason: 'starting',
      detail: 'it is starting',
      hint: 'Try again in a few seconds.',
    };
  }
  if (status === 503 || status === 429) {
    return { reason: 'busy', detail, hint: 'Try again in a minute.' };
  }
  if (status >= 400 && status < 500) {
    return {
      reason: 'refused',
      detail,
      hint: 'The message of the server says what it expects.',
    };
  }
  return {
    reason: 'unexpected',
    detail,
    hint: 'Look into the log of the server.',
  };
}

/** Reads the XML document in which the server describes an error; anything else has no code. */
export function parseErrorDocument(
  body: string,
): Pick<FailedAnswer, 'code' | 'message'> {
  try {
    const document: unknown = new XMLParser({ parseTagValue: false }).parse(
      body,
    );
    const error = property(document, 'Error') ?? document;
    const code = property(error, 'Code');
    const message = property(error, 'Message');
    return {
      code: typeof code === 'string' ? code : undefined,
      message: typeof message === 'string' ? message : undefined,
    };
  } catch {
    return {};
  }
}

/** Turns an exception of the network into the one error that leaves the client. */
export function networkError(
  endpoint: string,
  operation: Operation,
  error: unknown,
  timeoutMs: number,
): RustfsError {
  return toError(endpoint, operation, {
    reason: 'unreachable',
    detail: explainNetworkError(error, timeoutMs),
    hint: 'See that the server runs and that the portal reaches this address.',
  });
}

/** An answer with status 200 whose content is not what it should be. */
export function unreadableError(
  endpoint: string,
  operation: Operation,
  detail: string,
): RustfsError {
  return toError(endpoint, operation, {
    reason: 'unexpected',
    detail: `its answer cannot be read (${detail})`,
    hint: 'See that a RustFS server listens at this address, and which version.',
  });
}

function toError(endpoint: string, operation: Operation, failure: Failure) {
  return new RustfsError({
    ...failure,
    endpoint,
    operation: operation.description,
  });
}

function shorten(text: string) {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Reflect.get(value, key)
    : undefined;
}
