create or replace function core.compute_fingerprint()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(string_agg(
               f.kind || ' ' || f.name || ' ' || f.fingerprint, e'\n'
               order by f.kind collate "C", f.name collate "C", f.fingerprint collate "C"))
      from core.list_fingerprints() as f;
$function$;

comment on function core.compute_fingerprint() is
$$SHA-256 over everything that keeps a law in our schemas: functions, tables, columns, constraints,
indexes, views, triggers, policies and grants, as this server prints them.
Why: what was armed is what was deployed; a guard that somebody took off changes the fingerprint.$$;
