create or replace function run.list_gates()
returns text[]
language sql
immutable
parallel safe
return array['CONTINUITY', 'DEADMAN', 'INTEGRITY', 'RECON', 'RISK'];

comment on function run.list_gates() is
$$The gates that must all be open for an order to be submitted.$$;
