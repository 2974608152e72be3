import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Forge, startForge } from '../startForge';
import { parseDiff } from './diff';
import { markdown } from './markdown';

describe('markdown', () => {
  it.each([
    [
      '<script>alert(1)</script>',
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    ],
    [
      'a <img src=x onerror=alert(1)>',
      '<p>a &lt;img src=x onerror=alert(1)&gt;</p>',
    ],
    ['before <!-- marker: 1 --> after', '<p>before  after</p>'],
    ['text\n\n<!-- rustfs-portal-request: 6f1c -->\n', '<p>text</p>'],
    ['`<!-- shown -->`', '<p><code>&lt;!-- shown --&gt;</code></p>'],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
    ['[x](<javascript:alert(1)>)', '<p>[x](&lt;javascript:alert(1)&gt;)</p>'],
    ['[x](//evil.example)', '<p>[x](//evil.example)</p>'],
    [
      '![x](https://x.example/a.png)',
      '<p>!<a href="https://x.example/a.png" rel="nofollow noopener">x</a></p>',
    ],
    [
      '[the portal](<https://portal.acme.org/a(b)?c=d&e>)',
      '<p><a href="https://portal.acme.org/a(b)?c=d&amp;e" rel="nofollow noopener">the portal</a></p>',
    ],
    [
      '<https://x.example> https://y.example',
      '<p><a href="https://x.example" rel="nofollow noopener">https://x.example</a> <a href="https://y.example" rel="nofollow noopener">https://y.example</a></p>',
    ],
    [
      '[a"b](https://x.example/"onload=1)',
      '<p><a href="https://x.example/%22onload=1" rel="nofollow noopener">a&quot;b</a></p>',
    ],
    ['`<b>`', '<p><code>&lt;b&gt;</code></p>'],
    ['**a** *b* _c_', '<p><strong>a</strong> <em>b</em> <em>c</em></p>'],
    ['# Title', '<h2>Title</h2>'],
    ['> quoted', '<blockquote><p>quoted</p></blockquote>'],
    ['a\nb', '<p>a<br>b</p>'],
    [
      '```yaml\na: <b>\n```',
      '<pre tabindex="0"><code>a: &lt;b&gt;</code></pre>',
    ],
    [
      '| a | b |\n|---|---|\n| 1 | `2` |',
      '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>',
    ],
    [
      '| | |\n|---|---|\n| 1 | 2 |',
      '<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
    ],
    ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
    ['- a\n  - b', '<ul><li>a<ul><li>b</li></ul></li></ul>'],
  ])('turns %j into safe HTML', (text, expected) => {
    expect(markdown(text).toString().replaceAll('\n', '')).toBe(expected);
  });
});

describe('parseDiff', () => {
  it('finds files, line numbers and what happened to them', () => {
    const [renamed, added] = parseDiff(
      [
        'diff --git a/old name.txt b/new.txt',
        'similarity index 90%',
        'rename from old name.txt',
        'rename to new.txt',
        '--- a/old name.txt',
        '+++ b/new.txt',
        '@@ -3,2 +3,2 @@ head',
        ' same',
        '-before',
        '+after',
        'diff --git "a/\\303\\244.txt" "b/\\303\\244.txt"',
        'new file mode 100644',
        '--- /dev/null',
        '+++ "b/\\303\\244.txt"',
        '@@ -0,0 +1 @@',
        '+x',
        '\\ No newline at end of file',
        '',
      ].join('\n'),
    );
    expect(renamed).toMatchObject({
      path: 'new.txt',
      previousPath: 'old name.txt',
      note: 'renamed',
      additions: 1,
      deletions: 1,
    });
    expect(renamed.lines.slice(1)).toEqual([
      { kind: 'context', text: 'same', before: 3, after: 3 },
      { kind: 'removed', text: 'before', before: 4 },
      { kind: 'added', text: 'after', after: 4 },
    ]);
    expect(added).toMatchObject({ path: 'ä.txt', note: 'new file' });
  });
});

describe('pages', () => {
  let dataDir: string;
  let forge: Forge;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'forge-pages-'));
    forge = await startForge({
      dataDir,
      users: ['portal', 'carla', 'ada', 'dario'].map(name => ({
        name,
        password: `pw-${name}`,
        token: `token-${name}`,
      })),
    });
    await forge.createRepository({
      owner: 'acme',
      name: 'atlas',
      private: true,
      collaborators: { portal: 'write', carla: 'write', ada: 'read' },
      files: { 'README.md': '# atlas <b>\n', 'a/b.yaml': 'x: 1\n' },
    });
  });

  afterAll(async () => {
    await forge.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function openPull(branch: string): Promise<string> {
    const call = (path: string, body: object) =>
      fetch(`${forge.url}/api/v1/repos/acme/atlas${path}`, {
        method: 'POST',
        headers: { Authorization: 'token token-portal' },
        body: JSON.stringify(body),
      });
    await call('/contents', {
      branch: 'main',
      new_branch: branch,
      files: [
        { operation: 'create', path: `${branch}.yaml`, content: 'eDogMQo=' },
      ],
    });
    const answer = await call('/pulls', {
      head: branch,
      base: 'main',
      title: `Add <${branch}>`,
      body: '<img src=x onerror=alert(1)>',
    });
    const { number } = (await answer.json()) as { number: number };
    return `/acme/atlas/pulls/${number}`;
  }

  /** A browser without a screen: keeps the cookie and reads the token out of the page. */
  class Person {
    private cookie = '';

    async get(path: string) {
      const response = await fetch(`${forge.url}${path}`, {
        redirect: 'manual',
        headers: { Cookie: this.cookie },
      });
      return {
        status: response.status,
        location: response.headers.get('location'),
        policy: response.headers.get('content-security-policy'),
        text: await response.text(),
      };
    }

    async send(
      page: string,
      path: string,
      fields: Record<string, string>,
      headers: Record<string, string> = {},
    ) {
      const { text } = await this.get(page);
      const hidden = Object.fromEntries(
        [...text.matchAll(/name="(form_token|head)"\s+value="([^"]*)"/g)].map(
          ([, name, value]) => [name, value],
        ),
      );
      const response = await fetch(`${forge.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { Cookie: this.cookie, Origin: forge.url, ...headers },
        body: new URLSearchParams({ ...hidden, ...fields }),
      });
      const cookie = response.headers.get('set-cookie');
      if (cookie) this.cookie = cookie.split(';')[0];
      return {
        status: response.status,
        location: response.headers.get('location'),
        cookie,
        text: await response.text(),
      };
    }

    static async signedIn(user: string): Promise<Person> {
      const person = new Person();
      const answer = await person.send('/user/login', '/user/login', {
        user,
        password: `pw-${user}`,
      });
      if (answer.status !== 303) throw new Error(`Sign in: ${answer.status}`);
      return person;
    }
  }

  it('asks who is not signed in to do so, and hides what somebody may not read', async () => {
    const nobody = new Person();
    const asked = await nobody.get('/acme/atlas/pulls');
    expect(asked.location).toBe(
      '/user/login?redirect_to=%2Facme%2Fatlas%2Fpulls',
    );
    const wrong = await nobody.send('/user/login', '/user/login', {
      user: 'carla',
      password: 'guess',
    });
    expect(wrong.status).toBe(401);
    const right = await nobody.send('/user/login', '/user/login', {
      user: 'carla',
      password: 'pw-carla',
    });
    expect(right.status).toBe(303);
    expect(right.cookie).toMatch(/HttpOnly; SameSite=Lax/);
    const dario = await Person.signedIn('dario');
    const hidden = await dario.get('/acme/atlas');
    expect(hidden.status).toBe(404);
    expect(hidden.text).toContain('There is no such page');
    const foreign = await dario.send('/', '/user/login', {
      user: 'dario',
      password: 'pw-dario',
      redirect_to: '//evil.example',
    });
    expect(foreign.location).toBe('/');
  });

  it('shows a pull request without letting its text become HTML', async () => {
    const path = await openPull('shown');
    const carla = await Person.signedIn('carla');
    const { text, policy } = await carla.get(path);
    expect(text).toContain('Add &lt;shown&gt;');
    expect(text).not.toContain('<img src=x');
    expect(text).toContain('Ready to be merged');
    expect(policy).toContain("default-src 'none'");
    const files = await carla.get('/acme/atlas/src/branch/main/a/b.yaml');
    expect(files.text).toContain('x: 1');
  });

  it('takes a pull request from a remark to an approval and a merge', async () => {
    const path = await openPull('merged');
    const carla = await Person.signedIn('carla');
    const unsaid = await carla.send(path, `${path}/review`, { do: 'reject' });
    expect(unsaid.status).toBe(422);
    expect(unsaid.text).toContain('Say what should be changed');
    await carla.send(path, `${path}/review`, { do: 'reject', body: 'why?' });
    expect((await carla.get(path)).text).toContain('Asks for changes');
    await carla.send(path, `${path}/review`, { do: 'approve' });
    const merged = await carla.send(path, `${path}/merge`, {
      style: 'squash',
      delete_branch: 'yes',
    });
    expect(merged.status).toBe(303);
    const { text } = await carla.get(path);
    expect(text).toContain('Merged');
    expect(text).toContain('(deleted)');
    const again = await carla.send(path, `${path}/merge`, { style: 'squash' });
    expect(again.text).toContain('Somebody merged this already');
  });

  it('refuses what a reader may not do and says what is missing', async () => {
    const path = await openPull('guarded');
    const ada = await Person.signedIn('ada');
    const merge = await ada.send(path, `${path}/merge`, { style: 'squash' });
    expect(merge.status).toBe(405);
    expect(merge.text).toContain('it needs the right to write');
    const close = await ada.send(path, `${path}/review`, { do: 'close' });
    expect(close.status).toBe(403);
    const comment = await ada.send(path, `${path}/review`, {
      do: 'comment',
      body: 'only **words**',
    });
    expect(comment.status).toBe(303);
    expect((await ada.get(path)).text).toContain('<strong>words</strong>');
  });

  it('does not act on a form that comes from elsewhere', async () => {
    const path = await openPull('forged');
    const carla = await Person.signedIn('carla');
    const foreign = await carla.send(
      path,
      `${path}/merge`,
      { style: 'squash' },
      { Origin: 'https://evil.example' },
    );
    expect(foreign.status).toBe(403);
    const stale = await carla.send(path, `${path}/merge`, {
      style: 'squash',
      form_token: 'guess',
    });
    expect(stale.status).toBe(403);
    expect((await carla.get(path)).text).not.toContain('merged this as');
  });

  it('merges only what the person has seen', async () => {
    const path = await openPull('moved');
    const carla = await Person.signedIn('carla');
    const moved = await carla.send(path, `${path}/merge`, {
      style: 'squash',
      head: '0'.repeat(40),
    });
    expect(moved.status).toBe(409);
    expect(moved.text).toContain('Look at the changes again');
  });
});
