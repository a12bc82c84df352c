create or replace function core.get_boot_at()
returns timestamptz
language sql
stable
parallel safe
return pg_postmaster_start_time();

comment on function core.get_boot_at() is
$$When this database server was started: another server, a promoted standby and a restored backup all
give another instant.
Why: what was armed before a boot is not armed after it; the instant is only ever compared.$$;
