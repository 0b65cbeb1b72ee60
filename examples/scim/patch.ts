// The changes in the bodies of requests: what this server reads of them, and nothing else (RFC 7644, section 3.5.2).
import type { DirectoryGroup, DirectoryUser } from './directory.js';
import { ScimError } from './error.js';

type Attributes = Readonly<Record<string, unknown>>;
type UserChange = Partial<Omit<DirectoryUser, 'id'>>;

interface Operation {
  readonly op: string;
  readonly path: string | undefined;
  readonly value: unknown;
}

/** The attributes of a user in a `POST`, a `PUT`, or in a `PATCH` without a path. Others are ignored. */
export function userIn(attributes: Attributes): UserChange {
  return Object.assign(
    {},
    ...Object.entries(attributes).map(([name, value]) => attributeIn(name, value)),
  ) as UserChange;
}

export function patchedUser(body: unknown): UserChange {
  const changes = operationsIn(body).map(({ op, path, value }) => {
    if (op === 'remove') return attributeIn(path ?? '', null);
    return path === undefined ? userIn(objectIn(value)) : attributeIn(path, value);
  });
  return Object.assign({}, ...changes) as UserChange;
}

export function patchedGroup(group: DirectoryGroup, body: unknown): DirectoryGroup {
  let { displayName } = group;
  let members = new Set(group.members);
  for (const { op, path, value } of operationsIn(body)) {
    const one = /^members\[value eq "([^"]+)"\]$/i.exec(path ?? '')?.[1];
    const named = path?.toLowerCase() === 'members' ? value : undefined;
    if (op === 'remove' && one !== undefined) members.delete(one);
    else if (op === 'remove' && named === undefined && path?.toLowerCase() === 'members') members.clear();
    else if (op === 'remove') for (const id of membersIn(named)) members.delete(id);
    else if (named !== undefined) {
      if (op === 'replace') members = new Set(membersIn(named));
      else for (const id of membersIn(named)) members.add(id);
    } else {
      const given = path === undefined ? objectIn(value) : { [path]: value };
      if (typeof given['displayName'] === 'string') displayName = given['displayName'];
      if (op === 'add') for (const id of membersIn(given['members'] ?? [])) members.add(id);
      else if (given['members'] !== undefined) members = new Set(membersIn(given['members']));
    }
  }
  return { ...group, displayName, members };
}

/** The ids in `[{ value: 'id' }]`. */
export function membersIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((member) => {
    const id = objectIn(member)['value'];
    if (typeof id !== 'string') throw new ScimError(400, 'a member needs a value', 'invalidValue');
    return id;
  });
}

function attributeIn(path: string, value: unknown): UserChange {
  const name = path.toLowerCase();
  if (name === 'active') return { active: booleanIn(value) };
  if (name === 'username' && typeof value === 'string') return { userName: value };
  if (name === 'displayname' || name === 'name.formatted') return { displayName: textIn(value) };
  if (name === 'externalid') return { externalId: textIn(value) };
  if (name.startsWith('emails[')) return { email: textIn(value) };
  if (name === 'emails' && Array.isArray(value)) {
    const emails = value.map(objectIn);
    const first = emails.find(({ primary }) => primary === true) ?? emails[0];
    return { email: textIn(first?.['value']) };
  }
  return {};
}

/** Entra ID sends `"False"`, unless its feature flag for SCIM compliance is set. */
function booleanIn(value: unknown): boolean {
  const text = String(value).toLowerCase();
  if (text !== 'true' && text !== 'false') throw new ScimError(400, 'active is no boolean', 'invalidValue');
  return text === 'true';
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function operationsIn(body: unknown): Operation[] {
  const operations = objectIn(body)['Operations'];
  if (!Array.isArray(operations)) throw new ScimError(400, 'Operations are missing', 'invalidSyntax');
  return operations.map(objectIn).map(({ op, path, value }) => {
    const name = String(op).toLowerCase(); // Entra ID sends `Add`, `Replace` and `Remove`.
    if (!['add', 'replace', 'remove'].includes(name))
      throw new ScimError(400, `unknown op ${name}`, 'invalidSyntax');
    return { op: name, path: typeof path === 'string' ? path : undefined, value };
  });
}

export function objectIn(value: unknown): Attributes {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ScimError(400, 'an object is missing', 'invalidSyntax');
}
