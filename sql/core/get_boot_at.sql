create or replace function core.get_boot_at()
returns timestamptz
language sql
stable
parallel safe
return (
    select pg_postmaster_start_time() + (d.oid::text || ' us')::interval
      from pg_database as d
     where d.datname = current_database());

comment on function core.get_boot_at() is
$$When this database's server was started, and as many microseconds later as the database's number: another
server, a promoted standby, a restored backup and a copy beside the original all give another instant.
Why: what was armed before a boot, or in another database, is not armed here; it is only ever compared.$$;
