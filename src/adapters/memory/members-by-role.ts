// The members of one workspace by role, each role in the order of joining.
import type { MemberRecord } from '../../core/member.js';
import type { PageQuery } from '../../ports/storage.js';
import { OrderedSet } from './ordered-set.js';

export class MembersByRole {
  readonly #byRole = new Map<string, OrderedSet<MemberRecord>>();

  constructor(members: Iterable<MemberRecord>) {
    for (const member of members) this.replace(undefined, member);
  }

  /** `undefined` before a member joins, and after one has gone. */
  replace(before: MemberRecord | undefined, after: MemberRecord | undefined): void {
    if (before !== undefined) this.#byRole.get(before.role)?.remove(before);
    if (after === undefined) return;
    const ofRole =
      this.#byRole.get(after.role) ??
      new OrderedSet<MemberRecord>(({ joinedAt, userId }) => [joinedAt, userId]);
    ofRole.put(after);
    this.#byRole.set(after.role, ofRole);
  }

  page(role: string, { after, limit }: PageQuery): MemberRecord[] {
    return this.#byRole.get(role)?.after(after, limit) ?? [];
  }
}
