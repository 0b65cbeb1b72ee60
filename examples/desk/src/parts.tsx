// Small components that several pages share.
import type { Child } from 'hono/jsx';

/** A time to the minute in UTC. The script shows it in the reader's time zone. */
export function Time({ at }: { at: Date }) {
  const iso = at.toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 16).replace('T', ' ')} UTC`}</time>;
}

/** A form control with its label and an optional hint. */
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

/** A radio button with a title and a description. */
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

/** A link to the next page of a list, if there is one. */
export function More({ href, what }: { href: string | null; what: string }) {
  return (
    href !== null && (
      <p class="more">
        <a class="button" href={href}>{`More ${what}`}</a>
      </p>
    )
  );
}

/** A link from a page of a workspace to its desktop. */
export function Crumbs({ workspaceId, name }: { workspaceId: string; name: string }) {
  return (
    <nav class="crumbs" aria-label="Way back">
      <a href={`/w/${workspaceId}`}>{name}</a>
    </nav>
  );
}

/** A disclosure for actions that need a second click. It works without the script. */
export function Fold({ id, summary, children }: { id: string; summary: string; children?: Child }) {
  return (
    <details class="fold" id={id}>
      <summary class="folder">{summary}</summary>
      <div>{children}</div>
    </details>
  );
}
