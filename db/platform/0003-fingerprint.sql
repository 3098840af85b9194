-- What a tenant's schema and role are, one line per fact, in words that do not depend on the tenant's name.
-- Objects are found through pg_depend, which is indexed by schema: the cost is the tenant's size, not the fleet's.
-- search_path is the schema itself while this runs, so that definitions name its objects without the schema.
CREATE FUNCTION platform.schema_description(schema_name text, role_name text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  namespace_oid oid;
  role_oid oid;
BEGIN
  IF schema_name !~ '^[a-z_][a-z0-9_]*$' OR role_name !~ '^[a-z_][a-z0-9_]*$' THEN
    RAISE EXCEPTION 'not a tenant''s schema and role: %, %', schema_name, role_name;
  END IF;
  SELECT n.oid INTO namespace_oid FROM pg_namespace AS n WHERE n.nspname = schema_name;
  SELECT r.oid INTO role_oid FROM pg_roles AS r WHERE r.rolname = role_name;
  IF namespace_oid IS NULL OR role_oid IS NULL THEN
    RETURN NEXT 'schema or role is missing';
    RETURN;
  END IF;
  PERFORM set_config('search_path', schema_name, true);

  RETURN QUERY
  WITH
  member AS (
    SELECT d.classid, d.objid
      FROM pg_depend AS d
     WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = namespace_oid AND d.deptype = 'n'
  ),
  relation AS (
    SELECT c.*
      FROM member AS m
      JOIN pg_class AS c ON c.oid = m.objid
     WHERE m.classid = 'pg_class'::regclass
  ),
  user_type AS (
    SELECT t.*
      FROM member AS m
      JOIN pg_type AS t ON t.oid = m.objid
     WHERE m.classid = 'pg_type'::regclass
  ),
  routine AS (
    SELECT p.*, format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS signature
      FROM member AS m
      JOIN pg_proc AS p ON p.oid = m.objid
     WHERE m.classid = 'pg_proc'::regclass
  ),
  attribute AS (
    SELECT c.relname, a.*, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) AS place
      FROM (SELECT oid, relname FROM relation WHERE relkind <> 'S'
            UNION ALL
            SELECT k.oid, k.relname FROM user_type AS t JOIN pg_class AS k ON k.oid = t.typrelid) AS c
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  ),
  rights (object, acl) AS (
    SELECT 'schema', coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM pg_namespace AS n WHERE n.oid = namespace_oid
    UNION ALL
    SELECT 'relation ' || relname, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
      FROM relation
    UNION ALL
    SELECT format('column %I.%I', relname, attname), attacl FROM attribute WHERE attacl IS NOT NULL
    UNION ALL
    SELECT 'function ' || signature, coalesce(proacl, acldefault('f', proowner)) FROM routine
    UNION ALL
    SELECT 'type ' || typname, coalesce(typacl, acldefault('T', typowner)) FROM user_type
    UNION ALL
    SELECT 'default ' || a.defaclobjtype::text || ' of ' || a.defaclrole::regrole, a.defaclacl
      FROM pg_default_acl AS a
     WHERE a.defaclnamespace = namespace_oid
  ),
  fact (line) AS (
    SELECT format('schema owner=%s', n.nspowner::regrole) FROM pg_namespace AS n WHERE n.oid = namespace_oid
    UNION ALL
    SELECT format('relation %I kind=%s persistence=%s owner=%s rls=%s,%s identity=%s options=%s partition=%s,%s parents=%s',
                  r.relname, r.relkind, r.relpersistence, r.relowner::regrole, r.relrowsecurity, r.relforcerowsecurity,
                  r.relreplident, r.reloptions, pg_get_partkeydef(r.oid), pg_get_expr(r.relpartbound, r.oid),
                  (SELECT array_agg(i.inhparent::regclass ORDER BY i.inhseqno) FROM pg_inherits AS i WHERE i.inhrelid = r.oid))
      FROM relation AS r
    UNION ALL
    SELECT format('column %I.%I place=%s type=%s collation=%s not_null=%s identity=%s generated=%s default=%s',
                  a.relname, a.attname, a.place, format_type(a.atttypid, a.atttypmod), NULLIF(a.attcollation, 0)::regcollation,
                  a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
      FROM attribute AS a
      LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT format('constraint %I on %I: %s', k.conname, r.relname, pg_get_constraintdef(k.oid, true))
      FROM relation AS r
      JOIN pg_constraint AS k ON k.conrelid = r.oid
    UNION ALL
    SELECT format('constraint %I on type %I: %s', k.conname, t.typname, pg_get_constraintdef(k.oid, true))
      FROM user_type AS t
      -- conrelid says what the planner cannot know: without it, it reads the whole fleet's constraints.
      JOIN pg_constraint AS k ON k.conrelid = 0 AND k.contypid = t.oid
    UNION ALL
    SELECT format('index %s valid=%s identity=%s clustered=%s',
                  pg_get_indexdef(i.indexrelid, 0, true), i.indisvalid, i.indisreplident, i.indisclustered)
      FROM relation AS r
      JOIN pg_index AS i ON i.indrelid = r.oid
    UNION ALL
    SELECT format('trigger enabled=%s %s', g.tgenabled, pg_get_triggerdef(g.oid, true))
      FROM relation AS r
      JOIN pg_trigger AS g ON g.tgrelid = r.oid AND NOT g.tgisinternal
    UNION ALL
    SELECT format('view %I: %s', r.relname, pg_get_viewdef(r.oid, true))
      FROM relation AS r
     WHERE r.relkind IN ('v', 'm')
    UNION ALL
    SELECT format('rule enabled=%s %s', w.ev_enabled, pg_get_ruledef(w.oid, true))
      FROM relation AS r
      JOIN pg_rewrite AS w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT format('policy %I on %I command=%s permissive=%s roles=%s using=%s check=%s',
                  p.polname, r.relname, p.polcmd, p.polpermissive,
                  (SELECT array_agg(CASE o WHEN 0 THEN 'public' ELSE o::regrole::text END ORDER BY 1) FROM unnest(p.polroles) AS o),
                  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
      FROM relation AS r
      JOIN pg_policy AS p ON p.polrelid = r.oid
    UNION ALL
    SELECT format('sequence %I type=%s start=%s step=%s range=%s..%s cycle=%s cache=%s', r.relname, s.seqtypid::regtype,
                  s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle, s.seqcache)
      FROM relation AS r
      JOIN pg_sequence AS s ON s.seqrelid = r.oid
    UNION ALL
    SELECT format('function %s owner=%s kind=%s arguments=%s result=%s language=%s volatility=%s strict=%s definer=%s '
                  'leakproof=%s parallel=%s cost=%s rows=%s config=%s body=%s',
                  p.signature, p.proowner::regrole, p.prokind, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
                  (SELECT l.lanname FROM pg_language AS l WHERE l.oid = p.prolang), p.provolatile, p.proisstrict, p.prosecdef,
                  p.proleakproof, p.proparallel, p.procost, p.prorows, p.proconfig,
                  coalesce(pg_get_function_sqlbody(p.oid), p.prosrc))
      FROM routine AS p
    UNION ALL
    SELECT format('type %I owner=%s kind=%s base=%s not_null=%s default=%s labels=%s', t.typname, t.typowner::regrole, t.typtype,
                  format_type(NULLIF(t.typbasetype, 0), t.typtypmod), t.typnotnull, t.typdefault,
                  (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid))
      FROM user_type AS t
    UNION ALL
    -- Whatever else a schema can hold (operators, collations, statistics …): that it is there.
    SELECT format('%s %s', o.type, o.identity)
      FROM member AS m
     CROSS JOIN LATERAL pg_identify_object(m.classid, m.objid, 0) AS o
     WHERE m.classid NOT IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass)
    UNION ALL
    SELECT format('right on %s: %s to %s grantable=%s', t.object, e.privilege_type,
                  CASE e.grantee WHEN 0 THEN 'public' ELSE e.grantee::regrole::text END, e.is_grantable)
      FROM rights AS t
     CROSS JOIN LATERAL aclexplode(t.acl) AS e
    UNION ALL
    SELECT format('role superuser=%s bypass_rls=%s create_role=%s create_db=%s replication=%s inherit=%s connections=%s',
                  r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolinherit, r.rolconnlimit)
      FROM pg_roles AS r
     WHERE r.oid = role_oid
    UNION ALL
    SELECT format('role member of %s inherit=%s set=%s admin=%s', g.roleid::regrole, g.inherit_option, g.set_option, g.admin_option)
      FROM pg_auth_members AS g
     WHERE g.member = role_oid
    UNION ALL
    SELECT format('role setting %s', s)
      FROM pg_db_role_setting AS p
     CROSS JOIN LATERAL unnest(p.setconfig) AS s
     WHERE p.setrole = role_oid
  )
  SELECT regexp_replace(f.line, format('\m(%s|%s)\M', schema_name, role_name), '{tenant}', 'g')
    FROM fact AS f;
END
$$;

-- The fingerprint of a description. The server's major version is part of it, since it words definitions.
CREATE FUNCTION platform.description_fingerprint(description text[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('pg%s-%s',
                current_setting('server_version_num')::integer / 10000,
                encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex'))
    FROM unnest(description) AS line
$$;

CREATE FUNCTION platform.schema_fingerprint(schema_name text, role_name text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT platform.description_fingerprint(array_agg(line))
    FROM platform.schema_description(schema_name, role_name) AS line
$$;
