// One row in the list of resources, with its actions.
import { Fold, Time } from '../parts.js';
import { kinds, type Resource } from '../resources.js';

interface RowProps {
  readonly resource: Resource;
  readonly workspaceId: string;
  readonly uses: string;
  readonly mayCreate: boolean;
  readonly mayDelete: boolean;
  readonly now: Date;
}

export function ResourceRow({ resource, workspaceId, uses, mayCreate, mayDelete, now }: RowProps) {
  const { id, name, kind, heldUntil } = resource;
  const isBuilding = heldUntil !== null;
  const at = (action: string) => `/w/${workspaceId}/resources/${action}`;
  return (
    <tr data-key={id}>
      <th scope="row">{name}</th>
      <td data-label="Kind">{kinds[kind].title}</td>
      <td data-label="Uses">{uses}</td>
      <td data-label="State">
        {heldUntil === null ? (
          'Ready'
        ) : heldUntil > now ? (
          <>
            Building, quota reserved until <Time at={heldUntil} />
          </>
        ) : (
          <>
            Reservation expired at <Time at={heldUntil} />
          </>
        )}
      </td>
      <td class="actions">
        <div class="tools">
          {isBuilding && mayCreate && (
            <form method="post" action={at('finish')}>
              <input type="hidden" name="id" value={id} />
              <button type="submit" class="primary" aria-label={`Finish ${name}`}>
                Finish
              </button>
            </form>
          )}
          {isBuilding && mayDelete && (
            <form method="post" action={at('cancel')}>
              <input type="hidden" name="id" value={id} />
              <button type="submit" aria-label={`Cancel ${name}`}>
                Cancel
              </button>
            </form>
          )}
          {!isBuilding && mayDelete && (
            <Fold id={`delete-${id}`} summary="Delete…">
              <form method="post" action={at('delete')} class="row">
                <input type="hidden" name="id" value={id} />
                <button type="submit" class="danger">{`Delete ${name}`}</button>
              </form>
            </Fold>
          )}
        </div>
      </td>
    </tr>
  );
}
