import { createHmac, timingSafeEqual } from 'node:crypto';
import { Request, Response } from 'express';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { UserRecord } from '../model';

/** Cookies do not know ports: a name of its own keeps it apart from other things on this machine. */
const COOKIE = 'sandbox_forge_session';
const LIFETIME_SECONDS = 12 * 60 * 60;

function cookieOf(request: Request): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE) return value;
  }
  return undefined;
}

/** Who is signed in on the pages, by a signed cookie; and the token that every form must bring back. */
export class Sessions {
  constructor(private readonly store: ForgeStore) {}

  private sign(purpose: string, text: string): string {
    return createHmac('sha256', this.store.sessionKey)
      .update(`${purpose}\0${text}`)
      .digest('base64url');
  }

  user(request: Request): UserRecord | undefined {
    const [id, expires, signature] = (cookieOf(request) ?? '').split('.');
    if (!signature) return undefined;
    if (!same(signature, this.sign('session', `${id}.${expires}`))) {
      return undefined;
    }
    return Number(expires) * 1000 > Date.now()
      ? this.store.userById(Number(id))
      : undefined;
  }

  signIn(response: Response, user: UserRecord): void {
    const expires = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
    const text = `${user.id}.${expires}`;
    response.cookie(COOKIE, `${text}.${this.sign('session', text)}`, {
      httpOnly: true,
      sameSite: 'lax',
      maxAge: LIFETIME_SECONDS * 1000,
      path: '/',
    });
  }

  signOut(response: Response): void {
    response.clearCookie(COOKIE, { path: '/' });
  }

  formToken(request: Request): string {
    return this.sign('form', cookieOf(request) ?? '');
  }

  /**
   * Another site must not be able to make a person's browser send a form.
   *
   * @throws GiteaError 403
   */
  checkForm(request: Request): void {
    const { origin, host } = request.headers;
    const foreign =
      origin !== undefined &&
      origin !== 'null' &&
      URL.parse(origin)?.host !== host;
    const token = String(request.body?.form_token ?? '');
    if (foreign || !same(token, this.formToken(request))) {
      throw new GiteaError(
        403,
        'This form is out of date. Go back, load the page again and repeat what you did.',
      );
    }
  }
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
