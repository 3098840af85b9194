-- Zones that an earlier check let through though clocks cannot be read in them: nothing could be counted there at all.
UPDATE tenant SET time_zone = 'UTC'
WHERE NOT EXISTS (SELECT FROM pg_timezone_names n WHERE lower(n.name) = lower(time_zone))
  AND NOT EXISTS (SELECT FROM pg_timezone_abbrevs a WHERE a.abbrev = upper(time_zone));
UPDATE merchants SET time_zone = 'UTC'
WHERE NOT EXISTS (SELECT FROM pg_timezone_names n WHERE lower(n.name) = lower(time_zone))
  AND NOT EXISTS (SELECT FROM pg_timezone_abbrevs a WHERE a.abbrev = upper(time_zone));
