-- What the tenant's own role may do. The ledger, the audit trail and the idempotency records are written by functions only.
GRANT USAGE ON SCHEMA {{schema}} TO {{role}};
GRANT SELECT ON ALL TABLES IN SCHEMA {{schema}} TO {{role}};
GRANT INSERT, UPDATE, DELETE ON users, roles, role_assignments, api_keys, api_key_uses, sessions, invitations,
  password_resets, known_devices, second_factors, recovery_codes, passkeys TO {{role}};
GRANT INSERT, UPDATE, DELETE ON sso_connections, sso_role_mappings, sso_identities, sso_flows TO {{role}};
GRANT INSERT, UPDATE ON merchant_orgs, jobs, outbox TO {{role}};
-- What was written stays: the MerchantOrg of a merchant changes by transfer, money by what its processor and the ledger say.
REVOKE UPDATE ON merchants, customer_invoices, customer_payments, customer_refunds FROM {{role}};
GRANT INSERT, UPDATE (name, public_name, vertical, email, phone, time_zone, status, status_reason, archived_at, website, description, hours,
    updated_at)
  ON merchants TO {{role}};
GRANT INSERT, UPDATE (status, status_reason) ON customer_invoices TO {{role}};
GRANT INSERT, UPDATE (status, transaction_id, processor_reference, failure, card_token) ON customer_payments TO {{role}};
GRANT INSERT, UPDATE (status, transaction_id, processor_reference, failure, tip, tax, is_release) ON customer_refunds TO {{role}};
GRANT UPDATE ON tenant TO {{role}};
GRANT INSERT, UPDATE ON statement_sources, alerts, isolation_canaries TO {{role}};
GRANT INSERT, UPDATE, DELETE ON saved_searches TO {{role}};
GRANT UPDATE ON alert_rules TO {{role}};
GRANT INSERT, UPDATE (stepped_up_at, ended_at, ended_because, left_at) ON impersonations TO {{role}};
GRANT INSERT, UPDATE ON locations, providers, service_categories, services, packages, end_customers, appointments TO {{role}};
GRANT INSERT, UPDATE ON sandbox_charges TO {{role}};
GRANT INSERT ON customer_invoice_lines TO {{role}};
GRANT INSERT, UPDATE, DELETE ON settings TO {{role}};
GRANT INSERT, UPDATE ON feature_flags, feature_flag_overrides TO {{role}};
GRANT INSERT, DELETE ON provider_absences, service_providers, package_services, appointment_services TO {{role}};
GRANT INSERT, UPDATE ON imports TO {{role}};
GRANT INSERT, UPDATE, DELETE ON import_parts TO {{role}};
GRANT INSERT, DELETE ON import_rows, import_errors TO {{role}};
GRANT INSERT, DELETE ON contacts, onboarding_waivers TO {{role}};
GRANT INSERT ON terms_acceptances TO {{role}};
GRANT INSERT, UPDATE ON prospects, prospect_activities TO {{role}};
GRANT INSERT ON mailbox, isolation_probes, spent_challenges TO {{role}};
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {{schema}} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION continue_work(text) TO {{role}};
GRANT EXECUTE ON FUNCTION
  work_begin(jsonb), work_complete(jsonb, integer, text), work_deny(jsonb, text), sweep_expired(), prune_kept(integer), rfc3339(timestamptz),
  work_read(jsonb), session_impersonation(uuid), is_running(impersonations), held_roles(uuid), must_enrol(uuid),
  has_second_factor(uuid), last_seen(uuid), scope_covers(jsonb, uuid, uuid), open_book(party_type, uuid, uuid, text, text), create_account(jsonb, jsonb),
  prospect_probability(prospects),
  transfer_preview(uuid, uuid, date), transfer_merchant(uuid, uuid, date, text, text), approve_transfer(uuid, integer, text),
  cancel_transfer(uuid, integer, text), carry_out_transfer(uuid), queue_transfers(uuid),
  next_invoice_number(uuid, date), merchant_today(uuid), resume_cards(),
  opening_times(jsonb, text, date, date), working_times(providers, text, date, date), is_working(providers, text, tstzrange),
  free_slots(providers, text, date, date, integer, integer, integer, timestamptz, timestamptz),
  free_slots(providers, text, date, date, integer, integer, integer, timestamptz, timestamptz, uuid), account_document(accounts), journal_lines(uuid), transaction_documents(uuid[], jsonb, boolean),
  setting_for(text, uuid, uuid), terms_for(uuid, uuid), has_accepted_terms(uuid, uuid), has_manager(uuid),
  has_bookable_service(uuid), onboarding_items(uuid, uuid), onboarding_of(uuid, uuid), contacts_of(uuid, uuid), replace_contacts(uuid, uuid, jsonb),
  post_transactions(jsonb, jsonb, integer[], uuid[], entry_side[], bigint[], text[])
TO {{role}};
