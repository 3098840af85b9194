-- What a merchant offers, where, by whom and to whom. Everything belongs to one merchant: what refers to something else does
-- so together with the merchant, so that nothing of one business ever points into another. Prices are minor units of the
-- merchant's currency. What is archived stays, for what refers to it.
CREATE TABLE locations (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT locations_merchant_exists REFERENCES merchants,
  name text NOT NULL,
  address text,
  phone text,
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id)
);

-- Who does the work. `hours` is a list of {weekday: 1 (Monday) … 7, opens, closes}, local to the merchant.
CREATE TABLE providers (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT providers_merchant_exists REFERENCES merchants,
  location_id uuid,
  name text NOT NULL,
  title text,
  email text,
  phone text,
  colour text NOT NULL,
  hours jsonb NOT NULL DEFAULT '[]',
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id),
  CONSTRAINT providers_location_exists FOREIGN KEY (merchant_id, location_id) REFERENCES locations (merchant_id, id)
);

-- When a provider does not work although the hours say so.
CREATE TABLE provider_absences (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  reason text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT provider_absences_provider_exists FOREIGN KEY (merchant_id, provider_id) REFERENCES providers (merchant_id, id),
  CONSTRAINT provider_absences_end_after_start CHECK (starts_at < ends_at)
);
CREATE INDEX provider_absences_by_provider ON provider_absences (provider_id, ends_at);

CREATE TABLE service_categories (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT service_categories_merchant_exists REFERENCES merchants,
  name text NOT NULL,
  position integer NOT NULL DEFAULT 0,
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id)
);

-- `buffer_minutes` keep the provider busy after it. Without rows in service_providers, every provider offers it.
CREATE TABLE services (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT services_merchant_exists REFERENCES merchants,
  category_id uuid,
  name text NOT NULL,
  description text,
  default_duration_minutes integer NOT NULL CHECK (default_duration_minutes BETWEEN 5 AND 1440),
  buffer_minutes integer NOT NULL DEFAULT 0 CHECK (buffer_minutes BETWEEN 0 AND 480),
  default_price bigint NOT NULL CHECK (default_price >= 0),
  colour text NOT NULL,
  external_id text,
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id),
  CONSTRAINT services_category_exists FOREIGN KEY (merchant_id, category_id) REFERENCES service_categories (merchant_id, id),
  CONSTRAINT services_external_id_unique UNIQUE (merchant_id, external_id)
);

CREATE TABLE service_providers (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  service_id uuid NOT NULL,
  provider_id uuid NOT NULL,
  UNIQUE (service_id, provider_id),
  FOREIGN KEY (merchant_id, service_id) REFERENCES services (merchant_id, id),
  CONSTRAINT service_providers_provider_exists FOREIGN KEY (merchant_id, provider_id) REFERENCES providers (merchant_id, id)
);
CREATE INDEX service_providers_by_provider ON service_providers (provider_id);

-- A bundle of services at a price of its own.
CREATE TABLE packages (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT packages_merchant_exists REFERENCES merchants,
  name text NOT NULL,
  description text,
  price bigint NOT NULL CHECK (price >= 0),
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id)
);

CREATE TABLE package_services (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL,
  package_id uuid NOT NULL,
  service_id uuid NOT NULL,
  position integer NOT NULL,
  FOREIGN KEY (merchant_id, package_id) REFERENCES packages (merchant_id, id),
  CONSTRAINT package_services_service_exists FOREIGN KEY (merchant_id, service_id) REFERENCES services (merchant_id, id)
);
CREATE INDEX package_services_by_package ON package_services (package_id, position);

CREATE TABLE end_customers (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  merchant_id uuid NOT NULL CONSTRAINT end_customers_merchant_exists REFERENCES merchants,
  name text NOT NULL,
  email text,
  phone text,
  notes text,
  accepts_marketing boolean NOT NULL DEFAULT false,
  external_id text,
  archived_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (merchant_id, id),
  CONSTRAINT end_customers_external_id_unique UNIQUE (merchant_id, external_id)
);

CREATE INDEX locations_by_merchant ON locations (merchant_id, name, id);
CREATE INDEX providers_by_merchant ON providers (merchant_id, name, id);
CREATE INDEX services_by_merchant ON services (merchant_id, name, id);
CREATE INDEX end_customers_by_merchant ON end_customers (merchant_id, name, id);
CREATE INDEX end_customers_by_email ON end_customers (lower(email));
