-- A tenant that came from a file is opened once its ledger was verified, and by nothing else (docs/decisions/0034).
ALTER TABLE platform.tenants ADD COLUMN awaits_verification boolean NOT NULL DEFAULT false;
