-- The tenant's logo, and mail as it looks (docs/decisions/0031). The picture is kept out of the audit trail; its hash is in it.
ALTER TABLE tenant
  ADD COLUMN logo bytea CONSTRAINT tenant_logo_size CHECK (octet_length(logo) <= 262144),
  ADD COLUMN logo_type text CHECK (logo_type IN ('image/png', 'image/jpeg', 'image/webp')),
  ADD COLUMN logo_hash text,
  ADD CONSTRAINT tenant_logo_is_whole CHECK (num_nulls(logo, logo_type, logo_hash) IN (0, 3));
ALTER TABLE mailbox ADD COLUMN html text;

-- How long sessions, mails, jobs and probes are kept once they are over: what was fixed so far.
ALTER TABLE tenant ADD COLUMN retention_days integer NOT NULL DEFAULT 30 CHECK (retention_days BETWEEN 7 AND 3650);
