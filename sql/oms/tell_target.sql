create or replace function oms.tell_target(
    p_wait   oms.deferrals,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(
        p_wait.run_id, 'OMS', 'TARGET_' || p_wait.outcome,
        jsonb_build_object(
            'strategy_id', p_wait.strategy_id, 'symbol', p_wait.symbol,
            'bar_end_at', core.format_iso(p_wait.bar_end_at)), p_now_at);
$function$;

comment on function oms.tell_target(oms.deferrals, timestamptz) is
$$Tells the diary what became of a target that waited: TARGET_RESUMED or TARGET_DROPPED.$$;
