import { join } from 'node:path';
import type { RustfsContext } from '../RustfsContext';

/** How an erasure set of this many drives splits data and parity. */
export interface ErasureLayout {
  drives: number;
  parity: number;
  data: number;
  reducedParity: number;
  writeQuorum: number;
}

export function erasureLayout(drives: number): ErasureLayout {
  const parity = Math.floor(drives / 2) > 4 ? 4 : Math.floor(drives / 2);
  const data = drives - parity;
  return {
    drives,
    parity,
    data,
    reducedParity: drives > 1 ? 1 : 0,
    // With as many data as parity drives, one more than half has to agree.
    writeQuorum: data === parity ? data + 1 : data,
  };
}

export function offlineDrives({ faults, settings }: RustfsContext): number {
  return Math.min(faults().offlineDrives ?? 0, settings.drives);
}

/** False once writes are refused: too few drives, or told so. */
export function canWrite(context: RustfsContext): boolean {
  const { drives, writeQuorum } = erasureLayout(context.settings.drives);
  return (
    !context.faults().readOnly && drives - offlineDrives(context) >= writeQuorum
  );
}

export function canRead(context: RustfsContext): boolean {
  const { drives, data } = erasureLayout(context.settings.drives);
  return drives - offlineDrives(context) >= data;
}

export interface Capacity {
  rawTotal: number;
  rawUsed: number;
  total: number;
  used: number;
  free: number;
}

/** Capacity of the pool: raw, and what is usable after parity. */
export function capacityOf({ settings, objects }: RustfsContext): Capacity {
  const { drives, data } = erasureLayout(settings.drives);
  const rawTotal = drives * settings.driveCapacity;
  const used = objects.totalBytes();
  const total = data * settings.driveCapacity;
  return {
    rawTotal,
    rawUsed: Math.ceil((used * drives) / data),
    total,
    used,
    free: Math.max(total - used, 0),
  };
}

function noOperations(names: string[]) {
  return Object.fromEntries(
    names.map(name => [name, { count: 0, acc_time_ns: 0, bytes: 0 }]),
  );
}

const OPERATIONS = ['disk_info', 'list_volumes', 'read_all', 'walk_dir'];

/** The drives as `info` and `storageinfo` show them; a lost one only shows in its `state`. */
export function describeDrives(context: RustfsContext): object[] {
  const { settings } = context;
  const { rawUsed } = capacityOf(context);
  const usedspace = Math.ceil(rawUsed / settings.drives);
  const lost = offlineDrives(context);
  return Array.from({ length: settings.drives }, (_, index) => {
    const path = join(settings.driveDirectory, `d${index + 1}`);
    const isLost = index >= settings.drives - lost;
    return {
      endpoint: path,
      rootDisk: !isLost,
      path,
      healing: false,
      scanning: false,
      state: isLost ? 'io error No such file or directory (os error 2)' : 'ok',
      uuid: settings.deploymentId.slice(0, -1) + (index % 10),
      major: isLost ? 0 : 254,
      minor: 0,
      model: null,
      totalspace: settings.driveCapacity,
      usedspace,
      availspace: Math.max(settings.driveCapacity - usedspace, 0),
      readthroughput: 0,
      writethroughput: 0,
      readlatency: 0,
      writelatency: 0,
      utilization: (usedspace / settings.driveCapacity) * 100,
      metrics: {
        last_minute: noOperations(OPERATIONS),
        api_calls: Object.fromEntries(OPERATIONS.map(name => [name, 0])),
        total_waiting: 0,
        total_errors_availability: 0,
        total_errors_timeout: 0,
        total_writes: 0,
        total_deletes: 0,
      },
      heal_info: null,
      used_inodes: 0,
      free_inodes: isLost ? 0 : 15_479_229,
      local: true,
      pool_index: 0,
      set_index: 0,
      disk_index: index,
      runtimeState: 'online',
      capacityObservationSource: isLost ? 'snapshot' : 'live_probe',
      capacityObservationAgeSeconds: isLost ? 3 : 0,
      ...(isLost ? {} : { physicalDeviceIds: [`disk${index}`] }),
    };
  });
}

/** Backend block of `storageinfo` and `accountinfo`. */
export function describeBackend({ settings }: RustfsContext): object {
  const layout = erasureLayout(settings.drives);
  return {
    BackendType: 'Erasure',
    OnlineDisks: {},
    OfflineDisks: {},
    StandardSCData: [layout.data],
    StandardSCParities: [layout.parity],
    StandardSCParity: layout.parity,
    RRSCData: [layout.drives - layout.reducedParity],
    RRSCParities: [layout.reducedParity],
    RRSCParity: layout.reducedParity,
    TotalSets: [1],
    DrivesPerSet: [layout.drives],
  };
}
