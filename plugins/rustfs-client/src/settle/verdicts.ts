import { RustfsError } from '../client';
import { Verdict } from './types';

export function settled(message: string): Verdict {
  return { result: 'done', reason: 'Settled', message };
}

/** @param differences - each completes "…: the policy, the quota" */
export function drifted(what: string, differences: string[]): Verdict {
  return {
    result: 'drift',
    reason: 'Drift',
    message: `${what} is not as the record says: ${differences.join(', ')}`,
  };
}

export function bad(message: string): Verdict {
  return { result: 'failed', reason: 'BadRecord', message };
}

/** Without the words of the error: those of libraries may quote what they could not read. */
export function programFailed(program: string): Verdict {
  return {
    result: 'failed',
    reason: 'ProgramFailed',
    message: `${program.charAt(0).toUpperCase()}${program.slice(
      1,
    )} has failed at this record by a fault of its own: its log says where`,
  };
}

/** What a failed call means for the record that it was made for. */
export function verdictOf(error: RustfsError): Verdict {
  const { message } = error;
  switch (error.reason) {
    case 'unsupported':
      return { result: 'waiting', reason: 'NotSupported', message };
    case 'denied':
      return { result: 'failed', reason: 'Denied', message };
    case 'refused':
      return bad(message);
    case 'unreachable':
    case 'starting':
    case 'busy':
      return { result: 'waiting', reason: 'ServerFailed', message };
    default:
      return { result: 'failed', reason: 'ServerFailed', message };
  }
}
