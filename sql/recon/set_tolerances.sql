create or replace function recon.set_tolerances(
    p_run_id uuid,
    p_recon  jsonb,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.tolerances (
        run_id, position_tolerance_qty, cash_tolerance_micros, grace_ms, max_age_ms,
        foreign_orders)
    values (p_run_id, (p_recon ->> 'position_tolerance_qty')::bigint,
            (p_recon ->> 'cash_tolerance_micros')::bigint, (p_recon ->> 'grace_ms')::integer,
            (p_recon ->> 'max_age_ms')::integer, p_recon ->> 'foreign_orders');
    select audit.append_event(p_run_id, 'RECON', 'TOLERANCES_SET', p_recon, p_now_at);
$function$;

comment on function recon.set_tolerances(uuid, jsonb, timestamptz) is
$$Pins how far a run's broker may differ, from config.reconcile, and writes it in the diary.
Raises: 23514 too wide; 23502 one is missing; 23505 they are pinned already.$$;
