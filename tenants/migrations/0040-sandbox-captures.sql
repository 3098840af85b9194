-- Captures and cancellations are remembered by key as charges are: asked again they are answered the same, and can be found.
ALTER TABLE sandbox_charges
  DROP CONSTRAINT sandbox_charges_kind_check,
  ADD CONSTRAINT sandbox_charges_kind_check
    CHECK (kind IN ('charge', 'authorisation', 'capture', 'cancellation', 'refund'));
