// Small parts that several pages are made of.
import type { Child } from 'hono/jsx';

/** An instant, to the minute, in UTC; the script shows it in the reader's own time. */
export function Time({ at }: { at: Date }) {
  const iso = at.toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 16).replace('T', ' ')} UTC`}</time>;
}

/** A labelled control, with what to know about it. */
export function Field({
  id,
  label,
  hint,
  children,
}: {
  id: string;
  label: string;
  hint?: string;
  children?: Child;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** One of several, by its title, with what to know about it. */
export function Choice({
  name,
  value,
  title,
  about,
  isChosen,
}: {
  name: string;
  value: string;
  title: string;
  about: string;
  isChosen: boolean;
}) {
  const id = `${name}-${value}`;
  return (
    <label class="check">
      <input
        type="radio"
        name={name}
        value={value}
        checked={isChosen}
        required
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-about`}
      />
      <span>
        <strong id={`${id}-title`}>{title}</strong>
        <small id={`${id}-about`}>{about}</small>
      </span>
    </label>
  );
}

/** The way to the next page of a list, where there is one. */
export function More({ href, what }: { href: string | null; what: string }) {
  return (
    href !== null && (
      <p class="more">
        <a class="button" href={href}>{`More ${what}`}</a>
      </p>
    )
  );
}

/** The way up from a page of a workspace. */
export function Crumbs({ workspaceId, name }: { workspaceId: string; name: string }) {
  return (
    <nav class="crumbs" aria-label="Way back">
      <a href={`/w/${workspaceId}`}>{name}</a>
    </nav>
  );
}

/** What is not done by one click: the first opens it, and works without the script, too. */
export function Fold({ id, summary, children }: { id: string; summary: string; children?: Child }) {
  return (
    <details class="fold" id={id}>
      <summary class="folder">{summary}</summary>
      <div>{children}</div>
    </details>
  );
}
