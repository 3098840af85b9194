-- A role is held once at a scope, and it is known who gave it.
ALTER TABLE role_assignments RENAME CONSTRAINT role_assignments_user_id_fkey TO role_assignments_user_exists;
ALTER TABLE role_assignments RENAME CONSTRAINT role_assignments_role_id_fkey TO role_assignments_role_exists;
ALTER TABLE role_assignments RENAME CONSTRAINT role_assignments_merchant_org_id_fkey TO role_assignments_merchant_org_exists;
ALTER TABLE role_assignments RENAME CONSTRAINT role_assignments_merchant_id_fkey TO role_assignments_merchant_exists;
ALTER TABLE role_assignments ADD COLUMN granted_by uuid REFERENCES users ON DELETE SET NULL;
ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_held_once
  UNIQUE NULLS NOT DISTINCT (user_id, role_id, merchant_org_id, merchant_id);
DROP INDEX role_assignments_by_user;
CREATE INDEX role_assignments_by_merchant_org ON role_assignments (merchant_org_id) WHERE merchant_org_id IS NOT NULL;
CREATE INDEX role_assignments_by_merchant ON role_assignments (merchant_id) WHERE merchant_id IS NOT NULL;
CREATE INDEX role_assignments_by_granter ON role_assignments (granted_by) WHERE granted_by IS NOT NULL;
CREATE INDEX invitations_by_user ON invitations (user_id);
