-- Orders and filters of the portal's lists.
CREATE INDEX merchant_orgs_by_creation ON merchant_orgs (created_at, id);
CREATE INDEX merchants_by_creation ON merchants (created_at, id);
CREATE INDEX transactions_by_recording ON transactions (recorded_at, id);
CREATE INDEX audit_events_by_time ON audit_events (recorded_at, id);
CREATE INDEX audit_events_by_resource ON audit_events (resource_type, resource_id, recorded_at);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, recorded_at);
CREATE INDEX audit_events_by_action ON audit_events (action, recorded_at);
