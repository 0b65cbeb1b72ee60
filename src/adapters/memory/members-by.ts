// The members of one workspace in groups, as by role, each group in the order of joining.
import type { MemberRecord } from '../../core/member.js';
import type { PageQuery } from '../../ports/storage.js';
import { OrderedSet } from './ordered-set.js';

export class MembersBy {
  readonly #groupOf: (member: MemberRecord) => string | null;
  readonly #groups = new Map<string, OrderedSet<MemberRecord>>();

  /** Members whose group is `null` are in none. */
  constructor(members: Iterable<MemberRecord>, groupOf: (member: MemberRecord) => string | null) {
    this.#groupOf = groupOf;
    for (const member of members) this.replace(undefined, member);
  }

  /** `undefined` before a member joins, and after one has gone. */
  replace(before: MemberRecord | undefined, after: MemberRecord | undefined): void {
    const left = before && this.#groupOf(before);
    if (before !== undefined && left != null) this.#groups.get(left)?.remove(before);
    const joined = after && this.#groupOf(after);
    if (after === undefined || joined == null) return;
    const group =
      this.#groups.get(joined) ?? new OrderedSet<MemberRecord>(({ joinedAt, userId }) => [joinedAt, userId]);
    group.put(after);
    this.#groups.set(joined, group);
  }

  page(group: string, { after, limit }: PageQuery): MemberRecord[] {
    return this.#groups.get(group)?.after(after, limit) ?? [];
  }
}
