/*
 * The outside of the RustFS stand-in: what it is started with and what a test or the sandbox can do to it.
 */

/** A way in which the server misbehaves until it is taken back. @public */
export interface RustfsFaults {
  /**
   * `down`: every connection is reset. `slow`: every answer waits `delayMs`. `starting`: the answers of the half
   * second between opening the port and being ready.
   */
  mode?: 'down' | 'slow' | 'starting';
  /** Delay of every answer in milliseconds; without a value, `slow` waits two seconds. */
  delayMs?: number;
  /** Number of drives that are gone; beyond the write quorum, writes are refused. */
  offlineDrives?: number;
  /** Refuses every write with the answer of a lost write quorum. */
  readOnly?: boolean;
}

/** Where the stand-in writes what it did. @public */
export interface RustfsLogger {
  info(message: string): void;
  warn(message: string): void;
}

/** @public */
export interface RustfsServerOptions {
  /** Folder for objects and metadata; made when absent, reused when it holds an earlier run. */
  dataDir: string;
  /** `0` (the default) takes a free port. */
  port?: number;
  rootAccessKey: string;
  rootSecretKey: string;
  /** Milliseconds between two measurements of usage (60 000 on a real server). */
  scanCycleMs?: number;
  /** Number of drives the erasure set is said to have. */
  drives?: number;
  /** Bytes each of these drives is said to hold. */
  driveCapacity?: number;
  logger?: RustfsLogger;
}

/** A running stand-in. @public */
export interface RustfsServer {
  /** Base address, e.g. `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly faults: {
    /** Replaces the current faults; `undefined` takes all of them back. */
    set(faults: RustfsFaults | undefined): void;
  };
  /** Measures usage now instead of at the end of the cycle. */
  scanNow(): Promise<void>;
  stop(): Promise<void>;
}
