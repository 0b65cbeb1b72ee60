// The deleted workspaces of the person who reads the page, with the date until which each can be restored.
import type { DeletedWorkspace, Page } from 'tenantry';
import { More, Time } from '../parts.js';

/** Empty without deleted workspaces. */
export function DeletedWorkspaces({ deleted: { items, nextCursor } }: { deleted: Page<DeletedWorkspace> }) {
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="deleted-title">
      <h2 id="deleted-title">Deleted workspaces</h2>
      <p class="hint">
        Only you see them. They keep their names, and are deleted permanently after the date shown.
      </p>
      <table class="cards" aria-labelledby="deleted-title">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Deleted</th>
            <th scope="col">Can be restored until</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ id, name, deletedAt, purgeAt }) => (
            <tr data-key={id}>
              <th scope="row">{name}</th>
              <td data-label="Deleted">
                <Time at={deletedAt} />
              </td>
              <td data-label="Can be restored until">
                <Time at={purgeAt} />
              </td>
              <td class="actions">
                <div class="tools">
                  <form method="post" action={`/w/${id}/restore`}>
                    <button type="submit" aria-label={`Restore ${name}`}>
                      Restore
                    </button>
                  </form>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <More
        href={nextCursor === null ? null : `/workspaces?deleted-after=${encodeURIComponent(nextCursor)}`}
        what="deleted workspaces"
      />
    </section>
  );
}
