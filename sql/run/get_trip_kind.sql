create or replace function run.get_trip_kind(
    p_gate   text,
    p_reason text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_gate when 'INTEGRITY' then 'STALE_DATA'
                       when 'RECON' then 'DESYNC'
                       when 'DEADMAN' then 'DEADMAN'
                       else coalesce((select k.trip_kind from run.trip_kinds as k
                                       where k.trip_kind = p_reason), 'LIMIT') end;
$function$;

comment on function run.get_trip_kind(text, text) is
$$The kill switch that a shut gate pulls; gate RISK shuts with the name of the broken limit.
Why: a reason that is no name still halts, as LIMIT.$$;
