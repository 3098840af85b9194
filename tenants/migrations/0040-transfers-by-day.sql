-- What waits is few among many: the sweep finds it by its day.
CREATE INDEX merchant_transfers_by_day ON merchant_transfers (effective_date, id) WHERE status IN ('proposed', 'scheduled');
