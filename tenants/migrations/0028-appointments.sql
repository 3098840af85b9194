-- A span of exactly one id: with it, an index over ranges of time also covers equality of the provider, and no extension
-- is needed for it.
CREATE TYPE uuid_span AS RANGE (subtype = uuid);

-- `busy` is the time that the provider is taken: the visit and the buffers after it. Prices as they were when it was booked.
CREATE TABLE appointments (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT appointments_merchant_exists REFERENCES merchants,
  end_customer_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  location_id uuid,
  package_id uuid,
  title text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  busy tstzrange NOT NULL,
  status text NOT NULL DEFAULT 'booked',
  status_reason text,
  -- After the time until which cancelling is free.
  is_late_cancellation boolean NOT NULL DEFAULT false,
  price bigint NOT NULL CHECK (price >= 0),
  currency char(3) NOT NULL,
  notes text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id),
  CONSTRAINT appointments_end_customer_exists FOREIGN KEY (merchant_id, end_customer_id) REFERENCES end_customers (merchant_id, id),
  CONSTRAINT appointments_provider_exists FOREIGN KEY (merchant_id, provider_id) REFERENCES providers (merchant_id, id),
  CONSTRAINT appointments_location_exists FOREIGN KEY (merchant_id, location_id) REFERENCES locations (merchant_id, id),
  CONSTRAINT appointments_package_exists FOREIGN KEY (merchant_id, package_id) REFERENCES packages (merchant_id, id),
  CONSTRAINT appointments_end_after_start CHECK (starts_at < ends_at),
  -- Two visits never share a provider.
  CONSTRAINT appointments_slot_free EXCLUDE USING gist (uuid_span(provider_id, provider_id, '[]') WITH &&, busy WITH &&)
    WHERE (status IN ('booked', 'checked_in', 'completed'))
);
CREATE INDEX appointments_by_merchant ON appointments (merchant_id, starts_at, id);
CREATE INDEX appointments_by_customer ON appointments (end_customer_id, starts_at);

CREATE TABLE appointment_services (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  appointment_id uuid NOT NULL,
  service_id uuid NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  duration_minutes integer NOT NULL,
  price bigint NOT NULL,
  FOREIGN KEY (merchant_id, appointment_id) REFERENCES appointments (merchant_id, id),
  CONSTRAINT appointment_services_service_exists FOREIGN KEY (merchant_id, service_id) REFERENCES services (merchant_id, id)
);
CREATE INDEX appointment_services_by_appointment ON appointment_services (appointment_id, position);

INSERT INTO state_moves (machine, action, from_state, to_state) VALUES
  ('appointment', 'create', '', 'booked'),
  ('appointment', 'check_in', 'booked', 'checked_in'),
  ('appointment', 'complete', 'booked', 'completed'),
  ('appointment', 'complete', 'checked_in', 'completed'),
  ('appointment', 'cancel', 'booked', 'cancelled'),
  ('appointment', 'cancel', 'checked_in', 'cancelled'),
  ('appointment', 'mark_no_show', 'booked', 'no_show');
