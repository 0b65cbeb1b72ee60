// Reads submitted forms and validates their fields.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { textOf } from './body.js';
import { isEmail } from './people.js';

/** The fields of a form. A missing field is the empty string. */
export type Form = (field: string) => string;

export async function formOf(c: Context): Promise<Form> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new HTTPException(415, { message: 'not a form' });
  }
  const fields = new URLSearchParams(await textOf(c));
  return (field) => fields.get(field) ?? '';
}

/** An invalid field. The page shows the form again with this message. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

/** An optional e-mail address. */
export function emailIn(form: Form): string | null {
  const email = form('email').trim();
  if (email === '') return null;
  if (!isEmail(email)) throw new FormError('This is not an e-mail address.');
  return email;
}

/** Extracts the token from a pasted link, or from the token alone. */
export function tokenIn(form: Form): string {
  const text = (form('token') || form('link')).trim();
  return text.slice(text.lastIndexOf('#') + 1);
}

/** The page to return to after signing in. Accepts only pages of the desk. */
export function nextPage(text: string | undefined): string {
  return text !== undefined && /^\/(workspaces|account|w\/[a-z0-9-]{1,63}(\/[a-z]{1,20})?)$/.test(text)
    ? text
    : '/';
}
