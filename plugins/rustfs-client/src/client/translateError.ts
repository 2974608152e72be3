import {
  adviseOnNetworkError,
  explainNetworkError,
} from '@rustfs-portal/plugin-rustfs-common';
import { XMLParser } from 'fast-xml-parser';
import { RustfsError, RustfsErrorReason } from './RustfsError';
import type { Answer } from './SignedFetch';

/** What is tried, for the words of an error. */
export interface Operation {
  /** Completes "could not …": `read the quota of bucket invoices`. */
  description: string;
  /** The right that the client's user needs for it, `admin:ServerInfo`. */
  right?: string;
  /** What is sent is secret: words of the server, which could repeat it, are left out. */
  isConfidential?: boolean;
}

/**
 * How the reader of an error knows the program that calls, and where it is told how to.
 *
 * @public
 */
export interface ClientWords {
  /** `the portal`. */
  caller: string;
  /** `accessKeyId and secretAccessKey of this tenant in rustfs.tenants`. */
  keys: string;
  /** `endpoint of this tenant in rustfs.tenants`. */
  endpoint: string;
}

/** The server that is called, for the words of an error. */
export interface Called {
  endpoint: string;
  words: ClientWords;
}

interface Failure {
  reason: RustfsErrorReason;
  detail: string;
  hint: string;
  code?: string;
}

/** The server knows nobody of the access key, or the request was not signed with its secret. */
const CREDENTIAL_CODES = [
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  // "Your account is not signed up".
  'UnauthorizedAccess',
];
const ABSENT_CODES = ['NoSuchBucket', 'NoSuchKey', 'NoSuchResource'];

/** Turns a failed answer into the one error that leaves the client. */
export function answerError(
  called: Called,
  operation: Operation,
  answer: Answer,
): RustfsError {
  const said = parseErrorDocument(answer.text);
  if (said.code === undefined && answer.status >= 300 && answer.status < 400) {
    return toError(called, operation, explainRedirect(called, answer));
  }
  return toError(
    called,
    operation,
    isFromServer(answer, said.code)
      ? { ...explainAnswer(called, operation, answer, said), code: said.code }
      : explainForeign(called, answer),
  );
}

/**
 * Whether a RustFS server gave this answer. Its failures are XML documents, or empty where the method is HEAD; only
 * while it starts it uses plain text. Proxies and sign-in pages before it have pages and words of their own.
 */
function isFromServer({ headers, text }: Answer, code: string | undefined) {
  return (
    code !== undefined ||
    headers.has('x-rustfs-readiness-pending') ||
    (text === '' && isXmlOrNothing(headers.get('content-type')))
  );
}

function isXmlOrNothing(contentType: string | null) {
  return !contentType || /^(application|text)\/xml\b/i.test(contentType);
}

function explainRedirect({ endpoint, words }: Called, answer: Answer): Failure {
  const { request, status, headers } = answer;
  const location = headers.get('location');
  const target =
    location && URL.canParse(location, request.url)
      ? new URL(location, request.url)
      : undefined;
  if (!target) {
    return {
      reason: 'unexpected',
      detail: `it answers ${status}, a redirect that does not say where to`,
      hint: 'See that a RustFS server listens at this address.',
    };
  }
  const isSamePlace =
    target.pathname.replace(/\/$/, '') ===
    request.url.pathname.replace(/\/$/, '');
  if (isSamePlace && target.origin !== endpoint) {
    return {
      reason: 'unexpected',
      detail: `it redirects to ${target.origin}`,
      hint: `Put ${target.origin} into ${words.endpoint}.`,
    };
  }
  return {
    reason: 'unexpected',
    // Without the query, which may hold a state that is worth something.
    detail: `it redirects to ${target.origin}${target.pathname}, which is not a call of a RustFS server`,
    hint: `See that ${words.endpoint} is the address of the S3 interface and not of a web page or the console, and that no sign-in page stands before it.`,
  };
}

/** What a proxy, a gateway or a page before the server says. */
function explainForeign({ words }: Called, { status }: Answer): Failure {
  const detail = `it answers ${status}, and that is not an answer of a RustFS server`;
  if (status === 429 || (status >= 500 && status !== 501)) {
    return {
      reason: 'unreachable',
      detail: `${detail}: something before it does not reach it, or turns calls away`,
      hint: 'Look at the proxy, gateway or ingress at this address, and see that the server behind it runs.',
    };
  }
  if (status === 401 || status === 403) {
    return {
      reason: 'unexpected',
      detail: `${detail}: something before it refuses the call`,
      hint: `See that the proxy, gateway or ingress at this address lets the calls of ${words.caller} pass. The rights of its user are not the cause.`,
    };
  }
  return {
    reason: 'unexpected',
    detail,
    hint: `See that ${words.endpoint} is the address of the S3 interface of a RustFS server.`,
  };
}

function explainAnswer(
  { words }: Called,
  operation: Operation,
  { status, headers }: Answer,
  { code, message = '' }: ErrorDocument,
): Failure {
  const said = [code, operation.isConfidential ? '' : shorten(message)]
    .filter(Boolean)
    .join(': ');
  const detail = `it answers ${status}${said ? ` ${said}` : ''}`;

  if (CREDENTIAL_CODES.includes(code ?? '')) {
    return {
      reason: 'credentials',
      detail: `it does not accept the access key of ${words.caller} (${code})`,
      hint: `Compare ${
        words.keys
      } with the user on the server, and see that the user is enabled.${
        code === 'SignatureDoesNotMatch'
          ? ' A proxy before the server that changes the Host header or the path has the same effect.'
          : ''
      }`,
    };
  }
  if (code === 'RequestTimeTooSkewed') {
    return {
      reason: 'credentials',
      detail: `its clock and that of ${words.caller} differ by more than 15 minutes`,
      hint: 'Set both clocks.',
    };
  }
  if (status === 401 || status === 403) {
    return {
      reason: 'denied',
      detail: `the user of ${words.caller} lacks the right`,
      hint: `Grant ${
        operation.right ?? 'the right'
      } to that user with a policy on the server.`,
    };
  }
  if (status === 404 || ABSENT_CODES.includes(code ?? '')) {
    return { reason: 'not-found', detail, hint: 'Check the name.' };
  }
  if (status === 501 || status === 426) {
    return {
      reason: 'unsupported',
      detail: 'this version of the server has no such call',
      hint: 'It is there in RustFS 1.0.1 and later.',
    };
  }
  // S3 calls are answered in plain text, admin calls with this code until the server is ready.
  const isStarting =
    headers.has('x-rustfs-readiness-pending') || code === 'ServiceUnavailable';
  if (status === 503 && isStarting) {
    return {
      reason: 'starting',
      detail: 'it is starting, or cannot serve this yet',
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

interface ErrorDocument {
  code?: string;
  message?: string;
}

/** Reads the XML document in which the server describes an error; anything else has no code. */
function parseErrorDocument(body: string): ErrorDocument {
  try {
    const document: unknown = new XMLParser({ parseTagValue: false }).parse(
      body,
    );
    const error = property(document, 'Error');
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
  called: Called,
  operation: Operation,
  error: unknown,
  timeoutMs: number,
): RustfsError {
  return toError(called, operation, {
    reason: 'unreachable',
    detail: explainNetworkError(error, timeoutMs),
    hint:
      adviseOnNetworkError(error) ??
      `See that the server runs and that ${called.words.caller} reaches this address.`,
  });
}

/** An answer with status 200 whose content is not what it should be. */
export function unreadableError(
  called: Called,
  operation: Operation,
  detail: string,
): RustfsError {
  return toError(called, operation, {
    reason: 'unexpected',
    detail: `its answer cannot be read (${detail})`,
    hint: 'See that a RustFS server listens at this address, and which version.',
  });
}

function toError(called: Called, operation: Operation, failure: Failure) {
  return new RustfsError({
    ...failure,
    endpoint: called.endpoint,
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
