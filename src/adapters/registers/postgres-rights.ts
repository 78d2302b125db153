// What an account of PostgreSQL could do besides reading: by itself, by the roles that it belongs
// to or may take on, by what everybody may, by what it owns, and by what is promised for tables to
// come.

// The sweeping rights are told first: a superuser's list of tables would crowd them out. Schemas
// of the system itself are left out, and temporary tables, which last no longer than a session.
const outside = "NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"

/** The question; each row of its answer is one right, in words. */
export const rightsText: string = `
WITH me AS (SELECT oid, rolsuper FROM pg_roles WHERE rolname = current_user),
mine AS (SELECT r.* FROM pg_roles r, me
  WHERE r.oid = me.oid OR (NOT me.rolsuper AND pg_has_role(me.oid, r.oid, 'MEMBER'))),
things AS (SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relkind, c.relowner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname ${outside}),
found AS (
  SELECT 1 AS place, 'superuser' AS right_of FROM mine WHERE rolsuper
  UNION SELECT 2, 'may create roles' FROM mine WHERE rolcreaterole
  UNION SELECT 2, 'may create databases' FROM mine WHERE rolcreatedb
  UNION SELECT 2, 'may replicate' FROM mine WHERE rolreplication
  UNION SELECT 2, 'member of ' || rolname FROM mine WHERE rolname IN ('pg_write_all_data',
    'pg_write_server_files', 'pg_execute_server_program', 'pg_database_owner')
  UNION SELECT 3, 'database: CREATE' FROM mine r
    WHERE has_database_privilege(r.oid, current_database(), 'CREATE')
  UNION SELECT 3, n.nspname || ': CREATE' FROM mine r, pg_namespace n
    WHERE n.nspname ${outside} AND has_schema_privilege(r.oid, n.oid, 'CREATE')
  UNION SELECT 4, t.name || ': owner' FROM mine r, things t WHERE t.relowner = r.oid
  UNION SELECT 5, t.name || ': ' || p.p FROM mine r, things t,
    (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) AS p(p)
    WHERE t.relkind <> 'S' AND has_table_privilege(r.oid, t.oid, p.p)
  UNION SELECT 6, t.name || ': ' || p.p || ' of columns' FROM mine r, things t,
    (VALUES ('INSERT'), ('UPDATE')) AS p(p)
    WHERE t.relkind <> 'S' AND has_any_column_privilege(r.oid, t.oid, p.p)
    AND NOT has_table_privilege(r.oid, t.oid, p.p)
  UNION SELECT 7, t.name || ': next number' FROM mine r, things t
    WHERE t.relkind = 'S' AND has_sequence_privilege(r.oid, t.oid, 'USAGE, UPDATE')
  UNION SELECT 8, 'tables to come: ' || a.privilege_type
    FROM pg_default_acl d, aclexplode(d.defaclacl) a
    WHERE a.grantee <> d.defaclrole AND (a.grantee = 0 OR a.grantee IN (SELECT oid FROM mine))
    AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'USAGE'))
SELECT right_of FROM found ORDER BY place, right_of LIMIT 100`
