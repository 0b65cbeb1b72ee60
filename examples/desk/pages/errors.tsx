// What is answered when something is not there, not allowed, or went wrong: a plain page with one sentence.
import type { ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { isWorkspaceError } from 'tenantry';
import { FormError } from '../forms.js';
import { show } from '../layout.js';
import { failureInOneLine } from '../log.js';
import { sentenceOf, type Sentence } from '../sentences.js';
import type { DeskEnv } from '../session.js';

/** Who reloads the answer to a form comes by GET: the page of the form is what they want. */
export const notFound: NotFoundHandler<DeskEnv> = (c) => {
  const page = c.req.method === 'GET' ? pageOf(c.req.path) : null;
  if (page !== null && page !== c.req.path) return c.redirect(page, 303);
  return show(c, frameOf(c.var.visitor), <Plain sentence={NOT_FOUND} />, 404);
};

export function errorPage(log: (line: string) => void): ErrorHandler<DeskEnv> {
  return (error, c) => {
    const sentence = sentenceFor(error);
    if (sentence.status >= 500) log(failureInOneLine(c.req.raw, error));
    const back = c.req.method === 'GET' ? '/' : (pageOf(c.req.path) ?? '/');
    return show(c, frameOf(c.var.visitor), <Plain sentence={sentence} back={back} />, sentence.status);
  };
}

/** Nothing of a workspace: a page that there is not must look the same whatever it would have been about. */
function frameOf(visitor: DeskEnv['Variables']['visitor'] | undefined) {
  return { title: 'Not done', visitor: visitor ?? null, live: 'off' } as const;
}

function sentenceFor(error: unknown): Sentence {
  if (isWorkspaceError(error)) return sentenceOf(error);
  if (error instanceof FormError) return { status: 400, says: error.message, next: 'Send the form again.' };
  if (error instanceof HTTPException) return ownSentences.get(error.status) ?? UNKNOWN;
  return UNKNOWN;
}

const NOT_FOUND: Sentence = {
  status: 404,
  says: 'There is no such page, or it is not yours to see.',
  next: 'Go back to your desk.',
};

const UNKNOWN: Sentence = {
  status: 500,
  says: 'Something went wrong here, and it is not your fault.',
  next: 'Wait a moment, then try again.',
};

const ownSentences: ReadonlyMap<number, Sentence> = new Map(
  [
    NOT_FOUND,
    UNKNOWN,
    { status: 400, says: 'This form was not filled in as it asks.', next: 'Send it again.' } as const,
    {
      status: 403,
      says: 'This form was not sent from a page of the desk, so nothing was done.',
      next: 'Open the desk and do it there. Use https, or this machine’s own address: otherwise a browser does not say where a form comes from.',
    } as const,
    { status: 413, says: 'This is more than a form of the desk holds.', next: 'Send less.' } as const,
    { status: 415, says: 'This is not a form of the desk.', next: 'Use the pages.' } as const,
    {
      status: 429,
      says: 'This was asked too often in a short time.',
      next: 'Wait a minute, then try again.',
    } as const,
  ].map((sentence) => [sentence.status, sentence]),
);

/** The page on which the form is that is sent to this path. */
function pageOf(path: string): string | null {
  const [, workspace = '', action = ''] = /^(\/w\/[a-z0-9-]+)\/([a-z]+)(?:\/[a-z]+)?$/.exec(path) ?? [];
  if (['members', 'resources', 'invite'].includes(action)) return `${workspace}/${action}`;
  if (action === 'invitations') return `${workspace}/members`;
  if (action === 'rename' || action === 'delete') return '/workspaces';
  if (path.startsWith('/join/')) return '/join';
  return path === '/switch' || path === '/sign-out' ? '/' : null;
}

function Plain({ sentence: { says, next }, back = '/' }: { sentence: Sentence; back?: string }) {
  return (
    <>
      <h1>Not done</h1>
      <p class="problem" role="alert">
        {says}
      </p>
      <p>{next}</p>
      <p class="more">
        <a class="button" href={back}>
          {back === '/' ? 'To your desk' : 'Go back'}
        </a>
      </p>
    </>
  );
}
