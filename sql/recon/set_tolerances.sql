create or replace function recon.set_tolerances(
    p_run_id uuid,
    p_recon  jsonb
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.tolerances (
        run_id, position_tolerance_qty, cash_tolerance_micros, grace_ms, max_age_ms)
    values (p_run_id, (p_recon ->> 'position_tolerance_qty')::bigint,
            (p_recon ->> 'cash_tolerance_micros')::bigint, (p_recon ->> 'grace_ms')::integer,
            (p_recon ->> 'max_age_ms')::integer);
$function$;

comment on function recon.set_tolerances(uuid, jsonb) is
$$Pins how far a run's broker may differ, from config.reconcile.
Raises: 23514 too wide; 23502 one is missing.$$;
