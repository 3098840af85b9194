-- The sales pipeline: what a stage is worth until somebody knows better, and the history of stages.

-- How likely a prospect is won, in percent: as somebody said, else as its stage goes.
CREATE OR REPLACE FUNCTION prospect_probability(p prospects) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(p.own_probability::integer,
  CASE p.status WHEN 'lead' THEN 10 WHEN 'qualified' THEN 30 WHEN 'proposal' THEN 60 WHEN 'won' THEN 100 ELSE 0 END);

-- The day that a stage was entered is kept by whatever moves it.
CREATE OR REPLACE FUNCTION record_prospect_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {{schema}}, pg_temp AS $$
BEGIN
  INSERT INTO prospect_moves (prospect_id, event_id, from_status, to_status, lost_reason, reason)
  VALUES (NEW.id, current_event(), CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.status END, NEW.status,
    NEW.lost_reason, NEW.status_reason);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER record_first_stage AFTER INSERT ON prospects
  FOR EACH ROW EXECUTE FUNCTION record_prospect_move();
CREATE OR REPLACE TRIGGER record_move AFTER UPDATE OF status ON prospects
  FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION record_prospect_move();
