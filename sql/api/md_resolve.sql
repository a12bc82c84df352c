create or replace function api.md_resolve(
    p_defect    text,
    p_symbol    text,
    p_timeframe text,
    p_bar       text,
    p_reason    text,
    p_now_at    timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'RESOLVE_DEFECT', null,
           jsonb_build_object('defect', p_defect, 'symbol', p_symbol, 'timeframe', p_timeframe,
                              'bar', p_bar, 'reason', p_reason), p_now_at) as f;
$function$;

comment on function api.md_resolve(text, text, text, text, text, timestamptz) is
$$Says that a stored bar stands: settles its CONFLICT, DISAGREEMENT or OUTLIER; the bar does not change.$$;
