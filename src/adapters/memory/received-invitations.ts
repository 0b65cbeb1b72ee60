// The open invitations of each recipient, over all workspaces.
import {
  keyAcrossWorkspaces,
  recipientKey,
  type InvitationRecord,
  type OpenInvitationRecord,
  type Recipient,
} from '../../core/invitation.js';
import type { PageQuery } from '../../ports/storage.js';
import { OrderedSet, isAfter } from './ordered-set.js';

export class ReceivedInvitations {
  readonly #open = new Map<string, OrderedSet<OpenInvitationRecord>>();

  /** Adds an invitation if it is open and for a recipient. */
  put(invitation: InvitationRecord): void {
    if (invitation.state !== 'open' || invitation.recipient === null) return;
    const key = recipientKey(invitation.recipient);
    const own = this.#open.get(key) ?? new OrderedSet<OpenInvitationRecord>(keyAcrossWorkspaces);
    own.put(invitation);
    this.#open.set(key, own);
  }

  remove(invitation: InvitationRecord): void {
    if (invitation.recipient === null) return;
    const key = recipientKey(invitation.recipient);
    const own = this.#open.get(key);
    // By its key alone, so the record may have ended meanwhile.
    own?.remove({ ...invitation, state: 'open' });
    if (own?.isEmpty() === true) this.#open.delete(key);
  }

  page(
    recipients: readonly Recipient[],
    { after, limit, openAt = -Infinity }: PageQuery & { readonly openAt?: number },
    isShown: (invitation: OpenInvitationRecord) => boolean = () => true,
  ): OpenInvitationRecord[] {
    const keys = new Set(recipients.map(recipientKey));
    const isOpen = (invitation: OpenInvitationRecord): boolean =>
      invitation.expiresAt > openAt && isShown(invitation);
    return [...keys]
      .flatMap((key) => this.#open.get(key)?.after(after, limit, isOpen) ?? [])
      .sort((a, b) => (isAfter(keyAcrossWorkspaces(a), keyAcrossWorkspaces(b)) ? 1 : -1))
      .slice(0, limit);
  }
}
