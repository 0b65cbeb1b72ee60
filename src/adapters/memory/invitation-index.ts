// The invitations of one workspace, with an index for each query of a read set or a page.
import { isUser } from '../../core/actor.js';
import type { InvitationId, UserId } from '../../core/ids.js';
import { recipientKey, type InvitationRecord, type OpenInvitationRecord } from '../../core/invitation.js';
import { OrderedSet } from './ordered-set.js';

export class InvitationIndex {
  readonly #byId = new Map<InvitationId, InvitationRecord>();
  readonly #byCreation = new OrderedSet<InvitationRecord>(({ createdAt, id }) => [createdAt, id]);
  readonly #open = new OrderedSet<OpenInvitationRecord>(({ createdAt, id }) => [createdAt, id]);
  readonly #openByExpiry = new OrderedSet<OpenInvitationRecord>(({ expiresAt, id }) => [expiresAt, id]);
  readonly #openByRecipient = new Map<string, OpenInvitationRecord>();
  readonly #openLinks = new Map<InvitationId, OpenInvitationRecord>();
  readonly #openByIssuer = new Map<UserId, Map<InvitationId, OpenInvitationRecord>>();

  get(id: InvitationId): InvitationRecord | null {
    return this.#byId.get(id) ?? null;
  }

  put(invitation: InvitationRecord): void {
    const before = this.#byId.get(invitation.id);
    if (before?.state === 'open') this.#close(before, invitation);
    this.#byId.set(invitation.id, invitation);
    this.#byCreation.put(invitation);
    if (invitation.state !== 'open') return;
    this.#open.put(invitation);
    this.#openByExpiry.put(invitation);
    if (invitation.recipient) this.#openByRecipient.set(recipientKey(invitation.recipient), invitation);
    else this.#openLinks.set(invitation.id, invitation);
    if (isUser(invitation.issuedBy)) {
      const { userId } = invitation.issuedBy;
      const issued = this.#openByIssuer.get(userId) ?? new Map<InvitationId, OpenInvitationRecord>();
      this.#openByIssuer.set(userId, issued.set(invitation.id, invitation));
    }
  }

  openFor(recipient: string): OpenInvitationRecord | undefined {
    return this.#openByRecipient.get(recipient);
  }

  openLinks(): OpenInvitationRecord[] {
    return [...this.#openLinks.values()];
  }

  openBy(issuer: UserId): OpenInvitationRecord[] {
    return [...(this.#openByIssuer.get(issuer)?.values() ?? [])];
  }

  *openExpiredAt(instant: number): Generator<OpenInvitationRecord> {
    for (let after: readonly [number, string] | null = null; ; ) {
      const [invitation]: OpenInvitationRecord[] = this.#openByExpiry.after(after, 1);
      if (invitation === undefined || invitation.expiresAt > instant) return;
      yield invitation;
      after = [invitation.expiresAt, invitation.id];
    }
  }

  page(after: readonly [number, string | number] | null, limit: number): InvitationRecord[] {
    return this.#byCreation.after(after, limit);
  }

  /** The open set includes invitations that have expired and are not settled. */
  pageOpenAt(
    instant: number,
    after: readonly [number, string | number] | null,
    limit: number,
  ): InvitationRecord[] {
    return this.#open.after(after, limit, ({ expiresAt }) => expiresAt > instant);
  }

  /** The open invitations that have a recipient. */
  allOpenBound(): OpenInvitationRecord[] {
    return [...this.#openByRecipient.values()];
  }

  all(): InvitationRecord[] {
    return this.#byCreation.all();
  }

  /** Removes an open invitation from the indexes in which `after` does not replace it. */
  #close(before: OpenInvitationRecord, after: InvitationRecord): void {
    const stays = after.state === 'open';
    if (!stays) this.#open.remove(before);
    if (!stays || after.expiresAt !== before.expiresAt) this.#openByExpiry.remove(before);
    if (before.recipient) this.#openByRecipient.delete(recipientKey(before.recipient));
    if (!stays) this.#openLinks.delete(before.id);
    if (!isUser(before.issuedBy)) return;
    const { userId } = before.issuedBy;
    if (stays && isUser(after.issuedBy) && after.issuedBy.userId === userId) return;
    const issued = this.#openByIssuer.get(userId);
    issued?.delete(before.id);
    if (issued?.size === 0) this.#openByIssuer.delete(userId);
  }
}
