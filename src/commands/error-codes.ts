// Codes that several methods share.

/** Codes of every method that needs a permission in a workspace. */
export const workspaceErrors = ['WORKSPACE_NOT_FOUND', 'PERMISSION_DENIED'] as const;

/** Codes of every command that changes a team workspace. */
export const teamErrors = [...workspaceErrors, 'PERSONAL_WORKSPACE'] as const;

/** Codes of every command that adds to a team workspace: not while it is suspended. */
export const addingErrors = [...teamErrors, 'WORKSPACE_SUSPENDED'] as const;

/** Codes of a command that answers an invitation. */
export const answerErrors = [
  'INVITATION_INVALID',
  'INVITATION_USED',
  'INVITATION_REVOKED',
  'INVITATION_EXPIRED',
  'INVITATION_RECIPIENT_MISMATCH',
  'RECIPIENT_NOT_VERIFIED',
  'ACCOUNT_NOT_FOUND',
  'ALREADY_MEMBER',
  'PERSONAL_WORKSPACE',
] as const;
