import { InputError } from '@backstage/errors';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Changes when a world of before would not go on as it was left. */
const VERSION = 2;

const stateSchema = z.object({
  version: z.literal(VERSION),
  /** Identity with which the GitOps repositories' Secrets are decrypted. */
  ageIdentity: z.string(),
  ageRecipient: z.string(),
  /** Generated secrets by name. */
  secrets: z.record(z.string(), z.string()),
  /** Things that were put in place and are not put there again. */
  seeded: z.array(z.string()),
});

const FILE = 'world.json';

/**
 * What the world must remember from one start to the next: the credentials it made up and what is in place already.
 * Kept in a file that only its owner can read.
 */
export class WorldState {
  private constructor(
    private readonly path: string,
    private readonly data: z.output<typeof stateSchema>,
  ) {}

  static async open(stateDir: string): Promise<WorldState> {
    const path = join(stateDir, FILE);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch {
      const ageIdentity = await generateX25519Identity();
      return new WorldState(path, {
        version: VERSION,
        ageIdentity,
        ageRecipient: await identityToRecipient(ageIdentity),
        secrets: {},
        seeded: [],
      });
    }
    const state = stateSchema.safeParse(JSON.parse(text));
    if (!state.success) {
      throw new InputError(
        `The world in ${stateDir} is of another version of the sandbox. Begin anew: delete that folder, or npm start -- --reset`,
      );
    }
    return new WorldState(path, state.data);
  }

  get ageIdentity(): string {
    return this.data.ageIdentity;
  }

  get ageRecipient(): string {
    return this.data.ageRecipient;
  }

  /**
   * A made-up secret that is the same whenever it is asked for. Letters and digits only: Flux substitutes variables in
   * what it has decrypted, and a `$` in a secret would be taken for one.
   */
  secret(name: string): string {
    this.data.secrets[name] ??= randomBytes(20).toString('hex');
    return this.data.secrets[name];
  }

  isSeeded(what: string): boolean {
    return this.data.seeded.includes(what);
  }

  async markSeeded(what: string): Promise<void> {
    this.data.seeded.push(what);
    await this.save();
  }

  async save(): Promise<void> {
    // Written aside first: a start that is broken off must not leave half a file. In one go: tenants are filled at the
    // same time, and two drafts under way would take each other's name.
    const draft = `${this.path}.new`;
    writeFileSync(draft, JSON.stringify(this.data, undefined, 2), {
      mode: 0o600,
    });
    renameSync(draft, this.path);
  }
}
