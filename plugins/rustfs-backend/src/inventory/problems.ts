import { isRustfsError } from '@rustfs-portal/plugin-rustfs-client';
import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { ClusterError } from '../kubernetes';
import { Reading } from './LastGoodReading';

/** Why a cluster is missing from an answer, or old in it. */
export function clusterProblem(
  cluster: string,
  reading: Reading<unknown>,
): Problem[] {
  const { error } = reading;
  if (!error) {
    return [];
  }
  return [
    error instanceof ClusterError
      ? {
          code: error.problemCode,
          part: cluster,
          message: `${error.message}${ageOf(reading)}`,
          hint: error.hint,
        }
      : {
          code: 'cluster-unreachable',
          part: cluster,
          message: `Cluster ${cluster} cannot be read${ageOf(reading)}`,
          hint: 'The log of the portal says why.',
        },
  ];
}

/** Why a server is missing from an answer, or old in it. */
export function serverProblem(
  tenant: string,
  reading: Reading<unknown>,
): Problem | undefined {
  const { error } = reading;
  if (!error) {
    return undefined;
  }
  if (!isRustfsError(error)) {
    return {
      code: 'tenant-unreachable',
      part: tenant,
      message: `The server of tenant ${tenant} cannot be read${ageOf(reading)}`,
      hint: 'The log of the portal says why.',
    };
  }
  return {
    code: isRustfsError(error, 'unreachable', 'starting')
      ? 'tenant-unreachable'
      : 'tenant-refused',
    part: tenant,
    message: `${error.summary}${ageOf(reading)}`,
    hint: error.hint,
  };
}

/** Why a server that answers does not tell of its users. What is known of accesses then comes from the operator alone. */
export function usersProblem(
  tenant: string,
  reading: Reading<unknown>,
): Problem | undefined {
  const { error } = reading;
  if (!error) {
    return undefined;
  }
  return {
    code: 'users-unreadable',
    part: tenant,
    message: `${
      isRustfsError(error)
        ? error.summary
        : `The users of the server of tenant ${tenant} cannot be read`
    }; what is shown of accesses is what the operator says`,
    hint: isRustfsError(error) ? error.hint : 'The log of the portal says why.',
  };
}

/** Why nothing is said, or only what was said before, of buckets that are not set as their records say. */
export function settledProblem(
  tenant: string,
  reading: Reading<unknown>,
): Problem | undefined {
  return reading.error
    ? {
        code: 'settings-unreadable',
        part: tenant,
        message: `What the portal has said of the bucket records of tenant ${tenant} cannot be read${ageOf(
          reading,
        )}`,
        hint: 'The log of the portal says why.',
      }
    : undefined;
}

function ageOf(reading: Reading<unknown>) {
  return reading.value === undefined
    ? ''
    : `; what is shown is as of ${reading.asOf}`;
}
