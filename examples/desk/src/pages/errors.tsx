// The pages for errors: a heading, what is wrong, and what to do next.
import type { ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { isWorkspaceError } from 'tenantry';
import { FormError } from '../forms.js';
import { show } from '../layout.js';
import { failureInOneLine } from '../log.js';
import { sentenceOf, type Sentence } from '../sentences.js';
import type { DeskEnv } from '../session.js';

/** Reloading the response to a form sends a GET: redirect to the page that has the form. */
export const notFound: NotFoundHandler<DeskEnv> = (c) => {
  const page = c.req.method === 'GET' ? pageOf(c.req.path) : null;
  if (page !== null && page !== c.req.path) return c.redirect(page, 303);
  return show(c, frameOf(c.var.visitor, NOT_FOUND), <Plain sentence={NOT_FOUND} />, 404);
};

export function errorPage(log: (line: string) => void): ErrorHandler<DeskEnv> {
  return (error, c) => {
    const sentence = sentenceFor(error);
    if (sentence.status >= 500) log(failureInOneLine(c.req.raw, error));
    const back = c.req.method === 'GET' ? '/' : (pageOf(c.req.path) ?? '/');
    const frame = frameOf(c.var.visitor, sentence);
    return show(c, frame, <Plain sentence={sentence} back={back} />, sentence.status);
  };
}

/** Shows no workspace: a page must not reveal whether the workspace in its address exists. */
function frameOf(visitor: DeskEnv['Variables']['visitor'] | undefined, { status }: Sentence) {
  return { title: headingOf(status), visitor: visitor ?? null, live: 'off' } as const;
}

function headingOf(status: number): string {
  if (status === 404) return 'Not found';
  if (status === 403) return 'Access denied';
  return status >= 500 ? 'Something went wrong' : 'Nothing was changed';
}

function sentenceFor(error: unknown): Sentence {
  if (isWorkspaceError(error)) return sentenceOf(error);
  if (error instanceof FormError) return { status: 400, says: error.message, next: 'Send the form again.' };
  if (error instanceof HTTPException) return ownSentences.get(error.status) ?? UNKNOWN;
  return UNKNOWN;
}

const NOT_FOUND: Sentence = {
  status: 404,
  says: 'This page does not exist, or you do not have access to it.',
  next: 'Go back to your desk.',
};

const UNKNOWN: Sentence = {
  status: 500,
  says: 'An internal error occurred.',
  next: 'Wait a moment, then try again.',
};

const ownSentences: ReadonlyMap<number, Sentence> = new Map(
  [
    NOT_FOUND,
    UNKNOWN,
    {
      status: 400,
      says: 'The form is not filled in correctly.',
      next: 'Go back, correct it and send it again.',
    } as const,
    {
      status: 403,
      says: 'This form was not sent from a page of the desk. Nothing was changed.',
      next: 'Open the desk and send the form there. Use https, or the address of this machine: otherwise a browser does not send the origin of a form.',
    } as const,
    { status: 413, says: 'The form is too large.', next: 'Send less data.' } as const,
    {
      status: 415,
      says: 'This request is not a form of the desk.',
      next: 'Use the pages of the desk.',
    } as const,
    {
      status: 429,
      says: 'Too many requests.',
      next: 'Wait a minute, then try again.',
    } as const,
  ].map((sentence) => [sentence.status, sentence]),
);

/** The page with the form that is sent to this path. */
function pageOf(path: string): string | null {
  const [, workspace = '', action = ''] = /^(\/w\/[a-z0-9-]+)\/([a-z]+)(?:\/[a-z]+){0,2}$/.exec(path) ?? [];
  if (['members', 'resources', 'invite'].includes(action)) return `${workspace}/${action}`;
  if (action === 'invitations') return `${workspace}/members`;
  if (['rename', 'delete', 'restore'].includes(action)) return '/workspaces';
  if (path.startsWith('/join/')) return '/join';
  if (path.startsWith('/account/')) return '/account';
  return path === '/switch' || path === '/sign-out' ? '/' : null;
}

function Plain({ sentence: { status, says, next }, back = '/' }: { sentence: Sentence; back?: string }) {
  return (
    <>
      <h1>{headingOf(status)}</h1>
      <p class="problem" role="alert">
        {says}
      </p>
      <p>{next}</p>
      <p class="more">
        <a class="button" href={back}>
          {back === '/' ? 'Go to your desk' : 'Go back'}
        </a>
      </p>
    </>
  );
}
