create or replace function io.register_strategy(
    p_strategy_id text,
    p_version     text,
    p_now_at      timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select strat.register_strategy(p_strategy_id, 'PYTHON', p_version, p_now_at);
$function$;

comment on function io.register_strategy(text, text, timestamptz) is
$$Registers a Python strategy that this strategist carries.$$;
